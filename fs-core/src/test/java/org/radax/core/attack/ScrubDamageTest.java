package org.radax.core.attack;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.radax.core.volume.FileSystem.ROOT_INO;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.radax.core.error.CorruptPoolException;
import org.radax.core.error.FsException;
import org.radax.core.format.InodeLayout;
import org.radax.core.format.LaneLayout;
import org.radax.core.format.RecordLayout;
import org.radax.core.scrub.Kind;
import org.radax.core.scrub.ScrubFinding;
import org.radax.core.scrub.ScrubReport;
import org.radax.core.unit.Units;
import org.radax.core.volume.OpenFile;
import org.radax.core.volume.TestVolume;

/** Of a live volume that has a structure of every kind, a scrub looks at each one once, and finds the one that is damaged. */
final class ScrubDamageTest {
    private static final Map<String, Kind> KINDS = Map.ofEntries(
            Map.entry("SuperblockLayout", Kind.SUPERBLOCK),
            Map.entry("StateLayout", Kind.STATE),
            Map.entry("LaneLayout", Kind.LANE),
            Map.entry("RecordLayout", Kind.RECORD),
            Map.entry("GroupLayout", Kind.GROUP),
            Map.entry(Structures.BITMAP, Kind.BITMAP),
            Map.entry(Structures.CHUNK_MAP, Kind.CHUNK_MAP),
            Map.entry("ChunkLayout", Kind.CHUNK),
            Map.entry("InodeLayout", Kind.INODE),
            Map.entry("TreeLayout", Kind.NODE),
            Map.entry("BucketLayout", Kind.BUCKET),
            Map.entry("XattrLayout", Kind.XATTR));

    /** Looked at of each structure, and one more. */
    private static final int BYTES = 21;

    private final TestVolume v;
    private final List<OpenFile> open;
    private final Structures structures;

    ScrubDamageTest() throws FsException {
        v = new TestVolume(AttackedPool.SIZE_BYTES);
        open = RichVolume.fill(v, 700);
        structures = new Structures(v.memory);
    }

    @AfterEach
    void close() {
        open.forEach(v.volume::release);
        v.close();
    }

    private ScrubReport scrub() throws FsException {
        return v.volume.scrub((done, whole, found) -> true);
    }

    private void flip(long poolOffset) {
        byte[] one = new byte[1];
        v.memory.copyOut(poolOffset, one, 0, 1);
        one[0] ^= 0x10;
        v.memory.copyIn(poolOffset, one, 0, 1);
    }

    /** Those whose checksum is right whatever happened: a record of another time may be a rest. */
    private List<Structure> all() {
        return structures.all().stream()
                .filter(one -> !one.layout().equals("RecordLayout")
                        || v.memory.getLong(one.poolOffset() + RecordLayout.SEQUENCE)
                                == v.memory.getLong(one.poolOffset() - LaneLayout.RECORD + LaneLayout.RETIRED))
                .toList();
    }

    @Test
    void shouldLookAtEachStructureOnce() throws FsException {
        ScrubReport report = scrub();
        assertEquals(List.of(), report.findings());
        assertEquals(0, report.found());
        Map<Kind, Long> expected = new EnumMap<>(Kind.class);
        expected.putAll(all().stream().collect(groupingBy(one -> KINDS.get(one.layout()), counting())));
        long attributes = 12L + open.size();
        expected.put(Kind.VALUE, attributes);
        assertEquals(expected, report.counts());
        assertEquals(
                EnumSet.complementOf(EnumSet.of(Kind.DATA, Kind.UNSUMMED)),
                report.counts().keySet());
        long values = 8 * 900 + 10_000 + 2 * 12 + 3 + 20L * open.size();
        long bytes = all().stream().mapToLong(Structure::checkedBytes).sum();
        assertTrue(Math.abs(report.bytes() - bytes - values) < 100, report.bytes() + " of " + bytes + " + " + values);
    }

