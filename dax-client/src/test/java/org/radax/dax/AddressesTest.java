package org.radax.dax;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class AddressesTest {
    private static final long RUN = 2 << 20;
    private static final long BASE = 0x7000_0000_0000L;

    @Test
    void shouldLieToTwoMebibytesAsTheFileDoes() throws Exception {
        Addresses addresses = new Addresses(BASE + 4096, 64 * RUN);
        for (long offset : new long[] {0, 4096, RUN - 4096, 5 * RUN + 8192}) {
            assertEquals(offset % RUN, addresses.take(offset, 4096) % RUN);
        }
    }

    @Test
    void shouldTakeWhatWasGivenBackLast() throws Exception {
        Addresses addresses = new Addresses(BASE, 4 * RUN);
        long first = addresses.take(0, RUN);
        addresses.giveBack(first, RUN);
        long second = addresses.take(0, RUN);
        assertTrue(second != first, "there were others");
        addresses.take(0, RUN);
        addresses.take(0, RUN);
        assertEquals(first, addresses.take(0, RUN));
        assertThrows(DaxException.class, () -> addresses.take(0, 4096));
    }

    @Test
    void shouldNeverGiveAnAddressTwice() throws Exception {
        Random random = new Random(5);
        Addresses addresses = new Addresses(BASE, 256 * RUN);
        List<long[]> taken = new ArrayList<>();
        int refused = 0;
        for (int step = 0; step < 20_000; step++) {
            if (random.nextInt(100) < 45 && !taken.isEmpty()) {
                long[] range = taken.remove(random.nextInt(taken.size()));
                addresses.giveBack(range[0], range[1] - range[0]);
                continue;
            }
            long length = (1 + random.nextInt(3000)) * 4096L;
            try {
                long at = addresses.take(random.nextInt(1000) * 4096L, length);
                assertTrue(at >= BASE && at + length <= BASE + 256 * RUN);
                for (long[] other : taken) {
                    assertTrue(at + length <= other[0] || at >= other[1]);
                }
                taken.add(new long[] {at, at + length});
            } catch (DaxException e) {
                refused++;
            }
        }
        assertTrue(refused > 0, "it was full at times");
        for (long[] range : taken) {
            addresses.giveBack(range[0], range[1] - range[0]);
        }
        assertEquals(BASE, addresses.take(0, 256 * RUN), "all of it is in one piece again");
    }
}
