package org.radax.core.volume;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.radax.core.error.Errno;

/**
 * What a filesystem does, written from POSIX and the Linux manual pages, in plain objects: names, contents, block
 * states, attributes. Each operation answers with a plan: the error it must give, or what it changes.
 */
final class PlainModel {
    static final int BLOCK = 4096;
    private static final int TYPE = 0170000;
    private static final int DIRECTORY = 0040000;
    private static final int REGULAR = 0100000;
    private static final int LINKS_OF_DIRECTORY = 2;

    /** What a file's block is. */
    enum Block {
        HOLE,
        UNWRITTEN,
        DATA
    }

    /** What is to happen. */
    record Plan(Errno error, Runnable change) {
        static Plan fails(Errno error) {
            return new Plan(error, () -> {});
        }

        static Plan does(Runnable change) {
            return new Plan(null, change);
        }
    }

    /** An inode. */
    static final class Node {
        final int mode;
        int permissions;
        int uid;
        int gid;
        int rdev;
        int links;
        String target = "";
        byte[] content = {};
        Block[] blocks = {};
        Node parent;
        final Map<String, Node> children = new TreeMap<>();
        final Map<String, byte[]> xattrs = new TreeMap<>();
        /** Of the real filesystem: its number, and what its attributes were when it was last meant to change. */
        long ino;

        String seen = "";

        Node(int mode) {
            this.mode = mode & TYPE;
            this.permissions = mode & ~TYPE;
            this.links = isDirectory() ? LINKS_OF_DIRECTORY : 1;
        }

        boolean isDirectory() {
            return mode == DIRECTORY;
        }

        boolean isRegular() {
            return mode == REGULAR;
        }

        boolean isWithin(Node ancestor) {
            for (Node at = this; ; at = at.parent) {
                if (at == ancestor) {
                    return true;
                }
                if (at.parent == at) {
                    return false;
                }
            }
        }

        int size() {
            return content.length;
        }

        private void resize(int size) {
            content = Arrays.copyOf(content, size);
        }

        private void mark(long first, long end, Block from, Block to) {
            int had = blocks.length;
            if (end > had) {
                blocks = Arrays.copyOf(blocks, (int) end);
                Arrays.fill(blocks, had, (int) end, Block.HOLE);
            }
            for (int i = (int) first; i < end; i++) {
                if (from == null || blocks[i] == from) {
                    blocks[i] = to;
                }
            }
        }

        Block block(long number) {
            return number < blocks.length ? blocks[(int) number] : Block.HOLE;
        }
    }

    final Node root = new Node(DIRECTORY | 0755);

    PlainModel() {
        root.parent = root;
        root.ino = FileSystem.ROOT_INO;
    }

    // Names.

    Plan add(Node directory, String name, Node made) {
        if (directory.children.containsKey(name)) {
            return Plan.fails(Errno.EEXIST);
        }
        if (directory.links == 0) {
            return Plan.fails(Errno.ENOENT);
        }
        return Plan.does(() -> {
            directory.children.put(name, made);
            if (made.isDirectory()) {
                made.parent = directory;
                directory.links++;
            }
        });
    }

    Plan link(Node node, Node directory, String name) {
        if (node.isDirectory()) {
            return Plan.fails(Errno.EPERM);
        }
        Plan plan = add(directory, name, node);
        return plan.error() != null
                ? plan
                : Plan.does(() -> {
                    plan.change().run();
                    node.links++;
                });
    }

    Plan remove(Node directory, String name, boolean asDirectory) {
        Node node = directory.children.get(name);
        if (node == null) {
            return Plan.fails(Errno.ENOENT);
        }
        if (asDirectory && !node.isDirectory()) {
            return Plan.fails(Errno.ENOTDIR);
        }
        if (!asDirectory && node.isDirectory()) {
            return Plan.fails(Errno.EISDIR);
        }
        if (!node.children.isEmpty()) {
            return Plan.fails(Errno.ENOTEMPTY);
        }
        return Plan.does(() -> drop(directory, name));
    }

    private static void drop(Node directory, String name) {
        Node node = directory.children.remove(name);
        if (node.isDirectory()) {
            node.links = 0;
            directory.links--;
        } else {
            node.links--;
        }
    }

