package org.radax.core.attack;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.radax.core.error.FsException;
import org.radax.core.os.RawMemory;
import org.radax.core.pool.PoolMemory;
import org.radax.core.volume.AttributeChange;
import org.radax.core.volume.Attributes;
import org.radax.core.volume.FileSystem;
import org.radax.core.volume.Name;
import org.radax.core.volume.OpenFile;
import org.radax.core.volume.ReadSink;
import org.radax.core.volume.TestVolume;
import org.radax.core.volume.Volume;
import org.radax.core.volume.VolumeStatistics;

/**
 * Does everything to a mounted volume that can be done, whatever it holds: walks it, reads all, then changes it. Each
 * operation may fail with an {@link FsException}; whatever else it throws, or gives out that does not lie in the pool,
 * ends it.
 */
final class Intruder {
    private static final long ROOT = FileSystem.ROOT_INO;
    private static final int MAX_VISITS = 1500;
    private static final int MAX_READ = 1 << 20;
    private static final int SYMLINK = 0120000;
    private static final int BUFFER_BYTES = 1 << 20;
    private static final long BUFFER = RawMemory.allocateForEver(BUFFER_BYTES, 4096);

    private interface Action {
        void run() throws FsException;
    }

    private final AttackedPool pool;
    private final Volume volume;
    private final boolean changes;
    private final Set<Long> seen = new HashSet<>();
    private final Attributes attributes = new Attributes();
    private int visits;
    private int changed;

    Intruder(AttackedPool pool, Volume volume, boolean changes) {
        this.pool = pool;
        this.volume = volume;
        this.changes = changes;
    }

    private static boolean attempt(Action action) {
        try {
            action.run();
            return true;
        } catch (FsException e) {
            if (e.errno() == null) {
                throw new AssertionError("no errno", e);
            }
            return false;
        }
    }

    void run() {
        attempt(() -> volume.statistics(new VolumeStatistics()));
        directory(ROOT, 0);
        if (changes) {
            attempt(volume::syncVolume);
            attempt(() -> volume.trim(0, AttackedPool.SIZE_BYTES, 0));
        }
        volume.info();
    }

    private void directory(long ino, int depth) {
        if (depth > 12 || !seen.add(ino)) {
            return;
        }
        attempt(() -> {
            OpenFile open = volume.opendir(TestVolume.ROOT, ino);
            try {
                for (boolean withAttributes : new boolean[] {false, true}) {
                    list(open, ino, withAttributes, depth);
                }
            } finally {
                volume.release(open);
            }
        });
        if (changes && changed++ < 8) {
            changeDirectory(ino);
        }
    }

    private void list(OpenFile open, long ino, boolean descend, int depth) throws FsException {
        long[] cookie = {0};
        boolean[] more = {true};
        List<String> names = new ArrayList<>();
        List<Long> held = new ArrayList<>();
        while (more[0] && visits < MAX_VISITS) {
            more[0] = false;
            int[] room = {100};
            volume.readdir(open, cookie[0], descend, (next, child, type, name, length, filled) -> {
                if (next <= cookie[0]) {
                    throw new AssertionError("cookie " + next + " after " + cookie[0]);
                }
                if (room[0]-- == 0) {
                    more[0] = true;
                    return false;
                }
                cookie[0] = next;
                visits++;
                names.add(new String(name, 0, length, StandardCharsets.ISO_8859_1));
                if (filled != null) {
                    held.add(child);
                }
                return true;
            });
            held.forEach(child -> volume.forget(child, 1));
            held.clear();
        }
        if (!descend) {
            return;
        }
        int looked = 0;
        for (String name : names) {
            if (looked++ < 60 || visits % 7 == 0) {
                attempt(() -> entry(ino, name, depth));
            }
        }
    }

