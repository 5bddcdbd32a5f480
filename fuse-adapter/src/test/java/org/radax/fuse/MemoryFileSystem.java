package org.radax.fuse;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.os.RawMemory;
import org.radax.core.volume.AttributeChange;
import org.radax.core.volume.Attributes;
import org.radax.core.volume.Caller;
import org.radax.core.volume.DirectoryVisitor;
import org.radax.core.volume.ExtendedAttributes;
import org.radax.core.volume.FileSystem;
import org.radax.core.volume.Name;
import org.radax.core.volume.OpenFile;
import org.radax.core.volume.ReadSink;
import org.radax.core.volume.VolumeStatistics;

/** A small honest filesystem in memory, to have something to mount. One big lock; file data in raw memory. */
public class MemoryFileSystem implements FileSystem {
    private static final int DIRECTORY = 0040000;
    private static final int REGULAR = 0100000;
    private static final int SYMLINK = 0120000;
    private static final int TYPE_MASK = 0170000;
    private static final int O_TRUNC = 01000;
    private static final int DEFAULT_MAX_FILE_BYTES = 256 << 20;

    private static final class Node {
        final Attributes a = new Attributes();
        final TreeMap<String, Node> children = new TreeMap<>();
        final Map<String, Long> cookies = new HashMap<>();
        final TreeMap<Long, String> order = new TreeMap<>();
        final TreeMap<String, byte[]> xattrs = new TreeMap<>();
        long nextCookie = 3;
        Node parent;
        byte[] target;
        long data;
        int capacity;
        long references;
        int opens;

        boolean isDirectory() {
            return (a.mode & TYPE_MASK) == DIRECTORY;
        }
    }

    private static final class Handle extends OpenFile {
        final Node node;

        Handle(Node node) {
            this.node = node;
        }

        @Override
        public long ino() {
            return node.a.ino;
        }

        @Override
        public boolean direct() {
            return false;
        }
    }

    private final Map<Long, Node> nodes = new HashMap<>();
    private final String[] lastNames = new String[1];
    private final ExtendedAttributes extended = new ExtendedAttributes();
    private final int maxFileBytes;
    private long nextIno = ROOT_INO;
    private int openFiles;
    private boolean shutDown;

    public MemoryFileSystem() {
        this(DEFAULT_MAX_FILE_BYTES);
    }

    public MemoryFileSystem(int maxFileBytes) {
        this.maxFileBytes = maxFileBytes;
        Node root = make(new Caller(), DIRECTORY | 0755, null);
        root.parent = root;
    }

    public synchronized int openFiles() {
        return openFiles;
    }

    /** References the kernel holds on all inodes but the root. */
    public synchronized long references() {
        return nodes.values().stream()
                .filter(n -> n.a.ino != ROOT_INO)
                .mapToLong(n -> n.references)
                .sum();
    }

    private static long now() {
        return System.currentTimeMillis() * 1_000_000L;
    }

    private static FsException error(Errno errno) {
        return new FsException(errno, "memory", "as asked");
    }

    /** Byte for byte, one char each; cached so that look-ups of one name allocate nothing. */
    private String text(Name name) throws FsException {
        String last = lastNames[0];
        if (last != null && last.length() == name.length()) {
            boolean same = true;
            for (int i = 0; i < name.length() && same; i++) {
                same = last.charAt(i) == (char) (name.bytes()[i] & 0xff);
            }
            if (same) {
                return last;
            }
        }
        if (name.tooLong()) {
            throw error(Errno.ENAMETOOLONG);
        }
        lastNames[0] = new String(name.bytes(), 0, name.length(), StandardCharsets.ISO_8859_1);
        return lastNames[0];
    }

    private Node make(Caller caller, int mode, Node parent) {
        Node node = new Node();
        node.a.ino = nextIno++;
        node.a.generation = 7;
        boolean inheritsGroup = parent != null && (parent.a.mode & 02000) != 0;
        node.a.mode =
                (mode & ~(caller.umask() & 0777)) | (inheritsGroup && (mode & TYPE_MASK) == DIRECTORY ? 02000 : 0);
        node.a.uid = caller.uid();
        node.a.gid = inheritsGroup ? parent.a.gid : caller.gid();
        node.a.linkCount = (mode & TYPE_MASK) == DIRECTORY ? 2 : 1;
        node.a.birthNanos = now();
        node.a.atimeNanos = now();
        node.a.mtimeNanos = now();
        node.a.ctimeNanos = now();
        node.parent = parent;
        nodes.put(node.a.ino, node);
        return node;
    }

