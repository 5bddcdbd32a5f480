package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.radax.core.check.Checker;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.os.RawMemory;

/** Setuid, setgid and security.capability go with a change of contents or owner, as on Linux's own filesystems. */
final class PrivilegesTest {
    private static final long ROOT = FileSystem.ROOT_INO;
    private static final Caller STRANGER = new Caller().set(1001, 1001, 1, 0);
    private static final Caller MEMBER = new Caller().set(1001, 50, 1, 0);
    private static final String CAPABILITY = "security.capability";
    private static final int GROUP = 50;

    private final TestVolume v;
    private final Attributes attributes = new Attributes();
    private final long buffer = RawMemory.allocate(1 << 16);

    PrivilegesTest() throws PoolException {
        v = new TestVolume(64L << 20);
    }

    @AfterEach
    void close() {
        RawMemory.free(buffer);
        try {
            assertEquals(List.of(), Checker.check(v.memory, false, line -> {}).findings());
        } finally {
            v.close();
        }
    }

    /** A change by somebody; {@code kill} as the kernel says it: he lacks CAP_FSETID. */
    private interface Change {
        void make(PrivilegesTest t, Caller caller, OpenFile file, boolean kill) throws FsException;
    }

    record Case(String name, Change change) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Change writing(long offset, int length) {
        return (t, caller, file, kill) ->
                t.v.volume.write(caller, file, offset, t.buffer, length, kill ? FileSystem.WRITE_KILL_PRIVILEGES : 0);
    }

    private static Change resizing(long size) {
        return (t, caller, file, kill) -> {
            AttributeChange change = new AttributeChange();
            change.valid = AttributeChange.SIZE | (kill ? AttributeChange.KILL_PRIVILEGES : 0);
            change.sizeBytes = size;
            t.v.volume.setattr(caller, file.ino(), file, change, t.attributes);
            assertEquals(t.v.stat(file.ino()).mode, t.attributes.mode, "the reply carries the new mode");
        };
    }

    private static Change allocating(int mode) {
        return (t, caller, file, kill) -> t.v.volume.fallocate(caller, file, mode, 100, 20_000);
    }

    static Stream<Case> changes() {
        return Stream.of(
                new Case("overwrite", writing(10, 20)),
                new Case("append", writing(8000, 9000)),
                new Case("truncate down", resizing(10)),
                new Case("truncate up", resizing(100_000)),
                new Case(
                        "O_TRUNC",
                        (t, caller, file, kill) ->
                                t.v.volume.release(t.v.volume.open(caller, file.ino(), 01001, kill))),
                new Case("allocate", allocating(0)),
                new Case("punch", allocating(FileSystem.FALLOC_PUNCH_HOLE | FileSystem.FALLOC_KEEP_SIZE)),
                new Case("zero", allocating(FileSystem.FALLOC_ZERO_RANGE)),
                new Case(
                        "copy_file_range",
                        (t, caller, file, kill) -> t.v.volume.copyFileRange(caller, t.source(), 0, file, 0, 500)));
    }

    private OpenFile source() throws FsException {
        long source = v.lookup(ROOT, "source");
        return v.volume.open(TestVolume.ROOT, source, 0, false);
    }

    private long file(int mode) throws FsException {
        long source = v.create(ROOT, "source");
        v.write(source, 0, new byte[1000]);
        long file = v.create(ROOT, "f");
        v.write(file, 0, new byte[8192]);
        AttributeChange change = new AttributeChange();
        change.valid = AttributeChange.MODE | AttributeChange.GID;
        change.mode = 0644;
        change.gid = GROUP;
        v.volume.setattr(TestVolume.ROOT, file, null, change, attributes);
        change.valid = AttributeChange.MODE;
        change.mode = mode;
        v.volume.setattr(TestVolume.ROOT, file, null, change, attributes);
        v.setxattr(file, "user.other", new byte[3]);
        v.setxattr(file, CAPABILITY, new byte[20]);
        return file;
    }

    private String after(int mode, Change change, Caller caller) throws FsException {
        long file = file(mode);
        OpenFile open = v.volume.open(TestVolume.ROOT, file, 2, false);
        change.make(this, caller, open, caller.uid() != 0);
        v.volume.release(open);
        String left = Integer.toOctalString(v.stat(file).mode & 07777) + (hasCapability(file) ? " capable" : "");
        assertEquals(3, v.getxattr(file, "user.other").length);
        v.unlink(ROOT, "f");
        v.unlink(ROOT, "source");
        return left;
    }

    private boolean hasCapability(long file) {
        try {
            v.getxattr(file, CAPABILITY);
            return true;
        } catch (FsException e) {
            return false;
        }
    }

    @ParameterizedTest
    @MethodSource("changes")
    void shouldGoWithAChangeOfContents(Case changed) throws FsException {
        assertEquals("755", after(06755, changed.change, STRANGER));
        assertEquals("745", after(06745, changed.change, STRANGER));
        assertEquals("755", after(06755, changed.change, MEMBER));
        assertEquals("2745", after(06745, changed.change, MEMBER), "setgid without group-execute");
        assertEquals("6755", after(06755, changed.change, TestVolume.ROOT), "root keeps all but the capability");
    }

    @Test
    void shouldGoWithAChangeOfOwner() throws FsException {
        Change chown = (t, caller, file, kill) -> {
            AttributeChange change = new AttributeChange();
            change.valid = AttributeChange.UID | AttributeChange.KILL_PRIVILEGES;
            change.uid = 1001;
            v.volume.setattr(caller, file.ino(), null, change, attributes);
            assertEquals(1001, attributes.uid);
        };
        assertEquals("755", after(06755, chown, TestVolume.ROOT));
        assertEquals("2745", after(06745, chown, TestVolume.ROOT));
    }

    @Test
    void shouldStayWithPagesWrittenEarlierAndWithChangesOfNothing() throws FsException {
        Change flush = (t, caller, file, kill) -> v.volume.write(caller, file, 0, buffer, 100, FileSystem.WRITE_CACHE);
        assertEquals("6755 capable", after(06755, flush, TestVolume.ROOT));
        Change chmod = (t, caller, file, kill) -> {
            AttributeChange change = new AttributeChange();
            change.valid = AttributeChange.MODE;
            change.mode = 06711;
            v.volume.setattr(caller, file.ino(), null, change, attributes);
        };
        assertEquals("6711 capable", after(06755, chmod, TestVolume.ROOT));
    }

    @Test
    void shouldGoFromAFullVolumeToo() throws FsException {
        long file = file(06755);
        List<Long> fillers = new ArrayList<>();
        FsException full = assertThrows(FsException.class, () -> {
            while (true) {
                long filler = v.create(ROOT, "filler" + fillers.size());
                fillers.add(filler);
                v.write(filler, 0, new byte[1 << 20]);
            }
        });
        assertEquals("ENOSPC", full.errno().name());
        OpenFile open = v.volume.open(TestVolume.ROOT, file, 2, false);
        writing(0, 100).make(this, STRANGER, open, true);
        v.volume.release(open);
        assertEquals(0755, v.stat(file).mode & 07777);
        assertEquals(false, hasCapability(file));
    }
}
