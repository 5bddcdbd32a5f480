package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.radax.it.harness.Environment;
import org.radax.it.harness.FileTrees;
import org.radax.it.harness.Posix;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** tar and rsync, into the volume and out again, with everything a file can carry. */
final class ArchiveIT {
    @Test
    @Tag("smoke")
    void shouldSurviveTarBothWays() throws Exception {
        Environment.needsProgram("tar");
        try (Volume volume = Volume.mounted("512M")) {
            Path source = makeSource(volume.scratch().resolve("source"));
            Path archive = volume.scratch().resolve("a.tar");
            Path inside = Files.createDirectory(volume.directory().resolve("in"));
            Path back = Files.createDirectory(volume.scratch().resolve("back"));

            Run.in(source, "tar", "--xattrs", "--sparse", "-cpf", archive.toString(), ".")
                    .ok();
            Run.in(inside, "tar", "--xattrs", "--xattrs-include=user.*", "-xpf", archive.toString())
                    .ok();
            volume.cycle();
            Run.in(inside, "tar", "--xattrs", "--sparse", "-cpf", archive.toString(), ".")
                    .ok();
            Run.in(back, "tar", "--xattrs", "--xattrs-include=user.*", "-xpf", archive.toString())
                    .ok();

            FileTrees.assertSame(FileTrees.describe(source), inside);
            FileTrees.assertSame(FileTrees.describe(source), back);
            assertEquals("value", attribute(inside.resolve("with-attribute")));
            assertEquals("value", attribute(back.resolve("with-attribute")));
        }
    }

    @Test
    void shouldSurviveRsyncBothWays() throws Exception {
        Environment.needsProgram("rsync");
        try (Volume volume = Volume.mounted("512M")) {
            Path source = makeSource(volume.scratch().resolve("source"));
            Path inside = volume.directory().resolve("in");
            Path back = volume.scratch().resolve("back");

            rsync(source, inside);
            volume.cycle();
            rsync(inside, back);

            FileTrees.assertSame(FileTrees.describe(source), inside);
            FileTrees.assertSame(FileTrees.describe(source), back);
            assertEquals("value", attribute(back.resolve("with-attribute")));
            assertEquals("", rsync(source, inside), "a second run finds nothing to do");
        }
    }

    private static String rsync(Path from, Path to) throws IOException, InterruptedException {
        // The sources have no ACLs: -A finds nothing to set, which is what a volume without ACLs can do.
        return Run.of("rsync", "-aHAX", "--checksum", "--modify-window=-1", "--out-format=%i %n", from + "/", to + "/")
                .ok()
                .out();
    }

    /** Sources of this project, plus what sources do not have: links, holes, special files, attributes, odd names. */
    private static Path makeSource(Path source) throws IOException, InterruptedException {
        Run.of("cp", "-a", Environment.project().resolve("fs-core/src").toString(), source.toString())
                .ok();
        Files.writeString(source.resolve("one"), "linked\n");
        Files.createLink(source.resolve("two"), source.resolve("one"));
        Files.createSymbolicLink(source.resolve("dangling"), Path.of("no/such/file"));
        Files.writeString(source.resolve("n".repeat(255)), "long name");
        Files.writeString(source.resolve("späce and ünicode"), "x");
        Files.createDirectory(source.resolve("empty"));
        Run.of("truncate", "-s", "5M", source.resolve("sparse").toString()).ok();
        Run.of("mkfifo", source.resolve("fifo").toString()).ok();
        Run.of("chmod", "6755", source.resolve("one").toString()).ok();
        Path carrying = source.resolve("with-attribute");
        Files.writeString(carrying, "y");
        Files.setAttribute(carrying, "user:note", ByteBuffer.wrap(new byte[] {'v', 'a', 'l', 'u', 'e'}));
        return source;
    }

    private static String attribute(Path file) {
        byte[] value = new byte[100];
        long length = Posix.LIBC.lgetxattr(file.toString(), "user.note", value, value.length);
        return new String(value, 0, (int) Math.max(0, length), StandardCharsets.UTF_8);
    }
}
