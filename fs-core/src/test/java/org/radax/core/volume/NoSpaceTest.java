package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.radax.core.volume.FileSystem.ROOT_INO;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.radax.core.check.Checker;
import org.radax.core.crash.CrashOptions;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.unit.Units;

/** No space, in the pool or on the host, at every point of every operation: ENOSPC, and no trace of it. */
final class NoSpaceTest {
    private static final long POOL_BYTES = 16L << 20;
    private static final int MOST_ALLOCATIONS = 24;

    /** Workloads that are several operations: the first of them may stay. */
    private static final Set<String> SEVERAL = Set.of(
            "tmpfile and link",
            "tmpfile with inherited ACL, and link",
            "write, then exact copy",
            "unlink of an open file",
            "many names in a directory");

    /** Extents that fill the root of a file's tree. */
    private static final int ROOT_EXTENTS = 7;

    private static List<CrashWorkload> workloads() {
        List<CrashWorkload> all = new ArrayList<>(OperationWorkloads.all(CrashOptions.oneOperation()));
        all.add(workload("write over data and holes", v -> {
            v.write(v.lookup(ROOT_INO, "sparse"), 100, OperationWorkloads.bytes(3 << 20, 30));
        }));
        all.add(workload("allocate over runs", v -> {
            v.fallocate(v.lookup(ROOT_INO, "sparse"), 0, 100, 7 << 20);
        }));
        all.add(workload("zero a range over data and holes", v -> {
            v.fallocate(v.lookup(ROOT_INO, "sparse"), FileSystem.FALLOC_ZERO_RANGE, 100, 5 << 20);
        }));
        all.add(workload("extent that the tree's root has no room for", v -> {
            v.write(pieces(v), pieceOffset(ROOT_EXTENTS), OperationWorkloads.bytes(100, 31));
        }));
        int punch = FileSystem.FALLOC_PUNCH_HOLE | FileSystem.FALLOC_KEEP_SIZE;
        all.add(workload("punch that makes two extents of one", v -> {
            v.fallocate(v.lookup(v.lookup(ROOT_INO, "dir"), "file"), punch, Units.BLOCK_BYTES, Units.BLOCK_BYTES);
        }));
        all.add(workload("many names in a directory", v -> {
            long directory = v.lookup(ROOT_INO, "full");
            for (int i = 0; i < 150; i++) {
                v.create(directory, "z".repeat(240) + i);
            }
        }));
        all.add(workload("copy of a range", v -> copy(v, v.lookup(v.lookup(ROOT_INO, "dir"), "file"), pieces(v))));
        all.add(workload("freeze and thaw", v -> {
            v.volume.freeze();
            v.volume.thaw();
        }));
        all.add(atomicWorkload("atomic overwrite", v -> {
            v.write(v.lookup(v.lookup(ROOT_INO, "dir"), "file"), 100, OperationWorkloads.bytes(200, 32));
        }));
        all.add(atomicWorkload("atomic overwrite of pieces and holes", v -> {
            v.write(pieces(v), 10, OperationWorkloads.bytes((int) pieceOffset(ROOT_EXTENTS), 33));
        }));
        return all;
    }

    /** Two blocks apart, so that none joins another. */
    private static long pieceOffset(int number) {
        return number * 2L * Units.BLOCK_BYTES;
    }

    private static long pieces(TestVolume v) throws FsException {
        return v.lookup(ROOT_INO, "pieces");
    }

    private static void copy(TestVolume v, long source, long target) throws FsException {
        OpenFile from = v.volume.open(TestVolume.ROOT, source, 0, false);
        OpenFile to = v.volume.open(TestVolume.ROOT, target, 2, false);
        try {
            v.volume.copyFileRange(TestVolume.ROOT, from, 0, to, 100_000, 9000);
        } finally {
            v.volume.release(from);
            v.volume.release(to);
        }
    }

    private static void setUp(TestVolume v) throws FsException {
        OperationWorkloads.setUp(v);
        long pieces = v.create(ROOT_INO, "pieces");
        for (int i = 0; i < ROOT_EXTENTS; i++) {
            v.write(pieces, pieceOffset(i), OperationWorkloads.bytes(100, 40 + i));
        }
    }

    private static CrashWorkload workload(String name, CrashWorkload.Step operation) {
        return workload(name, PreparedPool.OPTIONS, operation);
    }

    private static CrashWorkload atomicWorkload(String name, CrashWorkload.Step operation) {
        return workload(name, PreparedPool.OPTIONS.withAtomicData(), operation);
    }

    private static CrashWorkload workload(String name, VolumeOptions options, CrashWorkload.Step operation) {
        CrashOperation only = new CrashOperation(name, CrashOperation.Effect.ATOMIC, null, operation);
        return new CrashWorkload(name, OperationWorkloads.POOL, options, CrashOptions.oneOperation(), List.of(only));
    }

