package org.radax.core.check;

import java.util.ArrayList;
import java.util.List;
import org.radax.core.format.ChunkLayout;
import org.radax.core.format.Geometry;
import org.radax.core.format.InodeLayout;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/** Inode chunks, inodes, and the blocks that they own. */
final class InodeScan {
    private static final String CHUNK = "inode chunk";
    private static final String INODE = "inode";
    private static final int KNOWN_FLAGS = 0x10 | 0x20 | 0x40 | 0x80 | 0x2000000;
    private static final int MAX_SYMLINK_BYTES = 4095;
    private static final long MAX_FILE_BLOCKS = 1L << 32;
    private static final int S_IFIFO = 0010000;
    private static final int S_IFCHR = 0020000;
    private static final int S_IFBLK = 0060000;
    private static final int S_IFSOCK = 0140000;
    private static final int PERMISSIONS = 07777;
    private static final int FIRST_SLOT = 1;
    private static final int ALL_SLOTS = (1 << Geometry.CHUNK_SLOTS) - 2;

    private final ScanContext context;
    private final XattrScan xattrs;
    private final DirectoryScan directories;
    private final long rootOffset;
    private final byte[] chunk = new byte[Units.BLOCK_BYTES];
    private final byte[] inode = new byte[InodeLayout.CHECKED_BYTES];

    InodeScan(ScanContext context, DirectoryScan directories) {
        this.context = context;
        this.directories = directories;
        this.xattrs = new XattrScan(context);
        this.rootOffset = context.superblock().rootInodeOffset();
    }

    /** The root comes first: it keeps its blocks whoever else claims them. */
    void root() {
        if (rootOffset < 0
                || rootOffset % Geometry.INODE_BYTES != 0
                || rootOffset > context.geometry().sizeBytes() - Geometry.INODE_BYTES) {
            context.report("superblock", 0, "the root inode can not lie at " + rootOffset);
            context.inodes().add(InodeTable.ROOT_INO, 0, 0, 0);
            context.ownershipUnknown();
            context.namesUnknown();
            return;
        }
        inode(InodeTable.ROOT_INO, rootOffset);
    }

    /** Claims a chunk; all are claimed before any inode may claim blocks. */
    boolean claimChunk(long blockNo) {
        boolean claimed =
                context.claims().isAllowed(blockNo, 1) && context.claims().claim(blockNo);
        if (!claimed) {
            context.report("inode-chunk map", Units.blockToBytes(blockNo), "names a block of a fixed structure");
            context.ownershipUnknown();
            context.namesUnknown();
        }
        return claimed;
    }

    /** Scans a chunk's inodes; returns how many are in use. */
    int chunk(long blockNo) {
        long poolOffset = Units.blockToBytes(blockNo);
        String problem = context.image().readBlock(blockNo, chunk)
                ? context.blockProblem(chunk, ChunkLayout.MAGIC_VALUE, ChunkLayout.CHECKED_BYTES, blockNo)
                : "can not be read";
        long used = Bytes.getLong(chunk, ChunkLayout.USED);
        if (problem == null && (used & ~(long) ALL_SLOTS) != 0) {
            problem = "impossible slots " + Long.toHexString(used);
        }
        if (problem != null) {
            context.report(CHUNK, poolOffset, problem);
            unreadableChunk(blockNo);
            return 0;
        }
        for (int slot = FIRST_SLOT; slot < Geometry.CHUNK_SLOTS; slot++) {
            long offset = poolOffset + (long) slot * Geometry.INODE_BYTES;
            if (offset == rootOffset) {
                if ((used >>> slot & 1) == 0) {
                    context.report(CHUNK, poolOffset, "the root's slot is marked free");
                }
            } else if ((used >>> slot & 1) != 0) {
                inode(blockNo * Geometry.CHUNK_SLOTS + slot, offset);
            }
        }
        return Long.bitCount(used);
    }

    /** Whatever names lead into it are not dangling, and blocks may be its inodes'. */
    private void unreadableChunk(long blockNo) {
        context.ownershipUnknown();
        context.namesUnknown();
        for (int slot = FIRST_SLOT; slot < Geometry.CHUNK_SLOTS; slot++) {
            if (Units.blockToBytes(blockNo) + (long) slot * Geometry.INODE_BYTES != rootOffset) {
                context.inodes().add(blockNo * Geometry.CHUNK_SLOTS + slot, 0, 0, 0);
            }
        }
    }

