package org.radax.core.check;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.radax.core.check.TreeBuilder.TreeRecord;
import org.radax.core.error.PoolException;
import org.radax.core.format.ChunkLayout;
import org.radax.core.format.Geometry;
import org.radax.core.format.GroupLayout;
import org.radax.core.format.InodeLayout;
import org.radax.core.format.LaneLayout;
import org.radax.core.format.StateLayout;
import org.radax.core.format.SuperblockLayout;
import org.radax.core.format.TreeLayout;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/**
 * Mends what one scan found, in this order: what the journal itself needs; then trees and directories, written anew in
 * fresh blocks that are marked in use before anything refers to them; in a round without those, fields and maps. A
 * crash in between leaves blocks marked in use too many, never too few.
 */
final class Repairer {
    private static final byte[] LOST_AND_FOUND = "lost+found".getBytes(StandardCharsets.US_ASCII);
    private static final int DIRECTORY_TYPE = InodeTable.S_IFDIR >>> 12;
    private static final int LOST_AND_FOUND_MODE = InodeTable.S_IFDIR | 0700;

    private final Scan scan;
    private final ScanContext context;
    private final Fixes fixes;
    private final PoolMemory memory;
    private final JournalWriter journal;
    private final RepairBlocks blocks;
    private final CheckProgress progress;

    /** Inline roots to be put into inodes, by inode number. */
    private final Map<Long, byte[]> roots = new TreeMap<>();

    private boolean changed;

    Repairer(Scan scan, JournalWriter journal, BlockProvider provider, CheckProgress progress) {
        this.scan = scan;
        this.context = scan.context();
        this.fixes = context.fixes();
        this.memory = context.image().memory();
        this.journal = journal;
        this.blocks = new RepairBlocks(context, provider);
        this.progress = progress;
    }

    /** Returns whether anything was changed. */
    boolean repair() {
        superblocks();
        lanes();
        if (!scan.isStateSound()) {
            if (scan.areGroupsKnown()) {
                state(new byte[TreeLayout.ROOT_BYTES]);
            }
            return changed;
        }
        if (changed) {
            return true;
        }
        trees();
        if (!changed) {
            stateWords();
            inodeFields();
            for (long group : fixes.groups) {
                group(group, context.isOwnershipKnown());
            }
        }
        return changed;
    }

    /** One copy after the other: a crash between leaves at least one whole. */
    private void superblocks() {
        for (long blockNo : fixes.superblocks) {
            direct(blockNo * Units.BLOCK_BYTES, context.superblock().copyFor(blockNo), SuperblockLayout.CHECKED_BYTES);
        }
    }

    private void lanes() {
        for (int lane : fixes.lanes) {
            long offset = context.geometry().laneOffset(lane);
            byte[] header = new byte[LaneLayout.CHECKED_BYTES];
            frame(header, LaneLayout.MAGIC_VALUE, Units.blockOf(offset));
            Bytes.putLong(header, LaneLayout.INDEX, lane);
            seal(header, header.length);
            direct(offset, header, header.length);
        }
    }

    private void direct(long poolOffset, byte[] content, int lengthBytes) {
        memory.copyIn(poolOffset, content, 0, lengthBytes);
        memory.writeBack(poolOffset, lengthBytes);
        memory.fence();
        changed = true;
    }

    private void frame(byte[] bytes, int magic, long location) {
        Bytes.putInt(bytes, LaneLayout.MAGIC, magic);
        Bytes.putLong(bytes, LaneLayout.LOCATION, location);
        System.arraycopy(context.checksum().uuidBytes(), 0, bytes, LaneLayout.UUID, 16);
    }

    /** All structures have their checksum in the same place. */
    private void seal(byte[] bytes, int checkedBytes) {
        byte[] copy = Arrays.copyOf(bytes, checkedBytes);
        Bytes.putInt(bytes, LaneLayout.CHECKSUM, context.checksum().of(copy, checkedBytes, LaneLayout.CHECKSUM));
    }

    private void commit(String what) {
        if (journal.commit()) {
            progress.line(what);
            changed = true;
        }
    }