    private static void assertClean(TestVolume v, String label) {
        assertEquals(List.of(), Checker.check(v.memory, false, line -> {}).findings(), label);
    }

    /** Runs it where space is short: it succeeds, or is refused and leaves everything as it was. */
    private static boolean isRefused(TestVolume v, CrashWorkload workload, String label) throws FsException {
        TreeSnapshot before = TreeSnapshot.of(v);
        long free = v.freeBlocks();
        boolean refused = false;
        try {
            workload.operation().run(v);
        } catch (FsException e) {
            assertEquals(Errno.ENOSPC, e.errno(), label + ": " + e.getMessage());
            refused = true;
            if (!SEVERAL.contains(workload.name())) {
                assertEquals(List.of(), TreeSnapshot.of(v).differences(before), label);
                assertEquals(free, v.freeBlocks(), label);
            }
        }
        assertClean(v, label);
        return refused;
    }

    @Test
    void shouldLeaveNoTraceWhenTheHostRefusesTheNthRequest() throws FsException {
        int refused = 0;
        for (CrashWorkload workload : workloads()) {
            boolean more = true;
            for (int n = 0; more; n++) {
                String label = workload.name() + ", host refuses after " + n;
                ScarceHost host = new ScarceHost();
                try (TestVolume v = new TestVolume(POOL_BYTES, host, null, workload.volumeOptions())) {
                    setUp(v);
                    v.remount();
                    host.grant(n);
                    boolean failed = isRefused(v, workload, label);
                    more = host.refusals() > 0;
                    refused += failed ? 1 : 0;
                    host.grant(Integer.MAX_VALUE);
                    if (failed && !SEVERAL.contains(workload.name())) {
                        workload.operation().run(v);
                    }
                    v.volume.close();
                    assertClean(v, label);
                }
            }
        }
        assertTrue(refused > 30, "refused: " + refused);
    }

    @Test
    void shouldLeaveNoTraceWhenTheNthBlockIsMissing() throws FsException {
        int refused = 0;
        for (CrashWorkload workload : workloads()) {
            for (int n = 0; n <= MOST_ALLOCATIONS; n++) {
                String label = workload.name() + ", " + n + " blocks left";
                try (TestVolume v = new TestVolume(POOL_BYTES, TestVolume.UNLIMITED, null, workload.volumeOptions())) {
                    setUp(v);
                    takeAllBut(v, n);
                    boolean failed = isRefused(v, workload, label);
                    refused += failed ? 1 : 0;
                    v.unlink(ROOT_INO, "ballast");
                    if (failed && !SEVERAL.contains(workload.name())) {
                        workload.operation().run(v);
                    }
                    v.volume.close();
                    assertClean(v, label);
                }
            }
        }
        assertTrue(refused > 80, "refused: " + refused);
    }

    private static void takeAllBut(TestVolume v, int blocks) throws FsException {
        long ballast = v.create(ROOT_INO, "ballast");
        v.remount();
        long taken = Units.blockToBytes(v.blocksAboveReserve() - blocks - 17);
        // One more block at a time: the lane's pocket takes its part as well.
        v.fallocate(ballast, FileSystem.FALLOC_KEEP_SIZE, 0, taken);
        for (int i = 0; i < 17; i++) {
            if (v.blocksAboveReserve() > blocks) {
                try {
                    v.fallocate(ballast, FileSystem.FALLOC_KEEP_SIZE, taken + Units.blockToBytes(i), 1);
                } catch (FsException e) {
                    assertEquals(Errno.ENOSPC, e.errno());
                }
            }
        }
        v.remount();
    }

    /** As statfs(2) tells a program that fills the volume, whatever lanes its transactions went through. */
    @Test
    void shouldGiveToOneFileAllThatIsCalledAvailable() throws FsException {
        for (long poolBytes : new long[] {POOL_BYTES, 256L << 20, 1L << 30}) {
            try (TestVolume v = new TestVolume(poolBytes)) {
                for (int i = 0; i < 100; i++) {
                    v.create(ROOT_INO, "file" + i);
                }
                VolumeStatistics statistics = new VolumeStatistics();
                v.volume.statistics(statistics);
                v.fallocate(v.create(ROOT_INO, "all"), 0, 0, Units.blockToBytes(statistics.availableBlocks));
                assertClean(v, poolBytes + " bytes");
            }
        }
    }

