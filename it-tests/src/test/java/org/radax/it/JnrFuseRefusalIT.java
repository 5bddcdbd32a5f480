package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Posix;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** What libfuse 2 can not do is refused as README says, and so is a mount without it. */
final class JnrFuseRefusalIT {
    private static final String TRANSPORT = "--transport=jnr-fuse";
    private static final int RENAME_NOREPLACE = 1;
    private static final int EINVAL = 22;
    private static final int EOPNOTSUPP = 95;

    @BeforeEach
    void needMount() {
        Environment.needsMount();
    }

    @Test
    void shouldRefuseWhatTheApiCanNotDo() throws Exception {
        try (Volume volume = Volume.mounted("64M", TRANSPORT)) {
            String a = Files.writeString(volume.directory().resolve("a"), "x").toString();
            int at = Posix.AT_FDCWD;
            assertEquals(-1, Posix.LIBC.renameat2(at, a, at, a + "b", RENAME_NOREPLACE));
            assertEquals(EINVAL, Posix.errno());
            assertEquals(-1, Posix.LIBC.open(volume.directory().toString(), Posix.O_TMPFILE | Posix.O_RDWR, 0600));
            assertEquals(EOPNOTSUPP, Posix.errno());
            int fd = Posix.LIBC.open(a, Posix.O_RDONLY, 0);
            assertEquals(1, Posix.LIBC.lseek(fd, 0, Posix.SEEK_HOLE), "one piece of data");
            Posix.LIBC.close(fd);
            assertEquals(
                    "95\n0\n",
                    Run.in(volume.directory(), "python3", "-c", """
                    import os, struct
                    def number(f):
                      try: f()
                      except OSError as e: print(e.errno)
                    acl = struct.pack('<IHHiHHiHHiHHiHHi', 2, 1,6,-1, 2,4,1, 4,4,-1, 16,4,-1, 32,4,-1)
                    number(lambda: os.setxattr('a', 'system.posix_acl_access', acl))
                    print(len(os.listxattr('a')))
                    """).ok().out());
            assertEquals("-", Run.of("stat", "-c", "%w", a).ok().out().strip(), "no time of birth");
        }
    }

    @Test
    void shouldRefuseAWritebackCache() throws Exception {
        try (Volume volume = Volume.formatted("64M")) {
            Volume.radax(
                            "mount",
                            TRANSPORT,
                            "--cache=writeback",
                            volume.pool().toString(),
                            volume.directory().toString())
                    .refused(32, "libfuse 2", "writeback");
            assertFalse(Volume.isMountPoint(volume.directory()));
        }
    }

    /** The library is hidden from a mount namespace of its own. */
    @Test
    void shouldSayWhatToInstallWithoutLibfuse() throws Exception {
        try (Volume volume = Volume.formatted("64M")) {
            Path nothing = Files.createFile(volume.scratch().resolve("nothing"));
            String mount =
                    Environment.launcher() + " mount " + TRANSPORT + " " + volume.pool() + " " + volume.directory();
            Run.of(
                            "unshare",
                            "-m",
                            "bash",
                            "-c",
                            "for library in /lib/*/libfuse.so.2.* /usr/local/lib/libfuse.so.2.*; do"
                                    + " [ ! -e $library ] || mount --bind " + nothing + " $library; done; "
                                    + mount + "; code=$?; grep -c ' " + volume.directory()
                                    + " ' /proc/mounts; exit $code")
                    .refused(32, "libfuse 2", "apt-get install libfuse2");
        }
    }
}