    private Node node(long ino) throws FsException {
        Node node = nodes.get(ino);
        if (node == null) {
            throw error(Errno.ESTALE);
        }
        return node;
    }

    private Node directory(long ino) throws FsException {
        Node node = node(ino);
        if (!node.isDirectory()) {
            throw error(Errno.ENOTDIR);
        }
        return node;
    }

    private Node child(long parent, Name name) throws FsException {
        Node found = directory(parent).children.get(text(name));
        if (found == null) {
            throw error(Errno.ENOENT);
        }
        return found;
    }

    private void attach(Node parent, String name, Node node) throws FsException {
        if (parent.children.putIfAbsent(name, node) != null) {
            throw error(Errno.EEXIST);
        }
        long cookie = parent.nextCookie++;
        parent.cookies.put(name, cookie);
        parent.order.put(cookie, name);
        if (node.isDirectory()) {
            parent.a.linkCount++;
            node.parent = parent;
        }
        touch(parent);
    }

    private void detach(Node parent, String name) {
        Node node = parent.children.remove(name);
        parent.order.remove(parent.cookies.remove(name));
        if (node.isDirectory()) {
            parent.a.linkCount--;
        }
        touch(parent);
    }

    private static void touch(Node node) {
        node.a.mtimeNanos = now();
        node.a.ctimeNanos = now();
    }

    private void dropIfUnused(Node node) {
        boolean unnamed = node.isDirectory() ? node.a.linkCount < 2 : node.a.linkCount == 0;
        if (unnamed && node.references == 0 && node.opens == 0 && nodes.remove(node.a.ino) != null) {
            if (node.data != 0) {
                RawMemory.free(node.data);
            }
        }
    }

    private static void copy(Attributes from, Attributes to) {
        to.ino = from.ino;
        to.generation = from.generation;
        to.mode = from.mode;
        to.linkCount = from.linkCount;
        to.uid = from.uid;
        to.gid = from.gid;
        to.rdev = from.rdev;
        to.sizeBytes = from.sizeBytes;
        to.blocks = (from.sizeBytes + 4095) / 4096;
        to.atimeNanos = from.atimeNanos;
        to.mtimeNanos = from.mtimeNanos;
        to.ctimeNanos = from.ctimeNanos;
        to.birthNanos = from.birthNanos;
        to.flags = from.flags;
    }

    private static void refer(Node node, Attributes out) {
        node.references++;
        copy(node.a, out);
    }

    private Handle opened(Node node) {
        node.opens++;
        openFiles++;
        return new Handle(node);
    }

    @Override
    public boolean startChange() {
        return true;
    }

    @Override
    public void awaitChange(BooleanSupplier cancelled) {}

    @Override
    public void endChange() {}

    @Override
    public synchronized boolean lookup(long parent, Name name, Attributes out) throws FsException {
        Node directory = directory(parent);
        Node found = name.isDot() ? directory : name.isDotDot() ? directory.parent : directory.children.get(text(name));
        if (found == null) {
            return false;
        }
        refer(found, out);
        return true;
    }

    @Override
    public synchronized void lookupInode(long ino, Attributes out) throws FsException {
        refer(node(ino), out);
    }

    @Override
    public synchronized void forget(long ino, long count) {
        Node node = nodes.get(ino);
        if (node != null) {
            node.references = count < 0 ? 0 : Math.max(0, node.references - count);
            dropIfUnused(node);
        }
    }

    @Override
    public synchronized void getattr(long ino, Attributes out) throws FsException {
        copy(node(ino).a, out);
    }

    @Override
    public synchronized void setattr(Caller caller, long ino, OpenFile file, AttributeChange c, Attributes out)
            throws FsException {
        Node node = node(ino);
        if ((c.valid & AttributeChange.SIZE) != 0) {
            resize(node, c.sizeBytes);
        }
        if ((c.valid & AttributeChange.MODE) != 0) {
            node.a.mode = (node.a.mode & TYPE_MASK) | (c.mode & 07777);
        }
        if ((c.valid & AttributeChange.UID) != 0) {
            node.a.uid = c.uid;
        }
        if ((c.valid & AttributeChange.GID) != 0) {
            node.a.gid = c.gid;
        }
        if ((c.valid & AttributeChange.KILL_PRIVILEGES) != 0) {
            node.a.mode &= ~06000;
        }
        if ((c.valid & AttributeChange.ATIME) != 0) {
            node.a.atimeNanos = (c.valid & AttributeChange.ATIME_NOW) != 0 ? now() : c.atimeNanos;
        }
        if ((c.valid & AttributeChange.MTIME) != 0) {
            node.a.mtimeNanos = (c.valid & AttributeChange.MTIME_NOW) != 0 ? now() : c.mtimeNanos;
        }
        node.a.ctimeNanos = now();
        copy(node.a, out);
    }

