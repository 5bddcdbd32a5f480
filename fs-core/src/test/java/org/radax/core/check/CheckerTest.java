package org.radax.core.check;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.radax.core.format.BucketLayout;
import org.radax.core.format.ChunkLayout;
import org.radax.core.format.Geometry;
import org.radax.core.format.GroupLayout;
import org.radax.core.format.InodeLayout;
import org.radax.core.format.StateLayout;
import org.radax.core.format.TreeLayout;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

final class CheckerTest {
    private final TestImage image = new TestImage();

    @AfterEach
    void unmap() {
        image.close();
    }

    private CheckReport check(boolean repair) {
        return Checker.check(image.memory, repair, message -> {});
    }

    /** A way to damage the image, and what the checker is to say. */
    record Damage(String name, String expected, Consumer<TestImage> make) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static long at(long blockNo) {
        return Units.blockToBytes(blockNo);
    }

    private static Damage inodeField(String name, String expected, int fieldOffset, int value) {
        return new Damage(name, expected, image -> image.editInode(image.file, fieldOffset, value));
    }

    private static Damage root(String name, String expected, String entry, int entryIno, int links) {
        return new Damage(name, expected, image -> {
            image.bucket(
                    image.rootBucket,
                    TestImage.ROOT,
                    Map.of(
                            "sub",
                            image.subdirectory,
                            "file",
                            image.file,
                            "tree",
                            image.treeFile,
                            entry,
                            entryIno < 16 ? image.ino(entryIno) : entryIno));
            image.editInode(TestImage.ROOT, InodeLayout.SIZE, 4);
            image.editInode(image.file, InodeLayout.LINK_COUNT, links);
        });
    }

