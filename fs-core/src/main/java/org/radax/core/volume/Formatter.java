package org.radax.core.volume;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.UUID;
import org.radax.core.alloc.Allocator;
import org.radax.core.error.Errno;
import org.radax.core.error.PoolException;
import org.radax.core.format.Checksum;
import org.radax.core.format.ChunkLayout;
import org.radax.core.format.Geometry;
import org.radax.core.format.GroupLayout;
import org.radax.core.format.InodeLayout;
import org.radax.core.format.StateLayout;
import org.radax.core.format.Superblock;
import org.radax.core.format.SuperblockLayout;
import org.radax.core.inode.InodeTable;
import org.radax.core.journal.Journal;
import org.radax.core.os.LibC;
import org.radax.core.pool.HostSpace;
import org.radax.core.pool.PoolFile;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/** Makes pools. The superblock comes last: a pool half made is none. */
public final class Formatter {
    private static final long MAX_RESERVE_BLOCKS = 4096;

    private Formatter() {}

    /** Makes a pool; an existing one is touched only with {@code force}. */
    public static void format(FormatOptions options) throws PoolException {
        Path path = options.pool();
        if (options.label().getBytes(StandardCharsets.UTF_8).length > 32) {
            throw new PoolException(Errno.EINVAL, "label '" + options.label() + "': more than 32 bytes");
        }
        boolean existed = Files.exists(path);
        if (!existed && options.sizeBytes() == 0) {
            throw new PoolException(Errno.ENOENT, path + ": not there; give --size to make it");
        }
        if (options.sizeBytes() != 0) {
            checkSize(path, options.sizeBytes());
        }
        if (existed && !Files.isRegularFile(path) && options.sizeBytes() != 0) {
            throw new PoolException(Errno.EINVAL, path + ": a device has its size; leave --size out");
        }
        int made = existed ? -1 : create(path, options.sizeBytes(), options.mode());
        boolean done = false;
        try {
            // The file that was made or looked at, not what is by now at its path: others may change that.
            try (PoolFile file = existed ? openExisting(options) : PoolFile.of(path, made, true)) {
                checkSize(path, Units.alignDown(file.sizeBytes(), Units.BLOCK_BYTES));
                setAccess(file, options);
                PoolMemory memory = new PoolMemory(file.base(), file.sizeBytes(), file.defaultDomain(), null);
                write(memory, file, options.label(), options.uuid(), options.dataChecksums());
            }
            done = true;
        } finally {
            if (!done && !existed) {
                path.toFile().delete();
            }
        }
    }

    private static void checkSize(Path path, long sizeBytes) throws PoolException {
        if (sizeBytes < Geometry.MIN_POOL_BYTES || sizeBytes > Geometry.MAX_POOL_BYTES) {
            throw new PoolException(
                    Errno.EINVAL, path + ": " + sizeBytes + " bytes; a pool has 16 MiB to 16 TiB (--size)");
        }
    }

    /** Returns a descriptor of a file that was not there. */
    private static int create(Path path, long sizeBytes, int mode) throws PoolException {
        int flags = LibC.O_RDWR | LibC.O_CREAT | LibC.O_EXCL | LibC.O_CLOEXEC;
        int fd = LibC.INSTANCE.open(path.toString(), flags, mode);
        if (fd < 0) {
            throw new PoolException(Errno.EACCES, path + ": cannot be made: " + LibC.lastError());
        }
        long size = Units.alignDown(sizeBytes, Units.BLOCK_BYTES);
        boolean sized = LibC.INSTANCE.ftruncate(fd, size) == 0;
        String why = sized ? "" : LibC.lastError();
        if (!sized) {
            LibC.INSTANCE.close(fd);
            path.toFile().delete();
            throw new PoolException(Errno.EFBIG, path + ": cannot have " + size + " bytes: " + why);
        }
        return fd;
    }

    private static PoolFile openExisting(FormatOptions options) throws PoolException {
        Path path = options.pool();
        PoolFile file = PoolFile.open(path, true);
        boolean done = false;
        try {
            if (!options.force()) {
                refuseIfUsed(path, file);
            }
            long size = Units.alignDown(options.sizeBytes(), Units.BLOCK_BYTES);
            if (size != 0 && size != file.sizeBytes()) {
                if (LibC.INSTANCE.ftruncate(file.fd(), size) != 0) {
                    throw new PoolException(
                            Errno.EFBIG, path + ": cannot have " + size + " bytes: " + LibC.lastError());
                }
                int again = LibC.INSTANCE.dup(file.fd());
                file.close();
                file = PoolFile.of(path, again, true);
            }
            done = true;
            return file;
        } finally {
            if (!done) {
                file.close();
            }
        }
    }

