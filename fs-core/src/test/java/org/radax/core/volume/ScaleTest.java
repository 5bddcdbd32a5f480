package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.radax.core.volume.FileSystem.ROOT_INO;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.radax.core.btree.BTree;
import org.radax.core.check.Checker;
import org.radax.core.dir.Directory;
import org.radax.core.dir.DirectoryEntry;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.extent.Extent;
import org.radax.core.format.Checksum;
import org.radax.core.format.DirectoryHash;
import org.radax.core.format.Geometry;
import org.radax.core.format.GroupLayout;
import org.radax.core.format.Superblock;
import org.radax.core.pool.PersistenceDomain;
import org.radax.core.pool.PoolMemory;
import org.radax.core.pool.StructureVerifier;
import org.radax.core.pool.WordReader;
import org.radax.core.unit.Units;

/** Large directories, files and pools: what is touched is counted. */
final class ScaleTest {
    private static final boolean NIGHTLY = System.getProperty("radax.check", "").equals("nightly");

    /** Notes which blocks are read. */
    private static final class CountingReader implements WordReader {
        private final PoolMemory memory;
        private final Set<Long> blocks = new HashSet<>();

        CountingReader(PoolMemory memory) {
            this.memory = memory;
        }

        @Override
        public long getLong(long poolOffset) {
            blocks.add(Units.blockOf(poolOffset));
            return memory.getLong(poolOffset);
        }

        @Override
        public int getInt(long poolOffset) {
            blocks.add(Units.blockOf(poolOffset));
            return memory.getInt(poolOffset);
        }

        @Override
        public void copyOut(long poolOffset, byte[] target, int start, int lengthBytes) {
            blocks.add(Units.blockOf(poolOffset));
            memory.copyOut(poolOffset, target, start, lengthBytes);
        }
    }

    @Test
    void shouldLookUpInLogarithmicallyManyBlocks() throws Exception {
        int[] counts = NIGHTLY ? new int[] {1000, 10_000, 100_000, 1_000_000} : new int[] {1000, 10_000, 100_000};
        try (TestVolume v = new TestVolume(4L << 30)) {
            Superblock superblock = SuperblockReader.read(Path.of("pool"), v.memory, new ArrayList<>());
            Checksum checksum = new Checksum(superblock.uuid());
            StructureVerifier verifier = new StructureVerifier(v.memory, superblock.geometry(), superblock.uuid());
            DirectoryHash hash = new DirectoryHash(superblock.hashKey0(), superblock.hashKey1());
            Directory directories = new Directory(new BTree(verifier, checksum), verifier, hash, checksum);
            long dir = v.mkdir(ROOT_INO, "dir");
            long file = v.create(ROOT_INO, "file");
            int made = 0;
            for (int count : counts) {
                for (; made < count; made++) {
                    v.link(file, dir, "name-" + made);
                }
                // The inode, the bucket, and the nodes between: one more level for each factor of a hundred or so.
                int most = 2 + (int) Math.ceil(Math.log(count / 20.0) / Math.log(120));
                for (int i = 0; i < 200; i++) {
                    CountingReader reader = new CountingReader(v.memory);
                    byte[] name = ("name-" + new Random(i).nextInt(count)).getBytes(StandardCharsets.UTF_8);
                    long root = VolumeCore.rootOf(dir * Geometry.INODE_BYTES);
                    assertTrue(directories.lookup(reader, root, dir, name, name.length, new DirectoryEntry()));
                    assertTrue(reader.blocks.size() <= most, count + " names: " + reader.blocks.size() + " blocks");
                }
            }
            v.volume.close();
            assertEquals(List.of(), Checker.check(v.memory, false, line -> {}).findings());
        }
    }

    /** Names that stay are listed once, whatever else comes and goes between the batches. */
    @Test
    void shouldKeepCookiesStable() throws FsException {
        try (TestVolume v = new TestVolume(64L << 20)) {
            long dir = v.mkdir(ROOT_INO, "dir");
            long file = v.create(ROOT_INO, "file");
            for (int i = 0; i < 3000; i++) {
                v.link(file, dir, "stays-" + i);
                v.link(file, dir, "goes-" + i);
            }
            List<String> seen = new ArrayList<>();
            Random random = new Random(5);
            OpenFile open = v.volume.opendir(TestVolume.ROOT, dir);
            long[] cookie = {0};
            int before = -1;
            for (int batch = 0; seen.size() != before || batch < 10; batch++) {
                before = seen.size();
                int[] room = {100};
                v.volume.readdir(open, cookie[0], false, (next, child, type, name, length, none) -> {
                    String text = new String(name, 0, length, StandardCharsets.UTF_8);
                    if (text.startsWith("stays")) {
                        seen.add(text);
                    }
                    cookie[0] = next;
                    return --room[0] > 0;
                });
                for (int i = 0; i < 40; i++) {
                    String name = "goes-" + random.nextInt(3000);
                    if (v.lookup(dir, name) != 0) {
                        v.unlink(dir, name);
                    } else {
                        v.link(file, dir, name);
                    }
                    v.link(file, dir, "comes-" + batch + "-" + i);
                }
            }
            v.volume.release(open);
            assertEquals(3000, new HashSet<>(seen).size());
            assertEquals(3000, seen.size());
            v.volume.close();
            assertEquals(List.of(), Checker.check(v.memory, false, line -> {}).findings());
        }
    }

