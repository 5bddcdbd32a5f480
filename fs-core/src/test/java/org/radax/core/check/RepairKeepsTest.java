package org.radax.core.check;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.format.Checksum;
import org.radax.core.format.ChunkLayout;
import org.radax.core.format.Geometry;
import org.radax.core.format.InodeLayout;
import org.radax.core.format.SuperblockLayout;
import org.radax.core.format.TreeLayout;
import org.radax.core.os.LibC;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;
import org.radax.core.volume.FileSystem;
import org.radax.core.volume.TestVolume;

/** What a repair does not know it does not take away: names and files of a volume are there after it, with all their bytes. */
final class RepairKeepsTest {
    private static final long POOL_BYTES = 480L << 20;
    private static final int FILE_BYTES = 9000;

    private final Geometry geometry = Geometry.forNewPool(POOL_BYTES, false);
    private final Map<String, Long> files = new TreeMap<>();
    private TestVolume v;
    private long dir;
    private long filler;

    /** Files in several groups, whose names are in the first one. */
    @BeforeEach
    void fill() throws PoolException, FsException {
        v = new TestVolume(POOL_BYTES);
        dir = v.mkdir(FileSystem.ROOT_INO, "dir");
        for (int i = 0; i < 3; i++) {
            long large = v.create(FileSystem.ROOT_INO, "filler " + i);
            filler = i == 0 ? large : filler;
            v.fallocate(large, 0, 0, 125L << 20);
            // And the small gaps, where chunks would go.
            for (int j = 0; j < 1000; j++) {
                v.fallocate(large, 0, (200L << 20) + j * 2L * Units.BLOCK_BYTES, Units.BLOCK_BYTES);
            }
            for (int j = 0; j < 150; j++) {
                String name = "file " + i + " " + j;
                files.put(name, v.create(dir, name));
                v.write(files.get(name), 0, bytes(name));
            }
        }
        v.volume.close();
    }

    @AfterEach
    void close() {
        v.close();
    }

    private static byte[] bytes(String name) {
        byte[] bytes = new byte[FILE_BYTES];
        new Random(name.hashCode()).nextBytes(bytes);
        return bytes;
    }

    private CheckReport repair() {
        return Checker.check(v.memory, true, message -> {});
    }

    private void flip(long poolOffset) {
        byte[] one = new byte[1];
        v.memory.copyOut(poolOffset, one, 0, 1);
        one[0] ^= 1;
        v.memory.copyIn(poolOffset, one, 0, 1);
    }

    /** The last chunk outside of the first group. */
    private long chunk() {
        long chunk = files.values().stream().max(Long::compare).orElseThrow() / Geometry.CHUNK_SLOTS;
        assertTrue(Geometry.groupOf(chunk) > 0, "all inodes lie in the first group: " + chunk);
        return chunk;
    }

    private void assertNamesKept() throws PoolException, FsException {
        v.mount();
        assertEquals(files.keySet(), new TreeSet<>(v.list(dir, 1000)));
        v.volume.close();
    }

    /** What was damaged, but not by the repair, is as it was: nothing is missing. */
    private void assertAllKept() throws PoolException, FsException {
        repair();
        assertEquals(
                Set.of(),
                Set.copyOf(Checker.check(v.memory, false, message -> {}).findings()));
        v.mount();
        assertEquals(files.keySet(), new TreeSet<>(v.list(dir, 1000)));
        for (Map.Entry<String, Long> file : files.entrySet()) {
            assertEquals(file.getValue(), v.lookup(dir, file.getKey()));
            assertArrayEquals(bytes(file.getKey()), v.read(file.getValue(), 0, FILE_BYTES + 1), file.getKey());
        }
        v.volume.close();
    }

    @Test
    void shouldKeepAllUnderARootThatSaysItIsADevice() throws Exception {
        long root = v.memory.getLong(SuperblockLayout.ROOT_INODE);
        byte[] inode = new byte[InodeLayout.CHECKED_BYTES];
        v.memory.copyOut(root, inode, 0, inode.length);
        for (int mode : new int[] {0010600, 0020666, 0100644, 0}) {
            Bytes.putInt(inode, InodeLayout.MODE, mode);
            Bytes.putInt(
                    inode,
                    InodeLayout.CHECKSUM,
                    new Checksum(new UUID(1, 2)).of(inode, inode.length, InodeLayout.CHECKSUM));
            v.memory.copyIn(root, inode, 0, inode.length);
            assertEquals(1, repair().exitCode(), Integer.toOctalString(mode));
            assertAllKept();
        }
    }

    /** A page of the pool that is gone, as a truncated file's is; and that comes back. */
    private final class LostPage implements AutoCloseable {
        private final long address;
        private final byte[] content = new byte[Units.BLOCK_BYTES];
        private final long blockNo;

