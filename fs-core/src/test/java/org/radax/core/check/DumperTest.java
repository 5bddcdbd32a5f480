package org.radax.core.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.radax.core.error.Errno;
import org.radax.core.error.PoolException;

final class DumperTest {
    private final TestImage image = new TestImage();

    @AfterEach
    void unmap() {
        image.close();
    }

    private Map<?, ?> dump(String what, String argument) throws PoolException {
        return (Map<?, ?>) Dumper.dump(image.memory, what, argument);
    }

    @Test
    void shouldShowSuperblockGroupAndInode() throws PoolException {
        assertEquals(TestImage.SIZE_BYTES, dump("super", null).get("sizeBytes"));
        assertEquals(true, dump("super", null).get("clean"));
        assertEquals(4096L, dump("group", "0").get("blockCount"));
        assertEquals(6L, dump("group", "0").get("inodesUsed"));
        assertEquals("0100644", dump("inode", Long.toString(image.file)).get("mode"));
        assertEquals(3L, dump("inode", "1").get("linkCount"));
    }

    @Test
    void shouldFindFilesByPath() throws PoolException {
        Map<?, ?> directory = dump("dir", "/sub/../sub/.");
        assertEquals(image.subdirectory, directory.get("ino"));
        assertEquals(2, ((List<?>) directory.get("entries")).size());
        List<?> extents = (List<?>) dump("extents", "tree").get("extents");
        assertEquals(10, extents.size());
        assertEquals(image.manyExtents + 2, ((Map<?, ?>) extents.get(1)).get("poolBlock"));
        assertEquals(2L, ((Map<?, ?>) extents.get(1)).get("fileBlock"));
    }

    @Test
    void shouldShowLiveRecordsAsApplied() throws PoolException {
        long offset = image.inodeOffset(image.file);
        long word = image.memory.getLong(offset);
        image.memory.putLong(offset, 0);
        image.record(3, 9, offset, word);
        List<?> live = (List<?>) dump("journal", null).get("liveRecords");
        assertEquals(List.of(offset), ((Map<?, ?>) live.get(0)).get("wordPoolOffsets"));
        assertEquals(null, dump("inode", Long.toString(image.file)).get("problem"));
    }

    @Test
    void shouldSayWhatIsDamaged() throws PoolException {
        image.flip(image.nodeBlock * 4096 + 77);
        assertTrue(dump("extents", "tree").get("problems").toString().contains("wrong checksum"));
        image.flip(image.inodeOffset(image.file) + 20);
        assertEquals("wrong checksum", dump("inode", Long.toString(image.file)).get("problem"));
        assertEquals(Errno.EUCLEAN, errnoOf("extents", "file"));
    }

    @Test
    void shouldRefuseWhatIsNotThere() {
        assertEquals(Errno.EINVAL, errnoOf("everything", null));
        assertEquals(Errno.EINVAL, errnoOf("group", "1"));
        assertEquals(Errno.EINVAL, errnoOf("group", "x"));
        assertEquals(Errno.EINVAL, errnoOf("inode", "0"));
        assertEquals(Errno.EINVAL, errnoOf("inode", Long.toString(Long.MAX_VALUE)));
        assertEquals(Errno.EINVAL, errnoOf("dir", null));
        assertEquals(Errno.ENOENT, errnoOf("dir", "/nowhere"));
        assertEquals(Errno.ENOTDIR, errnoOf("dir", "/file"));
        assertEquals(Errno.ENOTDIR, errnoOf("dir", "/file/x"));
        assertEquals(Errno.EISDIR, errnoOf("extents", "/sub"));
    }

    private Errno errnoOf(String what, String argument) {
        return assertThrows(PoolException.class, () -> dump(what, argument)).errno();
    }

    @Test
    void shouldWorkOnPoolFiles(@TempDir Path directory) throws Exception {
        Path pool = directory.resolve("test.pool");
        Files.write(pool, image.copy());
        assertEquals(TestImage.SIZE_BYTES, ((Map<?, ?>) Dumper.dump(pool, "super", null)).get("sizeBytes"));
        assertEquals(0, Checker.check(pool, false, message -> {}).exitCode());
        image.memory.zero(0, 4096);
        Files.write(pool, image.copy());
        assertEquals(4, Checker.check(pool, false, message -> {}).exitCode());
        assertEquals(1, Checker.check(pool, true, message -> {}).exitCode());
        assertEquals(0, Checker.check(pool, true, message -> {}).exitCode());
        Files.write(pool, new byte[1 << 24]);
        assertEquals(
                Errno.EINVAL,
                assertThrows(PoolException.class, () -> Checker.check(pool, true, message -> {}))
                        .errno());
    }
}
