package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.radax.core.volume.FileSystem.ROOT_INO;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.radax.core.btree.BTree;
import org.radax.core.check.Checker;
import org.radax.core.dir.Directory;
import org.radax.core.dir.DirectoryEntry;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.format.Checksum;
import org.radax.core.format.DirectoryHash;
import org.radax.core.format.Geometry;
import org.radax.core.format.SuperblockLayout;
import org.radax.core.journal.Transaction;
import org.radax.core.pool.StructureVerifier;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/** Names of any bytes, and names whose keys fall on each other. */
final class DirectoryNamesTest {
    private static final int REGULAR = 8;

    /** Pairs of names that share at least the upper 57 bits of their key under the hash key (1, 2); found by search. */
    private static final String[][] COLLIDING = {
        {"029a68b8448099b", "0e2fedc01a7cdb9"},
        {"15965ee2780bd34", "03563fc0bc1066b"},
        {"17c61d9bdbffd86", "1d8f28843fb1037"},
        {"1165d7482218537", "087644ee5904c57"},
        {"1da2bf41ac096b7", "1dd999bae66dd29"},
        {"00133d2fe4bceb1", "1440948e8d63d4b"},
        // The whole key.
        {"41bbd921a8827fb6", "20b288f9d51a308b"},
    };

    /** Names fall into few groups of keys, by their first character. */
    private static final class WeakHash extends DirectoryHash {
        WeakHash() {
            super(0, 0);
        }

        @Override
        public long keyOf(byte[] name, int length) {
            return (long) name[0] << 32 | (Arrays.hashCode(Arrays.copyOf(name, length)) & PROBE_MASK);
        }
    }

    private final TestVolume v;
    private final long file;
    private final long dir;

    DirectoryNamesTest() throws FsException {
        v = new TestVolume(64L << 20);
        setHashKey(1, 2);
        file = v.create(ROOT_INO, "file");
        dir = v.mkdir(ROOT_INO, "dir");
    }

    @AfterEach
    void close() {
        v.close();
    }

    /** On the empty volume, in both superblocks. */
    private void setHashKey(long key0, long key1) throws PoolException {
        v.volume.close();
        Checksum checksum = new Checksum(v.volume.info().uuid());
        for (long at : new long[] {0, v.memory.sizeBytes() - Units.BLOCK_BYTES}) {
            byte[] image = new byte[Units.BLOCK_BYTES];
            v.memory.copyOut(at, image, 0, image.length);
            Bytes.putLong(image, SuperblockLayout.HASH_SEED, key0);
            Bytes.putLong(image, SuperblockLayout.HASH_SEED + Long.BYTES, key1);
            Bytes.putInt(
                    image,
                    SuperblockLayout.CHECKSUM,
                    checksum.of(image, SuperblockLayout.CHECKED_BYTES, SuperblockLayout.CHECKSUM));
            v.memory.copyIn(at, image, 0, image.length);
        }
        v.mount();
    }

    private static void fails(Errno errno, Executable action) {
        FsException e = assertThrows(FsException.class, action);
        assertEquals(errno, e.errno(), e.getMessage());
    }

    private void assertSound() {
        assertEquals(List.of(), Checker.check(v.memory, false, line -> {}).findings());
    }