        LostPage(long blockNo) throws IOException {
            this.blockNo = blockNo;
            address = v.memory.address(Units.blockToBytes(blockNo), Units.BLOCK_BYTES);
            v.memory.copyOut(Units.blockToBytes(blockNo), content, 0, content.length);
            Path empty = Files.createTempFile(Path.of("/dev/shm"), "radax-lost", ".page");
            int fd = LibC.INSTANCE.open(empty.toString(), LibC.O_RDWR | LibC.O_CLOEXEC, 0);
            map(LibC.MAP_SHARED | LibC.MAP_FIXED, fd);
            LibC.INSTANCE.close(fd);
            Files.delete(empty);
        }

        private void map(int flags, int fd) {
            int protection = LibC.PROT_READ | LibC.PROT_WRITE;
            assertEquals(address, LibC.INSTANCE.mmap(address, Units.BLOCK_BYTES, protection, flags, fd, 0));
        }

        @Override
        public void close() {
            map(LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_FIXED, -1);
            v.memory.copyIn(Units.blockToBytes(blockNo), content, 0, content.length);
        }
    }

    @Test
    void shouldKeepNamesOfAGroupWhoseChunkMapIsGone() throws Exception {
        long map = geometry.chunkMapBlock(Geometry.groupOf(chunk()));
        try (LostPage page = new LostPage(map)) {
            CheckReport report = repair();
            assertTrue(report.findings().toString().contains("can not be read"), report::toString);
            assertEquals(4, report.exitCode());
            assertEquals(page.blockNo, map);
        }
        assertAllKept();
    }

    /** Then not even the chunks' headers say what lies there. */
    @Test
    void shouldKeepNamesOfAGroupWhoseChunkMapAndOneChunkAreGone() throws Exception {
        try (LostPage map = new LostPage(geometry.chunkMapBlock(Geometry.groupOf(chunk())));
                LostPage chunk = new LostPage(chunk())) {
            assertTrue(map.blockNo < chunk.blockNo);
            assertEquals(4, repair().exitCode());
        }
        assertAllKept();
    }

    /** {@code damaged} is what does not say any more where the chunks are, {@code field} what a chunk does not say. */
    @ParameterizedTest
    @CsvSource({
        "descriptor, 0",
        "descriptor, 4",
        "descriptor, 8",
        "descriptor, 33",
        "map, 0",
        "map, 4",
        "map, 8",
        "map, 33",
        "map empty, 4"
    })
    void shouldKeepNamesOfADamagedChunkThatNothingVouchesFor(String damaged, int field) throws Exception {
        long group = Geometry.groupOf(chunk());
        long map = Units.blockToBytes(geometry.chunkMapBlock(group));
        switch (damaged) {
            case "descriptor" -> flip(geometry.descriptorOffset(group) + 30);
            case "map" -> flip(map + 3000);
            default -> v.memory.zero(map, Units.BLOCK_BYTES);
        }
        flip(Units.blockToBytes(chunk()) + field);

        CheckReport report = repair();
        assertTrue(report.findings().toString().contains("inode chunk"), report::toString);
        assertEquals(4, report.exitCode());
        assertEquals(4, repair().exitCode());
        assertNamesKept();

        flip(Units.blockToBytes(chunk()) + field);
        assertAllKept();
    }

    /** Nothing but its bytes says that it was a chunk, and they are gone. */
    @Test
    void shouldKeepNamesOfAChunkThatIsOverwritten() throws Exception {
        long group = Geometry.groupOf(chunk());
        byte[] before = new byte[Units.BLOCK_BYTES];
        v.memory.copyOut(Units.blockToBytes(chunk()), before, 0, before.length);
        flip(geometry.descriptorOffset(group) + 30);
        v.memory.zero(Units.blockToBytes(chunk()), Units.BLOCK_BYTES);

        assertEquals(4, repair().exitCode());

        v.memory.copyIn(Units.blockToBytes(chunk()), before, 0, before.length);
        assertAllKept();
    }

    /** A file may hold anything: bytes of a chunk that lay elsewhere are none. */
    @Test
    void shouldNotTakeTheCopyOfAChunkForOne() throws Exception {
        byte[] copy = new byte[FILE_BYTES];
        v.memory.copyOut(Units.blockToBytes(chunk()), copy, 0, Units.BLOCK_BYTES);
        copy[ChunkLayout.USED] ^= 1;
        v.mount();
        long last = files.values().stream().max(Long::compare).orElseThrow();
        v.write(last, 0, copy);
        v.volume.close();
        flip(geometry.descriptorOffset(Geometry.groupOf(chunk())) + 30);

        assertEquals(1, repair().exitCode());
        assertEquals(0, repair().exitCode());
    }

