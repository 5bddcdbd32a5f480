package org.radax.it.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonParser;
import com.grack.nanojson.JsonParserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.radax.it.harness.Run;

/**
 * Two jobs of fio that write blocks with checksums in random order, each of them durable when answered, until the
 * filesystem is gone; then the blocks that were answered are read back.
 */
final class FioWriters {
    private static final int JOBS = 2;

    private final Path state;
    private final List<String> job;
    private final Process process;

    private FioWriters(Path state, List<String> job) throws IOException {
        this.state = state;
        this.job = job;
        List<String> command = new ArrayList<>(job);
        command.addAll(List.of(
                "--do_verify=0",
                "--verify_state_save=1",
                "--rate_iops=3000",
                "--exec_prerun=true",
                "--output=written"));
        this.process = new ProcessBuilder(command)
                .directory(state.toFile())
                .redirectErrorStream(true)
                .redirectOutput(state.resolve("said").toFile())
                .start();
    }

    /**
     * @param state an empty directory for what fio keeps
     * @param direct past the page cache, else with O_SYNC
     */
    static FioWriters start(Path directory, Path state, long seed, boolean direct) throws IOException {
        return new FioWriters(
                state,
                List.of(
                        "fio",
                        "--name=v",
                        "--directory=" + directory,
                        "--filename_format=fio.$jobnum",
                        "--rw=randwrite",
                        "--bs=4k",
                        "--size=8M",
                        "--numjobs=" + JOBS,
                        "--thread",
                        "--ioengine=psync",
                        direct ? "--direct=1" : "--sync=1",
                        "--verify=crc32c",
                        "--verify_fatal=1",
                        "--randseed=" + seed,
                        "--aux-path=" + state,
                        "--output-format=json"));
    }

    /** Until it is about to write. */
    void awaitStart() throws InterruptedException, IOException {
        for (int i = 0; i < 6_000 && !Files.exists(state.resolve("v.prerun.txt")); i++) {
            assertTrue(process.isAlive(), "fio ended early");
            Thread.sleep(5);
        }
    }

    /** Nothing but the death of the daemon keeps it from writing everything. */
    void assertRunning() throws IOException {
        assertTrue(process.isAlive() || process.exitValue() == 0, Files.readString(state.resolve("said")));
    }

    void awaitEnd() throws InterruptedException {
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "fio hangs");
    }

    void kill() {
        process.destroyForcibly();
    }

    /** What was answered is there; returns how many blocks that is. */
    int verify() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(job);
        command.addAll(List.of("--verify_only", "--verify_state_load=1", "--output=verified"));
        Run.in(state, command.toArray(new String[0])).ok();
        int blocks = 0;
        for (int i = 0; i < JOBS; i++) {
            JsonObject written = result("written", i);
            int issued = written.getObject("write").getInt("total_ios");
            // The one that failed is counted, and was not answered.
            int answered = issued - (written.getInt("error") == 0 || issued == 0 ? 0 : 1);
            assertEquals(answered, result("verified", i).getObject("read").getInt("total_ios"), "blocks verified");
            blocks += answered;
        }
        return blocks;
    }

    private JsonObject result(String name, int number) throws IOException {
        try {
            // Messages come before it.
            String said = Files.readString(state.resolve(name));
            JsonObject all = JsonParser.object().from(said.substring(said.indexOf('{')));
            return all.getArray("jobs").getObject(number);
        } catch (JsonParserException e) {
            throw new IOException(name + " is not JSON", e);
        }
    }
}
