package org.radax.junit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.radax.core.crash.CrashImage;
import org.radax.core.crash.CrashImages;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashPoint;
import org.radax.core.crash.CrashSummary;
import org.radax.core.crash.CrashTrace;

/**
 * Shows a check the images of a trace, or the one that is to be replayed.
 *
 * @param workload the test and its model
 * @param replay null for all images
 * @param directory where images are left that a check refused
 * @param report given the figures of each search
 */
record CrashSearch(
        String workload,
        CrashOptions options,
        ReplayToken replay,
        Path directory,
        Consumer<Map<String, String>> report) {

    /** @param steps by phase of the trace */
    void visit(CrashTrace trace, List<StepsSoFar> steps, CrashModel model, CrashCheck check) {
        Visit visit = new Visit(trace, steps, model, check);
        try (CrashImages images = CrashImages.of(workload, trace, options)) {
            if (replay == null) {
                visit.all(images);
            } else {
                visit.one(images);
            }
        }
    }

    private final class Visit {
        private final CrashTrace trace;
        private final List<StepsSoFar> steps;
        private final CrashModel model;
        private final CrashCheck check;
        private final Set<Long> hashes = new HashSet<>();
        private long images;
        private ByteBuffer mapped;

        Visit(CrashTrace trace, List<StepsSoFar> steps, CrashModel model, CrashCheck check) {
            this.trace = trace;
            this.steps = steps;
            this.model = model;
            this.check = check;
        }

        void all(CrashImages enumerated) {
            CrashSummary summary = enumerated.visit(this::image);
            if (!summary.violations().isEmpty()) {
                throw (AssertionError) summary.violations().get(0).cause();
            }
            Map<String, String> figures = new LinkedHashMap<>();
            figures.put("crash points", Long.toString(summary.points()));
            figures.put("exhaustive ones", Long.toString(summary.exhaustivePoints()));
            figures.put("images", Long.toString(images));
            figures.put("distinct images", Long.toString(hashes.size()));
            report.accept(figures);
        }

        void one(CrashImages enumerated) {
            if (replay.point() >= trace.points().size()) {
                throw doesNotFit(trace.points().size() + " crash points", null);
            }
            try {
                enumerated.replay(replay.point(), replay.choice(), this::image);
            } catch (IllegalArgumentException e) {
                throw doesNotFit(trace.points().get(replay.point()).toString(), e);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        private IllegalStateException doesNotFit(String found, Exception cause) {
            return new IllegalStateException(
                    ReplayToken.PARAMETER + ": the test has changed, or is never the same twice: " + found
                            + (cause == null ? "" : ", " + cause.getMessage()),
                    cause);
        }

        private void image(CrashImage image) {
            images++;
            hashes.add(image.hash());
            StepsSoFar soFar = steps.get(image.point().phase());
            try {
                check(new CrashedPool(model, image, soFar, () -> mapping(image)));
            } catch (Exception | AssertionError | InternalError | StackOverflowError e) {
                throw new AssertionError(describe(image, soFar, e), e);
            }
        }

        private void check(CrashedPool crashed) throws Exception {
            try {
                check.check(crashed);
            } finally {
                crashed.end();
            }
        }

        /** The file lies on memory, and its mapping is the image; what is stored there is undone by comparing. */
        private ByteBuffer mapping(CrashImage image) {
            Path file = image.file();
            if (mapped == null) {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                    mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, trace.poolSizeBytes());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            return mapped.duplicate();
        }

        /** The first line is all that some reports show. */
        private String describe(CrashImage image, StepsSoFar soFar, Throwable cause) {
            CrashPoint point = image.point();
            String pending = image.choice().describe();
            return cause
                    + "\n  after a crash at point " + point.number() + " of "
                    + trace.points().size() + " (" + point.label() + "), image " + images
                    + "\n  completed: " + soFar.completed() + ", interrupted: " + soFar.interrupted()
                    + "\n  " + (model == CrashModel.PAGE_CACHE ? "pages: " : "lines: ")
                    + (pending.isEmpty() ? "none pending" : pending)
                    + "\n  seed: " + options.seed()
                    + "\n  the image: " + save(image)
                    + "\n  again: -D" + ReplayToken.PARAMETER + "='" + image.token() + "'";
        }

        /** As the crash left it. */
        private String save(CrashImage image) {
            image.undo();
            Path file = directory.resolve(image.token().replaceAll("[^A-Za-z0-9._$-]+", "_") + ".pool");
            try {
                Files.createDirectories(directory);
                image.save(file);
                return file.toAbsolutePath().toString();
            } catch (IOException e) {
                return "not saved: " + e;
            }
        }
    }
}