    /** A file of zeroes may become a pool without ado; anything else is somebody's data. */
    private static void refuseIfUsed(Path path, PoolFile file) throws PoolException {
        byte[] block = new byte[Units.BLOCK_BYTES];
        PoolMemory memory = new PoolMemory(file.base(), file.sizeBytes(), file.defaultDomain(), null);
        memory.copyOut(0, block, 0, (int) Math.min(block.length, file.sizeBytes()));
        if (Superblock.hasMagic(block)) {
            throw new PoolException(
                    Errno.EEXIST, path + ": holds a Radax pool already; --force overwrites it and all its files");
        }
        if (!Arrays.equals(block, new byte[Units.BLOCK_BYTES])) {
            throw new PoolException(Errno.EEXIST, path + ": holds data that is not a pool; --force overwrites it");
        }
    }

    private static void setAccess(PoolFile file, FormatOptions options) throws PoolException {
        if (file.kind() == PoolFile.Kind.DEVICE_DAX) {
            return;
        }
        if (LibC.INSTANCE.fchmod(file.fd(), options.mode()) != 0) {
            throw new PoolException(Errno.EPERM, file.path() + ": mode cannot be set: " + LibC.lastError());
        }
        if (options.gid() >= 0 && LibC.INSTANCE.fchown(file.fd(), -1, options.gid()) != 0) {
            throw new PoolException(Errno.EPERM, file.path() + ": group cannot be set: " + LibC.lastError());
        }
    }

    /** Writes an empty volume over memory: also what tests do. */
    public static void write(PoolMemory memory, HostSpace host, String label, UUID uuid, boolean dataChecksums)
            throws PoolException {
        long size = Units.alignDown(memory.sizeBytes(), Units.BLOCK_BYTES);
        Geometry geometry = Geometry.forNewPool(size, dataChecksums);
        SecureRandom random = new SecureRandom();
        long rootChunk = geometry.fixedBlocks();
        long rootOffset = Units.blockToBytes(rootChunk) + Geometry.INODE_BYTES;
        Superblock superblock = new Superblock(
                uuid,
                Geometry.FORMAT_MAJOR,
                Geometry.FORMAT_MINOR,
                0,
                dataChecksums ? SuperblockLayout.DATA_CHECKSUMS_FEATURE : 0,
                0,
                size,
                label,
                Clock.now(),
                random.nextLong(),
                random.nextLong(),
                geometry.laneCount(),
                geometry.laneBytes(),
                rootOffset,
                Math.min(MAX_RESERVE_BLOCKS, geometry.blockCount() / 64));
        long last = Units.blockToBytes(geometry.replicaBlock());
        host.provide(0, Units.blockToBytes(Geometry.FIRST_LANE + laneBlocks(geometry)));
        long maps = Units.blockToBytes(geometry.bitmapBlock(0));
        host.provide(Units.blockToBytes(geometry.groupTable()), Units.BLOCK_BYTES);
        host.provide(maps, Units.blockToBytes(rootChunk + 1) - maps);
        host.provide(last, Units.BLOCK_BYTES);
        // An older pool's superblocks go first: from here until the end there is no pool.
        memory.zero(0, Units.BLOCK_BYTES);
        memory.zero(last, Units.BLOCK_BYTES);
        memory.writeBack(0, Units.BLOCK_BYTES);
        memory.writeBack(last, Units.BLOCK_BYTES);
        memory.fence();
        Checksum checksum = new Checksum(uuid);
        new Journal(memory, geometry, uuid).format();
        writeState(memory, checksum);
        writeFirstGroup(memory, geometry, checksum, rootChunk);
        writeRoot(memory, checksum, rootChunk);
        memory.fence();
        store(memory, geometry.replicaBlock(), superblock.encode(geometry.replicaBlock()));
        store(memory, Geometry.SUPERBLOCK, superblock.encode(Geometry.SUPERBLOCK));
        memory.fence();
    }

    private static long laneBlocks(Geometry geometry) {
        return Units.blocksFor((long) geometry.laneCount() * geometry.laneBytes());
    }

    private static void store(PoolMemory memory, long blockNo, byte[] image) {
        memory.copyIn(Units.blockToBytes(blockNo), image, 0, Units.BLOCK_BYTES);
        memory.writeBack(Units.blockToBytes(blockNo), Units.BLOCK_BYTES);
    }

