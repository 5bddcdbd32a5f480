package org.radax.core.check;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.radax.core.format.BucketLayout;
import org.radax.core.format.Checksum;
import org.radax.core.format.ChunkLayout;
import org.radax.core.format.DirectoryHash;
import org.radax.core.format.Geometry;
import org.radax.core.format.GroupLayout;
import org.radax.core.format.InodeLayout;
import org.radax.core.format.LaneLayout;
import org.radax.core.format.RecordLayout;
import org.radax.core.format.StateLayout;
import org.radax.core.format.SuperblockLayout;
import org.radax.core.format.TreeLayout;
import org.radax.core.format.XattrLayout;
import org.radax.core.os.LibC;
import org.radax.core.pool.NoDomain;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/**
 * A small volume made by hand from docs/FORMAT.md: a root with a directory, files, a link, attributes and an orphan.
 * Each method stores one structure with a right checksum, so that a test can store it wrong.
 */
final class TestImage implements AutoCloseable {
    static final long SIZE_BYTES = 16 << 20;
    static final int ROOT = 1;
    static final int DIRECTORY_MODE = 0040755;
    static final int FILE_MODE = 0100644;
    static final int SYMLINK_MODE = 0120777;
    private static final long SEED_0 = 0x1234;
    private static final long SEED_1 = 0x5678;

    final Geometry geometry = Geometry.forNewPool(SIZE_BYTES, false);
    final long firstFree = geometry.fixedBlocks();
    final long chunkBlock = firstFree;
    final long rootBucket = firstFree + 1;
    final long subdirectoryBucket = firstFree + 2;
    final long dataBlock = firstFree + 3;
    final long linkBlock = firstFree + 4;
    final long xattrBlock = firstFree + 5;
    final long valueBlock = firstFree + 6;
    final long nodeBlock = firstFree + 7;
    final long manyExtents = firstFree + 10;
    final long subdirectory = ino(2);
    final long file = ino(3);
    final long link = ino(4);
    final long treeFile = ino(5);
    final long orphan = ino(6);
    final TreeSet<Long> used = new TreeSet<>();
    private final UUID uuid = new UUID(0x0123456789abcdefL, 0xfedcba9876543210L);
    private final Checksum checksum = new Checksum(uuid);
    private final DirectoryHash hash = new DirectoryHash(SEED_0, SEED_1);
    private final long address = LibC.INSTANCE.mmap(
            0,
            SIZE_BYTES,
            LibC.PROT_READ | LibC.PROT_WRITE,
            LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_NORESERVE,
            -1,
            0);
    final PoolMemory memory = new PoolMemory(address, SIZE_BYTES, new NoDomain(), null);

    TestImage() {
        for (long block = 0; block < geometry.fixedBlocks(); block++) {
            used.add(block);
        }
        used.add(geometry.replicaBlock());
        superblock(Geometry.SUPERBLOCK);
        superblock(geometry.replicaBlock());
        for (int lane = 0; lane < geometry.laneCount(); lane++) {
            lane(lane);
        }
        chunk(0b1111110);
        Map<String, Long> rootEntries = new TreeMap<>();
        rootEntries.put("sub", subdirectory);
        rootEntries.put("file", file);
        rootEntries.put("tree", treeFile);
        bucket(rootBucket, ROOT, rootEntries);
        Map<String, Long> entries = new TreeMap<>();
        entries.put("file again", file);
        entries.put("link", link);
        bucket(subdirectoryBucket, subdirectory, entries);
        inode(ROOT, DIRECTORY_MODE, 3, 3, 1, ROOT, 0, List.of(new long[] {0, rootBucket}));
        inode(subdirectory, DIRECTORY_MODE, 2, 2, 1, ROOT, 0, List.of(new long[] {0, subdirectoryBucket}));
        inode(file, FILE_MODE, 2, 5, 3, 0, xattrBlock, List.of(extent(0, dataBlock, 1)));
        inode(link, SYMLINK_MODE, 1, 7, 1, 0, 0, List.of(extent(0, linkBlock, 1)));
        attributes();
        treeFile();
        inode(orphan, FILE_MODE, 0, 0, 0, 0, 0, List.of());
        state(1, List.of(new long[] {orphan, 1}));
        for (long block = chunkBlock; block <= nodeBlock; block++) {
            used.add(block);
        }
        group();
    }

