package org.radax.core.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.pool.PoolMemory;

final class CrashRecorderTest {
    private static final long POOL_BYTES = 16 << 20;

    private long address;
    private CrashRecorder recorder;
    private PoolMemory memory;

    @BeforeEach
    void mapPool() {
        address = Mappings.anonymous(POOL_BYTES);
        recorder = CrashRecorder.of(address, POOL_BYTES);
        memory = new PoolMemory(address, POOL_BYTES, recorder, recorder);
    }

    @AfterEach
    void unmapPool() {
        recorder.close();
        LibC.INSTANCE.munmap(address, POOL_BYTES);
    }

    private static CrashImages images(CrashTrace trace) {
        return CrashImages.of("test", trace, CrashOptions.oneOperation());
    }

    /** The values of a word over all images of the last point of a trace. */
    private static Set<Long> values(CrashTrace trace, long poolOffset) {
        Set<Long> values = new TreeSet<>();
        try (CrashImages images = images(trace)) {
            int last = trace.points().size() - 1;
            images.visit(image -> {
                        if (image.point().number() == last) {
                            values.add(image.memory().getLong(poolOffset));
                        }
                    })
                    .assertNoViolations();
        }
        return values;
    }

    @Test
    void shouldKeepAnyPrefixOfStoresToOneLine() {
        memory.putLong(0, 1);
        memory.putLong(8, 2);
        memory.putLong(0, 3);
        Set<String> states = new HashSet<>();
        try (CrashImages images = images(recorder.snapshot())) {
            images.visit(image ->
                    states.add(image.memory().getLong(0) + "," + image.memory().getLong(8)));
        }
        assertEquals(Set.of("0,0", "1,0", "1,2", "3,2"), states);
    }

    @Test
    void shouldMakeDurableWhatWasWrittenBackAndNoMore() {
        memory.putLong(0, 1);
        memory.writeBack(0, 8);
        memory.putLong(0, 2);
        assertEquals(Set.of(0L, 1L, 2L), values(recorder.snapshot(), 0));
        memory.fence();
        assertEquals(Set.of(1L, 2L), values(recorder.snapshot(), 0));
        memory.writeBack(0, 8);
        assertEquals(Set.of(1L, 2L), values(recorder.snapshot(), 0));
        memory.fence();
        assertEquals(Set.of(2L), values(recorder.snapshot(), 0));
    }

    /** It has made it, and waits to say so; whoever reads it may rely on what he writes back. */
    @Test
    void shouldMakeDurableWhatAnotherThreadHasNotReportedYet() {
        RawMemory.putLong(address + 8, 1);
        memory.writeBack(0, 8);
        memory.fence();
        assertEquals(Set.of(1L), values(recorder.snapshot(), 8));
        recorder.stored(8, 8);
        assertEquals(Set.of(1L), values(recorder.snapshot(), 8));
    }

    /** Unless it came after the write-back. */
    @Test
    void shouldNotMakeDurableWhatWasStoredAfterTheWriteBack() {
        memory.writeBack(0, 8);
        RawMemory.putLong(address, 1);
        memory.fence();
        recorder.stored(0, 8);
        assertEquals(Set.of(0L, 1L), values(recorder.snapshot(), 0));
    }

    @Test
    void shouldTearStoresAtWordsOnly() {
        memory.copyIn(4, new byte[] {1, 1, 1, 1, 2, 2, 2, 2}, 0, 8);
        CrashPoint point = recorder.snapshot().points().get(0);
        assertEquals(3, point.pending().get(0).states());
        assertEquals(3, point.imageCount());
    }

    @Test
    void shouldIgnoreStoresThatChangeNothing() {
        memory.zero(0, 1 << 20);
        assertEquals(0, recorder.snapshot().points().get(0).pending().size());
    }

    /** Of two lines in a page and one in another: the page shows one moment, whichever line it is looked at. */
    @Test
    void shouldKeepOneMomentOfEachPage() throws Exception {
        Set<String> states = new TreeSet<>();
        try (CrashRecorder pages = CrashRecorder.ofPages(address, POOL_BYTES)) {
            PoolMemory mapped = new PoolMemory(address, POOL_BYTES, pages, pages);
            mapped.putLong(64, 1);
            mapped.putLong(0, 2);
            mapped.putLong(64, 3);
            mapped.putLong(8192, 4);
            try (CrashImages images = images(pages.snapshot())) {
                CrashSummary summary =
                        images.visit(image -> states.add(image.memory().getLong(0)
                                + ","
                                + image.memory().getLong(64)
                                + ","
                                + image.memory().getLong(8192)));
                assertEquals(4 * 2, summary.images());
                images.replay(
                        0,
                        "none+0=2",
                        image -> assertEquals("0=2/3 8192=lost", image.choice().describe()));
            }
        }
        assertEquals(Set.of("0,0,0", "0,1,0", "2,1,0", "2,3,0", "0,0,4", "0,1,4", "2,1,4", "2,3,4"), states);
    }

    @Test
    void shouldWriteBackWholePages() {
        try (CrashRecorder pages = CrashRecorder.ofPages(address, POOL_BYTES)) {
            PoolMemory mapped = new PoolMemory(address, POOL_BYTES, pages, pages);
            mapped.putLong(4096, 1);
            mapped.putLong(8128, 2);
            mapped.putLong(8192, 3);
            mapped.writeBack(5000, 1);
            mapped.fence();
            assertEquals(
                    List.of(8192L),
                    pages.snapshot().points().get(0).pending().stream()
                            .map(PendingLine::poolOffset)
                            .toList());
        }
    }

