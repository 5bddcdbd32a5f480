package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Perl;
import org.radax.it.harness.Volume;

/** A great directory is listed in every way while it changes: what stays is listed once, what never was is not. */
final class ListingIT {
    @Test
    void shouldListOnceWhatStays() throws Exception {
        list(Environment.nightly() ? 1_000_000 : 100_000);
    }

    @Test
    @Tag("smoke")
    void shouldListASmallerDirectory() throws Exception {
        list(5_000);
    }

    private static void list(int count) throws IOException, InterruptedException {
        try (Volume volume = Volume.mounted("2G")) {
            assertEquals(
                    List.of("readers: exit 0: 5", "writers: exit 0: 3", "rewound: new"),
                    Perl.run("listing", volume.directory(), count));
            volume.unmount();
            volume.fsckClean();
        }
    }
}