    /** A truncation in many steps is cut at a step in the middle: the next mount finishes it. */
    @Test
    void shouldFinishALongTruncationAtMount() throws FsException {
        int[] fencesLeft = {Integer.MAX_VALUE};
        PersistenceDomain stopping = new PersistenceDomain() {
            @Override
            public void writeBack(long poolOffset, long lengthBytes) {
                // All stores are kept here.
            }

            @Override
            public String name() {
                return "stopping";
            }

            @Override
            public void fence() {
                if (fencesLeft[0] != Integer.MAX_VALUE && --fencesLeft[0] < 0) {
                    throw new InternalError("cut");
                }
            }
        };
        try (TestVolume v = new TestVolume(256L << 20, stopping, null)) {
            long file = v.create(ROOT_INO, "file");
            for (int i = 0; i < 20_000; i++) {
                v.write(file, i * 8192L, new byte[] {1});
            }
            long full = v.stat(file).blocks;
            fencesLeft[0] = 21;
            assertThrows(Throwable.class, () -> v.truncate(file, 100 * 8192L));
            fencesLeft[0] = Integer.MAX_VALUE;
            // Nobody closes the volume that was cut: the next one finds its pool as it is.
            v.mount();
            assertTrue(full > 20_000);
            assertEquals(101, v.stat(file).blocks);
            assertEquals(100 * 8192L, v.stat(file).sizeBytes);
            assertEquals(List.of(), Checker.check(v.memory, false, line -> {}).findings());
        }
    }

    @Test
    void shouldServeTheLargestPool() throws FsException {
        try (TestVolume v = new TestVolume(Geometry.MAX_POOL_BYTES)) {
            long free = v.freeBlocks();
            assertTrue(free > (1L << 32) - 400_000, "free: " + free);
            long file = v.create(ROOT_INO, "file");
            for (long at = 1; at < 1L << 44; at = at * 3 + 4096) {
                v.write(file, at, new byte[] {7});
            }
            v.remount();
            for (long at = 1; at < 1L << 44; at = at * 3 + 4096) {
                assertEquals(7, v.read(file, at, 1)[0]);
            }
            v.unlink(ROOT_INO, "file");
            assertEquals(free, v.freeBlocks());
            v.volume.close();
            assertEquals(List.of(), Checker.check(v.memory, false, line -> {}).findings());
        }
    }

    /** Filled up to its last group, with extents that hold nothing: only the maps take memory. */
    @Test
    void shouldUseTheLastGroup() throws FsException {
        try (TestVolume v = new TestVolume(NIGHTLY ? Geometry.MAX_POOL_BYTES : 1L << 40)) {
            long free = v.freeBlocks();
            long lastGroup = v.volume.info().groupCount() - 1;
            VolumeStatistics statistics = new VolumeStatistics();
            v.volume.statistics(statistics);
            v.fallocate(v.create(ROOT_INO, "filler"), 0, 0, Units.blockToBytes(statistics.availableBlocks - 10_000));
            byte[] content = OperationWorkloads.bytes(4 << 20, 1);
            long file = v.create(ROOT_INO, "file");

            v.write(file, 0, content);

            Extent extent = new Extent();
            long end = Units.blocksFor(content.length);
            for (long block = 0; block < end; block = extent.end()) {
                v.volume
                        .core()
                        .extents
                        .find(v.memory, VolumeCore.rootOf(file * Geometry.INODE_BYTES), file, block, extent);
                assertTrue(extent.hasData());
                assertEquals(lastGroup, Geometry.groupOf(extent.poolBlock()));
            }
            assertArrayEquals(content, v.read(file, 0, content.length));
            v.remount();
            assertArrayEquals(content, v.read(file, 0, content.length));
            v.volume.close();
            assertEquals(List.of(), Checker.check(v.memory, false, line -> {}).findings());
            v.mount();
            v.unlink(ROOT_INO, "file");
            v.unlink(ROOT_INO, "filler");
            assertEquals(free, v.freeBlocks());
        }
    }

    /** A search for space does not load the maps of groups that have none: what is wrong with them is not its concern. */
    @Test
    void shouldPassByFullGroups() throws FsException {
        try (TestVolume v = new TestVolume(1L << 30)) {
            v.fallocate(v.create(ROOT_INO, "filler"), 0, 0, 600 << 20);
            v.volume.close();
            Geometry geometry = Geometry.forNewPool(1L << 30, false);
            int damaged = 0;
            for (int group = 0; group < v.volume.info().groupsInUse(); group++) {
                if (v.memory.getInt(geometry.descriptorOffset(group) + GroupLayout.FREE_BLOCKS) == 0) {
                    long word = Units.blockToBytes(geometry.bitmapBlock(group)) + 1000;
                    v.memory.putLong(word, v.memory.getLong(word) ^ 8);
                    damaged++;
                }
            }
            assertTrue(damaged > 1, damaged + " full groups");
            v.mount();

            v.write(v.create(ROOT_INO, "large"), 0, new byte[4 << 20]);
            for (int i = 0; i < 100; i++) {
                v.write(v.create(ROOT_INO, "small " + i), 0, new byte[5000]);
            }

            FsException refused = assertThrows(FsException.class, () -> v.unlink(ROOT_INO, "filler"));
            assertEquals(Errno.EUCLEAN, refused.errno());
        }
    }
}