    private void inode(long ino, long offset) {
        String problem = context.image().read(offset, inode, inode.length)
                ? context.frameProblem(inode, InodeLayout.MAGIC_VALUE, InodeLayout.CHECKED_BYTES, ino)
                : "can not be read";
        int mode = Bytes.getInt(inode, InodeLayout.MODE);
        if (problem == null && ino == InodeTable.ROOT_INO && (mode & ~PERMISSIONS) != InodeTable.S_IFDIR) {
            // It can be nothing else.
            mode = InodeTable.S_IFDIR | (mode & PERMISSIONS);
            context.report(INODE, offset, "the root is not a directory");
            context.fixes().inodeField(ino, InodeLayout.MODE, mode);
        }
        if (problem == null && !isType(mode)) {
            problem = "impossible mode " + Integer.toOctalString(mode);
        }
        if (problem != null) {
            context.report(INODE, offset, ino + ": " + problem);
            context.inodes().add(ino, 0, 0, 0);
            context.ownershipUnknown();
            context.namesUnknown();
            return;
        }
        context.inodes()
                .add(ino, mode, Bytes.getInt(inode, InodeLayout.LINK_COUNT), Bytes.getLong(inode, InodeLayout.PARENT));
        fields(ino, offset, mode);
        long attributeBlocks = xattrs.scan(ino, offset, inode);
        long contentBlocks = (mode & InodeTable.S_IFMT) == InodeTable.S_IFDIR
                ? directories.claim(ino, offset, inode)
                : content(ino, offset, mode);
        if (attributeBlocks >= 0 && contentBlocks >= 0) {
            compareBlocks(ino, offset, contentBlocks + attributeBlocks);
        }
    }

    private static boolean isType(int mode) {
        return (mode & ~0177777) == 0
                && switch (mode & InodeTable.S_IFMT) {
                    case InodeTable.S_IFDIR,
                            InodeTable.S_IFREG,
                            InodeTable.S_IFLNK,
                            S_IFIFO,
                            S_IFCHR,
                            S_IFBLK,
                            S_IFSOCK -> true;
                    default -> false;
                };
    }

    private void fields(long ino, long offset, int mode) {
        int flags = Bytes.getInt(inode, InodeLayout.FLAGS);
        long size = Bytes.getLong(inode, InodeLayout.SIZE);
        boolean directory = (mode & InodeTable.S_IFMT) == InodeTable.S_IFDIR;
        if ((flags & ~KNOWN_FLAGS) != 0) {
            context.report(INODE, offset, ino + ": unknown flags " + Integer.toHexString(flags & ~KNOWN_FLAGS));
        }
        long limit = switch (mode & InodeTable.S_IFMT) {
            case InodeTable.S_IFREG -> Units.MAX_FILE_BYTES;
            case InodeTable.S_IFLNK -> MAX_SYMLINK_BYTES;
            case InodeTable.S_IFDIR -> Long.MAX_VALUE;
            default -> 0;
        };
        if (size < 0 || size > limit || (size == 0 && (mode & InodeTable.S_IFMT) == InodeTable.S_IFLNK)) {
            context.report(INODE, offset, ino + ": impossible size " + size);
        }
        if (!directory && Bytes.getLong(inode, InodeLayout.PARENT) != 0) {
            context.report(INODE, offset, ino + ": a parent, but not a directory");
            context.fixes().inodeField(ino, InodeLayout.PARENT, 0);
        }
        if (Bytes.getInt(inode, InodeLayout.RESERVED) != 0 || Bytes.getLong(inode, InodeLayout.CHECKSUM_ROOT) != 0) {
            context.report(INODE, offset, ino + ": reserved fields are not 0");
        }
    }

    /** The blocks of a file, or -1 if they can not all be known. */
    private long content(long ino, long offset, int mode) {
        context.count("files", 1);
        FileExtents extents = new FileExtents(ino, (mode & InodeTable.S_IFMT) == InodeTable.S_IFREG);
        new TreeWalk(context, ino, extents::node, extents).walk(inode, InodeLayout.ROOT, offset + InodeLayout.ROOT);
        extents.finish();
        if ((mode & InodeTable.S_IFMT) == InodeTable.S_IFLNK) {
            symlink(ino, offset, extents);
        } else if ((mode & InodeTable.S_IFMT) != InodeTable.S_IFREG && extents.blocks > 0) {
            context.report(INODE, offset, ino + ": a special file with blocks");
        }
        return extents.readable ? extents.blocks : -1;
    }