    long ino(int slot) {
        return chunkBlock * Geometry.CHUNK_SLOTS + slot;
    }

    long inodeOffset(long ino) {
        return ino == ROOT ? ino(1) * Geometry.INODE_BYTES : ino * Geometry.INODE_BYTES;
    }

    static long[] extent(long fileBlock, long blockNo, long blockCount) {
        return new long[] {fileBlock, blockNo | blockCount << 36};
    }

    private void frame(byte[] bytes, int magic, long location) {
        Bytes.putInt(bytes, 0, magic);
        Bytes.putLong(bytes, 8, location);
        System.arraycopy(checksum.uuidBytes(), 0, bytes, 16, 16);
    }

    /** Stores a structure with its checksum. */
    void seal(long poolOffset, byte[] bytes, int checkedBytes) {
        Bytes.putInt(bytes, 4, checksum.of(bytes.clone(), checkedBytes, 4));
        memory.copyIn(poolOffset, bytes, 0, bytes.length);
    }

    /** Reads a structure, lets it be changed, and stores it with a right checksum. */
    void edit(long poolOffset, int checkedBytes, Consumer<byte[]> change) {
        byte[] bytes = new byte[checkedBytes];
        memory.copyOut(poolOffset, bytes, 0, checkedBytes);
        change.accept(bytes);
        seal(poolOffset, bytes, checkedBytes);
    }

    void editInode(long ino, int fieldOffset, int value) {
        edit(inodeOffset(ino), InodeLayout.CHECKED_BYTES, bytes -> Bytes.putInt(bytes, fieldOffset, value));
    }

    void flip(long poolOffset) {
        byte[] one = new byte[1];
        memory.copyOut(poolOffset, one, 0, 1);
        one[0] ^= 1;
        memory.copyIn(poolOffset, one, 0, 1);
    }

    private void superblock(long blockNo) {
        byte[] bytes = new byte[Units.BLOCK_BYTES];
        frame(bytes, SuperblockLayout.MAGIC_VALUE, blockNo);
        Bytes.putInt(bytes, SuperblockLayout.MAJOR, Geometry.FORMAT_MAJOR);
        Bytes.putInt(bytes, SuperblockLayout.MINOR, Geometry.FORMAT_MINOR);
        Bytes.putLong(bytes, SuperblockLayout.SIZE, SIZE_BYTES);
        Bytes.putLong(bytes, SuperblockLayout.HASH_SEED, SEED_0);
        Bytes.putLong(bytes, SuperblockLayout.HASH_SEED + 8, SEED_1);
        Bytes.putLong(bytes, SuperblockLayout.LANE_START, Geometry.FIRST_LANE);
        Bytes.putInt(bytes, SuperblockLayout.LANE_COUNT, geometry.laneCount());
        Bytes.putInt(bytes, SuperblockLayout.LANE_BYTES, geometry.laneBytes());
        Bytes.putLong(bytes, SuperblockLayout.GROUP_TABLE, geometry.groupTable());
        Bytes.putLong(bytes, SuperblockLayout.GROUP_COUNT, geometry.groupCount());
        Bytes.putLong(bytes, SuperblockLayout.ROOT_INODE, inodeOffset(ROOT));
        seal(Units.blockToBytes(blockNo), bytes, SuperblockLayout.CHECKED_BYTES);
    }

