package org.radax.core.btree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.radax.core.alloc.Allocator;
import org.radax.core.check.Checker;
import org.radax.core.error.FsException;
import org.radax.core.format.Checksum;
import org.radax.core.format.Geometry;
import org.radax.core.format.StateLayout;
import org.radax.core.journal.Journal;
import org.radax.core.journal.Transaction;
import org.radax.core.os.LibC;
import org.radax.core.pool.NoDomain;
import org.radax.core.pool.PoolMemory;
import org.radax.core.pool.StructureVerifier;
import org.radax.core.pool.WordReader;
import org.radax.core.unit.Units;
import org.radax.core.volume.Formatter;
import org.radax.core.volume.TestVolume;

/** Random changes of one tree, the orphan tree's place taken for it, against {@link TreeMap}; unsigned keys. */
final class BTreeModelTest {
    private static final long POOL_BYTES = 64L << 20;
    private static final UUID UUID_OF_POOL = new UUID(1, 2);
    private static final long STATE = Units.blockToBytes(Geometry.STATE_BLOCK);
    private static final long ROOT = STATE + StateLayout.ORPHAN_ROOT;
    private static final int STEPS_PER_TRANSACTION = 3;

    private final TreeMap<Long, Long> model = new TreeMap<>(Long::compareUnsigned);
    private final Cursor at = new Cursor();
    private long base;
    private PoolMemory memory;
    private Journal journal;
    private Allocator allocator;
    private BTree tree;
    private long freeAtStart;
    private int highest;

    /** One change of tree and model, at a key. */
    private interface Change {
        void make(Transaction tx, long key) throws FsException;
    }

    @BeforeEach
    void make() throws FsException {
        base = TestVolume.map(POOL_BYTES);
        memory = new PoolMemory(base, POOL_BYTES, new NoDomain(), null);
        Formatter.write(memory, TestVolume.UNLIMITED, "tree", UUID_OF_POOL, false);
        Geometry geometry = Geometry.forNewPool(POOL_BYTES, false);
        journal = new Journal(memory, geometry, UUID_OF_POOL);
        journal.recover();
        allocator = new Allocator(memory, geometry, TestVolume.UNLIMITED, new Checksum(UUID_OF_POOL), 0, false);
        allocator.open();
        tree = new BTree(new StructureVerifier(memory, geometry, UUID_OF_POOL), new Checksum(UUID_OF_POOL));
        freeAtStart = allocator.freeBlocks();
    }

    @AfterEach
    void close() {
        journal.close();
        LibC.INSTANCE.munmap(base, POOL_BYTES);
    }

    @Test
    void shouldAgreeOnDenseKeys() throws FsException {
        for (long seed = 1; seed <= 6; seed++) {
            Random random = new Random(seed);
            live(seed, 6000, () -> random.nextInt(3000));
        }
    }

    @Test
    void shouldAgreeOnSparseKeys() throws FsException {
        for (long seed = 11; seed <= 13; seed++) {
            Random random = new Random(seed);
            long[] keys = random.longs(4000).toArray();
            live(seed, 6000, () -> keys[random.nextInt(keys.length)] + random.nextInt(2));
        }
    }

    @Test
    void shouldAgreeOnAscendingAndDescendingKeys() throws FsException {
        for (int direction : new int[] {1, -1}) {
            List<Long> keys = new ArrayList<>();
            for (long i = 0; i < 70_000; i++) {
                keys.add(direction > 0 ? i * 3 : -i * 3);
            }
            inTransactions(keys, this::put);
            assertTrue(highest >= 2, "levels: " + highest);
            compareEverywhere("direction " + direction);
            // From the front, then from behind: nodes empty at either end.
            inTransactions(keys.subList(0, 30_000), this::remove);
            compareEverywhere("direction " + direction + ", front gone");
            for (int i = 0; i < 40_000; i++) {
                inTransactions(List.of(keys.get(keys.size() - 1 - i)), this::remove);
            }
            assertEmpty();
        }
    }

    /** A node whose first record went: keys between its bound and its first record belong to the node before. */
    @Test
    void shouldFindTheFloorAcrossNodes() throws FsException {
        List<Long> keys = new ArrayList<>();
        for (long i = 0; i < 5000; i++) {
            keys.add(i);
        }
        inTransactions(keys, this::put);
        for (long i = 1; i < 5000; i++) {
            inTransactions(List.of(i), this::remove);
            assertTrue(tree.floor(memory, ROOT, 0, i, at), "floor of " + i);
            assertEquals(0, at.key, "floor of " + i);
        }
        inTransactions(List.of(0L), this::remove);
        assertEmpty();
    }