    static Stream<Damage> repairable() {
        return Stream.of(
                new Damage("primary superblock", "wrong checksum", image -> image.flip(100)),
                new Damage("primary superblock gone", "no superblock", image -> image.memory.zero(0, 4096)),
                new Damage("replica", "wrong checksum", image -> image.flip(at(image.geometry.replicaBlock()) + 100)),
                new Damage("lane header", "lane 2", image -> image.flip(image.geometry.laneOffset(2) + 32)),
                new Damage("state checksum", "wrong checksum", image -> image.flip(at(1) + 500)),
                new Damage("state gone", "wrong magic", image -> image.memory.zero(at(1), 1024)),
                new Damage(
                        "mount state",
                        "mount state 9",
                        image -> image.memory.putLong(at(1) + StateLayout.MOUNT_STATE, 9)),
                new Damage(
                        "orphan that is none",
                        "with value 1",
                        image -> image.state(1, List.of(new long[] {image.orphan, 1}, new long[] {image.ino(9), 1}))),
                new Damage(
                        "orphan with a name",
                        "has a name",
                        image -> image.state(1, List.of(new long[] {image.file, 1}, new long[] {image.orphan, 1}))),
                new Damage(
                        "orphan value",
                        "with value 7",
                        image -> image.state(1, List.of(new long[] {image.orphan, 1}, new long[] {image.treeFile, 7}))),
                new Damage("orphan not listed", "has no name", image -> image.state(1, List.of())),
                new Damage(
                        "descriptor", "wrong checksum", image -> image.flip(image.geometry.descriptorOffset(0) + 20)),
                new Damage(
                        "descriptor gone",
                        "wrong magic",
                        image -> image.memory.zero(image.geometry.descriptorOffset(0), 64)),
                new Damage(
                        "bitmap bit set",
                        "belong to nothing",
                        image -> image.flip(at(image.geometry.bitmapBlock(0)) + 200)),
                new Damage("bitmap bit clear", "marked free", image -> image.flip(at(image.geometry.bitmapBlock(0)))),
                new Damage(
                        "free count",
                        "free blocks",
                        image -> image.edit(
                                image.geometry.descriptorOffset(0),
                                GroupLayout.CHECKED_BYTES,
                                bytes -> Bytes.putInt(bytes, GroupLayout.FREE_BLOCKS, 5))),
                new Damage(
                        "inode count",
                        "inodes in use",
                        image -> image.edit(
                                image.geometry.descriptorOffset(0),
                                GroupLayout.CHECKED_BYTES,
                                bytes -> Bytes.putInt(bytes, GroupLayout.INODES_USED, 5))),
                new Damage(
                        "chunk map", "inode-chunk map", image -> image.flip(at(image.geometry.chunkMapBlock(0)) + 300)),
                new Damage(
                        "chunk map empty",
                        "inode-chunk map",
                        image -> image.memory.zero(at(image.geometry.chunkMapBlock(0)), 4096)),
                inodeField("link count", "links, has 2", InodeLayout.LINK_COUNT, 7),
                inodeField("block count", "blocks, owns 3", InodeLayout.BLOCKS, 8),
                inodeField("parent of a file", "a parent", InodeLayout.PARENT, 8),
                new Damage(
                        "parent",
                        "says its parent is",
                        image -> image.editInode(image.subdirectory, InodeLayout.PARENT, 77)),
                new Damage(
                        "directory link count",
                        "links, has 3",
                        image -> image.editInode(TestImage.ROOT, InodeLayout.LINK_COUNT, 2)),
                new Damage(
                        "entry count", "entries, has 3", image -> image.editInode(TestImage.ROOT, InodeLayout.SIZE, 9)),
                root("dangling entry", "not in use", "gone", 12, 2),
                root("entry beyond the pool", "not in use", "gone", Integer.MAX_VALUE, 2),
                root("one more name", "links, has 3", "again", 3, 2),
                root("directory twice", "has a name in", "sub again", 2, 2),
                root("slash in a name", "impossible name", "a/b", 3, 3),
                root("dot dot", "impossible name", "..", 3, 3),
                new Damage("unreachable file", "has no name", image -> {
                    image.bucket(image.subdirectoryBucket, image.subdirectory, Map.of("file again", image.file));
                    image.editInode(image.subdirectory, InodeLayout.SIZE, 1);
                }),
                new Damage("unreachable directory", "has no name", image -> {
                    image.bucket(image.rootBucket, TestImage.ROOT, Map.of("file", image.file, "tree", image.treeFile));
                    image.editInode(TestImage.ROOT, InodeLayout.SIZE, 2);
                    image.editInode(TestImage.ROOT, InodeLayout.LINK_COUNT, 2);
                }),
                new Damage("directory inside itself", "its own directory", image -> {
                    image.bucket(image.rootBucket, TestImage.ROOT, Map.of("file", image.file, "tree", image.treeFile));
                    image.bucket(
                            image.subdirectoryBucket,
                            image.subdirectory,
                            Map.of("file again", image.file, "link", image.link, "loop", image.subdirectory));
                }),
                new Damage(
                        "names of the wrong key",
                        "not of its name",
                        image -> image.bucketOf(
                                image.subdirectoryBucket,
                                image.subdirectory,
                                List.of(
                                        new Object[] {"file again", image.file, 6400L},
                                        new Object[] {"link", image.link, image.keyOf("link")}))),
                new Damage(
                        "one name twice",
                        "there twice",
                        image -> image.bucketOf(
                                image.subdirectoryBucket,
                                image.subdirectory,
                                List.of(
                                        new Object[] {"link", image.link, image.keyOf("link")},
                                        new Object[] {"link", image.link, image.keyOf("link") ^ 1}))),
                new Damage(
                        "entry type",
                        "type 8",
                        image -> image.edit(at(image.rootBucket), BucketLayout.CHECKED_BYTES, bytes -> {
                            for (int i = BucketLayout.ENTRIES; i < 400; i += 24) {
                                bytes[i + BucketLayout.ENTRY_TYPE] = 8;
                            }
                        })),
                new Damage("low key", "low key 64", image -> {
                    image.edit(
                            image.inodeOffset(image.subdirectory),
                            InodeLayout.CHECKED_BYTES,
                            bytes -> Bytes.putLong(bytes, InodeLayout.ROOT + TreeLayout.ROOT_RECORDS, 64));
                    image.edit(
                            at(image.subdirectoryBucket),
                            BucketLayout.CHECKED_BYTES,
                            bytes -> Bytes.putLong(bytes, BucketLayout.LOW_KEY, 64));
                }),
                new Damage(
                        "block with two owners",
                        "owner already",
                        image -> image.inode(
                                image.link,
                                TestImage.FILE_MODE,
                                1,
                                5,
                                1,
                                0,
                                0,
                                List.of(TestImage.extent(0, image.dataBlock, 1)))),
                new Damage(
                        "extent on a fixed structure",
                        "outside the blocks",
                        image -> image.inode(
                                image.link, TestImage.FILE_MODE, 1, 5, 1, 0, 0, List.of(TestImage.extent(0, 0, 1)))),
                new Damage(
                        "extent beyond the pool",
                        "outside the blocks",
                        image -> image.inode(
                                image.link, TestImage.FILE_MODE, 1, 5, 9, 0, 0, List.of(TestImage.extent(0, 4090, 9)))),
                new Damage(
                        "extent marked shared",
                        "marked shared",
                        image -> image.inode(
                                image.file,
                                TestImage.FILE_MODE,
                                2,
                                5,
                                3,
                                0,
                                image.xattrBlock,
                                List.of(TestImage.extent(0, image.dataBlock | 1L << 62, 1)))),
                new Damage(
                        "extents that overlap",
                        "overlaps",
                        image -> image.inode(
                                image.link,
                                TestImage.FILE_MODE,
                                1,
                                5,
                                3,
                                0,
                                0,
                                List.of(
                                        TestImage.extent(0, image.nodeBlock + 30, 2),
                                        TestImage.extent(1, image.nodeBlock + 40, 1)))),
                new Damage(
                        "extents out of order in a node",
                        "after",
                        image -> image.node(
                                image.nodeBlock,
                                image.treeFile,
                                List.of(
                                        TestImage.extent(8, image.manyExtents, 1),
                                        TestImage.extent(4, image.manyExtents + 2, 1)))),
                new Damage("many extents with two owners", "owner already", image -> {
                    image.node(
                            image.nodeBlock,
                            image.treeFile,
                            Stream.iterate(0, i -> i + 2)
                                    .limit(10)
                                    .map(i -> TestImage.extent(i, i == 8 ? image.dataBlock : image.manyExtents + i, 1))
                                    .toList());
                }));
    }

