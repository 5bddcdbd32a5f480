package org.radax.it.live;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * Seeded steps on files and names, each durable when it returns, until the filesystem is gone or {@link #stop} is called.
 * It knows what the last finished step left, and what the one under way is going to: one of the two is there afterwards.
 * Several may share a directory; each has names of its own.
 */
final class NameStress {
    private static final int MOST_NAMES = 60;
    private static final int MOST_APPENDED_BYTES = 40_000;
    private static final int PAGE_BYTES = 4096;
    private static final String ATTRIBUTE = "user:stress";

    private enum Kind {
        FILE,
        DIRECTORY,
        LINK
    }

    /** Where the kernel may cut an append in two requests, each of which is all or nothing. */
    enum Cut {
        NOWHERE,
        /** Behind the first page, if it is stored to in part and was not cached (fuse_fill_write_pages). */
        BETWEEN_PAGES,
        ANYWHERE;

        private boolean allows(int length) {
            return this == ANYWHERE || (this == BETWEEN_PAGES && length % PAGE_BYTES == 0);
        }
    }

    /** What a name leads to; names of one file have one id. An attribute of 0 is none. */
    private record Node(int id, Kind kind, byte[] content, int attribute) {}

    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }

    private final Path directory;
    private final String prefix;
    private final Random random;
    private int ids;
    private Thread thread;
    private volatile boolean stopping;
    private volatile IOException end;
    private final AtomicLong steps = new AtomicLong();

    /** By path below the directory; replaced by each step, never changed. */
    private volatile SortedMap<String, Node> finished = new TreeMap<>();

    private volatile SortedMap<String, Node> underWay = finished;

    /** The file that the step under way appends to, or null. */
    private volatile String appending;

    NameStress(Path directory, int number, long seed) {
        this.directory = directory;
        this.prefix = number + ".";
        this.random = new Random(31 * seed + number);
    }

    void start() {
        stopping = false;
        end = null;
        steps.set(0);
        thread = new Thread(this::run, "stress-" + prefix);
        thread.start();
    }

    void stop() throws InterruptedException {
        stopping = true;
        awaitEnd();
    }

    /** Once it ended: nothing but {@link #stop} ended it. */
    void assertStopped() {
        assertTrue(end == null, () -> "a stressor ended early: " + end);
    }

    void awaitEnd() throws InterruptedException {
        thread.join(60_000);
        assertFalse(thread.isAlive(), "a stressor hangs");
    }

    /** Nothing but the death of the daemon ends it. */
    void assertRunning() {
        assertTrue(thread.isAlive(), () -> "a stressor ended early: " + end);
    }

    /** Until a step has returned since the start, however slow the machine is. */
    void awaitStep() throws InterruptedException {
        for (int i = 0; i < 6_000 && steps.get() == 0; i++) {
            assertRunning();
            Thread.sleep(10);
        }
        assertTrue(steps.get() > 0, "a stressor hangs");
    }

    /** Steps that have returned since the start. */
    long steps() {
        return steps.get();
    }

    private void run() {
        try {
            while (!stopping) {
                SortedMap<String, Node> next = new TreeMap<>(finished);
                Step step = choose(next);
                underWay = next;
                step.run();
                finished = next;
                appending = null;
                steps.incrementAndGet();
            }
        } catch (IOException e) {
            end = e;
        }
    }

    /** Changes {@code tree} as the step that it returns is going to change the directory. */
    private Step choose(SortedMap<String, Node> tree) {
        if (tree.size() >= MOST_NAMES) {
            return remove(tree);
        }
        String file = any(tree, Kind.FILE);
        if (file == null) {
            return create(tree);
        }
        return switch (random.nextInt(12)) {
            case 0, 1 -> create(tree);
            case 2, 3 -> append(tree, file);
            case 4 -> truncate(tree, file);
            case 5 -> link(tree, file);
            case 6 -> move(tree, any(tree, null));
            case 7 -> moveOver(tree, file);
            case 8 -> makeDirectory(tree);
            case 9 -> makeSymbolicLink(tree);
            case 10 -> setAttribute(tree, file);
            default -> remove(tree);
        };
    }

    private Step create(SortedMap<String, Node> tree) {
        String name = newName(tree);
        tree.put(name, new Node(ids++, Kind.FILE, new byte[0], 0));
        return () -> FileChannel.open(path(name), CREATE_NEW, WRITE).close();
    }

    private Step append(SortedMap<String, Node> tree, String name) {
        byte[] more = new byte[1 + random.nextInt(MOST_APPENDED_BYTES)];
        random.nextBytes(more);
        Node node = tree.get(name);
        byte[] content = Arrays.copyOf(node.content, node.content.length + more.length);
        System.arraycopy(more, 0, content, node.content.length, more.length);
        replace(tree, new Node(node.id, node.kind, content, node.attribute));
        appending = name;
        return () -> {
            try (FileChannel channel = FileChannel.open(path(name), APPEND)) {
                channel.write(ByteBuffer.wrap(more));
                channel.force(true);
            }
        };
    }

    private Step truncate(SortedMap<String, Node> tree, String name) {
        Node node = tree.get(name);
        int length = random.nextInt(node.content.length + 1);
        replace(tree, new Node(node.id, node.kind, Arrays.copyOf(node.content, length), node.attribute));
        return () -> {
            try (FileChannel channel = FileChannel.open(path(name), WRITE)) {
                channel.truncate(length);
            }
        };
    }

    private Step link(SortedMap<String, Node> tree, String name) {
        String other = newName(tree);
        tree.put(other, tree.get(name));
        return () -> Files.createLink(path(other), path(name));
    }

    /** With all that is below it. */
    private Step move(SortedMap<String, Node> tree, String name) {
        SortedMap<String, Node> moved = new TreeMap<>();
        tree.forEach((path, node) -> {
            if (isAtOrBelow(path, name)) {
                moved.put(path, node);
            }
        });
        tree.keySet().removeAll(moved.keySet());
        String target = newName(tree);
        moved.forEach((path, node) -> tree.put(target + path.substring(name.length()), node));
        return () -> Files.move(path(name), path(target), StandardCopyOption.ATOMIC_MOVE);
    }

    private Step moveOver(SortedMap<String, Node> tree, String name) {
        String target = any(tree, Kind.FILE);
        // Two names of one file: rename(2) does nothing.
        if (tree.get(target).id != tree.get(name).id) {
            tree.put(target, tree.remove(name));
        }
        return () -> Files.move(path(name), path(target), StandardCopyOption.ATOMIC_MOVE);
    }

    private Step makeDirectory(SortedMap<String, Node> tree) {
        String name = newName(tree);
        tree.put(name, new Node(ids++, Kind.DIRECTORY, new byte[0], 0));
        return () -> Files.createDirectory(path(name));
    }

    private Step makeSymbolicLink(SortedMap<String, Node> tree) {
        String name = newName(tree);
        String target = "to-" + random.nextInt();
        tree.put(name, new Node(ids++, Kind.LINK, target.getBytes(UTF_8), 0));
        return () -> Files.createSymbolicLink(path(name), Path.of(target));
    }

    private Step setAttribute(SortedMap<String, Node> tree, String name) {
        Node node = tree.get(name);
        int value = 1 + random.nextInt(1_000_000);
        replace(tree, new Node(node.id, node.kind, node.content, value));
        byte[] bytes = ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
        return () -> Files.setAttribute(path(name), ATTRIBUTE, ByteBuffer.wrap(bytes));
    }

    /** A name that nothing is below. */
    private Step remove(SortedMap<String, Node> tree) {
        List<String> names = new ArrayList<>(tree.keySet());
        names.removeIf(name -> tree.keySet().stream().anyMatch(path -> path.startsWith(name + "/")));
        String name = names.get(random.nextInt(names.size()));
        tree.remove(name);
        return () -> Files.delete(path(name));
    }

    private static void replace(SortedMap<String, Node> tree, Node changed) {
        tree.replaceAll((path, node) -> node.id == changed.id ? changed : node);
    }

    private static boolean isAtOrBelow(String path, String name) {
        return path.equals(name) || path.startsWith(name + "/");
    }

    /** A path of that kind, of any kind for null; null if there is none. */
    private String any(SortedMap<String, Node> tree, Kind kind) {
        List<String> paths = new ArrayList<>();
        tree.forEach((path, node) -> {
            if (kind == null || node.kind == kind) {
                paths.add(path);
            }
        });
        return paths.isEmpty() ? null : paths.get(random.nextInt(paths.size()));
    }

    /** In the directory, or in one of those made in it. */
    private String newName(SortedMap<String, Node> tree) {
        String parent = random.nextBoolean() ? any(tree, Kind.DIRECTORY) : null;
        String name = prefix + Long.toHexString(random.nextLong()) + "x".repeat(random.nextInt(60));
        return parent == null ? name : parent + "/" + name;
    }

    private Path path(String name) {
        return directory.resolve(name);
    }

    /** The directory is as the last finished step left it, or as the one under way leaves it. */
    void verify(Cut cut) throws IOException {
        Map<String, String> found = describeFound();
        SortedMap<String, Node> likely = underWay;
        if (found.equals(describe(finished))) {
            likely = finished;
        } else if (appending != null && found.containsKey(appending)) {
            Node node = likely.get(appending);
            int length = (int) Math.min(Files.size(path(appending)), node.content.length);
            likely = new TreeMap<>(likely);
            if (length >= finished.get(appending).content.length && cut.allows(length)) {
                replace(likely, new Node(node.id, node.kind, Arrays.copyOf(node.content, length), node.attribute));
            }
        }
        if (!found.equals(describe(likely))) {
            throw new AssertionError("neither as before nor as after the step under way: found less finished "
                    + difference(found, describe(finished)) + ", finished less found "
                    + difference(describe(finished), found) + ", under way less found "
                    + difference(describe(underWay), found));
        }
        finished = likely;
        underWay = likely;
        appending = null;
    }

    private static List<Map.Entry<String, String>> difference(Map<String, String> some, Map<String, String> others) {
        return some.entrySet().stream()
                .filter(entry -> !others.entrySet().contains(entry))
                .toList();
    }

    private static Map<String, String> describe(SortedMap<String, Node> tree) {
        Map<Integer, Integer> links = new HashMap<>();
        tree.values().forEach(node -> links.merge(node.id, 1, Integer::sum));
        Map<Object, String> firstNames = new HashMap<>();
        Map<String, String> described = new TreeMap<>();
        tree.forEach((path, node) -> {
            firstNames.putIfAbsent(node.id, path);
            described.put(
                    path, line(node.kind, firstNames.get(node.id), links.get(node.id), node.content, node.attribute));
        });
        return described;
    }

    private static String line(Kind kind, String firstName, int links, byte[] content, int attribute) {
        return kind + (kind == Kind.FILE ? " as " + firstName + ", " + links + " links, attribute " + attribute : "")
                + ", " + content.length + " bytes, hash " + Arrays.hashCode(content);
    }

    private Map<String, String> describeFound() throws IOException {
        SortedMap<String, Path> paths = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(directory)) {
            walk.forEach(path -> paths.put(directory.relativize(path).toString(), path));
        }
        Map<Object, String> firstNames = new HashMap<>();
        Map<String, String> described = new TreeMap<>();
        for (Map.Entry<String, Path> entry : paths.entrySet()) {
            if (entry.getKey().startsWith(prefix)) {
                described.put(entry.getKey(), describeOne(entry.getKey(), entry.getValue(), firstNames));
            }
        }
        return described;
    }

    private static String describeOne(String name, Path path, Map<Object, String> firstNames) throws IOException {
        if (Files.isSymbolicLink(path)) {
            byte[] target = Files.readSymbolicLink(path).toString().getBytes(UTF_8);
            return line(Kind.LINK, name, 1, target, 0);
        }
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            return line(Kind.DIRECTORY, name, 1, new byte[0], 0);
        }
        Object number = Files.getAttribute(path, "unix:ino");
        firstNames.putIfAbsent(number, name);
        int links = (Integer) Files.getAttribute(path, "unix:nlink");
        return line(Kind.FILE, firstNames.get(number), links, Files.readAllBytes(path), attribute(path));
    }

    private static int attribute(Path path) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(path, "user:*");
        Object value = attributes.get("stress");
        return value == null ? 0 : ByteBuffer.wrap((byte[]) value).getInt();
    }
}