    /** Some bytes of each structure, the first and the last among them. */
    @Test
    void shouldFindTheDamagedOne() throws FsException {
        int flips = 0;
        for (Structure one : all()) {
            for (int at : bytesOf(one)) {
                flip(one.poolOffset() + at);
                String what = "byte " + at + " of " + one;
                ScrubReport report = scrub();
                assertEquals(1, report.found(), what + ": " + report.findings());
                ScrubFinding finding = report.findings().get(0);
                assertEquals(one.poolOffset(), finding.poolOffset(), what);
                assertEquals(KINDS.get(one.layout()), finding.kind(), what);
                assertEquals(at < 4 && hasMagic(one) ? "magic" : fieldOf(one, at), finding.field(), what);
                flip(one.poolOffset() + at);
                flips++;
            }
        }
        assertEquals(List.of(), scrub().findings());
        assertTrue(flips > 1500, flips + " flips");
    }

    private static boolean hasMagic(Structure one) {
        return !one.layout().equals(Structures.BITMAP) && !one.layout().equals(Structures.CHUNK_MAP);
    }

    private static String fieldOf(Structure one, int at) {
        boolean isLength = at >= RecordLayout.LENGTH && at < RecordLayout.UUID;
        return one.layout().equals("RecordLayout") && isLength ? "length" : "checksum";
    }

    private static int[] bytesOf(Structure one) {
        int last = one.checkedBytes() - 1;
        if (one.layout().equals("RecordLayout")) {
            // What says that the record is of this mount, and retired, says so no longer when it is damaged.
            return new int[] {
                RecordLayout.CHECKSUM, RecordLayout.LENGTH + 7, RecordLayout.UUID, RecordLayout.RUN_COUNT, last
            };
        }
        return IntStream.rangeClosed(0, BYTES).map(i -> i * last / BYTES).toArray();
    }

    @Test
    void shouldFindADamagedValue() throws FsException {
        byte[] value = RichVolume.pattern(10_000, 4);
        byte[] block = new byte[Units.BLOCK_BYTES];
        long found = 0;
        for (long at = 0; at < AttackedPool.SIZE_BYTES; at += Units.BLOCK_BYTES) {
            v.memory.copyOut(at, block, 0, block.length);
            found = Arrays.equals(block, 0, block.length, value, 4096, 8192) ? at : found;
        }
        flip(found + 4095);
        List<ScrubFinding> findings = scrub().findings();
        assertEquals(1, findings.size());
        assertEquals(Kind.VALUE, findings.get(0).kind());
        assertEquals("checksum of user.large", findings.get(0).field());
        assertEquals(v.lookup(ROOT_INO, "attributed"), findings.get(0).ino());
    }

    @Test
    void shouldNameTheFile() throws FsException {
        long docs = v.lookup(ROOT_INO, "docs");
        long bottom = v.lookup(v.lookup(v.lookup(docs, "deep"), "deeper"), "at the bottom");
        flip(bottom * 256 + InodeLayout.MTIME);
        flip(docs * 256 + InodeLayout.UID);
        ScrubReport report = scrub();
        assertEquals(2, report.found());
        // What lies below a damaged directory has no path that leads there.
        assertEquals(Map.of(docs, "/docs"), report.paths());
        flip(docs * 256 + InodeLayout.UID);
        assertEquals(Map.of(bottom, "/docs/deep/deeper/at the bottom"), scrub().paths());
        flip(rootOffset() + InodeLayout.UID);
        assertEquals(Map.of(ROOT_INO, "/"), scrub().paths());
    }

    private long rootOffset() {
        return structures.of("InodeLayout").stream()
                .filter(one -> v.memory.getLong(one.poolOffset() + InodeLayout.INO) == ROOT_INO)
                .findFirst()
                .orElseThrow()
                .poolOffset();
    }

    /** A mount checks a block when it meets it first; then a scrub alone notices, and from then on so does who meets it. */
    @Test
    void shouldMakeTheDamageKnownToWhoMeetsIt() throws FsException {
        long many = v.lookup(ROOT_INO, "many");
        Set<String> before = Set.copyOf(v.list(many, 1000));
        for (Structure bucket : structures.of("BucketLayout")) {
            // The last entry's padding, or free space.
            flip(bucket.poolOffset() + Units.BLOCK_BYTES - 1);
        }
        assertEquals(before, Set.copyOf(v.list(many, 1000)));
        assertEquals(structures.of("BucketLayout").size(), scrub().found());
        assertThrows(CorruptPoolException.class, () -> v.list(many, 1000));
        structures.of("BucketLayout").forEach(bucket -> flip(bucket.poolOffset() + Units.BLOCK_BYTES - 1));
        assertEquals(before, Set.copyOf(v.list(many, 1000)));
    }
}