    /** What takes away needs no new block as a rule: it works when the host has none, whatever is backed already. */
    @Test
    void shouldEmptyAVolumeOnAFullHost() throws FsException {
        ScarceHost host = new ScarceHost();
        try (TestVolume v = new TestVolume(64L << 20, host, null)) {
            long free = v.freeBlocks();
            host.limit(9L << 20);
            int files = 0;
            try {
                for (; ; files++) {
                    v.write(v.create(ROOT_INO, "file" + files), 0, new byte[70_000]);
                }
            } catch (FsException e) {
                assertEquals(Errno.ENOSPC, e.errno());
            }
            assertTrue(files > 50, "files: " + files);
            v.remount();
            host.grant(0);
            for (String name : v.list(ROOT_INO, 1000)) {
                v.unlink(ROOT_INO, name);
            }
            assertEquals(free, v.freeBlocks());
            v.volume.close();
            assertClean(v, "emptied");
        }
    }

    /** More than one transaction allocates: the later one fails, and the earlier is undone. */
    @Test
    void shouldUndoALongAllocationOnAFullHost() throws FsException {
        ScarceHost host = new ScarceHost();
        try (TestVolume v = new TestVolume(1L << 30, host, null)) {
            long file = v.create(ROOT_INO, "file");
            v.write(file, 200L << 20, new byte[5000]);
            long blocks = v.stat(file).blocks;
            long free = v.freeBlocks();
            host.limit(300L << 20);
            FsException e = assertThrows(FsException.class, () -> v.fallocate(file, 0, 0, 800L << 20));
            assertEquals(Errno.ENOSPC, e.errno());
            assertEquals(blocks, v.stat(file).blocks);
            assertEquals((200L << 20) + 5000, v.stat(file).sizeBytes);
            assertEquals(free, v.freeBlocks());
            v.volume.close();
            assertClean(v, "undone");
        }
    }

    /** A write that overwrites and fills is refused: what was there is still there. */
    @Test
    void shouldNotOverwriteWhenTheHoleBehindHasNoRoom() throws FsException {
        ScarceHost host = new ScarceHost();
        try (TestVolume v = new TestVolume(POOL_BYTES, host, null)) {
            long file = v.create(ROOT_INO, "file");
            byte[] old = OperationWorkloads.bytes(8192, 1);
            v.write(file, 0, old);
            v.remount();
            host.grant(1);
            byte[] changed = new byte[3 << 20];
            Arrays.fill(changed, (byte) 7);
            FsException e = assertThrows(FsException.class, () -> v.write(file, 0, changed));
            assertEquals(Errno.ENOSPC, e.errno());
            assertArrayEquals(old, v.read(file, 0, 1 << 20));
        }
    }

    /** What fallocate(2) promises, also of writes that cut the range into pieces and put them together again. */
    @Test
    void shouldWriteIntoPreallocatedBlocksOfAFullVolume() throws FsException {
        int blocks = 4000;
        byte[] data = OperationWorkloads.bytes(Units.BLOCK_BYTES, 1);
        try (TestVolume v = new TestVolume(64L << 20)) {
            long file = v.create(ROOT_INO, "file");
            v.fallocate(file, 0, 0, Units.blockToBytes(blocks));
            takeAllBut(v, 0);
            for (int first : new int[] {1, 0}) {
                for (int block = first; block < blocks; block += 2) {
                    v.write(file, Units.blockToBytes(block), data);
                }
            }
            for (int block = 0; block < blocks; block++) {
                assertArrayEquals(data, v.read(file, Units.blockToBytes(block), data.length));
            }
            v.volume.close();
            assertClean(v, "filled");
        }
    }

    /** A page that comes out of the page cache is stored now or lost, and its neighbours need not be lost with it. */
    @Test
    void shouldStoreThePagesThatHaveBlocksWhenAHoleAmongThemGetsNone() throws FsException {
        int hole = 64 * Units.BLOCK_BYTES;
        byte[] old = OperationWorkloads.bytes(Units.BLOCK_BYTES, 1);
        byte[] changed = OperationWorkloads.bytes(hole + 3 * Units.BLOCK_BYTES, 2);
        try (TestVolume v = new TestVolume(POOL_BYTES)) {
            long file = v.create(ROOT_INO, "file");
            v.write(file, 0, old);
            v.write(file, hole + Units.BLOCK_BYTES, old);
            v.fallocate(file, 0, hole + 2L * Units.BLOCK_BYTES, Units.BLOCK_BYTES);
            takeAllBut(v, 0);
            FsException e = assertThrows(FsException.class, () -> v.write(file, 0, changed, FileSystem.WRITE_CACHE));
            assertEquals(Errno.ENOSPC, e.errno());
            for (int at : new int[] {0, hole + Units.BLOCK_BYTES, hole + 2 * Units.BLOCK_BYTES}) {
                assertArrayEquals(
                        Arrays.copyOfRange(changed, at, at + Units.BLOCK_BYTES), v.read(file, at, Units.BLOCK_BYTES));
            }
            v.volume.close();
            assertClean(v, "stored in part");
        }
    }
}