    private static void writeState(PoolMemory memory, Checksum checksum) {
        byte[] image = new byte[Units.BLOCK_BYTES];
        Bytes.putInt(image, StateLayout.MAGIC, StateLayout.MAGIC_VALUE);
        Bytes.putLong(image, StateLayout.LOCATION, Geometry.STATE_BLOCK);
        System.arraycopy(checksum.uuidBytes(), 0, image, StateLayout.UUID, 16);
        Bytes.putLong(image, StateLayout.GROUPS_IN_USE, 1);
        Bytes.putInt(image, StateLayout.CHECKSUM, checksum.of(image, StateLayout.CHECKED_BYTES, StateLayout.CHECKSUM));
        Bytes.putLong(image, StateLayout.EPOCH, 1);
        Bytes.putLong(image, StateLayout.MOUNT_STATE, 1);
        store(memory, Geometry.STATE_BLOCK, image);
    }

    private static void writeFirstGroup(PoolMemory memory, Geometry geometry, Checksum checksum, long rootChunk) {
        long[] taken = Allocator.freshBitmap(geometry, 0);
        taken[(int) (rootChunk >>> 6)] |= 1L << rootChunk;
        byte[] bitmap = new byte[Units.BLOCK_BYTES];
        int free = Geometry.GROUP_BLOCKS;
        for (int w = 0; w < taken.length; w++) {
            Bytes.putLong(bitmap, w * Long.BYTES, taken[w]);
            free -= Long.bitCount(taken[w]);
        }
        byte[] chunks = new byte[Units.BLOCK_BYTES];
        Bytes.putLong(chunks, (int) (rootChunk >>> 6) * Long.BYTES, 1L << rootChunk);
        byte[] table = new byte[Units.BLOCK_BYTES];
        Bytes.putInt(table, GroupLayout.MAGIC, GroupLayout.MAGIC_VALUE);
        Bytes.putInt(table, GroupLayout.FREE_BLOCKS, free);
        Bytes.putInt(table, GroupLayout.INODES_USED, 1);
        Bytes.putInt(table, GroupLayout.BITMAP_CHECKSUM, checksum.of(bitmap, bitmap.length, -1));
        Bytes.putInt(table, GroupLayout.CHUNKS_CHECKSUM, checksum.of(chunks, chunks.length, -1));
        byte[] descriptor = Arrays.copyOf(table, GroupLayout.CHECKED_BYTES);
        Bytes.putInt(table, GroupLayout.CHECKSUM, checksum.of(descriptor, descriptor.length, GroupLayout.CHECKSUM));
        store(memory, geometry.bitmapBlock(0), bitmap);
        store(memory, geometry.chunkMapBlock(0), chunks);
        store(memory, geometry.groupTable(), table);
    }

    private static void writeRoot(PoolMemory memory, Checksum checksum, long rootChunk) {
        byte[] image = InodeTable.chunkImage(rootChunk, checksum.uuidBytes());
        Bytes.putLong(image, ChunkLayout.USED, 2);
        Bytes.putInt(
                image,
                ChunkLayout.CHECKSUM,
                checksum.of(image.clone(), ChunkLayout.CHECKED_BYTES, ChunkLayout.CHECKSUM));
        byte[] inode = new byte[Geometry.INODE_BYTES];
        long now = Clock.now();
        Bytes.putInt(inode, InodeLayout.MAGIC, InodeLayout.MAGIC_VALUE);
        Bytes.putLong(inode, InodeLayout.INO, InodeTable.ROOT_INO);
        Bytes.putInt(inode, InodeLayout.MODE, InodeFlags.DIRECTORY | 0755);
        Bytes.putInt(inode, InodeLayout.LINK_COUNT, 2);
        Bytes.putInt(inode, InodeLayout.UID, LibC.INSTANCE.getuid());
        Bytes.putInt(inode, InodeLayout.GID, LibC.INSTANCE.getgid());
        Bytes.putLong(inode, InodeLayout.ATIME, now);
        Bytes.putLong(inode, InodeLayout.MTIME, now);
        Bytes.putLong(inode, InodeLayout.CTIME, now);
        Bytes.putLong(inode, InodeLayout.BIRTH, now);
        Bytes.putLong(inode, InodeLayout.PARENT, InodeTable.ROOT_INO);
        Bytes.putInt(inode, InodeLayout.CHECKSUM, checksum.of(inode, InodeLayout.CHECKED_BYTES, InodeLayout.CHECKSUM));
        System.arraycopy(inode, 0, image, Geometry.INODE_BYTES, inode.length);
        store(memory, rootChunk, image);
    }
}
