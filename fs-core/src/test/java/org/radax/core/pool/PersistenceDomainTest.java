package org.radax.core.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.unit.Units;

/** What makes stores durable, by what lies under the pool and what the CPU has (D27). */
final class PersistenceDomainTest {
    private static final long PAGES = 8;

    @Test
    void D27_shouldWriteLinesBackOnTmpfs() throws Exception {
        Path pool = Files.createTempFile(Path.of("/dev/shm"), "radax-domain", ".pool");
        try {
            assertDomain("cache-line", PoolFile.Kind.TMPFS, pool);
        } finally {
            Files.delete(pool);
        }
    }

    @Test
    void D27_shouldMsyncPlainFiles() throws Exception {
        Path pool = Files.createTempFile(Path.of("target"), "radax-domain", ".pool");
        try {
            assertNotEquals("tmpfs", Files.getFileStore(pool).type(), "the build lies in memory");
            assertDomain("msync", PoolFile.Kind.PLAIN_FILE, pool);
        } finally {
            Files.delete(pool);
        }
    }

    private static void assertDomain(String name, PoolFile.Kind kind, Path path) throws Exception {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(16 << 20);
        }
        try (PoolFile pool = PoolFile.open(path, true)) {
            assertEquals(kind, pool.kind());
            assertEquals(name, pool.defaultDomain().name());
        }
    }

    @Test
    void D27_shouldFallBackToMsyncWhereLinesCanNotBeWrittenBack() {
        for (PoolFile.Kind kind : PoolFile.Kind.values()) {
            assertEquals("msync", PoolFile.domainOf(kind, false, 0).name());
        }
    }

    private static long map(long address, long pages, int flags) {
        return LibC.INSTANCE.mmap(
                address,
                pages << Units.BLOCK_SHIFT,
                LibC.PROT_READ | LibC.PROT_WRITE,
                LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | flags,
                -1,
                0);
    }

    /** A page that is not there makes its msync fail: so it was asked for, by a fence, if it was written back. */
    @Test
    void D27_shouldMsyncWhatWasWrittenBackAtTheFence() {
        long base = map(0, PAGES, 0);
        long gone = 5;
        LibC.INSTANCE.munmap(base + (gone << Units.BLOCK_SHIFT), Units.BLOCK_BYTES);
        MsyncDomain domain = new MsyncDomain(base);
        for (long page = 0; page < PAGES; page++) {
            if (page != gone) {
                domain.writeBack((page << Units.BLOCK_SHIFT) + 100, 8);
            }
        }
        domain.fence();
        domain.writeBack((gone << Units.BLOCK_SHIFT) - 4, 8);
        assertThrows(InternalError.class, domain::fence);
        LibC.INSTANCE.munmap(base, PAGES << Units.BLOCK_SHIFT);
    }

    /**
     * The instruction of the JVM's stub for a line, read out of another JVM: CLWB, CLFLUSHOPT, CLFLUSH, the first that the
     * CPU has. JDK 17 looks for CLWB on Intel's CPUs only.
     */
    @Test
    void D27_shouldChooseTheBestInstructionOfTheCpu() throws Exception {
        assertTrue(RawMemory.canWriteBackLines());
        List<String> cpu = Files.readAllLines(Path.of("/proc/cpuinfo"));
        List<String> flags = cpu.stream()
                .filter(line -> line.startsWith("flags"))
                .findFirst()
                .map(line -> Arrays.asList(line.split(" ")))
                .orElseThrow();
        boolean isIntel = cpu.stream().anyMatch(line -> line.contains("GenuineIntel"));
        String expected = "0fae3f";
        if (flags.contains("clflushopt")) {
            expected = isIntel && flags.contains("clwb") ? "660fae37" : "660fae3f";
        }
        assertEquals(expected, lineStub());
    }

    /** Behind the stub's prologue: the instruction on the line at RDI, in hexadecimal. */
    private static String lineStub() throws Exception {
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UnlockDiagnosticVMOptions",
                        "-XX:+PrintStubCode",
                        "-version")
                .redirectErrorStream(true)
                .start();
        String output = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, java.waitFor());
        Matcher stub = Pattern.compile("_data_cache_writeback \\[.*\\n\\[MachCode]\\n *0x[0-9a-f]+: ([0-9a-f| ]*)")
                .matcher(output);
        assertTrue(stub.find(), "no stub for a line in what the JVM tells");
        return stub.group(1).replaceAll("[| ]", "").replaceFirst("^55488bec", "");
    }

    /** The kernel tells it once, to whoever asks first. */
    @Test
    void shouldFailForEverybodyOnceAnMsyncFailed() {
        long base = map(0, PAGES, 0);
        LibC.INSTANCE.munmap(base, Units.BLOCK_BYTES);
        MsyncDomain domain = new MsyncDomain(base);
        domain.writeBack(0, 8);
        domain.writeBack(Units.BLOCK_BYTES, 8);
        assertThrows(InternalError.class, domain::fence);
        map(base, 1, LibC.MAP_FIXED);
        assertThrows(InternalError.class, domain::fence);
        LibC.INSTANCE.munmap(base, PAGES << Units.BLOCK_SHIFT);
    }
}