    private void state(byte[] orphanRoot) {
        byte[] bytes = new byte[StateLayout.CHECKED_BYTES];
        frame(bytes, StateLayout.MAGIC_VALUE, Geometry.STATE_BLOCK);
        System.arraycopy(orphanRoot, 0, bytes, StateLayout.ORPHAN_ROOT, orphanRoot.length);
        Bytes.putLong(bytes, StateLayout.GROUPS_IN_USE, context.groupsInUse());
        seal(bytes, bytes.length);
        journal.stage(Units.blockToBytes(Geometry.STATE_BLOCK), bytes, bytes.length);
        commit("volume state written");
    }

    private void stateWords() {
        for (Map.Entry<Integer, Long> word : fixes.stateWords.entrySet()) {
            byte[] bytes = new byte[Long.BYTES];
            Bytes.putLong(bytes, 0, word.getValue());
            journal.stage(Units.blockToBytes(Geometry.STATE_BLOCK) + word.getKey(), bytes, bytes.length);
        }
        commit("volume state corrected");
    }

    /** Writes trees anew, one after another as far as there are blocks; the inodes get their roots last. */
    private void trees() {
        byte[] orphanRoot = null;
        byte[] newLostAndFound = null;
        long lostAndFound = 0;
        try {
            for (Map.Entry<Long, List<Extent>> file : fixes.extents.entrySet()) {
                roots.put(file.getKey(), extentTree(file.getKey(), file.getValue()));
            }
            if (fixes.orphans != null) {
                orphanRoot = orphanTree();
            }
            if (!fixes.unreachable.isEmpty() && scan.directories().isReadable(InodeTable.ROOT_INO)) {
                lostAndFound = findLostAndFound();
                if (lostAndFound == 0) {
                    lostAndFound = newInode();
                    newLostAndFound = directory(lostAndFound, adopted());
                    List<DirectoryEntry> rootEntries = remaining(InodeTable.ROOT_INO);
                    rootEntries.add(new DirectoryEntry(0, 0, lostAndFound, DIRECTORY_TYPE, LOST_AND_FOUND));
                    roots.put((long) InodeTable.ROOT_INO, directory(InodeTable.ROOT_INO, rootEntries));
                } else if (scan.directories().isReadable(lostAndFound)) {
                    List<DirectoryEntry> entries = remaining(lostAndFound);
                    entries.addAll(adopted());
                    roots.put(lostAndFound, directory(lostAndFound, entries));
                }
            }
            for (long ino : fixes.directories.keySet()) {
                if (!roots.containsKey(ino) && scan.directories().isReadable(ino)) {
                    roots.put(ino, directory(ino, remaining(ino)));
                }
            }
        } catch (PoolException e) {
            // What was built so far is used; the maps may have blocks to free, and the next round goes on.
            progress.line(e.getMessage());
        }
        for (long group : blocks.groups()) {
            group(group, false);
        }
        if (orphanRoot != null) {
            state(orphanRoot);
        }
        if (newLostAndFound != null) {
            lostAndFound(lostAndFound, newLostAndFound);
        }
        for (Map.Entry<Long, byte[]> root : roots.entrySet()) {
            inode(root.getKey(), Map.of(), root.getValue());
            commit("inode " + root.getKey() + ": tree written anew");
        }
    }

    private byte[] extentTree(long ino, List<Extent> extents) throws PoolException {
        List<TreeRecord> records = new ArrayList<>();
        for (Extent extent : extents) {
            records.add(new TreeRecord(extent.fileBlock(), extent.value()));
        }
        return new TreeBuilder(blocks, context.checksum()).build(ino, records);
    }

    private byte[] orphanTree() throws PoolException {
        List<TreeRecord> records = new ArrayList<>();
        fixes.orphans.forEach((ino, value) -> records.add(new TreeRecord(ino, value)));
        return new TreeBuilder(blocks, context.checksum()).build(0, records);
    }

    private byte[] directory(long ino, List<DirectoryEntry> entries) throws PoolException {
        return new DirectoryBuilder(blocks, context.checksum(), context.superblock()).build(ino, entries);
    }