    private void symlink(long ino, long offset, FileExtents extents) {
        boolean whole = extents.kept.size() == 1
                && extents.kept.get(0).fileBlock() == 0
                && extents.kept.get(0).blockCount() == 1
                && !extents.kept.get(0).unwritten();
        if (!whole && extents.readable) {
            context.report(INODE, offset, ino + ": a symbolic link without its one block");
        }
    }

    private void compareBlocks(long ino, long offset, long counted) {
        long stored = Bytes.getLong(inode, InodeLayout.BLOCKS);
        if (stored != counted) {
            context.report(INODE, offset, ino + ": says " + stored + " blocks, owns " + counted);
            context.fixes().inodeField(ino, InodeLayout.BLOCKS, counted);
        }
    }

    /** The extents of one file: claims their blocks, keeps what it gets. */
    private final class FileExtents implements TreeWalk.Visitor {
        private final long ino;
        private final List<Extent> kept = new ArrayList<>();
        private long blocks;
        private long endOfLast;
        private boolean readable = true;
        private boolean rebuild;
        private final boolean isRegular;

        FileExtents(long ino, boolean isRegular) {
            this.ino = ino;
            this.isRegular = isRegular;
        }

        boolean node(long blockNo) {
            boolean ours =
                    context.claims().isAllowed(blockNo, 1) && context.claims().claim(blockNo);
            blocks += ours ? 1 : 0;
            return ours;
        }

        @Override
        public void record(long key, long value, long endKey) {
            Extent extent = Extent.of(key, value);
            String problem = problem(extent);
            if (problem != null) {
                report(extent, problem);
                return;
            }
            if (extent.shared()) {
                // Nothing shares yet: the mark goes, the blocks stay.
                report(extent, "is marked shared");
                extent = extent.unshared();
            }
            endOfLast = key + extent.blockCount();
            long before = blocks;
            Extent claimed = extent;
            context.claims().claimFree(extent.blockNo(), extent.blockCount(), (start, length) -> {
                kept.add(claimed.part(start, length));
                blocks += length;
            });
            if (context.checksData() && isRegular && !extent.unwritten()) {
                compareData(extent);
            }
            if (blocks - before != extent.blockCount()) {
                report(extent, "holds blocks that have an owner already");
            }
        }

        private void compareData(Extent extent) {
            byte[] block = new byte[Units.BLOCK_BYTES];
            byte[] word = new byte[Integer.BYTES];
            for (long i = 0; i < extent.blockCount(); i++) {
                long blockNo = extent.blockNo() + i;
                boolean isRead = context.image().read(context.geometry().checksumOffset(blockNo), word, word.length)
                        && context.image().readBlock(blockNo, block);
                int stored = Bytes.getInt(word, 0);
                if (!isRead || (stored != 0 && stored != context.checksum().ofData(block))) {
                    context.report(
                            "data",
                            Units.blockToBytes(blockNo),
                            "inode " + ino + ", file block " + (extent.fileBlock() + i)
                                    + (isRead ? ": not what was written there" : ": can not be read"));
                } else {
                    context.count(stored == 0 ? "dataBlocksWithoutChecksum" : "dataBlocksCompared", 1);
                }
            }
        }

        private String problem(Extent extent) {
            if (!context.claims().isAllowed(extent.blockNo(), extent.blockCount())) {
                return "lies outside the blocks that files may have";
            }
            if (extent.fileBlock() < 0 || extent.fileBlock() > MAX_FILE_BLOCKS - extent.blockCount()) {
                return "lies beyond the largest file";
            }
            if (extent.fileBlock() < endOfLast) {
                return "overlaps the one before it";
            }
            return null;
        }

        private void report(Extent extent, String why) {
            context.report(
                    "extent",
                    Units.BLOCK_BYTES
                            * Math.min(extent.blockNo(), context.geometry().blockCount()),
                    "inode " + ino + ", file block " + extent.fileBlock() + ", " + extent.blockCount() + " blocks at "
                            + extent.blockNo() + ": " + why);
            rebuild = true;
        }

        @Override
        public void problem(long poolOffset, String message, boolean recordsKnown) {
            context.report("extent tree", poolOffset, "inode " + ino + ": " + message);
            if (recordsKnown) {
                rebuild = true;
            } else {
                readable = false;
                context.ownershipUnknown();
            }
        }

        void finish() {
            if (rebuild && readable) {
                context.fixes().extents.put(ino, kept);
            }
        }
    }
}
