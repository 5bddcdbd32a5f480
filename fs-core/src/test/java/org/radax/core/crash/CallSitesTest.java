package org.radax.core.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;

/** The list of places that write back, fence or commit has each of them, and no others. */
final class CallSitesTest {
    @Test
    void shouldListEveryPlaceWithWhatItProtects() {
        assertEquals(
                String.join("\n", CallSites.scan().keySet()),
                String.join("\n", CallSites.list().keySet()));
        CallSites.list().forEach((name, entry) -> assertFalse(entry.protects().isBlank(), name));
    }
}
