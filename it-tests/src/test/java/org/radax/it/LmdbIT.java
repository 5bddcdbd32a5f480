package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** LMDB by its own tools: it reads through a shared mapping what it wrote with pwrite. */
final class LmdbIT {
    /** mdb_load commits, with fdatasync, so many records at a time. */
    private static final int BATCH = 100;

    private static final int RECORDS = Environment.nightly() ? 1_000_000 : 20_000;
    private static final int KILL_AFTER = RECORDS / 2;
    private static final String HEADER = "VERSION=3\nformat=print\ntype=btree\nmapsize=1073741824\nHEADER=END\n";
    private static final String FOOTER = "DATA=END\n";
    /** What a pipe and the reader's buffer may hold: what was written before that is with mdb_load. */
    private static final int UNDERWAY_BYTES = (64 << 10) + 4096;

    private Volume volume;

    @BeforeEach
    void needTools() {
        for (String program : List.of("mdb_load", "mdb_dump", "mdb_stat", "mdb_copy")) {
            Environment.needsProgram(program);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "writeback"})
    void shouldKeepEveryCommit(String cache) throws Exception {
        try (Volume mounted = Volume.mounted("2G", "--cache=" + cache)) {
            volume = mounted;
            Path database = Files.createDirectory(volume.directory().resolve("db"));
            if (!Environment.plain()) {
                loadUntilKilled(database);
                volume.mount();
                int found = check(database);
                int committed = (KILL_AFTER - UNDERWAY_BYTES / record(0).length()) / BATCH * BATCH;
                assertTrue(found >= committed, found + " records, at least " + committed + " expected");
                assertEquals(0, found % BATCH);
            }
            Path input = volume.scratch().resolve("input");
            try (BufferedWriter writer = Files.newBufferedWriter(input)) {
                writer.write(HEADER);
                for (int i = 0; i < RECORDS; i++) {
                    writer.write(record(i));
                }
                writer.write(FOOTER);
            }
            Run.of("mdb_load", "-f", input.toString(), database.toString()).ok();
            assertEquals(RECORDS, check(database));
            volume.cycle();
            assertEquals(RECORDS, check(database));
            copy(database, "copy");
            copy(database, "compacted", "-c");
            volume.unmount();
            volume.fsckClean();
        }
    }

    private void copy(Path database, String name, String... options) throws IOException, InterruptedException {
        Path copy = Files.createDirectory(volume.directory().resolve(name));
        List<String> command = new ArrayList<>(List.of("mdb_copy"));
        command.addAll(List.of(options));
        command.addAll(List.of(database.toString(), copy.toString()));
        Run.of(null, Map.of(), command).ok();
        assertEquals(RECORDS, check(copy));
    }

    private static String record(int number) {
        return String.format(" key%08d\n %0200d\n", number, number * 31L);
    }

    /** mdb_load gets half of the records, the daemon is killed, and mdb_load fails. */
    private void loadUntilKilled(Path database) throws IOException, InterruptedException {
        long daemon = volume.daemonPid();
        Process load = new ProcessBuilder("mdb_load", database.toString())
                .redirectErrorStream(true)
                .redirectOutput(volume.scratch().resolve("load").toFile())
                .start();
        try (BufferedWriter writer =
                new BufferedWriter(new OutputStreamWriter(load.getOutputStream(), StandardCharsets.US_ASCII))) {
            writer.write(HEADER);
            for (int i = 0; i < KILL_AFTER; i++) {
                writer.write(record(i));
            }
            writer.flush();
            assertTrue(ProcessHandle.of(daemon).orElseThrow().destroyForcibly());
            for (int i = KILL_AFTER; i < RECORDS; i++) {
                writer.write(record(i));
            }
            throw new AssertionError("mdb_load lives on a dead mount");
        } catch (IOException expected) {
            assertTrue(load.waitFor() != 0);
        } finally {
            load.destroyForcibly();
        }
    }

    /** What is there are the first records, and every page is accounted for; returns how many records. */
    private static int check(Path database) throws IOException, InterruptedException {
        Run dump = Run.of("mdb_dump", "-p", database.toString()).ok();
        Iterator<String> lines = dump.out().lines().iterator();
        while (!lines.next().equals("HEADER=END")) {
            assertTrue(lines.hasNext());
        }
        int records = 0;
        for (String key = lines.next(); !key.equals("DATA=END"); key = lines.next()) {
            assertEquals(record(records++), key + "\n" + lines.next() + "\n");
        }
        Map<String, Integer> pages = pages(database);
        assertEquals(pages.get("Number of pages used"), pages.get("accounted for"), pages::toString);
        return records;
    }

    /** mdb_stat's numbers by name; under "accounted for" the two meta pages, all trees' pages and the free ones. */
    private static Map<String, Integer> pages(Path database) throws IOException, InterruptedException {
        Map<String, Integer> numbers = new HashMap<>(Map.of("accounted for", 2));
        Run.of("mdb_stat", "-e", "-f", database.toString()).ok().out().lines().forEach(line -> {
            String[] parts = line.strip().split(": ", 2);
            if (parts.length == 2 && parts[1].matches("\\d+")) {
                numbers.put(parts[0], Integer.valueOf(parts[1]));
                if (List.of("Branch pages", "Leaf pages", "Overflow pages", "Free pages")
                        .contains(parts[0])) {
                    numbers.merge("accounted for", Integer.valueOf(parts[1]), Integer::sum);
                }
            }
        });
        return numbers;
    }
}