    Plan rename(Node from, String name, Node to, String newName, int flags, Node whiteout) {
        boolean exchange = (flags & FileSystem.RENAME_EXCHANGE) != 0;
        boolean noReplace = (flags & FileSystem.RENAME_NOREPLACE) != 0;
        boolean leavesWhiteout = (flags & FileSystem.RENAME_WHITEOUT) != 0;
        if (exchange && (noReplace || leavesWhiteout)) {
            return Plan.fails(Errno.EINVAL);
        }
        Node source = from.children.get(name);
        Node target = to.children.get(newName);
        if (source == null || (exchange && target == null) || to.links == 0) {
            return Plan.fails(Errno.ENOENT);
        }
        if (noReplace && target != null) {
            return Plan.fails(Errno.EEXIST);
        }
        if (source == target) {
            return Plan.does(() -> {});
        }
        if (to.isWithin(source)) {
            return Plan.fails(Errno.EINVAL);
        }
        if (target != null && from.isWithin(target)) {
            return Plan.fails(exchange ? Errno.EINVAL : Errno.ENOTEMPTY);
        }
        if (exchange) {
            return Plan.does(() -> {
                from.children.put(name, target);
                to.children.put(newName, source);
                moved(source, from, to);
                moved(target, to, from);
            });
        }
        if (target != null) {
            if (source.isDirectory() && !target.isDirectory()) {
                return Plan.fails(Errno.ENOTDIR);
            }
            if (!source.isDirectory() && target.isDirectory()) {
                return Plan.fails(Errno.EISDIR);
            }
            if (!target.children.isEmpty()) {
                return Plan.fails(Errno.ENOTEMPTY);
            }
        }
        return Plan.does(() -> {
            if (target != null) {
                drop(to, newName);
            }
            from.children.remove(name);
            to.children.put(newName, source);
            moved(source, from, to);
            if (leavesWhiteout) {
                from.children.put(name, whiteout);
            }
        });
    }

    private static void moved(Node node, Node from, Node to) {
        if (node.isDirectory()) {
            node.parent = to;
            from.links--;
            to.links++;
        }
    }

    // Contents.

    static long blocksFor(long bytes) {
        return (bytes + BLOCK - 1) / BLOCK;
    }

    void write(Node file, int offset, byte[] bytes) {
        if (bytes.length == 0) {
            return;
        }
        file.resize(Math.max(file.size(), offset + bytes.length));
        System.arraycopy(bytes, 0, file.content, offset, bytes.length);
        file.mark(offset / BLOCK, blocksFor(offset + bytes.length), null, Block.DATA);
    }

    void truncate(Node file, int size) {
        boolean shrinks = size < file.size();
        file.resize(size);
        if (shrinks) {
            file.blocks = Arrays.copyOf(file.blocks, (int) Math.min(file.blocks.length, blocksFor(size)));
        }
    }

    Plan fallocate(Node file, int mode, int offset, int length) {
        int end = offset + length;
        boolean keep = (mode & FileSystem.FALLOC_KEEP_SIZE) != 0;
        int what = mode & ~FileSystem.FALLOC_KEEP_SIZE;
        long firstWhole = blocksFor(offset);
        long endWhole = end / BLOCK;
        if (what == FileSystem.FALLOC_PUNCH_HOLE) {
            if (!keep) {
                return Plan.fails(Errno.EOPNOTSUPP);
            }
            return Plan.does(() -> {
                zero(file, offset, end);
                file.mark(firstWhole, endWhole, null, Block.HOLE);
            });
        }
        return Plan.does(() -> {
            if (what == FileSystem.FALLOC_ZERO_RANGE) {
                zero(file, offset, end);
                file.mark(firstWhole, endWhole, null, Block.UNWRITTEN);
            }
            file.mark(offset / BLOCK, blocksFor(end), Block.HOLE, Block.UNWRITTEN);
            if (!keep) {
                file.resize(Math.max(file.size(), end));
            }
        });
    }

    private static void zero(Node file, int start, int end) {
        if (start < file.size()) {
            Arrays.fill(file.content, start, Math.min(end, file.size()), (byte) 0);
        }
    }

    /** Where data (or a hole) is next; -1: ENXIO. */
    static long seek(Node file, long offset, boolean forData) {
        for (long at = offset; at < file.size(); at = (at / BLOCK + 1) * BLOCK) {
            if (forData == (file.block(at / BLOCK) == Block.DATA)) {
                return at;
            }
        }
        return forData || offset >= file.size() ? -1 : file.size();
    }

    // Extended attributes.

    Plan setXattr(Node node, String name, byte[] value, int flags) {
        boolean there = node.xattrs.containsKey(name);
        if (value.length > FileSystem.MAX_XATTR_BYTES) {
            return Plan.fails(Errno.E2BIG);
        }
        if (there && (flags & FileSystem.XATTR_CREATE) != 0) {
            return Plan.fails(Errno.EEXIST);
        }
        if (!there && (flags & FileSystem.XATTR_REPLACE) != 0) {
            return Plan.fails(Errno.ENODATA);
        }
        return Plan.does(() -> node.xattrs.put(name, value));
    }

    Plan removeXattr(Node node, String name) {
        return node.xattrs.containsKey(name) ? Plan.does(() -> node.xattrs.remove(name)) : Plan.fails(Errno.ENODATA);
    }
}
