package org.radax.core.volume;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.radax.core.dax.LayoutGuard;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.core.pool.HostSpace;
import org.radax.core.pool.NoDomain;
import org.radax.core.pool.PersistenceDomain;
import org.radax.core.pool.PoolMemory;
import org.radax.core.pool.StoreObserver;

/** A volume, in anonymous memory mostly, and the operations on it in the words of a test. */
public final class TestVolume implements AutoCloseable {
    private static final int BUFFER_BYTES = 4 << 20;
    public static final Caller ROOT = new Caller().set(0, 0, 1, 0);

    public static final HostSpace UNLIMITED = new HostSpace() {
        @Override
        public void provide(long poolOffset, long lengthBytes) {
            // Anonymous memory is there when it is touched.
        }

        @Override
        public boolean discard(long poolOffset, long lengthBytes) {
            return true;
        }
    };

    private final long base;
    private final long sizeBytes;
    private final VolumeOptions options;
    final HostSpace host;
    private final LayoutGuard guard;
    private final Path pool;
    /** Null if the pool is a file. */
    public final PoolMemory memory;

    public Volume volume;
    private final Attributes attributes = new Attributes();
    private final long buffer = RawMemory.allocate(BUFFER_BYTES);

    public TestVolume(long sizeBytes) throws PoolException {
        this(sizeBytes, new NoDomain(), null);
    }

    public TestVolume(long sizeBytes, PersistenceDomain domain, StoreObserver observer) throws PoolException {
        this(map(sizeBytes), sizeBytes, domain, observer, VolumeOptions.defaults());
    }

    public TestVolume(
            long base, long sizeBytes, PersistenceDomain domain, StoreObserver observer, VolumeOptions options)
            throws PoolException {
        this(base, sizeBytes, domain, observer, options, false);
    }

    private TestVolume(
            long base,
            long sizeBytes,
            PersistenceDomain domain,
            StoreObserver observer,
            VolumeOptions options,
            boolean dataChecksums)
            throws PoolException {
        this.base = base;
        this.sizeBytes = sizeBytes;
        this.options = options;
        this.host = UNLIMITED;
        this.guard = null;
        this.pool = null;
        memory = new PoolMemory(base, sizeBytes, domain, observer);
        Formatter.write(memory, UNLIMITED, "test", new UUID(1, 2), dataChecksums);
        mount();
    }

    static TestVolume withDataChecksums(long sizeBytes, VolumeOptions options) throws PoolException {
        return withDataChecksums(sizeBytes, new NoDomain(), options);
    }

    static TestVolume withDataChecksums(long sizeBytes, PersistenceDomain domain, VolumeOptions options)
            throws PoolException {
        return new TestVolume(map(sizeBytes), sizeBytes, domain, null, options, true);
    }

    /** On a host of its own, and with somebody to ask before a layout changes. */
    public TestVolume(long sizeBytes, HostSpace host, LayoutGuard guard) throws PoolException {
        this(sizeBytes, host, guard, VolumeOptions.defaults());
    }

    public TestVolume(long sizeBytes, HostSpace host, LayoutGuard guard, VolumeOptions options) throws PoolException {
        this.base = map(sizeBytes);
        this.sizeBytes = sizeBytes;
        this.options = options;
        this.host = host;
        this.guard = guard;
        this.pool = null;
        memory = new PoolMemory(base, sizeBytes, new NoDomain(), null);
        Formatter.write(memory, host, "test", new UUID(1, 2), false);
        mount();
    }

    /** A volume that is there already: a crash image. Its memory is somebody else's. */
    public TestVolume(PoolMemory memory, VolumeOptions options) throws PoolException {
        this(memory, options, UNLIMITED);
    }

    TestVolume(PoolMemory memory, VolumeOptions options, HostSpace host) throws PoolException {
        this.base = 0;
        this.sizeBytes = 0;
        this.options = options;
        this.host = host;
        this.guard = null;
        this.pool = null;
        this.memory = memory;
        mount();
    }

    /** A pool that is a file, formatted already. */
    public TestVolume(Path pool, VolumeOptions options) throws PoolException {
        this.base = 0;
        this.sizeBytes = 0;
        this.options = options;
        this.host = null;
        this.guard = null;
        this.pool = pool;
        this.memory = null;
        mount();
    }

    public static long map(long sizeBytes) {
        return LibC.INSTANCE.mmap(
                0,
                sizeBytes,
                LibC.PROT_READ | LibC.PROT_WRITE,
                LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_NORESERVE,
                -1,
                0);
    }

    public void mount() throws PoolException {
        volume = pool == null ? Volume.open(memory, host, guard, options) : Volume.open(pool, options);
    }

    public void remount() throws PoolException {
        volume.close();
        mount();
    }

    public long mkdir(long parent, String name) throws FsException {
        volume.mkdir(ROOT, parent, Name.of(name), 0755, attributes);
        volume.forget(attributes.ino, 1);
        return attributes.ino;
    }

    public long create(long parent, String name) throws FsException {
        volume.release(volume.create(ROOT, parent, Name.of(name), 0644, 2, attributes));
        volume.forget(attributes.ino, 1);
        return attributes.ino;
    }

