package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Perl;
import org.radax.it.harness.Volume;

/** What is as long, as many or as large as can be is kept; one more is refused, each time as POSIX or Linux says. */
final class LimitsIT {
    private static final long FILE_MAX = 16L << 40;
    private static final String TEN_TIMES = " %1$s %1$s %1$s %1$s %1$s %1$s %1$s %1$s %1$s %1$s";
    private static final String SIX_TIMES = " %1$s %1$s %1$s %1$s %1$s %1$s";

    @Test
    @Tag("smoke")
    void shouldTakeNamesOf255Bytes() throws Exception {
        assertLimits(
                "names",
                List.of("255:" + TEN_TIMES.formatted("ok"), "256:" + TEN_TIMES.formatted("ENAMETOOLONG"), "many 1000"),
                List.of("many 1000", "rmdir ok"));
    }

    @Test
    void shouldTakePathsOf4095Bytes() throws Exception {
        assertLimits(
                "paths",
                List.of("4095:" + SIX_TIMES.formatted("ok"), "4096:" + SIX_TIMES.formatted("ENAMETOOLONG")),
                null);
    }

    /** A megabyte of path: find, rm, and the checker go down and come back. */
    @Test
    void shouldBeDeeperThanAnyPath() throws Exception {
        // Through libfuse 2 each step goes down all the way from the root.
        boolean byPath = Environment.throughLibfuse();
        assertLimits(
                byPath ? "deep_by_path" : "deep",
                List.of("bottom 0", "back 2"),
                List.of(byPath ? "find 600" : "find 10000", "rm 0", "left 0"));
    }

    /** A longer list of names could be made, but never read: listxattr(2) ends at 64 KiB. */
    @Test
    void shouldTakeAttributesTheKernelCanRead() throws Exception {
        assertLimits(
                "attributes",
                List.of(
                        "name of 255: ok",
                        "name of 256: ERANGE",
                        "value of 65536: ok",
                        "trusted value of 65536: ok",
                        "value of 65537: E2BIG",
                        "trusted value of 65537: E2BIG",
                        "list of 256: ENOSPC",
                        "shorter: ENOSPC",
                        "replaced: ok",
                        "removed: ok",
                        "instead: ok",
                        "once more: ENOSPC"),
                List.of("name value", "value kept", "trusted value kept", "list of 65536 bytes, 256 of 256 right"));
    }

    @Test
    void shouldTakeSymbolicLinksOf4095Bytes() throws Exception {
        assertLimits("symlinks", List.of("4095: ok", "4096: ENAMETOOLONG"), List.of("target kept", "size 4095"));
    }

    /** More than the 65,000 of ext4; where they end, 2^32 - 1, is too far for a test on a mount. */
    @Test
    void shouldCountLinksBeyond16Bits() throws Exception {
        String all = "links 70001, subdirectories 70002";
        assertLimits("links", List.of(all), List.of(all, "links 1, subdirectories 2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "none"})
    void shouldEndFilesAt16TiB(String cache) throws Exception {
        assertLimits(
                "sizes",
                List.of(
                        "truncate ok, EFBIG",
                        "size at the limit",
                        "last byte ok 1",
                        "behind it EFBIG",
                        "across the end ok 1",
                        "appended EFBIG",
                        "allocated EFBIG",
                        "kept size EFBIG",
                        "overflowing write EINVAL",
                        "last offset EFBIG",
                        "negative write EINVAL",
                        "overflowing allocation EFBIG",
                        "copied EFBIG",
                        "read ok 1 y",
                        "read behind it ok",
                        "read at the last offset ok",
                        "sync ok",
                        "size at the limit",
                        Environment.throughLibfuse() ? "hole " + FILE_MAX : "hole 0",
                        Environment.throughLibfuse() ? "data -" + FILE_MAX : "data -4096",
                        "beyond ENXIO"),
                List.of("read ok 1 y", "size at the limit, blocks 8"),
                "--cache=" + cache);
    }

    /** The kernel, which knows no limit, takes what it caches; that it can not be kept is told by fsync. */
    @Test
    void shouldTellOfCachedWritesBeyond16TiB() throws Exception {
        assertLimits(
                "cached_sizes",
                List.of("behind it ok 1", "sync EFBIG", "sync ok"),
                List.of("size 4096"),
                "--cache=writeback");
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "none", "writeback"})
    void shouldKeepToTheLimitOfTheProcess(String cache) throws Exception {
        assertLimits(
                "size_limit",
                List.of(
                        "to the limit: exit 0, exit 0, ok 10",
                        "over it: signal 25, exit 0, EFBIG",
                        "truncated: signal 25, exit 0, EFBIG",
                        "allocated: signal 25, exit 0, EFBIG",
                        "shorter: exit 0, exit 0, ok",
                        "size 8191",
                        "direct: signal 25, exit 0, EFBIG",
                        "size 8191"),
                null,
                "--cache=" + cache);
    }

    /** What is answered, and after a check and another mount, unless {@code again} is null, what is there. */
    private static void assertLimits(String scenario, List<String> expected, List<String> again, String... mountOptions)
            throws IOException, InterruptedException {
        Environment.needsMount();
        try (Volume volume = Volume.mounted("1G", mountOptions)) {
            assertEquals(expected, Perl.run("limits", scenario, volume.directory()));
            volume.cycle();
            if (again != null) {
                assertEquals(again, Perl.run("limits", scenario + "_again", volume.directory()));
            }
            volume.unmount();
            volume.fsckClean();
        }
    }
}
