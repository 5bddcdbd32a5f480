package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.radax.core.volume.FileSystem.ROOT_INO;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.radax.core.alloc.BlockRange;
import org.radax.core.check.Checker;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.extent.Extent;
import org.radax.core.pool.PersistenceDomain;
import org.radax.core.unit.Units;

/** The pool fails at the fence of a record, or at that of its words: reads go on, the next mount finds the change. */
final class FailedCommitTest {
    private static final long POOL_BYTES = 16L << 20;

    /** Fails at one fence to come. */
    private static final class FailingDomain implements PersistenceDomain {
        private final Supplier<RuntimeException> error;
        private int left = Integer.MAX_VALUE;

        FailingDomain(Throwable error) {
            this.error = () -> {
                if (error instanceof Error e) {
                    throw e;
                }
                return (RuntimeException) error;
            };
        }

        @Override
        public void writeBack(long poolOffset, long lengthBytes) {
            // All stores are kept here.
        }

        @Override
        public void fence() {
            if (left != Integer.MAX_VALUE && left-- == 0) {
                left = Integer.MAX_VALUE;
                throw error.get();
            }
        }

        @Override
        public String name() {
            return "failing";
        }
    }

    private static void fails(Errno errno, Executable action) {
        FsException e = assertThrows(FsException.class, action);
        assertEquals(errno, e.errno(), e.getMessage());
    }

    @Test
    void shouldChangeNothingMoreWhenACommitFails() throws FsException {
        assertReadOnlyAfter(new InternalError("the page is gone"));
    }

    /** The record may be whole by then. */
    @Test
    void shouldChangeNothingMoreWhenMemoryRunsOutInACommit() throws FsException {
        assertReadOnlyAfter(new OutOfMemoryError("none left"));
    }

    @Test
    void shouldChangeNothingMoreWhenACommitMeetsABug() throws FsException {
        assertReadOnlyAfter(new IllegalStateException("can not be"));
    }

    private static void assertReadOnlyAfter(Throwable error) throws FsException {
        for (int fence = 0; fence < 2; fence++) {
            FailingDomain domain = new FailingDomain(error);
            try (TestVolume v = new TestVolume(POOL_BYTES, domain, null)) {
                byte[] content = OperationWorkloads.bytes(5000, 1);
                long file = v.create(ROOT_INO, "file");
                v.write(file, 0, content);
                domain.left = fence;
                fails(Errno.EIO, () -> v.mkdir(ROOT_INO, "made"));
                fails(Errno.EROFS, () -> v.mkdir(ROOT_INO, "more"));
                fails(Errno.EROFS, () -> v.write(file, 0, new byte[10]));
                assertArrayEquals(content, v.read(file, 0, 10_000));
                v.volume.close();
                v.mount();
                assertNotEquals(0, v.lookup(ROOT_INO, "made"));
                assertEquals(0, v.lookup(ROOT_INO, "more"));
                v.volume.close();
                assertEquals(
                        List.of(), Checker.check(v.memory, false, line -> {}).findings(), "fence " + fence);
            }
        }
    }

    /** Who has begun before may still store to what he is given. */
    @Test
    void shouldGiveNobodyTheBlocksOfARecordThatMayBeWhole() throws Exception {
        int replayed = 0;
        for (int fence = 0; fence < 4; fence++) {
            FailingDomain domain = new FailingDomain(new InternalError("the page is gone"));
            try (TestVolume v = new TestVolume(POOL_BYTES, domain, null)) {
                long file = v.create(ROOT_INO, "file");
                Set<Long> given = new HashSet<>();
                VolumeCore core = v.volume.core();
                core.allocator.reserve(1000);
                try (Operation begun = core.begin(false)) {
                    domain.left = fence;
                    CompletableFuture.runAsync(() -> failToWrite(v, file)).join();
                    BlockRange range = new BlockRange();
                    for (int i = 0; i < 20; i++) {
                        core.allocator.allocate(begun.tx(), 16, 0, range);
                        for (long block = range.start(); block < range.start() + range.count(); block++) {
                            given.add(block);
                        }
                    }
                }
                domain.left = Integer.MAX_VALUE;
                v.remount();
                replayed += v.stat(file).sizeBytes > 0 ? 1 : 0;
                assertNone(given, v, file, "fence " + fence);
            }
        }
        assertTrue(replayed > 0);
    }

    private static void failToWrite(TestVolume v, long file) {
        try {
            v.write(file, 0, OperationWorkloads.bytes(50_000, 1));
        } catch (FsException e) {
            assertEquals(Errno.EIO, e.errno());
        } catch (InternalError e) {
            assertEquals("the page is gone", e.getMessage());
        }
    }

    private static void assertNone(Set<Long> given, TestVolume v, long file, String where) throws FsException {
        VolumeCore core = v.volume.core();
        Extent extent = new Extent();
        long end = Units.blocksFor(v.stat(file).sizeBytes);
        for (long page = 0; page < end; page = extent.end()) {
            core.extents.find(v.memory, VolumeCore.rootOf(core.inodes.offsetOf(file)), file, page, extent);
            for (long at = page; extent.hasData() && at < extent.end(); at++) {
                assertFalse(given.contains(extent.poolBlock() + (at - page)), where + ": page " + at);
            }
        }
    }
}