    void lane(int lane) {
        byte[] bytes = new byte[LaneLayout.CHECKED_BYTES];
        frame(bytes, LaneLayout.MAGIC_VALUE, Units.blockOf(geometry.laneOffset(lane)));
        Bytes.putLong(bytes, LaneLayout.INDEX, lane);
        seal(geometry.laneOffset(lane), bytes, LaneLayout.CHECKED_BYTES);
    }

    void state(long groupsInUse, List<long[]> orphans) {
        byte[] bytes = new byte[StateLayout.CHECKED_BYTES];
        frame(bytes, StateLayout.MAGIC_VALUE, Geometry.STATE_BLOCK);
        root(bytes, StateLayout.ORPHAN_ROOT, 0, orphans);
        Bytes.putLong(bytes, StateLayout.GROUPS_IN_USE, groupsInUse);
        seal(Units.blockToBytes(Geometry.STATE_BLOCK), bytes, StateLayout.CHECKED_BYTES);
        memory.putLong(Units.blockToBytes(Geometry.STATE_BLOCK) + StateLayout.EPOCH, 1);
        memory.putLong(Units.blockToBytes(Geometry.STATE_BLOCK) + StateLayout.MOUNT_STATE, 1);
    }

    void chunk(long usedSlots) {
        byte[] bytes = new byte[ChunkLayout.CHECKED_BYTES];
        frame(bytes, ChunkLayout.MAGIC_VALUE, chunkBlock);
        Bytes.putLong(bytes, ChunkLayout.USED, usedSlots);
        seal(Units.blockToBytes(chunkBlock), bytes, ChunkLayout.CHECKED_BYTES);
    }

    void inode(long ino, int mode, int links, long size, long blocks, long parent, long xattr, List<long[]> records) {
        inode(ino, mode, links, size, blocks, parent, xattr, 0, records);
    }

    private void inode(
            long ino,
            int mode,
            int links,
            long size,
            long blocks,
            long parent,
            long xattr,
            int level,
            List<long[]> records) {
        byte[] bytes = new byte[InodeLayout.CHECKED_BYTES];
        Bytes.putInt(bytes, InodeLayout.MAGIC, InodeLayout.MAGIC_VALUE);
        Bytes.putLong(bytes, InodeLayout.INO, ino);
        Bytes.putInt(bytes, InodeLayout.MODE, mode);
        Bytes.putInt(bytes, InodeLayout.LINK_COUNT, links);
        Bytes.putLong(bytes, InodeLayout.SIZE, size);
        Bytes.putLong(bytes, InodeLayout.BLOCKS, blocks);
        Bytes.putLong(bytes, InodeLayout.PARENT, parent);
        Bytes.putLong(bytes, InodeLayout.XATTR, xattr);
        root(bytes, InodeLayout.ROOT, level, records);
        seal(inodeOffset(ino), bytes, InodeLayout.CHECKED_BYTES);
    }

    private static void root(byte[] bytes, int at, int level, List<long[]> records) {
        Bytes.putInt(bytes, at + TreeLayout.ROOT_LEVEL, level);
        Bytes.putInt(bytes, at + TreeLayout.ROOT_COUNT, records.size());
        put(bytes, at + TreeLayout.ROOT_RECORDS, records);
    }

    private static void put(byte[] bytes, int start, List<long[]> records) {
        int at = start;
        for (long[] record : records) {
            Bytes.putLong(bytes, at, record[0]);
            Bytes.putLong(bytes, at + 8, record[1]);
            at += TreeLayout.RECORD_BYTES;
        }
    }

    /** A file whose extents need a node of their own: every second block of twenty. */
    private void treeFile() {
        List<long[]> extents = new ArrayList<>();
        for (int i = 0; i < 20; i += 2) {
            extents.add(extent(i, manyExtents + i, 1));
            used.add(manyExtents + i);
        }
        node(nodeBlock, treeFile, extents);
        inode(treeFile, FILE_MODE, 1, 20 * 4096, 11, 0, 0, 1, List.of(new long[] {0, nodeBlock}));
    }