    /** A crash amid a step, and one after it; its beginning is none. */
    @Test
    void shouldCrashAmidStepsAndAfterThem() {
        recorder.startTrace();
        for (int step = 1; step <= 2; step++) {
            recorder.stepBegins("step " + step);
            memory.putLong(step * 64L, 1);
            memory.writeBack(step * 64L, 8);
            memory.fence();
            recorder.stepReturned("step " + step);
        }
        CrashTrace trace = recorder.stopTrace();
        assertEquals(
                List.of(
                        "1 FENCE step 1: fence 1",
                        "2 END step 1: returned",
                        "3 FENCE step 2: fence 2",
                        "4 END step 2: returned",
                        "4 END after step 2: end"),
                trace.points().stream()
                        .map(point -> point.phase() + " " + point.moment() + " " + point.label())
                        .toList());
        try (CrashImages images = images(trace)) {
            assertEquals(2 + 1 + 2 + 1, images.visit(image -> {}).images());
        }
    }

    @Test
    void shouldForgetPendingStoresOfDiscardedRange() {
        memory.putLong(4096, 7);
        memory.writeBack(4096, 8);
        memory.zero(4096, 4096);
        recorder.discarded(4096, 4096);
        memory.fence();
        assertEquals(Set.of(0L), values(recorder.snapshot(), 4096));
    }

    @Test
    void shouldKeepSnapshotWhatItWasWhenThePoolGoesOn() {
        memory.putLong(0, 1);
        CrashTrace snapshot = recorder.snapshot();
        memory.putLong(0, 2);
        memory.writeBack(0, 8);
        memory.fence();
        assertEquals(Set.of(0L, 1L), values(snapshot, 0));
    }

    @Test
    void shouldUndoWhatVisitorsDoToMemoryAndFile() {
        memory.putLong(0, 1);
        memory.putLong(4096, 2);
        CrashTrace trace = recorder.snapshot();
        try (CrashImages images = images(trace)) {
            CrashSummary summary = images.visit(image -> {
                assertEquals(0, image.memory().getLong(8192));
                assertTrue(image.memory().getLong(0) <= 1);
                image.memory().putLong(0, 99);
                image.memory().zero(4096, 64);
                image.memory().putLong(8192, 99);
                try (var channel = FileChannel.open(image.file(), StandardOpenOption.WRITE)) {
                    channel.write(ByteBuffer.wrap(new byte[] {5, 5, 5}), 12288);
                }
                assertTrue(image.memory().getLong(12288) != 0);
                assertEquals(0, image.memory().getLong(1 << 20));
            });
            summary.assertNoViolations();
            assertEquals(4, summary.images());
            Set<Long> words = new TreeSet<>();
            images.visit(image -> words.add(image.memory().getLong(4096))).assertNoViolations();
            images.visit(image -> assertEquals(0, image.memory().getLong(12288)))
                    .assertNoViolations();
            assertEquals(Set.of(0L, 2L), words);
        }
    }

    @Test
    void shouldCrashDuringRecovery() {
        memory.putLong(0, 1);
        memory.putLong(64, 1);
        Set<String> states = new TreeSet<>();
        try (CrashImages images = images(recorder.snapshot())) {
            images.visit(image -> {
                        PoolMemory recovering = image.recordedMemory();
                        image.recorder().startTrace();
                        recovering.putLong(128, 1);
                        recovering.writeBack(128, 8);
                        recovering.fence();
                        CrashTrace recovery = image.recorder().stopTrace();
                        try (CrashImages deeper = image.imagesOf(recovery, CrashOptions.oneOperation())) {
                            deeper.visit(second -> states.add(second.memory().getLong(0)
                                            + ","
                                            + second.memory().getLong(64)
                                            + ","
                                            + second.memory().getLong(128)))
                                    .assertNoViolations();
                        }
                    })
                    .assertNoViolations();
        }
        assertEquals(8, states.size(), states::toString);
    }

    @Test
    void shouldFallBackToSubsetsAndRandomImages() {
        for (int i = 0; i < 40; i++) {
            memory.putLong(i * 64L, 1);
        }
        CrashTrace trace = recorder.snapshot();
        Set<Integer> keptCounts = new TreeSet<>();
        try (CrashImages images = images(trace)) {
            CrashSummary summary = images.visit(image -> {
                int kept = 0;
                for (int i = 0; i < 40; i++) {
                    kept += (int) image.memory().getLong(i * 64L);
                }
                keptCounts.add(kept);
            });
            summary.assertNoViolations();
            assertEquals(0, summary.exhaustivePoints());
            assertTrue(summary.images() > 1600 && summary.images() < 4096 + 256, summary::toString);
        }
        assertTrue(keptCounts.containsAll(Set.of(0, 1, 2, 38, 39, 40)), keptCounts::toString);
        assertTrue(keptCounts.size() > 20, keptCounts::toString);
    }

    @Test
    void shouldRefuseChoiceThatDoesNotFit() {
        memory.putLong(0, 1);
        try (CrashImages images = images(recorder.snapshot())) {
            for (String choice : new String[] {"none+1=1", "none+0=2", "some", "none+0"}) {
                assertThrows(IllegalArgumentException.class, () -> images.replay(0, choice, image -> {}));
            }
        }
    }

    /** A 16 MiB copy per image would allow a few hundred a second. */
    @Test
    void shouldMakeThousandsOfImagesPerSecond() {
        for (int i = 0; i < 12; i++) {
            memory.putLong(i * 1_000_000L & -64, 1);
        }
        CrashTrace trace = recorder.snapshot();
        try (CrashImages images = images(trace)) {
            long start = System.nanoTime();
            CrashSummary summary = images.visit(image -> image.memory().putLong(8192, 1));
            long nanosPerImage = (System.nanoTime() - start) / summary.images();
            assertEquals(4096, summary.images());
            assertTrue(nanosPerImage < 300_000, nanosPerImage + " ns per image");
        }
    }
}
