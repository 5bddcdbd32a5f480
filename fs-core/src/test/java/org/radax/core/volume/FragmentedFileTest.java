package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.radax.core.volume.FileSystem.FALLOC_KEEP_SIZE;
import static org.radax.core.volume.FileSystem.FALLOC_PUNCH_HOLE;
import static org.radax.core.volume.FileSystem.FALLOC_ZERO_RANGE;
import static org.radax.core.volume.FileSystem.ROOT_INO;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.radax.core.check.Checker;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.unit.Units;

/** One request over a file whose every second block is a hole: thousands of extents, with space in plenty. */
final class FragmentedFileTest {
    private static final int FILE_BYTES = 96 << 20;
    private static final int PIECE_BYTES = 4 << 20;

    private final TestVolume v;
    private long file;

    FragmentedFileTest() throws PoolException {
        v = new TestVolume(512L << 20);
    }

    @BeforeEach
    void makeHoles() throws FsException {
        file = v.create(ROOT_INO, "file");
        byte[] data = filled(0xab);
        for (int at = 0; at < FILE_BYTES; at += data.length) {
            v.write(file, at, data);
        }
        for (int at = 0; at < FILE_BYTES; at += 2 * Units.BLOCK_BYTES) {
            v.fallocate(file, FALLOC_PUNCH_HOLE | FALLOC_KEEP_SIZE, at, Units.BLOCK_BYTES);
        }
    }

    @AfterEach
    void close() {
        assertEquals(List.of(), Checker.check(v.memory, false, line -> {}).findings());
        v.close();
    }

    private static byte[] filled(int value) {
        byte[] bytes = new byte[PIECE_BYTES];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private void assertAll(byte[] expected) throws FsException {
        for (int at = 0; at < FILE_BYTES; at += expected.length) {
            assertArrayEquals(expected, v.read(file, at, expected.length), "at " + at);
        }
    }

    @Test
    void shouldBeZeroedInOneRequest() throws FsException {
        v.fallocate(file, FALLOC_ZERO_RANGE, 0, FILE_BYTES);
        assertAll(new byte[PIECE_BYTES]);
    }

    @Test
    void shouldBeAllocatedInOneRequest() throws FsException {
        v.fallocate(file, 0, 0, FILE_BYTES);
        for (int at = 0; at < FILE_BYTES; at += PIECE_BYTES) {
            assertEquals(PIECE_BYTES, v.write(file, at, filled(7)));
        }
        assertAll(filled(7));
    }

    @Test
    void shouldBePunchedInOneRequest() throws FsException {
        v.fallocate(file, FALLOC_PUNCH_HOLE | FALLOC_KEEP_SIZE, 0, FILE_BYTES);
        assertEquals(0, v.stat(file).blocks);
        assertAll(new byte[PIECE_BYTES]);
    }

    @Test
    void shouldBeWrittenOver() throws FsException {
        for (int at = 0; at < FILE_BYTES; at += PIECE_BYTES) {
            assertEquals(PIECE_BYTES, v.write(file, at, filled(9)));
        }
        assertAll(filled(9));
    }
}