    static Stream<Damage> unrepairable() {
        return Stream.of(
                new Damage("inode", "wrong checksum", image -> image.flip(image.inodeOffset(image.file) + 40)),
                new Damage("root inode", "wrong checksum", image -> image.flip(image.inodeOffset(TestImage.ROOT) + 40)),
                new Damage("chunk header", "wrong checksum", image -> image.flip(at(image.chunkBlock) + 33)),
                new Damage("chunk slots", "impossible slots", image -> image.chunk(1L << 40)),
                new Damage("tree node", "wrong checksum", image -> image.flip(at(image.nodeBlock) + 900)),
                new Damage(
                        "tree node of another",
                        "owned by",
                        image -> image.node(
                                image.nodeBlock, image.file, List.of(TestImage.extent(0, image.manyExtents, 1)))),
                new Damage("bucket", "wrong checksum", image -> image.flip(at(image.rootBucket) + 900)),
                new Damage("attribute block", "wrong checksum", image -> image.flip(at(image.xattrBlock) + 900)),
                new Damage("attribute value", "of the value", image -> image.flip(at(image.valueBlock) + 9)),
                new Damage("mode", "impossible mode", image -> image.editInode(image.file, InodeLayout.MODE, 0)),
                new Damage("size", "impossible size", image -> image.editInode(image.link, InodeLayout.SIZE, 5000)),
                new Damage("flags", "unknown flags", image -> image.editInode(image.file, InodeLayout.FLAGS, 1)),
                new Damage("root level", "root of level", image -> image.editInode(image.file, InodeLayout.ROOT, 100)),
                new Damage(
                        "attribute cycle",
                        "owner already",
                        image -> image.edit(
                                at(image.xattrBlock), 4096, bytes -> Bytes.putLong(bytes, 40, image.xattrBlock))),
                new Damage("both superblocks", "no better", image -> {
                    image.flip(100);
                    image.flip(at(image.geometry.replicaBlock()) + 100);
                }));
    }

    @Test
    void shouldFindNothingInSoundImage() {
        byte[] before = image.copy();
        CheckReport report = check(false);
        assertEquals(List.of(), report.findings());
        assertEquals(0, report.exitCode());
        assertEquals(6L, report.summary().get("inodes"));
        assertEquals(1L, report.summary().get("orphans"));
        assertEquals(0, check(true).exitCode());
        assertArrayEquals(before, image.copy());
    }

