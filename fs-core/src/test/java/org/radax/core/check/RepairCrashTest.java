package org.radax.core.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.radax.core.crash.CallSites;
import org.radax.core.crash.CrashImage;
import org.radax.core.crash.CrashImages;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashPoint;
import org.radax.core.crash.CrashRecorder;
import org.radax.core.crash.CrashSummary;
import org.radax.core.crash.CrashTrace;
import org.radax.core.crash.FaultPlan;
import org.radax.core.crash.Mutations;
import org.radax.core.format.Geometry;
import org.radax.core.format.InodeLayout;
import org.radax.core.format.LaneLayout;
import org.radax.core.format.RecordLayout;
import org.radax.core.format.StateLayout;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/** Power fails during a repair: the next repair gets as far as this one would have. */
final class RepairCrashTest {
    /** Few images per point, since there are many repairs: each line alone, and some at random. */
    private static final CrashOptions OPTIONS = new CrashOptions(64, 1, 128, 16, 1, 4, null);

    private static final long STATE = Units.blockToBytes(Geometry.STATE_BLOCK);

    /** Two transactions of a crash, none of their words in place: each links the file to a time and a checksum. */
    private static final CheckerTest.Damage LIVE_JOURNAL = new CheckerTest.Damage("live journal", "", image -> {
        for (long ino : new long[] {image.file, image.link}) {
            long offset = image.inodeOffset(ino);
            long before = image.memory.getLong(offset);
            image.edit(offset, 256, bytes -> Bytes.putInt(bytes, InodeLayout.GENERATION, 99));
            image.record(ino == image.file ? 1 : 2, ino, offset, image.memory.getLong(offset));
            image.memory.putLong(offset, before);
        }
    });

    /** What the state has lost goes with records of the epoch that the replay began. */
    private static final CheckerTest.Damage LIVE_JOURNAL_AND_MORE =
            new CheckerTest.Damage("live journal, and more", "", image -> {
                LIVE_JOURNAL.make().accept(image);
                CheckerTest.repairable()
                        .filter(damage -> damage.name().equals("state checksum"))
                        .forEach(damage -> damage.make().accept(image));
            });

    private static final CheckerTest.Damage LIVE_AND_CLEAN = new CheckerTest.Damage("live and clean", "", image -> {
        recordOfNoChange(image);
        image.memory.putLong(STATE + StateLayout.MOUNT_STATE, 1);
    });

    private static final CheckerTest.Damage RETIRED_TOO_MUCH = new CheckerTest.Damage("retired too much", "", image -> {
        recordOfNoChange(image);
        image.memory.putLong(image.geometry.laneOffset(1) + LaneLayout.RETIRED, 9);
    });

    private static final CheckerTest.Damage EPOCH_TOO_LOW = new CheckerTest.Damage("epoch too low", "", image -> {
        recordOfNoChange(image);
        image.memory.putLong(image.geometry.laneOffset(1) + LaneLayout.RETIRED, 5);
        image.memory.putLong(STATE + StateLayout.EPOCH, 0);
    });

    /** Of sequence 5, in lane 1. */
    private static void recordOfNoChange(TestImage image) {
        long offset = image.inodeOffset(image.file);
        image.record(1, 5, offset, image.memory.getLong(offset));
    }

    @ParameterizedTest
    @MethodSource("org.radax.core.check.CheckerTest#repairable")
    void shouldRepairAfterCrashDuringRepair(CheckerTest.Damage damage) {
        CrashSummary summary = new Repair(damage).run(recorder -> recorder.suppress(FaultPlan.none()));
        summary.assertNoViolations();
        assertTrue(summary.images() > 1, summary::toString);
    }

    @Tag("slow")
    @Test
    void shouldNeedEveryWriteBackAndFence() throws Exception {
        List<Mutations.Workload> repairs = Stream.concat(
                        Stream.of(LIVE_JOURNAL, LIVE_JOURNAL_AND_MORE, LIVE_AND_CLEAN, RETIRED_TOO_MUCH, EPOCH_TOO_LOW),
                        CheckerTest.repairable())
                .<Mutations.Workload>map(Repair::new)
                .toList();
        List<Mutations.Row> rows = Mutations.run(repairs);
        CallSites.write(rows, Path.of("target/mutation/repair.tsv"));
        assertEquals(
                List.of(),
                CallSites.problemsInCore(rows, site -> site.className().startsWith("org.radax.core.check.")),
                Mutations.report(rows));
    }

    /** A damaged image is repaired; every image that a crash leaves must be as repairable. */
    private static final class Repair implements Mutations.Workload {
        private final CheckerTest.Damage damage;

        Repair(CheckerTest.Damage damage) {
            this.damage = damage;
        }

        @Override
        public String name() {
            return "repair of " + damage.name();
        }

        @Override
        public CrashSummary run(Consumer<CrashRecorder> prepare) {
            try (TestImage image = new TestImage()) {
                damage.make().accept(image);
                long address = image.memory.address(0, TestImage.SIZE_BYTES);
                try (CrashRecorder recorder = CrashRecorder.of(address, TestImage.SIZE_BYTES)) {
                    prepare.accept(recorder);
                    PoolMemory recorded = new PoolMemory(address, TestImage.SIZE_BYTES, recorder, recorder);
                    recorder.startTrace();
                    assertTrue(Checker.check(recorded, true, message -> {}).exitCode() <= 1);
                    CrashTrace trace = recorder.stopTrace();
                    try (CrashImages images = CrashImages.of(name(), trace, OPTIONS)) {
                        return images.visit(Repair::check);
                    }
                }
            }
        }

        /** At the end nothing is left to repair; before, the next repair gets there. */
        private static void check(CrashImage image) {
            PoolMemory memory = image.memory();
            assertVoidRecordsRetired(memory);
            if (image.point().moment() == CrashPoint.Moment.END) {
                assertEquals(
                        List.of(), Checker.check(memory, false, message -> {}).findings());
            }
            CheckReport again = Checker.check(memory, true, message -> {});
            assertTrue(again.exitCode() <= 1, again::toString);
            assertEquals(List.of(), Checker.check(memory, false, message -> {}).findings());
        }

        /** A record of an epoch gone by counts as applied, so its sequence is never given again. */
        private static void assertVoidRecordsRetired(PoolMemory memory) {
            Geometry geometry = Geometry.forNewPool(TestImage.SIZE_BYTES, false);
            long epoch = memory.getLong(Units.blockToBytes(Geometry.STATE_BLOCK) + StateLayout.EPOCH);
            for (int lane = 0; lane < geometry.laneCount(); lane++) {
                long offset = geometry.laneOffset(lane);
                if (memory.getLong(offset + LaneLayout.RECORD + RecordLayout.EPOCH) < epoch) {
                    long sequence = memory.getLong(offset + LaneLayout.RECORD + RecordLayout.SEQUENCE);
                    assertTrue(memory.getLong(offset + LaneLayout.RETIRED) >= sequence, "lane " + lane);
                }
            }
        }
    }
}
