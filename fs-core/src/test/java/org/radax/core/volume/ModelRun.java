package org.radax.core.volume;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.radax.core.check.CheckMode;
import org.radax.core.check.CheckReport;
import org.radax.core.check.Checker;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.os.RawMemory;
import org.radax.core.volume.PlainModel.Node;
import org.radax.core.volume.PlainModel.Plan;

/** One seeded life of a volume, step by step the same as a {@link PlainModel}'s. */
final class ModelRun {
    private static final int HISTORY = 25;
    private static final int COMPARED_EVERY = 250;
    private static final String[] NAMES = {"a", "b", "c", "d", "e", "\u00e9\u20ac", " ", "x".repeat(255)};
    private static final int[] RENAME_FLAGS = {0, 0, 0, 1, 2, 2, 4, 5, 3, 6};
    private static final int[] FALLOCATE_MODES = {0, 1, 3, 3, 3, 16, 17, 2};
    private static final int[] XATTR_SIZES = {0, 7, 100, 1000, 1024, 1025, 4096, 20_000, 65_536, 65_537};
    private static final int PUNCH = FileSystem.FALLOC_PUNCH_HOLE | FileSystem.FALLOC_KEEP_SIZE;

    private static final String BALLAST = "ballast";

    private final Random random;
    private final TestVolume v;
    private final PlainModel model = new PlainModel();
    private final List<Node> nodes = new ArrayList<>();
    private final List<Opened> opened = new ArrayList<>();
    private final ArrayDeque<String> history = new ArrayDeque<>();
    private final int largest;
    private final long buffer = RawMemory.allocate(4 << 20);
    private int refused;

    /** An open file or directory. */
    private record Opened(Node node, OpenFile file) {}

    /** An operation on the real volume. */
    private interface Action {
        void run() throws FsException;
    }

    private ModelRun(long seed, TestVolume v, int largest) {
        this.random = new Random(seed);
        this.v = v;
        this.largest = largest;
        nodes.add(model.root);
    }

