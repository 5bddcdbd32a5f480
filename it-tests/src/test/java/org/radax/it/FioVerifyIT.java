package org.radax.it;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** fio writes blocks with checksums, the volume is unmounted and mounted, fio reads them back. */
final class FioVerifyIT {
    @BeforeEach
    void needFio() {
        Environment.needsProgram("fio");
    }

    @ParameterizedTest
    @CsvSource({
        "write,psync,0", "write,psync,1", "randwrite,psync,0", "randwrite,psync,1",
        "write,libaio,0", "write,libaio,1", "randwrite,libaio,0", "randwrite,libaio,1",
        "write,mmap,0", "randwrite,mmap,0"
    })
    void shouldReadBackWhatWasWritten(String pattern, String engine, int direct) throws Exception {
        roundTrip(pattern, engine, direct, 2);
    }

    @Test
    @Tag("smoke")
    void shouldReadBackWhatOneJobWroteRandomly() throws Exception {
        roundTrip("randwrite", "libaio", 1, 1);
    }

    private static void roundTrip(String pattern, String engine, int direct, int jobs)
            throws IOException, InterruptedException {
        try (Volume volume = Volume.mounted("512M")) {
            Path state = volume.scratch();
            List<String> job = new ArrayList<>(List.of(
                    "fio",
                    "--name=v",
                    "--directory=" + volume.directory(),
                    "--filename_format=v.$jobnum",
                    "--rw=" + pattern,
                    "--bs=4k",
                    "--size=32M",
                    "--numjobs=" + jobs,
                    "--ioengine=" + engine,
                    "--iodepth=" + (engine.equals("libaio") ? 16 : 1),
                    "--direct=" + direct,
                    "--verify=crc32c",
                    "--verify_fatal=1",
                    "--verify_state_save=0",
                    "--end_fsync=1",
                    "--group_reporting"));
            fio(state, job, "--do_verify=1");

            volume.cycle();

            fio(state, job, "--verify_only");
            volume.unmount();
            volume.fsckClean();
        }
    }

    private static void fio(Path directory, List<String> job, String more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(job);
        command.add(more);
        Run.in(directory, command.toArray(new String[0])).ok();
    }
}