    private void entry(long parent, String name, int depth) throws FsException {
        if (!volume.lookup(parent, Name.of(name), attributes)) {
            return;
        }
        long ino = attributes.ino;
        int type = attributes.mode & 0170000;
        long size = attributes.sizeBytes;
        try {
            if (!name.equals("..") && !name.equals(".") && type == 0040000) {
                directory(ino, depth + 1);
            } else if (seen.add(ino)) {
                attempt(() -> volume.getattr(ino, new Attributes()));
                attributes(ino);
                attempt(() -> link(ino));
                if (type == 0100000 || type == SYMLINK) {
                    attempt(() -> content(ino, size));
                }
                if (changes && changed++ < 24) {
                    change(parent, name, ino);
                }
            }
        } finally {
            volume.forget(ino, 1);
        }
    }

    private void attributes(long ino) {
        attempt(() -> {
            int length = volume.listxattr(TestVolume.ROOT, ino, BUFFER, 65536);
            byte[] list = new byte[length];
            RawMemory.copyOut(BUFFER, list, 0, length);
            for (String name : new String(list, StandardCharsets.ISO_8859_1).split("\0")) {
                attempt(() -> volume.getxattr(ino, Name.of(name), BUFFER, BUFFER_BYTES));
            }
        });
        attempt(() -> volume.getxattr(ino, Name.of("system.posix_acl_access"), BUFFER, 65536));
        attempt(() -> volume.getxattr(ino, Name.of("system.posix_acl_default"), BUFFER, 65536));
    }

    private void link(long ino) throws FsException {
        int length = volume.readlink(ino, BUFFER, 4096);
        if (length < 0 || length > 4095) {
            throw new AssertionError("a link of " + length + " bytes");
        }
    }

    private void content(long ino, long size) throws FsException {
        OpenFile open = volume.open(TestVolume.ROOT, ino, changes ? 2 : 0, false);
        try {
            read(open, 0, MAX_READ);
            read(open, Math.max(0, size - 5000), 10_000);
            read(open, 1 << 20, 20_000);
            for (int whence : new int[] {FileSystem.SEEK_DATA, FileSystem.SEEK_HOLE}) {
                attempt(() -> volume.lseek(open, 0, whence));
                attempt(() -> volume.lseek(open, 5 << 20, whence));
            }
        } finally {
            volume.release(open);
        }
    }

    private void read(OpenFile open, long offset, long length) {
        attempt(() -> volume.read(open, offset, length, new ReadSink() {
            private long total;

            @Override
            public void segment(long address, long lengthBytes) {
                boolean zeroes = address >= PoolMemory.zeroRegion()
                        && lengthBytes <= PoolMemory.zeroRegionBytes() - (address - PoolMemory.zeroRegion());
                total += lengthBytes;
                if (lengthBytes <= 0 || total > length || (!zeroes && !pool.holds(address, lengthBytes))) {
                    throw new AssertionError("read gives out " + lengthBytes + " bytes at " + address);
                }
                RawMemory.copy(address, BUFFER, Math.min(lengthBytes, BUFFER_BYTES));
            }

            @Override
            public void complete() {
                // All was copied.
            }
        }));
    }

