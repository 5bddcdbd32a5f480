package org.radax.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/** What fsyncs of a file cost, by how much of it is dirty. */
record SyncCosts(int mebibytes, List<Point> points) {
    /** @param withFaultsMicros the tags, and what they cost at the faults that set them */
    record Point(double dirtyPercent, int dirtyPages, double tagsMicros, double withFaultsMicros, double rangeMicros) {}

    private static final int PAGES_PER_MEBIBYTE = 256;

    /** Files by size; shares that were measured one way only are left out. */
    static List<SyncCosts> of(Results results) {
        double faultMicros = results.of("FaultBenchmark").stream()
                        .filter(result -> result.operation().equals("store")
                                && result.parameters().get("pattern").equals("DENSE"))
                        .mapToDouble(Results.Result::median)
                        .findFirst()
                        .orElse(0)
                / 1_000;
        List<SyncCosts> files = new ArrayList<>();
        for (Results.Result tags : results.of("SyncBenchmark")) {
            OptionalDouble range = results.median("SyncBenchmark", "range", tags.parameters());
            if (!tags.operation().equals("tags") || range.isEmpty()) {
                continue;
            }
            int mebibytes = Integer.parseInt(tags.parameters().get("mebibytes"));
            double percent = Double.parseDouble(tags.parameters().get("dirtyPercent"));
            int pages = DirtyShare.of(percent, mebibytes * PAGES_PER_MEBIBYTE);
            file(files, mebibytes)
                    .points
                    .add(new Point(
                            percent, pages, tags.median(), tags.median() + pages * faultMicros, range.getAsDouble()));
        }
        files.forEach(file -> file.points.sort(Comparator.comparing(Point::dirtyPercent)));
        files.sort(Comparator.comparing(SyncCosts::mebibytes));
        return files;
    }

    private static SyncCosts file(List<SyncCosts> files, int mebibytes) {
        for (SyncCosts file : files) {
            if (file.mebibytes == mebibytes) {
                return file;
            }
        }
        SyncCosts file = new SyncCosts(mebibytes, new ArrayList<>());
        files.add(file);
        return file;
    }

    /** Where the range begins to be cheaper, between two measured shares on straight lines in a log-log plot. */
    record Crossing(double dirtyPercent, double micros) {}

    /** Null: in no place between the shares that were measured. */
    Crossing crossing(ToDoubleFunction<Point> tags) {
        for (int i = 1; i < points.size(); i++) {
            Point left = points.get(i - 1);
            Point right = points.get(i);
            double before = Math.log(left.rangeMicros / tags.applyAsDouble(left));
            double after = Math.log(right.rangeMicros / tags.applyAsDouble(right));
            if (before > 0 && after <= 0) {
                double way = before / (before - after);
                return new Crossing(
                        between(left.dirtyPercent, right.dirtyPercent, way),
                        between(left.rangeMicros, right.rangeMicros, way));
            }
        }
        return null;
    }

    private static double between(double left, double right, double way) {
        return left * Math.pow(right / left, way);
    }

    String fileName() {
        return mebibytes < 1024 ? mebibytes + " MiB" : mebibytes / 1024 + " GiB";
    }
}