    void node(long blockNo, long owner, List<long[]> records) {
        byte[] bytes = new byte[Units.BLOCK_BYTES];
        frame(bytes, TreeLayout.MAGIC_VALUE, blockNo);
        Bytes.putLong(bytes, TreeLayout.OWNER, owner);
        Bytes.putInt(bytes, TreeLayout.COUNT, records.size());
        put(bytes, TreeLayout.RECORDS, records);
        seal(Units.blockToBytes(blockNo), bytes, TreeLayout.CHECKED_BYTES);
    }

    void bucket(long blockNo, long owner, Map<String, Long> entries) {
        List<Object[]> list = new ArrayList<>();
        entries.forEach((name, ino) -> list.add(new Object[] {name, ino, keyOf(name)}));
        bucketOf(blockNo, owner, list);
    }

    long keyOf(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return hash.keyOf(bytes, bytes.length);
    }

    /** Each entry: name, inode number, key. */
    void bucketOf(long blockNo, long owner, List<Object[]> entries) {
        byte[] bytes = new byte[Units.BLOCK_BYTES];
        frame(bytes, BucketLayout.MAGIC_VALUE, blockNo);
        Bytes.putLong(bytes, BucketLayout.OWNER, owner);
        int at = BucketLayout.ENTRIES;
        for (Object[] entry : entries) {
            byte[] name = ((String) entry[0]).getBytes(StandardCharsets.UTF_8);
            long ino = (Long) entry[1];
            int length = (int) Units.alignUp(BucketLayout.ENTRY_NAME + name.length, 8);
            Bytes.putLong(bytes, at + BucketLayout.ENTRY_KEY, (Long) entry[2]);
            Bytes.putLong(bytes, at + BucketLayout.ENTRY_INO, ino);
            Bytes.putShort(bytes, at + BucketLayout.ENTRY_LENGTH, length);
            bytes[at + BucketLayout.ENTRY_NAME_LENGTH] = (byte) name.length;
            bytes[at + BucketLayout.ENTRY_TYPE] =
                    (byte) (ino == subdirectory || ino == ROOT ? 4 : ino == link ? 10 : 8);
            System.arraycopy(name, 0, bytes, at + BucketLayout.ENTRY_NAME, name.length);
            at += length;
        }
        Bytes.putShort(bytes, at + BucketLayout.ENTRY_LENGTH, Units.BLOCK_BYTES - at);
        seal(Units.blockToBytes(blockNo), bytes, BucketLayout.CHECKED_BYTES);
    }

    /** One small attribute, and one whose value lies in a block of its own. */
    private void attributes() {
        byte[] bytes = new byte[Units.BLOCK_BYTES];
        frame(bytes, XattrLayout.MAGIC_VALUE, xattrBlock);
        Bytes.putLong(bytes, XattrLayout.OWNER, file);
        byte[] value = new byte[Units.BLOCK_BYTES];
        memory.copyIn(Units.blockToBytes(valueBlock), value, 0, value.length);
        int at = attribute(bytes, XattrLayout.RECORDS, "user.a", new byte[] {1, 2, 3}, 0);
        at = attribute(bytes, at, "user.big", new byte[3000], valueBlock);
        Bytes.putLong(bytes, XattrLayout.USED, at - XattrLayout.RECORDS);
        seal(Units.blockToBytes(xattrBlock), bytes, XattrLayout.CHECKED_BYTES);
    }

