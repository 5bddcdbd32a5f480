package org.radax.core.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.radax.core.format.DirectoryHash;
import org.radax.core.format.InodeLayout;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/**
 * Directories, in two passes: their trees and buckets claim blocks in the order of the inodes; the entries are looked
 * at when all inodes are known.
 */
final class DirectoryScan {
    private static final String DIRECTORY = "directory";
    private static final long FAMILY = ~(long) DirectoryHash.PROBE_MASK;
    private static final int TYPE_SHIFT = 12;
    /** Owner, block, low key, end key of each bucket. */
    private static final int BUCKET_WORDS = 4;

    private final ScanContext context;
    private final BucketReader reader;
    private final DirectoryHash hash;
    private final LongList buckets = new LongList();
    private final LongList stated = new LongList();
    private final Set<Long> unreadable = new HashSet<>();
    /** Where a directory's buckets begin in the list; filled when a repair asks. */
    private final Map<Long, Integer> firstBuckets = new HashMap<>();

    DirectoryScan(ScanContext context) {
        this.context = context;
        this.reader = new BucketReader(context);
        this.hash = new DirectoryHash(
                context.superblock().hashSeed(0), context.superblock().hashSeed(1));
    }

    /** First pass; returns the blocks of the directory, or -1 if they can not all be known. */
    long claim(long ino, long inodeOffset, byte[] inode) {
        context.count("directories", 1);
        DirectoryTree tree = new DirectoryTree(ino);
        new TreeWalk(context, ino, tree::node, tree).walk(inode, InodeLayout.ROOT, inodeOffset + InodeLayout.ROOT);
        stated.add(ino);
        stated.add(Bytes.getLong(inode, InodeLayout.SIZE));
        stated.add(buckets.size());
        stated.add(tree.readable ? 1 : 0);
        return tree.readable ? tree.blocks : -1;
    }

    /** Second pass, over all directories. */
    void entries() {
        int from = 0;
        for (int i = 0; i < stated.size(); i += BUCKET_WORDS) {
            long ino = stated.get(i);
            int end = (int) stated.get(i + 2);
            boolean readable = stated.get(i + 3) != 0;
            long count = 0;
            for (int bucket = from; bucket < end; bucket += BUCKET_WORDS) {
                long found = bucket(ino, buckets.get(bucket + 1), buckets.get(bucket + 2), buckets.get(bucket + 3));
                readable &= found >= 0;
                count += found;
            }
            from = end;
            if (!readable) {
                context.namesUnknown();
                unreadable.add(ino);
            } else if (count != stated.get(i + 1)) {
                context.report(
                        DIRECTORY,
                        inodeOffset(ino),
                        "inode " + ino + ": says " + stated.get(i + 1) + " entries, has " + count);
                context.fixes().inodeField(ino, InodeLayout.SIZE, count);
            }
        }
    }

    private long inodeOffset(long ino) {
        return InodeOffsets.of(ino, context.superblock());
    }

    /** Checks a bucket's entries; returns their number, or -1 if it can not be read. */
    private long bucket(long owner, long blockNo, long lowKey, long endKey) {
        List<DirectoryEntry> entries = new ArrayList<>();
        String problem = reader.read(blockNo, owner, lowKey, entries);
        if (problem != null) {
            context.report("directory bucket", Units.blockToBytes(blockNo), "inode " + owner + ": " + problem);
            return -1;
        }
        entries.sort(Comparator.comparingLong(DirectoryEntry::key));
        for (int i = 0; i < entries.size(); i++) {
            DirectoryEntry entry = entries.get(i);
            String wrong = problem(entry, lowKey, endKey);
            if (wrong != null) {
                // The name may be right where its place or key is not: written again, it gets both.
                report(owner, entry, wrong);
                context.fixes().directory(owner);
            }
            if (isBadName(entry.name()) || isDuplicate(entries, i)) {
                report(owner, entry, isBadName(entry.name()) ? "impossible name" : "name or key is there twice");
                context.fixes().dropEntry(owner, entry.poolOffset());
            } else {
                target(owner, entry);
            }
        }
        return entries.size();
    }

    private String problem(DirectoryEntry entry, long lowKey, long endKey) {
        if (((hash.keyOf(entry.name(), entry.name().length) ^ entry.key()) & FAMILY) != 0) {
            return "key " + entry.key() + " is not of its name";
        }
        boolean inside = entry.key() >= lowKey && (endKey == 0 || entry.key() < endKey);
        return inside ? null : "key " + entry.key() + " in a bucket for [" + lowKey + ", " + endKey + ")";
    }

    private static boolean isBadName(byte[] name) {
        boolean dots = name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
        for (byte b : name) {
            dots |= b == '/' || b == 0;
        }
        return dots;
    }

    /** Names of one family lie side by side; a name or key counts once. */
    private static boolean isDuplicate(List<DirectoryEntry> sorted, int index) {
        DirectoryEntry entry = sorted.get(index);
        for (int i = index - 1; i >= 0; i--) {
            DirectoryEntry earlier = sorted.get(i);
            if (((earlier.key() ^ entry.key()) & FAMILY) != 0) {
                return false;
            }
            if (earlier.key() == entry.key() || Arrays.equals(earlier.name(), entry.name())) {
                return true;
            }
        }
        return false;
    }

