package org.radax.cli.bench;

import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonParser;
import com.grack.nanojson.JsonParserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.radax.cli.console.CommandFailure;

/** Runs fio and reads its JSON. */
final class Fio {
    private static final double MEGABYTE = 1_000_000;
    private static final long APPEND_BYTES = 16L << 20;

    private final long fileBytes;
    private final int seconds;

    Fio(long fileBytes, int seconds) {
        this.fileBytes = fileBytes;
        this.seconds = seconds;
    }

    /** Writes the file that all jobs but the appending one work on. */
    void lay(Target target) throws CommandFailure, IOException, InterruptedException {
        Shell.run(List.of(
                "fio",
                "--name=lay",
                "--filename=" + data(target),
                "--size=" + fileBytes,
                "--rw=write",
                "--bs=1M",
                "--ioengine=psync",
                "--end_fsync=1",
                "--output-format=json"));
    }

    void removeData(Target target) throws IOException {
        Files.deleteIfExists(data(target));
    }

    /** The job's value in its unit. */
    double run(FioJob job, Target target) throws CommandFailure, IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("fio", "--name=bench", "--output-format=json", "--group_reporting"));
        command.addAll(job.arguments());
        Path growing = target.directory().resolve("append.dat");
        if (job.append()) {
            Files.deleteIfExists(growing);
            command.add("--filename=" + growing);
            command.add("--size=" + Math.min(APPEND_BYTES, fileBytes));
        } else {
            command.add("--filename=" + data(target));
            command.add("--size=" + fileBytes);
            command.add("--time_based");
            command.add("--runtime=" + seconds);
        }
        try {
            return value(job, Shell.run(command));
        } finally {
            if (job.append()) {
                Files.deleteIfExists(growing);
            }
        }
    }

    private static double value(FioJob job, String output) throws CommandFailure {
        try {
            // Notes may precede the JSON.
            JsonObject result = JsonParser.object().from(output.substring(Math.max(0, output.indexOf('{'))));
            JsonObject both = result.getArray("jobs").getObject(0);
            double sum = 0;
            for (String direction : List.of("read", "write")) {
                JsonObject one = both.getObject(direction);
                sum += job.unit() == FioJob.Unit.OPERATIONS
                        ? one.getDouble("iops")
                        : one.getDouble("bw_bytes") / MEGABYTE;
            }
            return sum;
        } catch (JsonParserException e) {
            throw new CommandFailure("fio: its output is not JSON: " + e.getMessage());
        }
    }

    private static Path data(Target target) {
        return target.directory().resolve("bench.dat");
    }
}
