package org.radax.it.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.radax.it.harness.Run;

/** What a daemon takes, over time, in a file of comma-separated values. */
final class DaemonSamples {
    /** What clients come and go with: their sockets, page maps, arenas, and the threads that serve them. */
    private static final int OF_CLIENTS = 24;

    private final long pid;
    private final Path csv;
    private final long start = System.nanoTime();
    private final Series ownMemory = new Series("own memory KiB", 10, 8 << 10);
    private final Series heap = new Series("heap after GC KiB", 10, 1 << 10);
    private final Series descriptors = new Series("descriptors", 0, OF_CLIENTS);
    private final Series threads = new Series("threads", 0, OF_CLIENTS);
    private final Series mappings = new Series("mappings", 5, 2 * OF_CLIENTS);
    private final List<Series> all = List.of(ownMemory, heap, descriptors, threads, mappings);

    DaemonSamples(long pid, Path csv) throws IOException {
        this.pid = pid;
        this.csv = csv;
        String names = all.stream().map(Series::name).collect(Collectors.joining(","));
        Files.writeString(csv, "seconds," + names + "\n");
    }

    void take() throws IOException, InterruptedException {
        ownMemory.add(status("RssAnon"));
        threads.add(status("Threads"));
        descriptors.add(entries("fd"));
        mappings.add(lines());
        heap.add(heapKib());
        String line = all.stream().map(series -> Long.toString(series.last())).collect(Collectors.joining(","));
        long seconds = (System.nanoTime() - start) / 1_000_000_000L;
        Files.writeString(csv, seconds + "," + line + "\n", StandardOpenOption.APPEND);
    }

    boolean grows() {
        return all.stream().anyMatch(Series::grows);
    }

    String summary() {
        return all.stream().map(Series::summary).collect(Collectors.joining(", "));
    }

    private Path proc(String name) {
        return Path.of("/proc", Long.toString(pid), name);
    }

    private long status(String name) throws IOException {
        return Files.readAllLines(proc("status")).stream()
                .filter(line -> line.startsWith(name + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }

    private long entries(String directory) throws IOException {
        try (Stream<Path> entries = Files.list(proc(directory))) {
            return entries.count();
        }
    }

    private long lines() throws IOException {
        return Files.readAllLines(proc("maps")).size();
    }

    /** The histogram collects first; its last line is "Total INSTANCES BYTES". */
    private long heapKib() throws IOException, InterruptedException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        String said =
                Run.of(jcmd, Long.toString(pid), "GC.class_histogram").ok().out();
        String total = said.substring(said.lastIndexOf("Total")).strip();
        return Long.parseLong(total.split(" +", -1)[2]) >> 10;
    }
}