    private void resize(Node node, long size) throws FsException {
        if (node.isDirectory()) {
            throw error(Errno.EISDIR);
        }
        if (size > maxFileBytes) {
            throw error(Errno.EFBIG);
        }
        if (size > node.capacity) {
            int capacity = (int) Math.min(maxFileBytes, Math.max(size, node.capacity * 2L));
            long bigger = RawMemory.allocate(capacity);
            RawMemory.fill(bigger, capacity, (byte) 0);
            if (node.data != 0) {
                RawMemory.copy(node.data, bigger, node.a.sizeBytes);
                RawMemory.free(node.data);
            }
            node.data = bigger;
            node.capacity = capacity;
        } else if (size < node.a.sizeBytes) {
            RawMemory.fill(node.data + size, node.a.sizeBytes - size, (byte) 0);
        }
        node.a.sizeBytes = size;
        touch(node);
    }

    @Override
    public synchronized int readlink(long ino, long targetAddress, int capacity) throws FsException {
        byte[] target = node(ino).target;
        if (target == null) {
            throw error(Errno.EINVAL);
        }
        RawMemory.copyIn(target, 0, targetAddress, target.length);
        return target.length;
    }

    @Override
    public synchronized void symlink(
            Caller caller, long parent, Name name, long linkAddress, int linkLength, Attributes out)
            throws FsException {
        Node directory = directory(parent);
        Node node = make(caller, SYMLINK | 0777, directory);
        node.target = new byte[linkLength];
        RawMemory.copyOut(linkAddress, node.target, 0, linkLength);
        node.a.mode = SYMLINK | 0777;
        node.a.sizeBytes = linkLength;
        attach(directory, text(name), node);
        refer(node, out);
    }

    @Override
    public synchronized void mknod(Caller caller, long parent, Name name, int mode, int rdev, Attributes out)
            throws FsException {
        Node directory = directory(parent);
        Node node = make(caller, (mode & TYPE_MASK) == 0 ? mode | REGULAR : mode, directory);
        node.a.rdev = rdev;
        attach(directory, text(name), node);
        refer(node, out);
    }

    @Override
    public void mkdir(Caller caller, long parent, Name name, int mode, Attributes out) throws FsException {
        mknod(caller, parent, name, mode | DIRECTORY, 0, out);
    }

    @Override
    public synchronized void unlink(Caller caller, long parent, Name name) throws FsException {
        Node node = child(parent, name);
        if (node.isDirectory()) {
            throw error(Errno.EISDIR);
        }
        detach(directory(parent), text(name));
        node.a.linkCount--;
        node.a.ctimeNanos = now();
        dropIfUnused(node);
    }

    @Override
    public synchronized void rmdir(Caller caller, long parent, Name name) throws FsException {
        Node node = child(parent, name);
        if (!node.isDirectory()) {
            throw error(Errno.ENOTDIR);
        }
        if (!node.children.isEmpty()) {
            throw error(Errno.ENOTEMPTY);
        }
        detach(directory(parent), text(name));
        node.a.linkCount = 0;
        dropIfUnused(node);
    }

    @Override
    public synchronized void rename(Caller caller, long parent, Name name, long newParent, Name newName, int flags)
            throws FsException {
        if ((flags & ~RENAME_NOREPLACE) != 0) {
            throw error(Errno.EINVAL);
        }
        Node node = child(parent, name);
        String from = text(name);
        Node target = directory(newParent);
        String to = text(newName);
        Node old = target.children.get(to);
        if (old == node) {
            return;
        }
        if (old != null) {
            if ((flags & RENAME_NOREPLACE) != 0) {
                throw error(Errno.EEXIST);
            }
            if (old.isDirectory()) {
                rmdir(caller, newParent, newName);
            } else {
                unlink(caller, newParent, newName);
            }
        }
        detach(directory(parent), from);
        attach(target, to, node);
        node.a.ctimeNanos = now();
    }

    @Override
    public synchronized void link(Caller caller, long ino, long newParent, Name newName, Attributes out)
            throws FsException {
        Node node = node(ino);
        attach(directory(newParent), text(newName), node);
        node.a.linkCount++;
        node.a.ctimeNanos = now();
        refer(node, out);
    }

    @Override
    public boolean allowsDax() {
        return true;
    }

