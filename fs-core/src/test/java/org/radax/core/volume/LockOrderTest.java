package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.radax.core.volume.FileSystem.ROOT_INO;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.radax.core.dax.LayoutGuard;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.lock.LockOrder;
import org.radax.core.pool.NoDomain;

/** The order of locks, and the flag that is changed under them (D35). */
final class LockOrderTest {
    private static final VolumeOptions LAZY =
            new VolumeOptions(false, VolumeOptions.Dax.INODE, VolumeOptions.Access.NOATIME, "auto", false, true);

    private final TestVolume v;
    private final long file;

    LockOrderTest() throws PoolException, FsException {
        v = new TestVolume(TestVolume.map(64L << 20), 64L << 20, new NoDomain(), null, LAZY);
        file = v.create(ROOT_INO, "file");
    }

    @AfterEach
    void close() {
        LockOrder.forget();
        v.close();
    }

    /** Each one after those above it, none after one below it. */
    @Test
    void D35_shouldRefuseAnyOtherOrder() {
        for (LockOrder held : LockOrder.values()) {
            assertTrue(held.take());
            for (LockOrder wanted : LockOrder.values()) {
                boolean isAnotherInode = wanted == LockOrder.INODE && held == LockOrder.INODE;
                if (wanted.compareTo(held) > 0 || isAnotherInode) {
                    assertTrue(wanted.isNext());
                } else {
                    assertThrows(AssertionError.class, wanted::isNext, wanted + " after " + held);
                }
            }
            assertTrue(held.letGo());
        }
        assertThrows(AssertionError.class, LockOrder.FAULTS::letGo);
    }

    /** Whatever is known of the file: nothing, a clean mapping, dirty pages. */
    @Test
    void D35_shouldNotWriteBackNorLockFaultsOutInATransaction() throws FsException {
        Mappings mappings = v.volume.core().mappings;
        Executable breaking = () -> mappings.breakLayout(file, 0, Long.MAX_VALUE, LayoutGuard.Mode.WAIT);
        Executable switching = () -> mappings.switchMode(file, () -> {});
        Executable syncing = () -> mappings.sync(file, 0, Long.MAX_VALUE);
        assertRefusedInATransaction(breaking, switching);
        mappings.of(file);
        assertRefusedInATransaction(
                breaking, switching, syncing, () -> mappings.find(file).lockFaultsOut());
        v.write(file, 0, new byte[4096]);
        v.write(file, 0, new byte[4096], FileSystem.WRITE_CACHE);
        assertRefusedInATransaction(breaking, switching, syncing);
        assertEquals(1, mappings.find(file).dirtyPages());
        mappings.sync(file, 0, Long.MAX_VALUE);
        mappings.breakLayout(file, 0, Long.MAX_VALUE, LayoutGuard.Mode.WAIT);
        mappings.switchMode(file, () -> v.volume.core().beginSmall().close());
    }

    private void assertRefusedInATransaction(Executable... actions) throws FsException {
        for (Executable action : actions) {
            Operation op = v.volume.core().beginSmall();
            try {
                assertThrows(AssertionError.class, action);
            } finally {
                op.close();
            }
        }
    }

    private boolean isDax(long ino) throws FsException {
        return (v.stat(ino).flags & InodeFlags.DAX) != 0;
    }

    @Test
    void D35_shouldStoreTheFlagInTheInodeAndInheritIt() throws Exception {
        long directory = v.mkdir(ROOT_INO, "dax");
        long before = v.create(directory, "before");
        v.volume.setFlags(TestVolume.ROOT, directory, InodeFlags.DAX);
        v.volume.setFlags(TestVolume.ROOT, file, InodeFlags.DAX);
        long below = v.mkdir(directory, "below");
        long[] inheriting = {v.create(directory, "after"), below, v.create(below, "deeper")};
        v.remount();
        assertTrue(isDax(file));
        assertTrue(isDax(directory));
        for (long ino : inheriting) {
            assertTrue(isDax(ino));
        }
        assertFalse(isDax(before));
        assertFalse(isDax(v.create(ROOT_INO, "beside")));
        // What was inherited is the file's own: it stays where the directory loses it.
        v.volume.setFlags(TestVolume.ROOT, directory, 0);
        v.volume.setFlags(TestVolume.ROOT, file, 0);
        v.remount();
        assertFalse(isDax(file));
        assertTrue(isDax(inheriting[0]));
        assertFalse(isDax(v.create(directory, "last")));
    }
}