    /** Bytes as a string that sorts and compares. */
    private static String text(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    private static Name name(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return new Name().set(bytes, 0, bytes.length);
    }

    private long lookup(String text) throws FsException {
        Attributes out = new Attributes();
        if (!v.volume.lookup(dir, name(text), out)) {
            return 0;
        }
        v.volume.forget(out.ino, 1);
        return out.ino;
    }

    private void link(String text) throws FsException {
        v.volume.link(TestVolume.ROOT, file, dir, name(text), new Attributes());
        v.volume.forget(file, 1);
    }

    private Set<String> list() throws FsException {
        Set<String> names = new TreeSet<>();
        OpenFile open = v.volume.opendir(TestVolume.ROOT, dir);
        v.volume.readdir(open, 0, false, (next, child, type, name, length, none) -> {
            assertTrue(names.add(text(Arrays.copyOf(name, length))));
            return true;
        });
        v.volume.release(open);
        names.removeAll(Set.of(".", ".."));
        return names;
    }

    /** Any byte but NUL and '/', alone, at the end and everywhere; what is no UTF-8; the longest. */
    private static Set<String> namesOfAnyBytes() {
        Set<String> names = new TreeSet<>();
        Random random = new Random(1);
        for (int i = 1; i < 256; i++) {
            if (i != '/') {
                names.add(String.valueOf((char) i));
                names.add("n".repeat(254) + (char) i);
                names.add((char) i + "n".repeat(random.nextInt(255)));
            }
            StringBuilder any = new StringBuilder();
            while (any.length() < (i < 128 ? 255 : i)) {
                char next = (char) (1 + random.nextInt(255));
                any.append(next == '/' ? ' ' : next);
            }
            names.add(any.toString());
        }
        names.addAll(List.of("\u00ed\u00a0\u0080", "\u00c0\u00ae", "\u00ff\u00fe", "\u00e4", "...", ".\n"));
        names.remove(".");
        return names;
    }

    @Test
    void shouldKeepNamesOfAnyBytes() throws FsException {
        Set<String> names = namesOfAnyBytes();
        for (String name : names) {
            assertEquals(0, lookup(name));
            link(name);
        }
        v.remount();
        assertEquals(names, list());
        for (String name : names) {
            assertEquals(file, lookup(name));
            fails(Errno.EEXIST, () -> link(name));
        }
        fails(Errno.ENAMETOOLONG, () -> link("\u00ff".repeat(256)));
        assertSound();
        for (String name : names) {
            v.volume.unlink(TestVolume.ROOT, dir, name(name));
            assertEquals(0, lookup(name));
        }
        v.rmdir(ROOT_INO, "dir");
        assertSound();
    }

    @Test
    void shouldTellNamesApartThatShareTheirKey() throws FsException {
        DirectoryHash hash = new DirectoryHash(1, 2);
        Set<String> names = new TreeSet<>();
        for (String[] pair : COLLIDING) {
            long[] keys = Arrays.stream(pair)
                    .mapToLong(one -> hash.keyOf(name(one).bytes(), one.length()))
                    .toArray();
            assertEquals(keys[0] >>> 6, keys[1] >>> 6);
            link(pair[0]);
            assertEquals(0, lookup(pair[1]));
            link(pair[1]);
            names.addAll(List.of(pair));
        }
        assertEquals(names, list());
        assertSound();
        for (String[] pair : COLLIDING) {
            v.volume.unlink(TestVolume.ROOT, dir, name(pair[0]));
            assertEquals(0, lookup(pair[0]));
            assertEquals(file, lookup(pair[1]));
            assertSound();
            link(pair[0]);
            v.rename(dir, pair[1], dir, "moved", 0);
            assertEquals(file, lookup(pair[0]));
            assertEquals(0, lookup(pair[1]));
            v.rename(dir, "moved", dir, pair[1], 0);
        }
        v.remount();
        assertEquals(names, list());
        assertSound();
    }

    // With a weak hash, below the volume: the checker would miss the right keys.

    private Directory weakDirectory() {
        Checksum checksum = new Checksum(v.volume.info().uuid());
        VolumeCore core = v.volume.core();
        StructureVerifier verifier =
                new StructureVerifier(v.memory, core.geometry, v.volume.info().uuid());
        return new Directory(new BTree(verifier, checksum), verifier, new WeakHash(), checksum);
    }

    private long root() {
        return VolumeCore.rootOf(dir * Geometry.INODE_BYTES);
    }

    private void insert(Directory weak, String text) throws FsException {
        try (Operation op = v.volume.core().begin(false)) {
            Transaction tx = op.tx();
            weak.insert(tx, root(), dir, name(text).bytes(), text.length(), file, REGULAR);
            VolumeCore.seal(tx, dir * Geometry.INODE_BYTES);
            op.commit();
        }
    }

    private DirectoryEntry find(Directory weak, String text) throws FsException {
        DirectoryEntry entry = new DirectoryEntry();
        return weak.lookup(v.memory, root(), dir, name(text).bytes(), text.length(), entry) ? entry : null;
    }

    private void remove(Directory weak, String text) throws FsException {
        try (Operation op = v.volume.core().begin(true)) {
            weak.remove(op.tx(), root(), dir, find(weak, text));
            VolumeCore.seal(op.tx(), dir * Geometry.INODE_BYTES);
            op.commit();
        }
    }

    /** Inserts names of a group until one is refused; nothing is lost by that. */
    private List<String> fillGroup(Directory weak, int nameLength) throws FsException {
        List<String> names = new ArrayList<>();
        FsException refused = null;
        while (refused == null) {
            String name = String.format("a%0" + (nameLength - 1) + "d", names.size());
            long free = v.freeBlocks();
            try {
                insert(weak, name);
                names.add(name);
            } catch (FsException e) {
                refused = e;
                assertEquals(free, v.freeBlocks());
            }
        }
        assertEquals(Errno.ENOSPC, refused.errno());
        assertTrue(refused.getMessage().contains("share 57 bits"), refused.getMessage());
        Set<Long> keys = new HashSet<>();
        Set<String> listed = new HashSet<>();
        weak.visit(v.memory, root(), dir, 0, (key, target, type, name, length) -> {
            listed.add(text(Arrays.copyOf(name, length)));
            return keys.add(key);
        });
        assertEquals(listed.size(), keys.size());
        assertTrue(listed.containsAll(names));
        return names;
    }

    @Test
    void shouldRefuseMoreNamesThanAGroupHasKeys() throws FsException {
        Directory weak = weakDirectory();
        List<String> names = fillGroup(weak, 10);
        assertEquals(DirectoryHash.PROBE_MASK + 1, names.size());
        insert(weak, "b");
        remove(weak, names.get(30));
        insert(weak, "a new one");
        fails(Errno.ENOSPC, () -> insert(weak, "another"));
        assertNotEquals(null, find(weak, "a new one"));
        assertEquals(null, find(weak, names.get(30)));
    }

    @Test
    void shouldRefuseMoreNamesOfAGroupThanABucketHolds() throws FsException {
        Directory weak = weakDirectory();
        insert(weak, "b" + "n".repeat(254));
        insert(weak, "c" + "n".repeat(254));
        List<String> names = fillGroup(weak, 255);
        assertEquals(14, names.size());
        assertNotEquals(null, find(weak, "b" + "n".repeat(254)));
        insert(weak, "b2");
        remove(weak, names.get(7));
        insert(weak, "a" + "m".repeat(254));
    }

    /** Names that stay are listed once each, in batches of any size, while their neighbours come and go. */
    @Test
    void shouldKeepCookiesStableAmongCollidingNames() throws FsException {
        Directory weak = weakDirectory();
        Random random = new Random(3);
        Set<String> stays = new TreeSet<>();
        Set<String> goes = new TreeSet<>();
        for (char group = 'a'; group <= 'h'; group++) {
            for (int i = 0; i < 24; i++) {
                String name = group + "-" + i + "n".repeat(random.nextInt(40));
                insert(weak, name);
                (i % 2 == 0 ? stays : goes).add(name);
            }
        }
        for (int round = 0; round < 20; round++) {
            List<String> seen = new ArrayList<>();
            long[] cookie = {0};
            boolean[] more = {true};
            while (more[0]) {
                int[] room = {1 + random.nextInt(7)};
                more[0] = false;
                weak.visit(v.memory, root(), dir, cookie[0], (key, target, type, name, length) -> {
                    if (room[0]-- == 0) {
                        more[0] = true;
                        return false;
                    }
                    cookie[0] = key;
                    seen.add(text(Arrays.copyOf(name, length)));
                    return true;
                });
                for (int i = 0; i < 3; i++) {
                    String gone = new ArrayList<>(goes).get(random.nextInt(goes.size()));
                    remove(weak, gone);
                    goes.remove(gone);
                    String comes = (char) ('a' + random.nextInt(8)) + "-new-" + random.nextInt(1_000_000);
                    insert(weak, comes);
                    goes.add(comes);
                }
            }
            List<String> stayed = new ArrayList<>(seen);
            stayed.retainAll(stays);
            stayed.sort(null);
            assertArrayEquals(stays.toArray(), stayed.toArray(), "round " + round);
        }
    }
}