    @Override
    public synchronized OpenFile open(Caller caller, long ino, int flags, boolean killPrivileges) throws FsException {
        Node node = node(ino);
        if ((flags & O_TRUNC) != 0) {
            resize(node, 0);
        }
        return opened(node);
    }

    @Override
    public synchronized OpenFile create(Caller caller, long parent, Name name, int mode, int flags, Attributes out)
            throws FsException {
        mknod(caller, parent, name, mode | REGULAR, 0, out);
        return opened(node(out.ino));
    }

    @Override
    public synchronized OpenFile tmpfile(Caller caller, long parent, int mode, int flags, Attributes out)
            throws FsException {
        Node node = make(caller, mode | REGULAR, directory(parent));
        node.a.linkCount = 0;
        refer(node, out);
        return opened(node);
    }

    @Override
    public synchronized OpenFile opendir(Caller caller, long ino) throws FsException {
        return opened(directory(ino));
    }

    @Override
    public void grantLease(Caller caller, OpenFile file, long outAddress) throws FsException {
        throw new FsException(Errno.EOPNOTSUPP, "map", "not this one");
    }

    @Override
    public synchronized void release(OpenFile file) {
        Node node = ((Handle) file).node;
        node.opens--;
        openFiles--;
        dropIfUnused(node);
    }

    @Override
    public void read(OpenFile file, long fileOffset, long lengthBytes, ReadSink sink) throws FsException {
        synchronized (this) {
            Node node = ((Handle) file).node;
            long length = Math.min(lengthBytes, node.a.sizeBytes - fileOffset);
            if (length > 0) {
                // In two pieces, so that gathering is exercised.
                long first = Math.min(length, 100);
                sink.segment(node.data + fileOffset, first);
                sink.segment(node.data + fileOffset + first, length - first);
            }
            sink.complete();
        }
    }

    @Override
    public synchronized long write(
            Caller caller, OpenFile file, long fileOffset, long sourceAddress, long lengthBytes, int flags)
            throws FsException {
        Node node = ((Handle) file).node;
        if (fileOffset > maxFileBytes - lengthBytes) {
            throw error(Errno.EFBIG);
        }
        if (fileOffset + lengthBytes > node.a.sizeBytes) {
            resize(node, fileOffset + lengthBytes);
        }
        RawMemory.copy(sourceAddress, node.data + fileOffset, lengthBytes);
        if ((flags & WRITE_KILL_PRIVILEGES) != 0) {
            node.a.mode &= ~06000;
        }
        touch(node);
        return lengthBytes;
    }

    @Override
    public void fsync(OpenFile file, long start, long end, boolean dataOnly, BooleanSupplier cancelled)
            throws FsException {}

    @Override
    public synchronized void fallocate(Caller caller, OpenFile file, int mode, long fileOffset, long lengthBytes)
            throws FsException {
        Node node = ((Handle) file).node;
        if (fileOffset > maxFileBytes || lengthBytes > maxFileBytes) {
            throw error(Errno.EFBIG);
        }
        if ((mode & FALLOC_PUNCH_HOLE) != 0) {
            long end = Math.min(fileOffset + lengthBytes, node.a.sizeBytes);
            if (end > fileOffset) {
                RawMemory.fill(node.data + fileOffset, end - fileOffset, (byte) 0);
            }
        } else if (mode == 0 && fileOffset + lengthBytes > node.a.sizeBytes) {
            resize(node, fileOffset + lengthBytes);
        } else if ((mode & ~FALLOC_KEEP_SIZE) != 0) {
            throw error(Errno.EOPNOTSUPP);
        }
    }

    @Override
    public synchronized long lseek(OpenFile file, long fileOffset, int whence) throws FsException {
        long size = ((Handle) file).node.a.sizeBytes;
        if (fileOffset >= size) {
            throw error(Errno.ENXIO);
        }
        return whence == SEEK_DATA ? fileOffset : size;
    }

    @Override
    public synchronized long copyFileRange(
            Caller caller, OpenFile source, long sourceOffset, OpenFile target, long targetOffset, long lengthBytes)
            throws FsException {
        Node from = ((Handle) source).node;
        long length = Math.min(lengthBytes, from.a.sizeBytes - sourceOffset);
        if (length <= 0) {
            return 0;
        }
        long bytes = RawMemory.allocate(length);
        try {
            RawMemory.copy(from.data + sourceOffset, bytes, length);
            return write(caller, target, targetOffset, bytes, length, 0);
        } finally {
            RawMemory.free(bytes);
        }
    }