    private void target(long owner, DirectoryEntry entry) {
        InodeTable inodes = context.inodes();
        int index = inodes.find(entry.ino());
        boolean unseen = index < 0 && context.mayExist(entry.ino());
        if (index < 0 && !unseen) {
            report(owner, entry, "inode " + entry.ino() + " is not in use");
            context.fixes().dropEntry(owner, entry.poolOffset());
        } else if (unseen || inodes.isDamaged(index)) {
            // What it is says its entry alone; it keeps its name.
            if (entry.type() == InodeTable.S_IFDIR >>> TYPE_SHIFT) {
                inodes.addName(inodes.find(owner));
            }
        } else {
            if (entry.type() != inodes.mode(index) >>> TYPE_SHIFT) {
                report(
                        owner,
                        entry,
                        "type " + entry.type() + ", but mode " + Integer.toOctalString(inodes.mode(index)));
                context.fixes().directory(owner);
            }
            if (inodes.isDirectory(index)) {
                subdirectory(owner, entry, index);
            } else {
                inodes.addName(index);
            }
        }
    }

    /** A directory has one entry: of two, the one in the directory that it says is its parent. */
    private void subdirectory(long owner, DirectoryEntry entry, int index) {
        InodeTable inodes = context.inodes();
        if (entry.ino() == InodeTable.ROOT_INO || entry.ino() == owner) {
            report(owner, entry, "names the root, or its own directory");
            context.fixes().dropEntry(owner, entry.poolOffset());
        } else if (inodes.namedBy(index) == 0) {
            inodes.name(index, owner, entry.poolOffset());
        } else {
            report(owner, entry, "directory " + entry.ino() + " has a name in " + inodes.namedBy(index) + " as well");
            if (owner == inodes.parent(index) && inodes.namedBy(index) != owner) {
                context.fixes().dropEntry(inodes.namedBy(index), inodes.namedAt(index));
                inodes.name(index, owner, entry.poolOffset());
            } else {
                context.fixes().dropEntry(owner, entry.poolOffset());
            }
        }
    }

    private void report(long owner, DirectoryEntry entry, String message) {
        context.report(
                "directory entry", entry.poolOffset(), "\"" + entry.text() + "\" in inode " + owner + ": " + message);
    }

    /** The tree of one directory: claims nodes and buckets, notes the buckets. */
    private final class DirectoryTree implements TreeWalk.Visitor {
        private final long ino;
        private final Set<Long> own = new HashSet<>();
        private long blocks;
        private boolean readable = true;
        private boolean any;

        DirectoryTree(long ino) {
            this.ino = ino;
        }

        boolean node(long blockNo) {
            boolean ours =
                    context.claims().isAllowed(blockNo, 1) && context.claims().claim(blockNo);
            blocks += ours ? 1 : 0;
            return ours;
        }

        @Override
        public void record(long key, long blockNo, long endKey) {
            if ((key & DirectoryHash.PROBE_MASK) != 0 || key < 0 || (!any && key != 0)) {
                context.report(DIRECTORY, inodeOffset(ino), "inode " + ino + ": bucket with low key " + key);
                context.fixes().directory(ino);
            }
            any = true;
            if (!node(blockNo)) {
                context.report(
                        DIRECTORY,
                        inodeOffset(ino),
                        "inode " + ino + ": bucket " + blockNo + " has an owner already, or can not be one");
                context.fixes().directory(ino);
                // Whoever has the block: as long as the bucket is whole, its entries are known.
                if (own.contains(blockNo) || reader.read(blockNo, ino, key, new ArrayList<>()) != null) {
                    return;
                }
            }
            own.add(blockNo);
            buckets.add(ino);
            buckets.add(blockNo);
            buckets.add(key);
            buckets.add(endKey);
        }

        @Override
        public void problem(long poolOffset, String message, boolean recordsKnown) {
            context.report("directory tree", poolOffset, "inode " + ino + ": " + message);
            if (recordsKnown) {
                context.fixes().directory(ino);
            } else {
                readable = false;
                context.ownershipUnknown();
                context.namesUnknown();
            }
        }
    }

    /** Whether every entry of the directory is known, so that it can be written again. */
    boolean isReadable(long ino) {
        return !unreadable.contains(ino);
    }

    /** All entries of a directory as this scan knows its buckets; the fixes were decided by them. */
    List<DirectoryEntry> entriesOf(long ino) {
        if (firstBuckets.isEmpty()) {
            for (int i = buckets.size() - BUCKET_WORDS; i >= 0; i -= BUCKET_WORDS) {
                firstBuckets.put(buckets.get(i), i);
            }
        }
        List<DirectoryEntry> entries = new ArrayList<>();
        int first = firstBuckets.getOrDefault(ino, buckets.size());
        for (int i = first; i < buckets.size() && buckets.get(i) == ino; i += BUCKET_WORDS) {
            if (reader.read(buckets.get(i + 1), ino, buckets.get(i + 2), entries) != null) {
                throw new IllegalStateException("bucket " + buckets.get(i + 1) + " changed during the repair");
            }
        }
        return entries;
    }
}
