package org.radax.core.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

final class LibCTest {
    /** jnr-ffi passes garbage as the sixth of six integers when its x86 assembler is on: see LibC. */
    @Test
    void shouldPassAllSixArgumentsOfMmap() {
        for (int i = 0; i < 10_000; i++) {
            long address = LibC.INSTANCE.mmap(
                    0, 4096, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS, -1, 0);
            assertNotEquals(-1, address, LibC.lastError());
            RawMemory.putLong(address, i);
            assertEquals(i, RawMemory.getLong(address));
            assertEquals(0, LibC.INSTANCE.munmap(address, 4096));
        }
    }

    @Test
    void shouldReportErrno() {
        assertEquals(-1, LibC.INSTANCE.open("/nonexistent/radax", LibC.O_RDONLY, 0));
        assertEquals(2, LibC.errno());
    }
}
