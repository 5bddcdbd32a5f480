package org.radax.it.model;

import static org.radax.it.model.Errors.EEXIST;
import static org.radax.it.model.Errors.EINVAL;
import static org.radax.it.model.Errors.EIO;
import static org.radax.it.model.Errors.EISDIR;
import static org.radax.it.model.Errors.ELOOP;
import static org.radax.it.model.Errors.ENAMETOOLONG;
import static org.radax.it.model.Errors.ENODATA;
import static org.radax.it.model.Errors.ENOENT;
import static org.radax.it.model.Errors.ENOTDIR;
import static org.radax.it.model.Errors.ENOTEMPTY;
import static org.radax.it.model.Errors.ENXIO;
import static org.radax.it.model.Errors.EPERM;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a filesystem does, as root sees it, with a umask of 0: the operations of POSIX and Linux on a tree in memory.
 * Paths are relative to its root, components separated by {@code /}. After each
 * operation {@link #finish} gives the interval its timestamps lie in.
 */
final class ModelFileSystem {
    private static final int MAX_NAME_BYTES = 255;
    private static final int MAX_SYMLINKS = 40;
    private static final int PERMISSIONS = 07777;
    private static final int SETUID = 04000;
    private static final int SETGID = 02000;
    private static final int GROUP_EXECUTE = 010;
    static final int RENAME_NOREPLACE = 1;
    static final int RENAME_EXCHANGE = 2;
    static final int XATTR_CREATE = 1;
    static final int XATTR_REPLACE = 2;

    /** Where a path leads: a directory, the last name in it, and what is there (null: nothing). */
    private record Place(ModelNode parent, String name, ModelNode node) {}

    /** Which reads mark the access time: see mount(8). */
    enum Access {
        /** Those that find it older than a change or a day, if they are not served from the page cache. */
        RELATIME,
        /** All, with no page cache between. */
        STRICTATIME
    }

    private static final long DAY_NANOS = 86_400_000_000_000L;

    private final Access access;
    private final ModelNode root = new ModelNode(ModelNode.Type.DIRECTORY, 0755);
    private final List<ModelTime> touched = new ArrayList<>();
    private final List<ModelTime> maybeTouched = new ArrayList<>();
    private int symlinksFollowed;

    ModelFileSystem(Access access) {
        this.access = access;
    }

    ModelNode root() {
        return root;
    }

    /** Content was read, or a directory listed. Filesystems differ where there was {@code none}: at the end of a file. */
    void read(ModelNode node, boolean none, long now) {
        if (access == Access.STRICTATIME && !none) {
            touched.add(node.atime);
        } else if (access == Access.STRICTATIME
                || !node.atime.isAfter(node.mtime)
                || !node.atime.isAfter(node.ctime)
                || !node.atime.isYoungerThan(DAY_NANOS, now)) {
            maybeTouched.add(node.atime);
        }
    }

    /** Stamps what the operation touched: it ran within [start, end]. */
    void finish(long start, long end) {
        touched.forEach(time -> time.touch(start, end));
        maybeTouched.forEach(time -> time.mayTouch(start, end));
        touched.clear();
        maybeTouched.clear();
    }

    ModelNode create(String path, int mode, boolean exclusive, boolean truncate) throws ModelException {
        Place place = resolve(path, !exclusive);
        if (place.node() != null) {
            if (exclusive) {
                throw new ModelException(EEXIST);
            }
            ModelNode node = place.node();
            if (node.isDirectory()) {
                throw new ModelException(EISDIR);
            }
            if (truncate) {
                node.resize(0);
                modified(node);
            }
            return node;
        }
        return add(place, new ModelNode(ModelNode.Type.FILE, mode & PERMISSIONS));
    }

    void mkdir(String path, int mode) throws ModelException {
        Place place = absent(path);
        ModelNode node = new ModelNode(ModelNode.Type.DIRECTORY, mode & 01777);
        if ((place.parent().mode & SETGID) != 0) {
            node.mode |= SETGID;
        }
        add(place, node);
    }

    void mkfifo(String path, int mode) throws ModelException {
        add(absent(path), new ModelNode(ModelNode.Type.FIFO, mode & PERMISSIONS));
    }

    void symlink(String target, String path) throws ModelException {
        if (target.isEmpty()) {
            throw new ModelException(ENOENT);
        }
        ModelNode node = new ModelNode(ModelNode.Type.SYMLINK, 0777);
        node.target = target;
        add(absent(path), node);
    }

    String readlink(String path) throws ModelException {
        ModelNode node = existing(path, false);
        if (node.type != ModelNode.Type.SYMLINK) {
            throw new ModelException(EINVAL);
        }
        return node.target;
    }

    void unlink(String path) throws ModelException {
        Place place = resolve(path, false);
        require(place.node() != null, ENOENT);
        require(!place.node().isDirectory(), EISDIR);
        place.parent().entries.remove(place.name());
        place.node().links--;
        changed(place.node());
        modified(place.parent());
    }

    void rmdir(String path) throws ModelException {
        Place place = resolve(path, false);
        require(place.node() != null, ENOENT);
        require(place.node().isDirectory(), ENOTDIR);
        require(place.node().entries.isEmpty(), ENOTEMPTY);
        place.parent().entries.remove(place.name());
        removedDirectory(place.parent(), place.node());
        modified(place.parent());
    }

    void link(String from, String to) throws ModelException {
        ModelNode node = existing(from, false);
        Place place = absent(to);
        require(!node.isDirectory(), EPERM);
        place.parent().entries.put(place.name(), node);
        node.links++;
        changed(node);
        modified(place.parent());
    }

    /** linkat(2) of an open file, also of one that has no name left or never had one. */
    void linkNode(ModelNode node, boolean temporary, String to) throws ModelException {
        Place place = absent(to);
        require(node.links > 0 || temporary, ENOENT);
        place.parent().entries.put(place.name(), node);
        node.links++;
        changed(node);
        modified(place.parent());
    }

    ModelNode temporary(String directory, int mode) throws ModelException {
        ModelNode parent = existing(directory, true);
        require(parent.isDirectory(), ENOTDIR);
        ModelNode node = new ModelNode(ModelNode.Type.FILE, mode & PERMISSIONS);
        node.links = 0;
        inheritGroup(parent, node);
        changed(node);
        touched.add(node.atime);
        touched.add(node.mtime);
        return node;
    }

    void rename(String from, String to, int flags) throws ModelException {
        boolean exchange = (flags & RENAME_EXCHANGE) != 0;
        ModelNode fromParent = parentOf(from);
        ModelNode toParent = parentOf(to);
        Place source = resolve(from, false);
        require(source.node() != null, ENOENT);
        Place target = resolve(to, false);
        require((flags & RENAME_NOREPLACE) == 0 || target.node() == null, EEXIST);
        require(!exchange || target.node() != null, ENOENT);
        require(!isWithin(toParent, source.node()), EINVAL);
        require(target.node() == null || !isWithin(fromParent, target.node()), exchange ? EINVAL : ENOTEMPTY);
        if (source.node() == target.node()) {
            return;
        }
        if (!exchange && target.node() != null) {
            require(!source.node().isDirectory() || target.node().isDirectory(), ENOTDIR);
            require(source.node().isDirectory() || !target.node().isDirectory(), EISDIR);
            require(target.node().entries.isEmpty(), ENOTEMPTY);
        }
        move(source, target, exchange);
    }

    private void move(Place source, Place target, boolean exchange) {
        ModelNode replaced = target.node();
        source.parent().entries.remove(source.name());
        if (replaced != null && !exchange) {
            target.parent().entries.remove(target.name());
            if (replaced.isDirectory()) {
                removedDirectory(target.parent(), replaced);
            } else {
                replaced.links--;
                changed(replaced);
            }
        }
        if (exchange) {
            source.parent().entries.put(source.name(), replaced);
            adopt(source.parent(), target.parent(), replaced);
        }
        target.parent().entries.put(target.name(), source.node());
        adopt(target.parent(), source.parent(), source.node());
        modified(source.parent());
        modified(target.parent());
    }

    private void adopt(ModelNode parent, ModelNode formerParent, ModelNode node) {
        maybeTouched.add(node.ctime);
        if (node.isDirectory() && parent != formerParent) {
            parent.links++;
            formerParent.links--;
            node.parent = parent;
            maybeTouched.add(node.mtime);
        }
    }

    ModelNode openForWriting(String path) throws ModelException {
        ModelNode node = existing(path, true);
        require(!node.isDirectory(), EISDIR);
        return node;
    }

    ModelNode openForReading(String path) throws ModelException {
        return existing(path, true);
    }

    void write(ModelNode node, long offset, byte[] data) {
        node.write(offset, data);
        modified(node);
    }

    void truncate(ModelNode node, long size) {
        if (size == node.content.length) {
            // POSIX marks the times for ftruncate, Linux's filesystems differ.
            maybeTouched.add(node.mtime);
            maybeTouched.add(node.ctime);
        } else {
            node.resize(size);
            modified(node);
        }
    }

    /** Allocation with or without growth, punching, zeroing: see fallocate(2). */
    void fallocate(ModelNode node, boolean keepSize, boolean zero, long start, long end) {
        if (zero) {
            node.zero(start, end);
        }
        if (!keepSize && end > node.content.length) {
            node.resize(end);
        }
        maybeTouched.add(node.mtime);
        maybeTouched.add(node.ctime);
    }

    void chmod(String path, int mode) throws ModelException {
        ModelNode node = existing(path, true);
        node.mode = mode & PERMISSIONS;
        changed(node);
    }

    void lchown(String path, int uid, int gid) throws ModelException {
        ModelNode node = existing(path, false);
        node.uid = uid;
        node.gid = gid;
        if (!node.isDirectory()) {
            node.mode &= ~SETUID;
            if ((node.mode & GROUP_EXECUTE) != 0) {
                node.mode &= ~SETGID;
            }
        }
        changed(node);
    }

    /**
     * copy_file_range(2), of which {@code copied} bytes were done.
     *
     * @throws ModelException EINVAL when the ranges overlap in one file
     */
    void copyRange(ModelNode source, long from, ModelNode target, long to, long length, long copied)
            throws ModelException {
        long size = source.content.length;
        long most = Math.max(0, Math.min(length, size - from));
        require(source != target || from + most <= to || to + most <= from, EINVAL);
        require((copied > 0) == (most > 0) && copied <= most, EIO);
        if (copied > 0) {
            target.write(to, Arrays.copyOfRange(source.content, (int) from, (int) (from + copied)));
            modified(target);
        }
        maybeTouched.add(source.atime);
    }

    /**
     * Whether {@code found} may be what lseek(2) finds from an offset: what is stepped over by SEEK_DATA reads as
     * zeroes, SEEK_HOLE finds the end or a zero.
     */
    void seek(ModelNode node, long offset, boolean data, long found) throws ModelException {
        byte[] content = node.content;
        require(offset < content.length, ENXIO);
        int end = (int) (found < 0 ? content.length : found);
        require(end >= offset && end <= content.length, EIO);
        if (data) {
            require(isZero(content, (int) offset, end), EIO);
            require(found >= 0, ENXIO);
            require(end < content.length, EIO);
        } else {
            require(found == content.length || content[end] == 0, EIO);
        }
    }

    private static boolean isZero(byte[] content, int start, int end) {
        for (int i = start; i < end; i++) {
            if (content[i] != 0) {
                return false;
            }
        }
        return true;
    }

    void setTimes(String path, Long atimeNanos, Long mtimeNanos) throws ModelException {
        ModelNode node = existing(path, false);
        if (mtimeNanos == null) {
            touched.add(node.mtime);
        } else {
            node.mtime.set(mtimeNanos);
        }
        if (atimeNanos != null) {
            node.atime.set(atimeNanos);
        }
        changed(node);
    }

    void setAttribute(String path, String name, byte[] value, int flags) throws ModelException {
        ModelNode node = existing(path, false);
        refuseUserAttributes(node, name, EPERM);
        require((flags & XATTR_CREATE) == 0 || !node.attributes.containsKey(name), EEXIST);
        require((flags & XATTR_REPLACE) == 0 || node.attributes.containsKey(name), ENODATA);
        node.attributes.put(name, value);
        maybeTouched.add(node.ctime);
    }

    byte[] getAttribute(String path, String name) throws ModelException {
        ModelNode node = existing(path, false);
        refuseUserAttributes(node, name, ENODATA);
        require(node.attributes.containsKey(name), ENODATA);
        return node.attributes.get(name);
    }

    void removeAttribute(String path, String name) throws ModelException {
        ModelNode node = existing(path, false);
        refuseUserAttributes(node, name, EPERM);
        require(node.attributes.remove(name) != null, ENODATA);
        maybeTouched.add(node.ctime);
    }

    /** xattr(7): user attributes are for files and directories only. */
    private static void refuseUserAttributes(ModelNode node, String name, int errno) throws ModelException {
        require(
                !name.startsWith("user.") || node.type == ModelNode.Type.FILE || node.type == ModelNode.Type.DIRECTORY,
                errno);
    }

    private ModelNode add(Place place, ModelNode node) {
        inheritGroup(place.parent(), node);
        place.parent().entries.put(place.name(), node);
        if (node.isDirectory()) {
            node.parent = place.parent();
            place.parent().links++;
        }
        touched.add(node.atime);
        touched.add(node.mtime);
        touched.add(node.ctime);
        modified(place.parent());
        return node;
    }

    private static void inheritGroup(ModelNode parent, ModelNode node) {
        if ((parent.mode & SETGID) != 0) {
            node.gid = parent.gid;
        }
    }

    private void removedDirectory(ModelNode parent, ModelNode node) {
        parent.links--;
        node.links = 0;
        node.parent = null;
    }

    private void modified(ModelNode node) {
        touched.add(node.mtime);
        touched.add(node.ctime);
    }

    private void changed(ModelNode node) {
        touched.add(node.ctime);
    }

    private static boolean isWithin(ModelNode directory, ModelNode ancestor) {
        for (ModelNode node = directory; node != null; node = node.parent) {
            if (node == ancestor) {
                return true;
            }
        }
        return false;
    }

    private Place absent(String path) throws ModelException {
        Place place = resolve(path, false);
        require(place.node() == null, EEXIST);
        return place;
    }

    private ModelNode existing(String path, boolean follow) throws ModelException {
        ModelNode node = resolve(path, follow).node();
        require(node != null, ENOENT);
        return node;
    }

    /** Walks to the last component's directory: rename looks at both before it looks at either name. */
    private ModelNode parentOf(String path) throws ModelException {
        symlinksFollowed = 0;
        int slash = path.lastIndexOf('/');
        return slash < 0
                ? root
                : directory(walk(root, path.substring(0, slash), true).node());
    }

    private Place resolve(String path, boolean followLast) throws ModelException {
        symlinksFollowed = 0;
        return walk(root, path, followLast);
    }

    private Place walk(ModelNode from, String path, boolean followLast) throws ModelException {
        if (path.isEmpty()) {
            return new Place(from, ".", from);
        }
        ModelNode at = from;
        String[] names = path.split("/", -1);
        for (int i = 0; i < names.length; i++) {
            boolean last = i == names.length - 1;
            String name = names[i];
            ModelNode next = lookup(at, name);
            if (next != null && next.type == ModelNode.Type.SYMLINK && (!last || followLast)) {
                require(++symlinksFollowed <= MAX_SYMLINKS, ELOOP);
                Place target = walk(at, next.target, true);
                if (last) {
                    return target;
                }
                next = target.node();
            } else if (last) {
                return new Place(at, name, next);
            }
            at = directory(next);
        }
        throw new IllegalStateException("the last name returns");
    }

    private static ModelNode lookup(ModelNode directory, String name) throws ModelException {
        if (name.equals(".")) {
            return directory;
        }
        if (name.equals("..")) {
            return directory.parent;
        }
        require(name.getBytes(StandardCharsets.UTF_8).length <= MAX_NAME_BYTES, ENAMETOOLONG);
        return directory.entries.get(name);
    }

    private static ModelNode directory(ModelNode node) throws ModelException {
        require(node != null, ENOENT);
        require(node.isDirectory(), ENOTDIR);
        return node;
    }

    private static void require(boolean condition, int errno) throws ModelException {
        if (!condition) {
            throw new ModelException(errno);
        }
    }
}