    @ParameterizedTest
    @MethodSource("repairable")
    void shouldFindAndRepair(Damage damage) {
        damage.make().accept(image);
        byte[] before = image.copy();
        CheckReport found = check(false);
        assertEquals(4, found.exitCode(), found::toString);
        assertTrue(found.findings().toString().contains(damage.expected()), found::toString);
        assertArrayEquals(before, image.copy(), "a check without repair changed the pool");
        CheckReport repaired = check(true);
        assertEquals(1, repaired.exitCode(), repaired::toString);
        assertTrue(repaired.findings().toString().contains(damage.expected()), repaired::toString);
        CheckReport second = check(true);
        assertEquals(List.of(), second.findings());
    }

    @ParameterizedTest
    @MethodSource("unrepairable")
    void shouldLeaveAndReportWhatNeedsGuessing(Damage damage) {
        damage.make().accept(image);
        CheckReport report = check(true);
        assertEquals(4, report.exitCode(), report::toString);
        assertTrue(report.findings().toString().contains(damage.expected()), report::toString);
        assertEquals(check(true).findings().toString(), check(true).findings().toString());
        assertEquals(4, check(false).exitCode());
    }

    @Test
    void shouldReplayJournalPrivatelyOrIntoThePool() {
        long target = image.inodeOffset(image.file) + InodeLayout.ATIME;
        byte[] inode = new byte[InodeLayout.CHECKED_BYTES];
        image.memory.copyOut(image.inodeOffset(image.file), inode, 0, inode.length);
        image.edit(image.inodeOffset(image.file), inode.length, bytes -> Bytes.putLong(bytes, InodeLayout.ATIME, 99));
        long sealed = image.memory.getLong(image.inodeOffset(image.file));
        // Half of a transaction in place, the other half in the journal.
        image.memory.copyIn(image.inodeOffset(image.file), inode, 0, 8);
        image.record(1, 5, image.inodeOffset(image.file), sealed);
        CheckReport readOnly = check(false);
        assertEquals(List.of(), readOnly.findings());
        assertEquals(1L, readOnly.summary().get("recordsReplayed"));
        assertFalse(image.memory.getLong(image.inodeOffset(image.file)) == sealed);
        assertEquals(0, check(true).exitCode());
        assertEquals(sealed, image.memory.getLong(image.inodeOffset(image.file)));
        assertEquals(99, image.memory.getLong(target));
        assertEquals(0L, check(false).summary().get("recordsReplayed"));
    }

    @Test
    void shouldIgnoreRecordsThatAreNotLive() {
        image.record(1, 5, at(image.chunkBlock), 0);
        image.flip(image.geometry.laneOffset(1) + 128 + 70);
        image.record(2, 0, at(image.chunkBlock), 0);
        CheckReport report = check(true);
        assertEquals(List.of(), report.findings());
        assertEquals(0L, report.summary().get("recordsReplayed"));
    }

    @Test
    void shouldNotFollowRecordOutOfThePool() {
        image.record(1, 5, TestImage.SIZE_BYTES, 0);
        assertTrue(check(true).findings().toString().contains("run 0 stores 1 words"));
    }

    @Test
    void shouldMakeLostAndFoundWithNamesThatLeadToWhatWasLost() {
        image.bucket(image.subdirectoryBucket, image.subdirectory, Map.of("file again", image.file));
        check(true);
        Scan scan = new Scan(new Image(image.memory), PoolOpener.soundSuperblock(new Image(image.memory)), false)
                .run(line -> {});
        long lostAndFound = scan.directories().entriesOf(TestImage.ROOT).stream()
                .filter(entry -> entry.text().equals("lost+found"))
                .findFirst()
                .orElseThrow()
                .ino();
        List<DirectoryEntry> lost = scan.directories().entriesOf(lostAndFound);
        assertEquals(1, lost.size());
        assertEquals("#" + image.link, lost.get(0).text());
        assertEquals(image.link, lost.get(0).ino());
    }