    /** The entries of a directory that stay, with the types that their inodes have. */
    private List<DirectoryEntry> remaining(long directory) {
        Set<Long> dropped = fixes.directories.getOrDefault(directory, Set.of());
        List<DirectoryEntry> entries = new ArrayList<>();
        for (DirectoryEntry entry : scan.directories().entriesOf(directory)) {
            if (!dropped.contains(entry.poolOffset())) {
                entries.add(new DirectoryEntry(0, entry.key(), entry.ino(), type(entry), entry.name()));
            }
        }
        return entries;
    }

    private int type(DirectoryEntry entry) {
        int index = context.inodes().find(entry.ino());
        return index < 0 || context.inodes().isDamaged(index)
                ? entry.type()
                : context.inodes().mode(index) >>> 12;
    }

    /** The unreachable inodes under their numbers. */
    private List<DirectoryEntry> adopted() {
        List<DirectoryEntry> entries = new ArrayList<>();
        for (long ino : fixes.unreachable) {
            int mode = context.inodes().mode(context.inodes().find(ino));
            byte[] name = ("#" + ino).getBytes(StandardCharsets.US_ASCII);
            entries.add(new DirectoryEntry(0, 0, ino, mode >>> 12, name));
        }
        return entries;
    }

    private long findLostAndFound() {
        for (DirectoryEntry entry : remaining(InodeTable.ROOT_INO)) {
            if (Arrays.equals(entry.name(), LOST_AND_FOUND) && entry.type() == DIRECTORY_TYPE) {
                return entry.ino();
            }
        }
        return 0;
    }

    /** A free slot of a chunk, or the first one of a new chunk, which is then written here. */
    private long newInode() throws PoolException {
        byte[] header = new byte[ChunkLayout.CHECKED_BYTES];
        for (int i = 0; i < scan.chunks().size(); i++) {
            long blockNo = scan.chunks().get(i);
            if (context.image().read(Units.blockToBytes(blockNo), header, header.length)
                    && context.blockProblem(header, ChunkLayout.MAGIC_VALUE, ChunkLayout.CHECKED_BYTES, blockNo)
                            == null) {
                for (int slot = 1; slot < Geometry.CHUNK_SLOTS; slot++) {
                    long ino = blockNo * Geometry.CHUNK_SLOTS + slot;
                    if ((Bytes.getLong(header, ChunkLayout.USED) >>> slot & 1) == 0
                            && ino * Geometry.INODE_BYTES
                                    != context.superblock().rootInodeOffset()) {
                        return ino;
                    }
                }
            }
        }
        long blockNo = blocks.takeChunk();
        byte[] chunk = new byte[Units.BLOCK_BYTES];
        frame(chunk, ChunkLayout.MAGIC_VALUE, blockNo);
        seal(chunk, ChunkLayout.CHECKED_BYTES);
        blocks.write(blockNo, chunk);
        return blockNo * Geometry.CHUNK_SLOTS + 1;
    }

    private void lostAndFound(long ino, byte[] root) {
        byte[] inode = new byte[InodeLayout.CHECKED_BYTES];
        long now = System.currentTimeMillis() * 1_000_000;
        Bytes.putInt(inode, InodeLayout.MAGIC, InodeLayout.MAGIC_VALUE);
        Bytes.putLong(inode, InodeLayout.INO, ino);
        Bytes.putInt(inode, InodeLayout.GENERATION, (int) journal.sequence());
        Bytes.putInt(inode, InodeLayout.MODE, LOST_AND_FOUND_MODE);
        Bytes.putInt(inode, InodeLayout.LINK_COUNT, 2);
        Bytes.putLong(inode, InodeLayout.PARENT, InodeTable.ROOT_INO);
        for (int field : new int[] {InodeLayout.ATIME, InodeLayout.MTIME, InodeLayout.CTIME, InodeLayout.BIRTH}) {
            Bytes.putLong(inode, field, now);
        }
        System.arraycopy(root, 0, inode, InodeLayout.ROOT, root.length);
        seal(inode, inode.length);
        journal.stage(ino * Geometry.INODE_BYTES, inode, inode.length);
        long chunkOffset = Units.blockToBytes(ino / Geometry.CHUNK_SLOTS);
        byte[] header = new byte[ChunkLayout.CHECKED_BYTES];
        memory.copyOut(chunkOffset, header, 0, header.length);
        long used = Bytes.getLong(header, ChunkLayout.USED) | 1L << ino % Geometry.CHUNK_SLOTS;
        Bytes.putLong(header, ChunkLayout.USED, used);
        seal(header, header.length);
        journal.stage(chunkOffset, header, header.length);
        commit("lost+found made");
    }