    /** The inode of a name, or 0. */
    public long lookup(long parent, String name) throws FsException {
        if (!volume.lookup(parent, Name.of(name), attributes)) {
            return 0;
        }
        volume.forget(attributes.ino, 1);
        return attributes.ino;
    }

    public Attributes stat(long ino) throws FsException {
        Attributes out = new Attributes();
        volume.getattr(ino, out);
        return out;
    }

    public long write(long ino, long offset, byte[] bytes) throws FsException {
        return write(ino, offset, bytes, 0);
    }

    public long write(long ino, long offset, byte[] bytes, int flags) throws FsException {
        Objects.checkFromToIndex(0, bytes.length, BUFFER_BYTES);
        RawMemory.copyIn(bytes, 0, buffer, bytes.length);
        OpenFile file = volume.open(ROOT, ino, 2, false);
        try {
            return volume.write(ROOT, file, offset, buffer, bytes.length, flags);
        } finally {
            volume.release(file);
        }
    }

    public byte[] read(long ino, long offset, int length) throws FsException {
        OpenFile file = volume.open(ROOT, ino, 0, false);
        byte[] bytes = new byte[length];
        int[] got = new int[1];
        volume.read(file, offset, length, new ReadSink() {
            @Override
            public void segment(long address, long lengthBytes) {
                RawMemory.copyOut(address, bytes, got[0], (int) lengthBytes);
                got[0] += (int) lengthBytes;
            }

            @Override
            public void complete() {
                // All copied.
            }
        });
        volume.release(file);
        return Arrays.copyOf(bytes, got[0]);
    }

    public void truncate(long ino, long size) throws FsException {
        AttributeChange change = new AttributeChange();
        change.valid = AttributeChange.SIZE;
        change.sizeBytes = size;
        volume.setattr(ROOT, ino, null, change, attributes);
    }

    public void fallocate(long ino, int mode, long offset, long length) throws FsException {
        OpenFile file = volume.open(ROOT, ino, 2, false);
        try {
            volume.fallocate(ROOT, file, mode, offset, length);
        } finally {
            volume.release(file);
        }
    }

    public void rename(long parent, String name, long newParent, String newName, int flags) throws FsException {
        volume.rename(ROOT, parent, Name.of(name), newParent, Name.of(newName), flags);
    }

    public void unlink(long parent, String name) throws FsException {
        volume.unlink(ROOT, parent, Name.of(name));
    }

    public void rmdir(long parent, String name) throws FsException {
        volume.rmdir(ROOT, parent, Name.of(name));
    }

    public void link(long ino, long parent, String name) throws FsException {
        volume.link(ROOT, ino, parent, Name.of(name), attributes);
        volume.forget(ino, 1);
    }

    public long symlink(long parent, String name, String target) throws FsException {
        byte[] bytes = target.getBytes(StandardCharsets.UTF_8);
        RawMemory.copyIn(bytes, 0, buffer, bytes.length);
        volume.symlink(ROOT, parent, Name.of(name), buffer, bytes.length, attributes);
        volume.forget(attributes.ino, 1);
        return attributes.ino;
    }

    public String readlink(long ino) throws FsException {
        int length = volume.readlink(ino, buffer, 4096);
        byte[] bytes = new byte[length];
        RawMemory.copyOut(buffer, bytes, 0, length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    public void setxattr(long ino, String name, byte[] value) throws FsException {
        RawMemory.copyIn(value, 0, buffer, value.length);
        volume.setxattr(ROOT, ino, Name.of(name), buffer, value.length, 0);
    }

    public byte[] getxattr(long ino, String name) throws FsException {
        int length = volume.getxattr(ino, Name.of(name), buffer, 1 << 20);
        byte[] bytes = new byte[length];
        RawMemory.copyOut(buffer, bytes, 0, length);
        return bytes;
    }

    /** Names in cookie order, without the dots, fetched {@code batch} at a time. */
    public List<String> list(long ino, int batch) throws FsException {
        List<String> names = new ArrayList<>();
        OpenFile directory = volume.opendir(ROOT, ino);
        long[] cookie = {0};
        boolean[] more = {true};
        while (more[0]) {
            int[] room = {batch};
            more[0] = false;
            volume.readdir(directory, cookie[0], false, (next, child, type, name, length, none) -> {
                if (room[0]-- == 0) {
                    more[0] = true;
                    return false;
                }
                cookie[0] = next;
                String text = new String(name, 0, length, StandardCharsets.UTF_8);
                if (!text.equals(".") && !text.equals("..")) {
                    names.add(text);
                }
                return true;
            });
        }
        volume.release(directory);
        return names;
    }

    public long freeBlocks() {
        return volume.info().freeBlocks();
    }

    /** Free blocks above the reserve: what the volume can give at most, pockets of the lanes included. */
    public long blocksAboveReserve() {
        VolumeInfo info = volume.info();
        return Math.max(0, info.freeBlocks() - info.reservedBlocks());
    }

    @Override
    public void close() {
        volume.close();
        RawMemory.free(buffer);
        if (base != 0) {
            LibC.INSTANCE.munmap(base, sizeBytes);
        }
    }
}