    /**
     * Returns how often there was no space.
     *
     * @param roomBlocks of the pool, the rest being taken by a file that nobody touches; 0: all of it
     */
    static int run(long seed, long poolBytes, int roomBlocks, int steps, int largest) throws Exception {
        try (TestVolume v = seed % 2 == 0
                ? TestVolume.withDataChecksums(poolBytes, VolumeOptions.defaults())
                : new TestVolume(poolBytes)) {
            long free = v.freeBlocks();
            ModelRun run = new ModelRun(seed, v, largest);
            int step = 0;
            try {
                if (roomBlocks > 0) {
                    run.takeAllBut(roomBlocks);
                }
                run.see(run.model.root);
                for (; step < steps; step++) {
                    run.step();
                    if (step % COMPARED_EVERY == 0) {
                        run.compareAll();
                    }
                }
                run.endLife(free);
            } catch (FsException | RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "seed " + seed + ", step " + step + ": " + e + "; the last operations:\n"
                                + String.join("\n", run.history),
                        e);
            } finally {
                RawMemory.free(run.buffer);
            }
            return run.refused;
        }
    }

    private void takeAllBut(int roomBlocks) throws FsException {
        Node ballast = new Node(0100644);
        ballast.ino = v.create(FileSystem.ROOT_INO, BALLAST);
        model.root.children.put(BALLAST, ballast);
        long taken = (v.blocksAboveReserve() - roomBlocks) * PlainModel.BLOCK;
        v.fallocate(ballast.ino, FileSystem.FALLOC_KEEP_SIZE, 0, taken);
        see(ballast);
    }

    private void endLife(long free) throws FsException {
        compareAll();
        remount();
        compareAll();
        CrashOracle.deleteEverything(v, FileSystem.ROOT_INO);
        for (Node node : new ArrayList<>(nodes)) {
            for (String name : node.xattrs.keySet()) {
                if (node == model.root) {
                    v.volume.removexattr(TestVolume.ROOT, node.ino, Name.of(name));
                }
            }
        }
        require(v.freeBlocks() == free, "free: " + v.freeBlocks() + " of " + free);
        v.volume.close();
        fsck();
        v.mount();
    }

    private void fsck() {
        CheckReport report = Checker.check(v.memory, new CheckMode(false, true), line -> {});
        require(report.findings().isEmpty(), report.toString());
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    // Doing it.

    private void attempt(String what, Plan plan, Action action, Node... touched) throws FsException {
        note(what);
        long free = v.freeBlocks();
        Errno got = null;
        String why = "";
        try {
            action.run();
        } catch (FsException e) {
            got = e.errno();
            why = e.getMessage();
        }
        if (got == Errno.ENOSPC) {
            refused++;
            require(v.freeBlocks() == free, what + ": ENOSPC, and " + (free - v.freeBlocks()) + " blocks are gone");
            for (Node node : touched) {
                compareIfThere(what + ": ENOSPC", node);
            }
            return;
        }
        require(plan.error() == got, what + ": " + got + " (" + why + "), expected " + plan.error());
        if (got == null) {
            plan.change().run();
            for (Node node : touched) {
                if (node != null && isAlive(node)) {
                    see(node);
                }
            }
        }
    }

    private void note(String what) {
        if (history.size() == HISTORY) {
            history.remove();
        }
        history.add(what.replaceAll("(.)\\1{19,}", "$1..."));
    }

    private void compareIfThere(String what, Node node) throws FsException {
        if (node != null && node.ino != 0 && isAlive(node)) {
            compare(what, node);
        }
    }

    private boolean isAlive(Node node) {
        return node.links > 0 || opened.stream().anyMatch(open -> open.node == node);
    }

    /** Remembers what the attributes are now: they were meant to change. */
    private void see(Node node) throws FsException {
        node.seen = attributes(node);
    }

    private String attributes(Node node) throws FsException {
        Attributes a = v.stat(node.ino);
        return "mtime " + a.mtimeNanos + " ctime " + a.ctimeNanos + " birth " + a.birthNanos + " blocks " + a.blocks
                + " generation " + a.generation;
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private Node anyDirectory() {
        List<Node> found = new ArrayList<>();
        for (Node node : nodes) {
            if (node.isDirectory() && isAlive(node)) {
                found.add(node);
            }
        }
        return any(found);
    }

    private Node anyFile() {
        List<Node> found = new ArrayList<>();
        for (Node node : nodes) {
            if (node.isRegular() && isAlive(node)) {
                found.add(node);
            }
        }
        return found.isEmpty() ? null : any(found);
    }

    private String anyName() {
        return NAMES[random.nextInt(NAMES.length)];
    }

    private int anySize(int most) {
        int bits = random.nextInt(32 - Integer.numberOfLeadingZeros(most));
        int size = Math.min(most, random.nextInt(2 << bits) + 1);
        return random.nextInt(3) == 0 ? Math.max(PlainModel.BLOCK, size & -PlainModel.BLOCK) : size;
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private void step() throws FsException {
        int dice = random.nextInt(100);
        if (dice < 14) {
            make();
        } else if (dice < 22) {
            removeName();
        } else if (dice < 33) {
            rename();
        } else if (dice < 37) {
            link();
        } else if (dice < 41) {
            open();
        } else if (dice < 46) {
            release();
        } else if (dice < 70) {
            changeFile();
        } else if (dice < 74) {
            copy();
        } else if (dice < 86) {
            attribute();
        } else if (dice < 92) {
            changeAttributes();
        } else if (dice < 98) {
            look();
        } else if (dice == 98) {
            crowd();
        } else if (random.nextInt(4) == 0) {
            compareAll();
            fsck();
            remount();
        }
    }

    private void remount() throws FsException {
        if (random.nextBoolean()) {
            while (!opened.isEmpty()) {
                v.volume.release(opened.remove(0).file);
            }
        }
        // Else as after an unmount by force: nobody released anything.
        opened.clear();
        nodes.removeIf(node -> !isAlive(node));
        note("remount");
        v.volume.close();
        fsck();
        v.mount();
    }

    // Names.

    private void make() throws FsException {
        Node directory = anyDirectory();
        String name = anyName();
        Attributes a = new Attributes();
        int kind = random.nextInt(10);
        int mode = kind < 6 ? 0100644 : kind < 8 ? 0040750 : kind == 8 ? 0120777 : 0060640;
        Node made = new Node(mode);
        Plan plan = model.add(directory, name, made);
        Name wanted = Name.of(name);
        if (made.isRegular() && random.nextInt(4) == 0) {
            makeNameless(directory);
            return;
        }
        attempt(
                "make " + Integer.toOctalString(mode) + " " + directory.ino + "/" + name,
                plan,
                () -> {
                    if (made.isRegular()) {
                        OpenFile file = v.volume.create(TestVolume.ROOT, directory.ino, wanted, made.permissions, 2, a);
                        v.volume.release(file);
                    } else if (made.isDirectory()) {
                        v.volume.mkdir(TestVolume.ROOT, directory.ino, wanted, made.permissions, a);
                    } else if (kind == 8) {
                        made.target = "t/".repeat(1 + random.nextInt(2000));
                        byte[] target = made.target.getBytes(StandardCharsets.UTF_8);
                        RawMemory.copyIn(target, 0, buffer, target.length);
                        v.volume.symlink(TestVolume.ROOT, directory.ino, wanted, buffer, target.length, a);
                    } else {
                        made.rdev = random.nextInt();
                        v.volume.mknod(TestVolume.ROOT, directory.ino, wanted, mode, made.rdev, a);
                    }
                    v.volume.forget(a.ino, 1);
                    made.ino = a.ino;
                    nodes.add(made);
                },
                directory,
                made);
    }

    private void makeNameless(Node directory) throws FsException {
        Node made = new Node(0100600);
        made.links = 0;
        Attributes a = new Attributes();
        Plan plan = directory.links == 0 ? Plan.fails(Errno.ENOENT) : Plan.does(() -> {});
        attempt(
                "tmpfile in " + directory.ino,
                plan,
                () -> {
                    OpenFile file = v.volume.tmpfile(TestVolume.ROOT, directory.ino, 0600, 2, a);
                    v.volume.forget(a.ino, 1);
                    made.ino = a.ino;
                    opened.add(new Opened(made, file));
                    nodes.add(made);
                },
                made);
    }

    private void removeName() throws FsException {
        Node directory = anyDirectory();
        List<String> there = List.copyOf(directory.children.keySet());
        String name = there.isEmpty() || random.nextInt(10) == 0 ? anyName() : any(there);
        if (name.equals(BALLAST)) {
            return;
        }
        Node node = directory.children.get(name);
        boolean asDirectory = node != null && node.isDirectory() != (random.nextInt(8) == 0);
        attempt(
                (asDirectory ? "rmdir " : "unlink ") + directory.ino + "/" + name,
                model.remove(directory, name, asDirectory),
                () -> {
                    if (asDirectory) {
                        v.rmdir(directory.ino, name);
                    } else {
                        v.unlink(directory.ino, name);
                    }
                },
                directory,
                node);
        nodes.removeIf(one -> !isAlive(one));
    }

    private void rename() throws FsException {
        Node from = anyDirectory();
        Node to = random.nextInt(3) == 0 ? from : anyDirectory();
        String name = from.children.isEmpty() ? anyName() : any(List.copyOf(from.children.keySet()));
        if (name.equals(BALLAST)) {
            return;
        }
        String newName = anyName();
        int flags = RENAME_FLAGS[random.nextInt(RENAME_FLAGS.length)];
        Node source = from.children.get(name);
        Node target = to.children.get(newName);
        Node whiteout = new Node(0020000);
        String what = "rename " + from.ino + "/" + name + " to " + to.ino + "/" + newName + " flags " + flags;
        attempt(
                what,
                model.rename(from, name, to, newName, flags, whiteout),
                () -> {
                    v.rename(from.ino, name, to.ino, newName, flags);
                    boolean made = (flags & FileSystem.RENAME_WHITEOUT) != 0 && source != target;
                    if (made) {
                        whiteout.ino = v.lookup(from.ino, name);
                        nodes.add(whiteout);
                    }
                },
                from,
                to,
                source,
                target,
                whiteout.ino == 0 ? null : whiteout);
        if (whiteout.ino != 0) {
            see(whiteout);
        }
        nodes.removeIf(one -> !isAlive(one));
    }

    private void link() throws FsException {
        Node directory = anyDirectory();
        Node node = any(nodes);
        if (node.isDirectory() && random.nextInt(5) > 0) {
            return;
        }
        if (!isAlive(node)) {
            return;
        }
        String name = anyName();
        attempt(
                "link " + node.ino + " to " + directory.ino + "/" + name,
                model.link(node, directory, name),
                () -> v.link(node.ino, directory.ino, name),
                directory,
                node);
    }

    private void open() throws FsException {
        Node node = random.nextInt(4) == 0 ? anyDirectory() : anyFile();
        if (node != null && opened.size() < 12) {
            OpenFile file = node.isDirectory()
                    ? v.volume.opendir(TestVolume.ROOT, node.ino)
                    : v.volume.open(TestVolume.ROOT, node.ino, 2, false);
            opened.add(new Opened(node, file));
        }
    }

    private void release() {
        if (!opened.isEmpty()) {
            Opened gone = opened.remove(random.nextInt(opened.size()));
            note("release " + gone.node.ino);
            v.volume.release(gone.file);
            nodes.removeIf(one -> !isAlive(one));
        }
    }

    /** Many names in one directory, then most of them gone again: buckets and nodes split and empty. */
    private void crowd() throws FsException {
        Node directory = anyDirectory();
        String stem = "crowd" + random.nextInt(100) + "-" + "y".repeat(random.nextInt(200));
        int count = random.nextInt(200);
        for (int i = 0; i < count; i++) {
            Node made = new Node(0100644);
            String name = stem + i;
            attempt("create " + directory.ino + "/" + name, model.add(directory, name, made), () -> {
                made.ino = v.create(directory.ino, name);
            });
            if (made.ino != 0) {
                see(made);
            }
        }
        see(directory);
        for (String name : List.copyOf(directory.children.keySet())) {
            if (name.startsWith("crowd") && random.nextInt(12) > 0) {
                attempt(
                        "unlink " + directory.ino + "/" + name,
                        model.remove(directory, name, false),
                        () -> v.unlink(directory.ino, name),
                        directory.children.get(name));
            }
        }
        see(directory);
    }

    // Files.

    private void changeFile() throws FsException {
        Node file = anyFile();
        if (file == null) {
            return;
        }
        int offset = Math.max(0, random.nextInt(3) == 0 ? file.size() - random.nextInt(5000) : anySize(largest) - 1);
        int length = Math.min(anySize(largest / 2), Math.max(1, largest - offset));
        switch (random.nextInt(8)) {
            case 0, 1, 2, 3 -> {
                byte[] bytes = bytes(Math.min(length, 1 << 20));
                long[] written = {0};
                attempt(
                        "write " + file.ino + " [" + offset + ", +" + bytes.length + ")",
                        Plan.does(() -> model.write(file, offset, Arrays.copyOf(bytes, (int) written[0]))),
                        () -> written[0] = v.write(file.ino, offset, bytes),
                        file);
            }
            case 4 -> {
                attempt(
                        "truncate " + file.ino + " to " + offset,
                        Plan.does(() -> model.truncate(file, offset)),
                        () -> v.truncate(file.ino, offset),
                        file);
            }
            case 5 -> {
                // Into many pieces, now and then: more than one step frees.
                for (int at = 0; at < file.size() && random.nextInt(3) == 0; at += 2 * PlainModel.BLOCK) {
                    fallocate(file, PUNCH, at, PlainModel.BLOCK);
                }
            }
            default -> fallocate(file, FALLOCATE_MODES[random.nextInt(FALLOCATE_MODES.length)], offset, length);
        }
    }

    private void fallocate(Node file, int mode, int offset, int length) throws FsException {
        attempt(
                "fallocate " + file.ino + " mode " + mode + " [" + offset + ", +" + length + ")",
                model.fallocate(file, mode, offset, length),
                () -> v.fallocate(file.ino, mode, offset, length),
                file);
    }

    private void copy() throws FsException {
        Node from = anyFile();
        Node to = anyFile();
        if (from == null || from == to) {
            return;
        }
        int sourceOffset = random.nextInt(from.size() + 10);
        int targetOffset = anySize(largest);
        int length = Math.min(anySize(largest / 2), Math.max(1, largest - targetOffset));
        int copied = Math.max(0, Math.min(length, from.size() - sourceOffset));
        int start = Math.min(sourceOffset, from.size());
        long[] done = {copied};
        OpenFile source = v.volume.open(TestVolume.ROOT, from.ino, 0, false);
        OpenFile target = v.volume.open(TestVolume.ROOT, to.ino, 2, false);
        attempt(
                "copy " + from.ino + " [" + sourceOffset + ", +" + length + ") to " + to.ino + " at " + targetOffset,
                Plan.does(() -> {
                    byte[] bytes = Arrays.copyOfRange(from.content, start, start + (int) done[0]);
                    model.write(to, targetOffset, bytes);
                }),
                () -> done[0] =
                        v.volume.copyFileRange(TestVolume.ROOT, source, sourceOffset, target, targetOffset, length),
                to);
        require(done[0] == copied || (done[0] > 0 && done[0] < copied), "copied " + done[0] + " of " + copied);
        v.volume.release(source);
        v.volume.release(target);
    }

    // Attributes.

    private void attribute() throws FsException {
        Node node = any(nodes);
        if (!isAlive(node) || !(node.isDirectory() || node.isRegular())) {
            return;
        }
        String[] spaces = {"user.", "trusted.", "security."};
        String name = spaces[random.nextInt(3)] + (random.nextInt(5) == 0 ? "n".repeat(240) : "n" + random.nextInt(6));
        if (random.nextInt(4) == 0) {
            attempt(
                    "removexattr " + node.ino + " " + name,
                    model.removeXattr(node, name),
                    () -> v.volume.removexattr(TestVolume.ROOT, node.ino, Name.of(name)),
                    node);
            return;
        }
        byte[] value = bytes(XATTR_SIZES[random.nextInt(XATTR_SIZES.length)]);
        int flags = Math.max(0, random.nextInt(6) - 3);
        attempt(
                "setxattr " + node.ino + " " + name + ", " + value.length + " bytes, flags " + flags,
                flags == 3 ? Plan.fails(Errno.EINVAL) : model.setXattr(node, name, value, flags),
                () -> {
                    RawMemory.copyIn(value, 0, buffer, value.length);
                    v.volume.setxattr(TestVolume.ROOT, node.ino, Name.of(name), buffer, value.length, flags);
                },
                node);
    }

    private void changeAttributes() throws FsException {
        Node node = any(nodes);
        if (!isAlive(node)) {
            return;
        }
        AttributeChange change = new AttributeChange();
        change.valid = random.nextInt(64) & ~AttributeChange.SIZE;
        change.mode = random.nextInt(01000);
        change.uid = random.nextInt(5);
        change.gid = random.nextInt(5);
        change.atimeNanos = random.nextLong() >>> 1;
        change.mtimeNanos = random.nextLong() >>> 1;
        if (change.valid == 0) {
            return;
        }
        Attributes a = new Attributes();
        attempt(
                "setattr " + node.ino + " valid " + change.valid,
                Plan.does(() -> {
                    boolean has = (change.valid & AttributeChange.MODE) != 0;
                    node.permissions = has ? change.mode : node.permissions;
                    node.uid = (change.valid & AttributeChange.UID) != 0 ? change.uid : node.uid;
                    node.gid = (change.valid & AttributeChange.GID) != 0 ? change.gid : node.gid;
                }),
                () -> v.volume.setattr(TestVolume.ROOT, node.ino, null, change, a),
                node);
        if ((change.valid & AttributeChange.MTIME) != 0) {
            require(a.mtimeNanos == change.mtimeNanos, "mtime " + a.mtimeNanos + " is not " + change.mtimeNanos);
        }
        if ((change.valid & AttributeChange.ATIME) != 0) {
            require(a.atimeNanos == change.atimeNanos, "atime " + a.atimeNanos + " is not " + change.atimeNanos);
        }
    }

    // Comparing.

    private void look() throws FsException {
        Node node = any(nodes);
        if (isAlive(node)) {
            compare("look", node);
        }
    }

    private void compareAll() throws FsException {
        Set<Node> reached = new HashSet<>();
        compareTree(model.root, reached);
        for (Opened open : opened) {
            compare("open", open.node);
            reached.add(open.node);
        }
        VolumeStatistics statistics = new VolumeStatistics();
        v.volume.statistics(statistics);
        long used = statistics.totalInodes - statistics.freeInodes;
        require(used == reached.size(), used + " inodes in use, expected " + reached.size());
    }

    private void compareTree(Node node, Set<Node> reached) throws FsException {
        if (reached.add(node)) {
            compare("tree", node);
            for (Node child : node.children.values()) {
                compareTree(child, reached);
            }
        }
    }

    private void compare(String what, Node node) throws FsException {
        String label = what + ", inode " + node.ino + ": ";
        Attributes a = v.stat(node.ino);
        require(a.mode == (node.mode | node.permissions), label + "mode " + Integer.toOctalString(a.mode));
        require(a.linkCount == node.links, label + a.linkCount + " links, expected " + node.links);
        require(a.uid == node.uid && a.gid == node.gid, label + "owner " + a.uid + ":" + a.gid);
        require(a.rdev == node.rdev, label + "rdev " + a.rdev);
        String now = attributes(node);
        require(now.equals(node.seen), label + now + ", last seen " + node.seen);
        if (node.isDirectory()) {
            List<String> listed = v.list(node.ino, 1 + random.nextInt(50));
            require(listed.size() == node.children.size(), label + listed.size() + " names listed");
            require(new HashSet<>(listed).equals(node.children.keySet()), label + "names " + listed);
            for (String name : listed) {
                require(v.lookup(node.ino, name) == node.children.get(name).ino, label + "name " + name);
            }
        } else if (node.isRegular()) {
            require(a.sizeBytes == node.size(), label + a.sizeBytes + " bytes, expected " + node.size());
            int at = Arrays.mismatch(v.read(node.ino, 0, node.size() + 10), node.content);
            require(at < 0, label + "content differs at byte " + at);
            compareHoles(label, node);
        } else if (!node.target.isEmpty()) {
            require(v.readlink(node.ino).equals(node.target), label + "target");
        }
        compareXattrs(label, node);
    }

    private void compareXattrs(String label, Node node) throws FsException {
        int length = v.volume.listxattr(TestVolume.ROOT, node.ino, buffer, 65_536);
        byte[] list = new byte[length];
        RawMemory.copyOut(buffer, list, 0, length);
        Set<String> names = new HashSet<>();
        if (length > 0) {
            names.addAll(Arrays.asList(new String(list, StandardCharsets.UTF_8).split("\0")));
        }
        require(names.equals(node.xattrs.keySet()), label + "attributes " + names);
        for (String name : names) {
            require(Arrays.equals(v.getxattr(node.ino, name), node.xattrs.get(name)), label + "attribute " + name);
        }
    }

    private void compareHoles(String label, Node node) throws FsException {
        OpenFile file = v.volume.open(TestVolume.ROOT, node.ino, 0, false);
        long at = random.nextInt(PlainModel.BLOCK);
        for (int i = 0; i < 20; i++) {
            boolean forData = (i & 1) == 0;
            long expected = PlainModel.seek(node, at, forData);
            long got;
            try {
                got = v.volume.lseek(file, at, forData ? FileSystem.SEEK_DATA : FileSystem.SEEK_HOLE);
            } catch (FsException e) {
                require(e.errno() == Errno.ENXIO, label + e);
                got = -1;
            }
            require(
                    got == expected,
                    label + "seek from " + at + (forData ? " data " : " hole ") + got + ", expected " + expected);
            if (got < 0) {
                break;
            }
            at = got;
        }
        v.volume.release(file);
    }
}