    private void inodeFields() {
        for (Map.Entry<Long, Map<Integer, Long>> inode : fixes.inodeFields.entrySet()) {
            inode(inode.getKey(), inode.getValue(), null);
            commit("inode " + inode.getKey() + " corrected");
        }
    }

    private void inode(long ino, Map<Integer, Long> fields, byte[] root) {
        long offset = InodeOffsets.of(ino, context.superblock());
        byte[] inode = new byte[InodeLayout.CHECKED_BYTES];
        memory.copyOut(offset, inode, 0, inode.length);
        fields.forEach((fieldOffset, value) -> {
            if (fieldOffset == InodeLayout.LINK_COUNT || fieldOffset == InodeLayout.MODE) {
                Bytes.putInt(inode, fieldOffset, value.intValue());
            } else {
                Bytes.putLong(inode, fieldOffset, value);
            }
        });
        if (root != null) {
            System.arraycopy(root, 0, inode, InodeLayout.ROOT, root.length);
        }
        seal(inode, inode.length);
        journal.stage(offset, inode, inode.length);
    }

    /**
     * Writes a group's maps and descriptor.
     *
     * @param exact blocks that nobody owns become free; otherwise the bitmap only gains
     */
    private void group(long group, boolean exact) {
        if (!context.isWritable(group)) {
            return;
        }
        byte[] bitmap = new byte[Units.BLOCK_BYTES];
        byte[] chunkMap = new byte[Units.BLOCK_BYTES];
        byte[] descriptor = new byte[GroupLayout.CHECKED_BYTES];
        long bitmapOffset = Units.blockToBytes(context.geometry().bitmapBlock(group));
        long chunkMapOffset = Units.blockToBytes(context.geometry().chunkMapBlock(group));
        memory.copyOut(bitmapOffset, bitmap, 0, bitmap.length);
        memory.copyOut(chunkMapOffset, chunkMap, 0, chunkMap.length);
        if (exact) {
            Arrays.fill(bitmap, (byte) 0);
        }
        int free = 0;
        blocks.taken(group).forEach(blockNo -> set(bitmap, blockNo));
        for (int word = 0; word < bitmap.length / Long.BYTES; word++) {
            long bits =
                    Bytes.getLong(bitmap, word * Long.BYTES) | context.claims().word(group, word);
            Bytes.putLong(bitmap, word * Long.BYTES, bits);
            free += Long.bitCount(~bits);
        }
        if (fixes.chunks.containsKey(group)) {
            Arrays.fill(chunkMap, (byte) 0);
            fixes.chunks.get(group).forEach(blockNo -> set(chunkMap, blockNo));
        }
        blocks.chunks(group).forEach(blockNo -> set(chunkMap, blockNo));
        Bytes.putInt(descriptor, GroupLayout.MAGIC, GroupLayout.MAGIC_VALUE);
        Bytes.putLong(descriptor, GroupLayout.LOCATION, group);
        Bytes.putInt(descriptor, GroupLayout.FREE_BLOCKS, free);
        Bytes.putInt(descriptor, GroupLayout.INODES_USED, scan.inodesUsed(group));
        Bytes.putInt(descriptor, GroupLayout.BITMAP_CHECKSUM, context.checksum().of(bitmap, bitmap.length, -1));
        Bytes.putInt(descriptor, GroupLayout.CHUNKS_CHECKSUM, context.checksum().of(chunkMap, chunkMap.length, -1));
        seal(descriptor, descriptor.length);
        journal.stage(bitmapOffset, bitmap, bitmap.length);
        journal.stage(chunkMapOffset, chunkMap, chunkMap.length);
        journal.stage(context.geometry().descriptorOffset(group), descriptor, descriptor.length);
        commit("group " + group + " corrected");
    }

    private static void set(byte[] map, long blockNo) {
        int index = (int) (blockNo & (Geometry.GROUP_BLOCKS - 1));
        map[index >>> 3] |= (byte) (1 << (index & 7));
    }
}
