package org.radax.it;

import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** {@code radax scrub}. */
final class ScrubIT {
    /** docs/FORMAT.md, sections 7 and 8: where in the pool an inode's owner lies, by its number. */
    private static final int INODE_BYTES = 256;

    private static final int UID = 32;

    @BeforeEach
    void needMounts() {
        Environment.needsMount();
    }

    private static Run scrub(Volume volume, String... options) throws Exception {
        String[] command = new String[options.length + 2];
        command[0] = "scrub";
        System.arraycopy(options, 0, command, 1, options.length);
        command[command.length - 1] = volume.directory().toString();
        return Volume.radax(command);
    }

    private static void flip(Path pool, long offset) throws IOException {
        try (FileChannel channel = FileChannel.open(pool, READ, WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, offset);
            one.put(0, (byte) (one.get(0) ^ 1)).rewind();
            channel.write(one, offset);
        }
    }

    private static void fill(Path directory) throws IOException {
        for (int i = 0; i < 300; i++) {
            Files.write(directory.resolve("file" + i), new byte[100 * i]);
        }
    }

    @Test
    @Tag("smoke")
    void shouldNameWhatIsDamaged() throws Exception {
        try (Volume volume = Volume.mounted("64M")) {
            Path directory = Files.createDirectory(volume.directory().resolve("directory"));
            fill(directory);
            String sound = scrub(volume).ok().out();
            assertTrue(sound.matches("(?s).*superblocks: +2\n.*inodes: +302\n.*nothing damaged\n"), sound);

            Path idle = directory.resolve("file7");
            long ino = ((Number) Files.getAttribute(idle, "unix:ino")).longValue();
            flip(volume.pool(), ino * INODE_BYTES + UID);
            Run damaged = scrub(volume, "-v");
            assertEquals(4, damaged.code(), damaged.toString());
            String line = "inode in block " + ino / 16 + ", inode " + ino + " " + idle + ": checksum 0x";
            assertTrue(damaged.out().startsWith(line), damaged.out());
            assertTrue(damaged.out().contains(": 1 damaged") || damaged.out().contains("1 damaged"), damaged.out());
            assertTrue(damaged.out().matches("(?s).*\\d s, .*/s\n.*"), damaged.out());

            Run told = scrub(volume, "--json");
            assertEquals(4, told.code(), told.toString());
            JsonObject report = JsonParser.object().from(told.out());
            assertEquals(4, report.getInt("exitCode"));
            assertEquals(1, report.getLong("findingCount"));
            JsonObject finding = report.getArray("findings").getObject(0);
            assertEquals("inode", finding.getString("structure"));
            assertEquals(ino, finding.getLong("ino"));
            assertEquals(ino / 16, finding.getLong("poolBlock"));
            assertEquals(idle.toString(), finding.getString("path"));
            assertEquals("checksum", finding.getString("field"));
            assertEquals(302, report.getObject("counts").getLong("inodes"));
            // The others are served.
            assertEquals(800, Files.readAllBytes(directory.resolve("file8")).length);

            flip(volume.pool(), ino * INODE_BYTES + UID);
            scrub(volume).ok();
            volume.cycle();
        }
    }

    @Test
    void shouldGoOnBesideOthers() throws Exception {
        try (Volume volume = Volume.mounted("128M")) {
            Process stressor = new ProcessBuilder(
                            "sh",
                            "-c",
                            "while :; do for i in 1 2 3 4 5 6 7 8 9; do mkdir -p d$i; cp -r /bin/sh d$i/sh; ln -f d$i/sh"
                                    + " s$i; mv d$i e$i; rm -rf e$i; echo $i >>log; done; done")
                    .directory(volume.directory().toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                for (int i = 0; i < 5; i++) {
                    scrub(volume).ok();
                }
                assertTrue(stressor.isAlive());
            } finally {
                stressor.destroyForcibly();
                assertTrue(stressor.waitFor(30, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void shouldScrubWhatIsFrozenOrForReading() throws Exception {
        try (Volume volume = Volume.mounted("64M")) {
            fill(volume.directory());
            String directory = volume.directory().toString();
            Volume.radax("freeze", directory).ok();
            scrub(volume).ok();
            Volume.radax("thaw", directory).ok();
            Volume.radax("mount", "-o", "remount,ro", directory).ok();
            scrub(volume).ok();
        }
    }

    @Test
    void shouldRefuseWhatIsNoMount() throws Exception {
        Volume.radax("scrub").refused(16, "DIR");
        Volume.radax("scrub", "--fast", "/").refused(16, "--fast");
        Volume.radax("scrub", "/nowhere").refused(8, "/nowhere: no such file");
        Volume.radax("scrub", "/proc").refused(8, "not on a Radax mount");
        try (Volume volume = Volume.mounted("64M")) {
            Path below = Files.createDirectory(volume.directory().resolve("below"));
            Volume.radax("scrub", below.toString())
                    .refused(16, "not a mount point", volume.directory().toString());
        }
    }
}