    @Override
    public synchronized void readdir(OpenFile directory, long cookie, boolean withAttributes, DirectoryVisitor visitor)
            throws FsException {
        Node node = ((Handle) directory).node;
        if (cookie < 1 && !visitor.entry(1, node.a.ino, 4, new byte[] {'.'}, 1, null)) {
            return;
        }
        if (cookie < 2 && !visitor.entry(2, node.parent.a.ino, 4, new byte[] {'.', '.'}, 2, null)) {
            return;
        }
        List<Map.Entry<Long, String>> entries =
                new ArrayList<>(node.order.tailMap(cookie, false).entrySet());
        Attributes attributes = new Attributes();
        for (Map.Entry<Long, String> entry : entries) {
            Node child = node.children.get(entry.getValue());
            byte[] name = entry.getValue().getBytes(StandardCharsets.ISO_8859_1);
            copy(child.a, attributes);
            if (!visitor.entry(
                    entry.getKey(),
                    child.a.ino,
                    (child.a.mode >> 12) & 15,
                    name,
                    name.length,
                    withAttributes ? attributes : null)) {
                return;
            }
            if (withAttributes) {
                child.references++;
            }
        }
    }

    @Override
    public synchronized int getxattr(long ino, Name name, long targetAddress, int capacity) throws FsException {
        byte[] value = node(ino).xattrs.get(text(name));
        if (value == null) {
            throw error(Errno.ENODATA);
        }
        return give(value, targetAddress, capacity);
    }

    private static int give(byte[] value, long address, int capacity) throws FsException {
        if (capacity != 0) {
            if (value.length > capacity) {
                throw error(Errno.ERANGE);
            }
            RawMemory.copyIn(value, 0, address, value.length);
        }
        return value.length;
    }

    @Override
    public synchronized void setxattr(Caller caller, long ino, Name name, long valueAddress, int valueLength, int flags)
            throws FsException {
        Node node = node(ino);
        boolean there = node.xattrs.containsKey(text(name));
        if (there ? flags == XATTR_CREATE : flags == XATTR_REPLACE) {
            throw error(there ? Errno.EEXIST : Errno.ENODATA);
        }
        byte[] value = new byte[valueLength];
        RawMemory.copyOut(valueAddress, value, 0, valueLength);
        node.xattrs.put(text(name), value);
        node.a.ctimeNanos = now();
    }

    @Override
    public synchronized int listxattr(Caller caller, long ino, long targetAddress, int capacity) throws FsException {
        StringBuilder names = new StringBuilder();
        for (String name : node(ino).xattrs.keySet()) {
            names.append(name).append('\0');
        }
        return give(names.toString().getBytes(StandardCharsets.ISO_8859_1), targetAddress, capacity);
    }

    @Override
    public synchronized void removexattr(Caller caller, long ino, Name name) throws FsException {
        if (node(ino).xattrs.remove(text(name)) == null) {
            throw error(Errno.ENODATA);
        }
    }

    @Override
    public synchronized void setFlags(Caller caller, long ino, int flags) throws FsException {
        if ((flags & ~0x70) != 0) {
            throw error(Errno.EOPNOTSUPP);
        }
        node(ino).a.flags = flags;
        node(ino).a.ctimeNanos = now();
    }

    @Override
    public synchronized void getExtendedAttributes(long ino, ExtendedAttributes out) throws FsException {
        node(ino);
        out.xflags = extended.xflags;
        out.extentSizeBytes = extended.extentSizeBytes;
        out.extentCount = 1;
        out.projectId = extended.projectId;
    }

    @Override
    public synchronized void setExtendedAttributes(Caller caller, long ino, ExtendedAttributes change)
            throws FsException {
        node(ino);
        extended.xflags = change.xflags;
        extended.extentSizeBytes = change.extentSizeBytes;
        extended.projectId = change.projectId;
    }

    @Override
    public synchronized void statistics(VolumeStatistics out) {
        out.totalBlocks = 1 << 20;
        out.freeBlocks = 1 << 19;
        out.availableBlocks = 1 << 18;
        out.totalInodes = 1 << 20;
        out.freeInodes = (1L << 20) - nodes.size();
    }

    @Override
    public void syncVolume() {}

    @Override
    public synchronized void shutDown(LongConsumer held) {
        shutDown = true;
        nodes.keySet().forEach(held::accept);
    }

    @Override
    public synchronized boolean isShutDown() {
        return shutDown;
    }

    @Override
    public long trim(long start, long lengthBytes, long minimumBytes) {
        return 4096;
    }

    @Override
    public synchronized String toString() {
        return "memory" + Arrays.toString(nodes.keySet().toArray());
    }
}
