package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.junit.jupiter.api.Test;
import org.radax.it.harness.Posix;
import org.radax.it.harness.Volume;

/** Times as programs set and see them. By system calls: the JDK's own are right from 1970 to 2262 only. */
final class TimesIT {
    /** Of struct statx: seconds, then nanoseconds. */
    private static final int STATX_ATIME = 64;

    private static final int STATX_MTIME = 112;

    private final Pointer statx = Memory.allocateDirect(Runtime.getRuntime(Posix.LIBC), Posix.STATX_BYTES);

    private static void setTimes(Path file, Instant to) {
        long[] times = {to.getEpochSecond(), to.getNano(), to.getEpochSecond(), to.getNano()};
        assertEquals(0, Posix.LIBC.utimensat(Posix.AT_FDCWD, file.toString(), times, 0));
    }

    private Instant accessed(Path file) {
        return time(file, STATX_ATIME);
    }

    private Instant modified(Path file) {
        return time(file, STATX_MTIME);
    }

    private Instant time(Path file, int field) {
        assertEquals(0, Posix.LIBC.statx(Posix.AT_FDCWD, file.toString(), 0, Posix.STATX_ALL, statx));
        return Instant.ofEpochSecond(statx.getLong(field), statx.getInt(field + Long.BYTES));
    }

    @Test
    void shouldKeepTimesBefore1970AndAfter2262() throws Exception {
        Instant[] instants = {
            Instant.parse("1901-12-13T20:45:52Z"),
            Instant.parse("1960-01-01T00:00:00.000000001Z"),
            Instant.parse("1969-12-31T23:59:59.999999999Z"),
            Instant.parse("2300-07-08T09:10:11.123456789Z"),
            Instant.parse("2446-05-10T22:38:55Z")
        };
        try (Volume volume = Volume.mounted("64M")) {
            Path file = Files.createFile(volume.directory().resolve("file"));
            for (Instant instant : instants) {
                setTimes(file, instant);
                assertEquals(instant, modified(file));
                volume.cycle();
                assertEquals(instant, modified(file), "after a remount");
            }
        }
    }

    @Test
    void shouldTouchTheAccessTimeAtEachReadWhenStrict() throws Exception {
        try (Volume volume = Volume.mounted("64M", "-o", "strictatime")) {
            Path file = Files.write(volume.directory().resolve("file"), new byte[8192]);
            Instant last = accessed(file);
            for (int i = 0; i < 3; i++) {
                Thread.sleep(20);
                Files.readAllBytes(file);
                Instant now = accessed(file);
                assertTrue(now.isAfter(last), "read " + i);
                last = now;
            }
        }
    }
}