    /** Neither the volume's state nor the descriptor says that the last group is in use. */
    @Test
    void shouldKeepAGroupThatOnlyADamagedDescriptorTellsOf() throws Exception {
        flip(Units.blockToBytes(Geometry.STATE_BLOCK) + 500);
        flip(geometry.descriptorOffset(Geometry.groupOf(chunk())) + 30);
        assertEquals(1, repair().exitCode());
        assertAllKept();
    }

    @Test
    void shouldNotGuessHowManyGroupsThereAre() throws Exception {
        flip(Units.blockToBytes(Geometry.STATE_BLOCK) + 500);
        try (LostPage page = new LostPage(geometry.groupTable())) {
            CheckReport report = repair();
            assertTrue(report.findings().toString().contains("may be in use"), report::toString);
            assertEquals(4, report.exitCode());
            assertEquals(page.blockNo, geometry.groupTable());
        }
        assertAllKept();
    }

    private byte[] inode(long ino) {
        byte[] inode = new byte[InodeLayout.CHECKED_BYTES];
        v.memory.copyOut(ino * Geometry.INODE_BYTES, inode, 0, inode.length);
        return inode;
    }

    private long firstChild(long ino, int level) {
        byte[] inode = inode(ino);
        assertEquals(level, Bytes.getInt(inode, InodeLayout.ROOT + TreeLayout.ROOT_LEVEL));
        return Bytes.getLong(inode, InodeLayout.ROOT + TreeLayout.ROOT_RECORDS + Long.BYTES);
    }

    /** An inode before this one says that the block is its only one. */
    private void claim(long blockNo, long before) {
        assertTrue(filler < before);
        byte[] inode = inode(filler);
        Bytes.putInt(inode, InodeLayout.ROOT + TreeLayout.ROOT_LEVEL, 0);
        Bytes.putInt(inode, InodeLayout.ROOT + TreeLayout.ROOT_COUNT, 1);
        Bytes.putLong(inode, InodeLayout.ROOT + TreeLayout.ROOT_RECORDS, 0);
        Bytes.putLong(inode, InodeLayout.ROOT + TreeLayout.ROOT_RECORDS + Long.BYTES, blockNo | 1L << 36);
        int checksum = new Checksum(new UUID(1, 2)).of(inode.clone(), inode.length, InodeLayout.CHECKSUM);
        Bytes.putInt(inode, InodeLayout.CHECKSUM, checksum);
        v.memory.copyIn(filler * Geometry.INODE_BYTES, inode, 0, inode.length);
    }

    private void repairClaimed(long blockNo, long late) throws PoolException, FsException {
        claim(blockNo, late);
        CheckReport report = repair();
        assertTrue(report.findings().toString().contains("has an owner already"), report::toString);
        assertEquals(1, report.exitCode());
        assertAllKept();
    }

    @Test
    void shouldKeepTheExtentsOfANodeThatAnotherFileClaims() throws Exception {
        v.mount();
        long late = v.create(FileSystem.ROOT_INO, "late");
        byte[] block = new byte[Units.BLOCK_BYTES];
        for (int i = 0; i < 20; i++) {
            Arrays.fill(block, (byte) (i + 1));
            v.write(late, i * 2L * Units.BLOCK_BYTES, block);
        }
        byte[] before = v.read(late, 0, 1 << 20);
        v.volume.close();
        repairClaimed(firstChild(late, 1), late);
        v.mount();
        assertArrayEquals(before, v.read(late, 0, 1 << 20));
        v.volume.close();
    }

    @Test
    void shouldKeepTheNamesOfABucketThatAFileClaims() throws Exception {
        v.mount();
        long late = v.mkdir(FileSystem.ROOT_INO, "late");
        for (String name : List.of("a", "b", "c")) {
            v.create(late, name);
        }
        v.volume.close();
        repairClaimed(firstChild(late, 0), late);
        v.mount();
        assertEquals(Set.of("a", "b", "c"), Set.copyOf(v.list(late, 10)));
        v.volume.close();
    }

    /** A record that can not be stored in place would be live for ever. */
    @Test
    void shouldWriteNoRecordForAPageThatIsGone() throws Exception {
        byte[] lane = new byte[Units.BLOCK_BYTES];
        byte[] after = new byte[lane.length];
        v.memory.copyOut(geometry.laneOffset(0), lane, 0, lane.length);
        JournalWriter journal = new JournalWriter(v.memory, PoolOpener.soundSuperblock(new Image(v.memory)));
        try (LostPage page = new LostPage(chunk())) {
            byte[] word = {1, 2, 3, 4, 5, 6, 7, 8};
            journal.stage(Units.blockToBytes(geometry.replicaBlock() - 1), word, word.length);
            journal.stage(Units.blockToBytes(page.blockNo), word, word.length);
            assertFalse(journal.commit());
        }
        v.memory.copyOut(geometry.laneOffset(0), after, 0, after.length);
        assertArrayEquals(lane, after);
        assertFalse(journal.commit());
        assertAllKept();
    }
}