    /** Unmended, the checksum finds it; what matters is that nothing breaks. */
    @Test
    void shouldSurviveEveryFlippedBitOfTheMetadata() {
        for (long blockNo : new long[] {
            0, 1, 2, image.geometry.groupTable(), image.chunkBlock, image.rootBucket, image.xattrBlock, image.nodeBlock
        }) {
            for (int i = 0; i < 256; i++) {
                image.flip(at(blockNo) + i);
                check(false);
                image.flip(at(blockNo) + i);
            }
        }
        assertEquals(0, check(false).exitCode());
    }

    /** With a right checksum, the parser has to defend itself. */
    @Test
    void shouldSurviveEveryMendedFieldOfInodesNodesAndBuckets() {
        long[] values = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 35, 0xffff, 0, 1, 7};
        long[][] structures = {
            {image.inodeOffset(TestImage.ROOT), InodeLayout.CHECKED_BYTES, 256},
            {image.inodeOffset(image.file), InodeLayout.CHECKED_BYTES, 256},
            {image.inodeOffset(image.treeFile), InodeLayout.CHECKED_BYTES, 256},
            {at(image.nodeBlock), 4096, 256},
            {at(image.rootBucket), 4096, 256},
            {at(image.xattrBlock), 4096, 160},
            {at(image.chunkBlock), ChunkLayout.CHECKED_BYTES, 64},
            {image.geometry.descriptorOffset(0), GroupLayout.CHECKED_BYTES, 64},
            {at(Geometry.STATE_BLOCK), StateLayout.CHECKED_BYTES, 256}
        };
        for (long[] structure : structures) {
            for (int field = 8; field < structure[2]; field += 4) {
                for (long value : values) {
                    int offset = field;
                    byte[] before = new byte[(int) structure[1]];
                    image.memory.copyOut(structure[0], before, 0, before.length);
                    image.edit(
                            structure[0],
                            (int) structure[1],
                            bytes -> Bytes.putInt(bytes, offset, Long.hashCode(value)));
                    check(false);
                    image.memory.copyIn(structure[0], before, 0, before.length);
                }
            }
        }
        assertEquals(0, check(false).exitCode());
    }

    /** Whatever was damaged, a repair ends, and what it calls repaired is clean at the second look. */
    @Test
    void shouldEndRepairOfRandomDamage() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            try (TestImage damaged = new TestImage()) {
                for (int i = 0; i < 1 + seed % 3; i++) {
                    damageAtRandom(damaged, random);
                }
                CheckReport first = Checker.check(damaged.memory, true, message -> {});
                CheckReport second = Checker.check(damaged.memory, true, message -> {});
                List<Finding> left =
                        first.findings().stream().filter(f -> !f.repaired()).toList();
                assertEquals(left, second.findings(), "seed " + seed);
            }
        }
    }

    private static void damageAtRandom(TestImage image, Random random) {
        long[][] structures = {
            {image.inodeOffset(image.ino(1 + random.nextInt(6))), InodeLayout.CHECKED_BYTES, 200},
            {at(image.nodeBlock), 4096, 256},
            {at(image.rootBucket), 4096, 160},
            {at(image.subdirectoryBucket), 4096, 160},
            {at(image.xattrBlock), 4096, 160},
            {at(image.chunkBlock), ChunkLayout.CHECKED_BYTES, 64},
            {image.geometry.descriptorOffset(0), GroupLayout.CHECKED_BYTES, 64},
            {at(Geometry.STATE_BLOCK), StateLayout.CHECKED_BYTES, 256}
        };
        long[] structure = structures[random.nextInt(structures.length)];
        int field = 8 + 4 * random.nextInt((int) structure[2] / 4 - 2);
        int value = random.nextBoolean() ? random.nextInt() : random.nextInt(100);
        image.edit(structure[0], (int) structure[1], bytes -> Bytes.putInt(bytes, field, value));
    }

    @Test
    void shouldCheckThousandsOfSmallPoolsPerSecond() {
        for (int i = 0; i < 2000; i++) {
            check(false);
        }
        long start = System.nanoTime();
        for (int i = 0; i < 2000; i++) {
            check(false);
        }
        long nanos = (System.nanoTime() - start) / 2000;
        assertTrue(nanos < 1_000_000, nanos + " ns per check");
    }
}