    private void change(long parent, String name, long ino) {
        attempt(() -> {
            OpenFile open = volume.open(TestVolume.ROOT, ino, 2, false);
            try {
                for (long offset : new long[] {0, 4096 * 3 + 100, 70_000, 2 << 20, 5 << 20}) {
                    attempt(() -> volume.write(TestVolume.ROOT, open, offset, BUFFER, 9000, 0));
                }
                attempt(() -> volume.write(TestVolume.ROOT, open, 8192, BUFFER, 4096, FileSystem.WRITE_CACHE));
                int punch = FileSystem.FALLOC_KEEP_SIZE | FileSystem.FALLOC_PUNCH_HOLE;
                attempt(() -> volume.fallocate(TestVolume.ROOT, open, punch, 6000, 30_000));
                attempt(() -> volume.fallocate(TestVolume.ROOT, open, 0, 1 << 20, 50_000));
                attempt(() -> volume.fallocate(TestVolume.ROOT, open, FileSystem.FALLOC_ZERO_RANGE, 100, 20_000));
                attempt(() -> volume.copyFileRange(TestVolume.ROOT, open, 0, open, 3 << 20, 40_000));
                attempt(() -> volume.fsync(open, 0, Long.MAX_VALUE, false));
            } finally {
                volume.release(open);
            }
        });
        attempt(() -> volume.setxattr(TestVolume.ROOT, ino, Name.of("user.new"), BUFFER, 700, 0));
        attempt(() -> volume.setxattr(TestVolume.ROOT, ino, Name.of("user.large"), BUFFER, 9000, 0));
        attempt(() -> volume.removexattr(TestVolume.ROOT, ino, Name.of("user.middle3")));
        attempt(() -> setSize(ino, 30_000));
        attempt(() -> setMode(ino));
        attempt(() -> {
            volume.link(TestVolume.ROOT, ino, ROOT, Name.of("linked " + ino), attributes);
            volume.forget(ino, 1);
        });
        attempt(() -> volume.rename(TestVolume.ROOT, parent, Name.of(name), ROOT, Name.of("moved " + ino), 0));
        attempt(() -> volume.unlink(TestVolume.ROOT, ROOT, Name.of("linked " + ino)));
        attempt(() -> volume.unlink(TestVolume.ROOT, ROOT, Name.of("moved " + ino)));
        attempt(() -> volume.unlink(TestVolume.ROOT, parent, Name.of(name)));
    }

    private void setSize(long ino, long size) throws FsException {
        AttributeChange change = new AttributeChange();
        change.valid = AttributeChange.SIZE;
        change.sizeBytes = size;
        volume.setattr(TestVolume.ROOT, ino, null, change, new Attributes());
    }

    private void setMode(long ino) throws FsException {
        AttributeChange change = new AttributeChange();
        change.valid = AttributeChange.MODE;
        change.mode = 0640;
        volume.setattr(TestVolume.ROOT, ino, null, change, new Attributes());
    }

    private void changeDirectory(long ino) {
        Attributes made = new Attributes();
        for (int i = 0; i < 3; i++) {
            String name = "new " + i;
            attempt(() -> {
                volume.release(volume.create(TestVolume.ROOT, ino, Name.of(name), 0644, 2, made));
                volume.forget(made.ino, 1);
            });
        }
        attempt(() -> {
            volume.mkdir(TestVolume.ROOT, ino, Name.of("new directory"), 0755, made);
            long directory = made.ino;
            attempt(() -> volume.rename(TestVolume.ROOT, ino, Name.of("new 0"), directory, Name.of("inside"), 0));
            attempt(() -> volume.rename(
                    TestVolume.ROOT, ino, Name.of("new 1"), directory, Name.of("inside"), FileSystem.RENAME_EXCHANGE));
            attempt(() -> volume.rename(TestVolume.ROOT, ino, Name.of("new directory"), ROOT, Name.of("up " + ino), 0));
            attempt(() -> volume.unlink(TestVolume.ROOT, directory, Name.of("inside")));
            attempt(() -> volume.rmdir(TestVolume.ROOT, ROOT, Name.of("up " + ino)));
            volume.forget(directory, 1);
        });
        attempt(() -> volume.unlink(TestVolume.ROOT, ino, Name.of("new 2")));
        attempt(() -> volume.unlink(TestVolume.ROOT, ino, Name.of("a name that is not all that short, number 5")));
        attempt(() -> volume.rmdir(TestVolume.ROOT, ino, Name.of("deep")));
        attempt(() -> {
            volume.release(volume.tmpfile(TestVolume.ROOT, ino, 0600, 2, made));
            volume.forget(made.ino, 1);
        });
        attempt(() -> {
            RawMemory.putLong(BUFFER, 0x2e2e2e2e2e2e2e2eL);
            volume.symlink(TestVolume.ROOT, ino, Name.of("new link"), BUFFER, 8, made);
            volume.forget(made.ino, 1);
        });
        attempt(() -> volume.setxattr(TestVolume.ROOT, ino, Name.of("user.on a directory"), BUFFER, 100, 0));
    }
}
