package org.radax.core.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.radax.core.error.Errno;
import org.radax.core.error.PoolException;

@Timeout(120)
final class PoolFileTest {
    @TempDir
    private Path directory;

    /** Of a reader, at once; of a program that has files mapped, which is waited for, with the lock exclusive already. */
    @ParameterizedTest
    @ValueSource(strings = {"shared", "mapper"})
    void shouldStayLockedForReadingWhereItCanNotBeMadeWritable(String lock) throws Exception {
        Path path = Files.write(directory.resolve("pool"), new byte[1 << 20]);
        try (PoolFile pool = PoolFile.open(path, false);
                LockingProgram other = new LockingProgram(path)) {
            assertTrue(other.gets(lock));
            PoolException refusal = assertThrows(PoolException.class, pool::makeWritable);
            assertEquals(Errno.EBUSY, refusal.errno(), refusal::getMessage);

            assertFalse(other.gets("exclusive"), "nobody writes what is mounted here");
            assertTrue(other.gets("shared"), "others read it");
            assertTrue(other.gets("none"));

            pool.makeWritable();
            assertTrue(pool.writable());
            assertFalse(other.gets("shared"));
        }
    }
}