    private void live(long seed, int steps, LongSupplier keys) throws FsException {
        Random random = new Random(seed * 31);
        String label = "seed " + seed;
        for (int step = 0; step < steps; step++) {
            // Grows, then shrinks, then stays: trees of all heights are split and joined.
            int phase = step * 3 / steps;
            int putShare = phase == 0 ? 85 : phase == 1 ? 25 : 50;
            boolean keep = random.nextInt(8) != 0;
            Transaction tx = begin();
            List<Runnable> redo = new ArrayList<>();
            for (int i = 0; i < STEPS_PER_TRANSACTION; i++) {
                long key = keys.getAsLong();
                if (random.nextInt(100) < putShare) {
                    long value = random.nextLong();
                    tree.put(tx, ROOT, 0, key, value);
                    redo.add(() -> model.put(key, value));
                    assertTrue(tree.floor(tx, ROOT, 0, key, at) && at.value == value, label + ", step " + step);
                } else {
                    tree.remove(tx, ROOT, 0, key);
                    redo.add(() -> model.remove(key));
                    assertTrue(!tree.floor(tx, ROOT, 0, key, at) || at.key != key, label + ", step " + step);
                }
            }
            end(tx, keep);
            if (keep) {
                redo.forEach(Runnable::run);
            }
            for (int i = 0; i < 5; i++) {
                long near = model.isEmpty() ? 0 : model.ceilingKey(0L) + random.nextInt(8) - 4;
                long key = i == 0 ? near : keys.getAsLong() + i - 2;
                compare(memory, key, label + ", step " + step);
            }
        }
        compareEverywhere(label);
        inTransactions(new ArrayList<>(model.keySet()), this::remove);
        assertEmpty();
    }

    private void put(Transaction tx, long key) throws FsException {
        tree.put(tx, ROOT, 0, key, key * 7);
        model.put(key, key * 7);
    }

    private void remove(Transaction tx, long key) throws FsException {
        assertEquals(model.remove(key) != null, tree.remove(tx, ROOT, 0, key), "key " + key);
    }

    private void inTransactions(List<Long> keys, Change change) throws FsException {
        for (int i = 0; i < keys.size(); ) {
            Transaction tx = begin();
            for (int n = 0; n < STEPS_PER_TRANSACTION && i < keys.size(); n++) {
                change.make(tx, keys.get(i++));
            }
            end(tx, true);
        }
    }

    private Transaction begin() throws FsException {
        Transaction tx = journal.begin();
        allocator.fillPocket(tx, 15, false);
        allocator.lockState();
        return tx;
    }

    private void end(Transaction tx, boolean keep) throws FsException {
        if (keep) {
            tx.seal(STATE, StateLayout.CHECKED_BYTES, StateLayout.CHECKSUM);
            allocator.stage(tx);
            tx.commit();
            allocator.settle(tx);
        } else {
            allocator.cancel(tx, false);
        }
        tx.end();
        highest = Math.max(highest, tree.height(memory, ROOT));
    }

    private void compare(WordReader reader, long key, String label) throws FsException {
        Map.Entry<Long, Long> floor = model.floorEntry(key);
        assertEquals(floor != null, tree.floor(reader, ROOT, 0, key, at), label + ": floor of " + key);
        if (floor != null) {
            assertEquals(floor.getKey(), at.key, label + ": floor of " + key);
            assertEquals(floor.getValue(), at.value, label + ": value at floor of " + key);
        }
        Map.Entry<Long, Long> ceiling = model.ceilingEntry(key);
        assertEquals(ceiling != null, tree.ceiling(reader, ROOT, 0, key, at), label + ": ceiling of " + key);
        if (ceiling != null) {
            assertEquals(ceiling.getKey(), at.key, label + ": ceiling of " + key);
            assertEquals(ceiling.getValue(), at.value, label + ": value at ceiling of " + key);
        }
    }

    private void compareEverywhere(String label) throws FsException {
        for (long key : model.keySet()) {
            compare(memory, key - 1, label);
            compare(memory, key, label);
            compare(memory, key + 1, label);
        }
        compare(memory, 0, label);
        compare(memory, -1, label);
    }

    /** Nothing is left, and no node is leaked: all but the pockets is free, and the checker agrees. */
    private void assertEmpty() throws FsException {
        assertTrue(model.isEmpty());
        assertTrue(BTree.isEmpty(memory, ROOT));
        assertEquals(0, tree.height(memory, ROOT));
        assertEquals(freeAtStart, allocator.freeBlocks());
        assertEquals(List.of(), Checker.check(memory, false, line -> {}).findings());
    }
}