    private static int attribute(byte[] bytes, int at, String name, byte[] value, long external) {
        byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
        CRC32C crc = new CRC32C();
        crc.update(value);
        int valueAt = (int) Units.alignUp(at + XattrLayout.RECORD_NAME + nameBytes.length, 8);
        int stored = external != 0 ? 8 : value.length;
        int length = (int) Units.alignUp(valueAt + stored - at, 8);
        Bytes.putShort(bytes, at + XattrLayout.RECORD_LENGTH, length);
        bytes[at + XattrLayout.RECORD_NAME_LENGTH] = (byte) nameBytes.length;
        bytes[at + XattrLayout.RECORD_FLAGS] = (byte) (external != 0 ? XattrLayout.EXTERNAL : 0);
        Bytes.putInt(bytes, at + XattrLayout.RECORD_VALUE_LENGTH, value.length);
        Bytes.putInt(bytes, at + XattrLayout.RECORD_VALUE_CHECKSUM, (int) crc.getValue());
        System.arraycopy(nameBytes, 0, bytes, at + XattrLayout.RECORD_NAME, nameBytes.length);
        if (external != 0) {
            Bytes.putLong(bytes, valueAt, external);
        } else {
            System.arraycopy(value, 0, bytes, valueAt, value.length);
        }
        return at + length;
    }

    /** Group 0 as {@link #used} and the one chunk say. */
    void group() {
        byte[] bitmap = new byte[Units.BLOCK_BYTES];
        for (int i = geometry.blocksIn(0); i < Geometry.GROUP_BLOCKS; i++) {
            bitmap[i >>> 3] |= (byte) (1 << (i & 7));
        }
        for (long block : used) {
            bitmap[(int) (block >>> 3)] |= (byte) (1 << (block & 7));
        }
        byte[] chunks = new byte[Units.BLOCK_BYTES];
        chunks[(int) (chunkBlock >>> 3)] |= (byte) (1 << (chunkBlock & 7));
        memory.copyIn(Units.blockToBytes(geometry.bitmapBlock(0)), bitmap, 0, bitmap.length);
        memory.copyIn(Units.blockToBytes(geometry.chunkMapBlock(0)), chunks, 0, chunks.length);
        byte[] bytes = new byte[GroupLayout.CHECKED_BYTES];
        Bytes.putInt(bytes, GroupLayout.MAGIC, GroupLayout.MAGIC_VALUE);
        Bytes.putInt(bytes, GroupLayout.FREE_BLOCKS, geometry.blocksIn(0) - used.size());
        Bytes.putInt(bytes, GroupLayout.INODES_USED, 6);
        Bytes.putInt(bytes, GroupLayout.BITMAP_CHECKSUM, checksum.of(bitmap, bitmap.length, -1));
        Bytes.putInt(bytes, GroupLayout.CHUNKS_CHECKSUM, checksum.of(chunks, chunks.length, -1));
        seal(geometry.descriptorOffset(0), bytes, GroupLayout.CHECKED_BYTES);
    }

    /** A live record that stores one word, as a crash leaves it. */
    void record(int lane, long sequence, long poolOffset, long word) {
        memory.putLong(Units.blockToBytes(Geometry.STATE_BLOCK) + StateLayout.MOUNT_STATE, 2);
        byte[] bytes = new byte[RecordLayout.RUNS + 16];
        frame(bytes, RecordLayout.MAGIC_VALUE, bytes.length);
        Bytes.putLong(bytes, RecordLayout.EPOCH, 1);
        Bytes.putLong(bytes, RecordLayout.SEQUENCE, sequence);
        Bytes.putLong(bytes, RecordLayout.LANE, lane);
        Bytes.putLong(bytes, RecordLayout.RUN_COUNT, 1);
        Bytes.putLong(bytes, RecordLayout.RUNS, poolOffset << 16 | 1);
        Bytes.putLong(bytes, RecordLayout.RUNS + 8, word);
        seal(geometry.laneOffset(lane) + LaneLayout.RECORD, bytes, bytes.length);
    }

    byte[] copy() {
        byte[] bytes = new byte[(int) SIZE_BYTES];
        memory.copyOut(0, bytes, 0, bytes.length);
        return bytes;
    }

    @Override
    public void close() {
        LibC.INSTANCE.munmap(address, SIZE_BYTES);
    }
}
