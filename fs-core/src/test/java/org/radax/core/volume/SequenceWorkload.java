package org.radax.core.volume;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashRecorder;
import org.radax.core.error.FsException;
import org.radax.core.os.LibC;
import org.radax.core.pool.NoDomain;
import org.radax.core.pool.PersistenceDomain;
import org.radax.core.pool.PoolMemory;
import org.radax.core.volume.CrashOperation.Effect;
import org.radax.core.volume.CrashPromises.Promise;
import org.radax.core.volume.SequenceClient.Operation;

/**
 * Three to twenty operations that a seed draws, of two threads with a descriptor each. Some come two at once, one of each
 * thread, taking turns at fences. What those leave is what they leave one after the other, in one order or in both; a
 * crash amid them leaves what was before, after the first of such an order, or after both; and once one has returned, it
 * is there.
 */
final class SequenceWorkload extends RecordedWorkload {
    static final PreparedPool POOL = new PreparedPool(SequenceClient::setUp);

    private static final VolumeOptions LAZY =
            new VolumeOptions(false, VolumeOptions.Dax.INODE, VolumeOptions.Access.NOATIME, "auto", false, true);
    private static final CrashOptions OPTIONS = new CrashOptions(4, 0, 0, 2, 1, 1, null);
    private static final int CONCURRENT = 3;
    private static final long STEP_NANOS = 1_000_000_000L;

    private final long seed;

    // Of the run under way.
    private Random random;
    private CrashRecorder recorder;
    private CrashPromises promises;
    private List<Round> rounds;
    private Map<Long, List<byte[]>> unsynced;
    private SequenceClient[] clients;
    private int concurrent;

    /** Operations in the order in which they count as done, and when. */
    private record Round(long nanos, List<Operation> operations) {}

    /** What two operations one after the other leave: the first, and then both, and what is open by then. */
    private record Serial(TreeSnapshot alone, TreeSnapshot both, List<List<String>> opened) {}

    SequenceWorkload(long seed) {
        super(CrashReplay.SEQUENCE + seed, POOL, LAZY, OPTIONS.withSeed(seed));
        this.seed = seed;
    }

    @Override
    PersistenceDomain over(PersistenceDomain domain) {
        return new Turns(domain);
    }

    @Override
    CrashPromises record(TestVolume v, CrashRecorder under) throws Exception {
        random = new Random(seed);
        recorder = under;
        promises = new CrashPromises();
        rounds = new ArrayList<>();
        unsynced = new HashMap<>();
        try (SequenceClient first = new SequenceClient(v.volume, 0);
                SequenceClient second = new SequenceClient(v.volume, 1)) {
            clients = new SequenceClient[] {first, second};
            TreeSnapshot before = TreeSnapshot.of(v);
            int left = 3 + random.nextInt(18);
            concurrent = CONCURRENT;
            while (left > 0) {
                long nanos = PreparedPool.START_NANOS + rounds.size() * STEP_NANOS;
                StoppedClock.stopAt(nanos);
                boolean both = left > 1 && concurrent > 0 && random.nextInt(4) == 0;
                concurrent -= both ? 1 : 0;
                left -= both ? 2 : 1;
                before = both ? runBoth(v, nanos, before) : runOne(v, nanos, before);
                forgetDeleted(before);
            }
            recorder.mark("done");
            promises.add(promise(before), promise(before));
            return promises;
        }
    }

    private TreeSnapshot runOne(TestVolume v, long nanos, TreeSnapshot before) throws Exception {
        Operation operation = SequenceClient.draw(random, random.nextInt(2));
        SequenceClient client = clients[operation.thread()];
        recorder.mark(operation.toString());
        Promise whenItBegins = promise(before);
        boolean[] failed = new boolean[1];
        CrashWorkload.runOnItsOwnThread(any -> failed[0] = !succeeds(operation, client), v);
        TreeSnapshot after = TreeSnapshot.of(v);
        if (failed[0] && !after.differences(before).isEmpty()) {
            throw new AssertionError(operation + " failed, and changed " + after.differences(before));
        }
        noteStores(operation, before, after);
        boolean torn = operation.effect() == Effect.WRITES || operation.effect() == Effect.STORES;
        promises.add(whenItBegins, new Promise(List.of(before, after), torn, Map.copyOf(unsynced)));
        if (operation.effect() == Effect.SYNCS && !failed[0]) {
            unsynced.remove(client.fileIno());
        }
        rounds.add(new Round(nanos, List.of(operation)));
        return after;
    }

    private static boolean succeeds(Operation operation, SequenceClient client) {
        try {
            operation.action().run(client);
            return true;
        } catch (FsException e) {
            return false;
        }
    }

    /** Both at once. */
    private TreeSnapshot runBoth(TestVolume v, long nanos, TreeSnapshot before) throws Exception {
        List<Operation> both = List.of(SequenceClient.draw(random, 0), SequenceClient.draw(random, 1));
        recorder.mark(both.toString());
        Promise whenTheyBegin = promise(before);
        List<Turns.Work> works = new ArrayList<>();
        for (Operation operation : both) {
            works.add(() -> succeeds(operation, clients[operation.thread()]));
        }
        List<Integer> returned = new ArrayList<>();
        Turns.run(random, works, i -> {
            returned.add(i);
            recorder.mark(both.get(i) + " returned");
        });
        TreeSnapshot after = TreeSnapshot.of(v);
        boolean torn = both.stream()
                .anyMatch(operation -> operation.effect() == Effect.WRITES || operation.effect() == Effect.STORES);
        List<Round> orders = new ArrayList<>();
        List<Serial> serial = new ArrayList<>();
        for (int first = 0; first < 2; first++) {
            orders.add(new Round(nanos, List.of(both.get(first), both.get(1 - first))));
            serial.add(serially(orders.get(first)));
        }
        List<Integer> explaining = explaining(new Serial(null, after, opened(clients, after)), before, serial, torn);
        if (explaining.isEmpty()) {
            throw new AssertionError(both + " left what neither order leaves: "
                    + serial.stream()
                            .map(order -> after.differences(order.both) + " " + order.opened)
                            .toList());
        }
        // By operation: what is there when it alone is, if an order in which it comes first explains what there is now.
        TreeSnapshot[] alone = new TreeSnapshot[2];
        List<TreeSnapshot> states = new ArrayList<>(List.of(before));
        for (int first : explaining) {
            alone[first] = serial.get(first).alone;
            states.add(alone[first]);
        }
        Round inOrder = orders.get(explaining.get(0));
        rounds.add(inOrder);
        states.add(after);
        for (Operation operation : both) {
            noteStores(operation, before, after);
        }
        unsynced.replaceAll((ino, contents) -> {
            List<byte[]> longer = new ArrayList<>(contents);
            states.forEach(state -> longer.addAll(state.contentsAsNamed(ino, before, after)));
            return longer;
        });
        Map<Long, List<byte[]>> loose = Map.copyOf(unsynced);
        noteSyncs(both);
        promises.add(whenTheyBegin, new Promise(states, torn, loose));
        int one = returned.get(0);
        List<TreeSnapshot> withIt = alone[one] == null ? List.of(after) : List.of(alone[one], after);
        Promise oneReturned = new Promise(withIt, torn, loose);
        promises.add(oneReturned, oneReturned);
        promises.add(promise(after), promise(after));
        return after;
    }

    /**
     * Which orders leave what there is. Where none does, but every byte is one of theirs: both, for overwrites may mix; then
     * nothing can be asked of orders any more.
     */
    private List<Integer> explaining(Serial found, TreeSnapshot before, List<Serial> serial, boolean torn) {
        List<Integer> exactly = Stream.of(0, 1)
                .filter(first -> found.opened.equals(serial.get(first).opened)
                        && found.both.differences(serial.get(first).both).isEmpty())
                .toList();
        if (!exactly.isEmpty() || !torn) {
            return exactly;
        }
        concurrent = 0;
        List<TreeSnapshot> all = new ArrayList<>(List.of(before));
        serial.forEach(order -> all.addAll(List.of(order.alone, order.both)));
        return found.both.differencesIfTorn(all, Map.of()).isEmpty() ? List.of(0, 1) : List.of();
    }

    /** The names of what each thread has open. */
    private static List<List<String>> opened(SequenceClient[] by, TreeSnapshot state) {
        return Stream.of(by).map(client -> state.names(client.fileIno())).toList();
    }

    /** Runs all rounds so far and one more on another copy, without a recorder. */
    private Serial serially(Round last) throws FsException {
        long base = pool().copy();
        PoolMemory memory = new PoolMemory(base, POOL_BYTES, new NoDomain(), null);
        try (TestVolume v = new TestVolume(memory, LAZY);
                SequenceClient first = new SequenceClient(v.volume, 0);
                SequenceClient second = new SequenceClient(v.volume, 1)) {
            SequenceClient[] both = {first, second};
            for (Round round : rounds) {
                StoppedClock.stopAt(round.nanos);
                round.operations.forEach(operation -> succeeds(operation, both[operation.thread()]));
            }
            StoppedClock.stopAt(last.nanos);
            Operation one = last.operations.get(0);
            succeeds(one, both[one.thread()]);
            TreeSnapshot alone = TreeSnapshot.of(v);
            Operation other = last.operations.get(1);
            succeeds(other, both[other.thread()]);
            TreeSnapshot after = TreeSnapshot.of(v);
            return new Serial(alone, after, opened(both, after));
        } finally {
            LibC.INSTANCE.munmap(base, POOL_BYTES);
        }
    }

    /** A sync beside a store to the same file may have come before it. */
    private void noteSyncs(List<Operation> both) {
        for (int i = 0; i < both.size(); i++) {
            long ino = clients[both.get(i).thread()].fileIno();
            Operation other = both.get(1 - i);
            boolean stored = other.effect() == Effect.STORES && clients[other.thread()].fileIno() == ino;
            if (both.get(i).effect() == Effect.SYNCS && !stored) {
                unsynced.remove(ino);
            }
        }
    }

    private void noteStores(Operation operation, TreeSnapshot before, TreeSnapshot after) {
        if (operation.effect() == Effect.STORES) {
            long ino = clients[operation.thread()].fileIno();
            unsynced.putIfAbsent(ino, List.of(before.contentOf(ino)));
        }
        unsynced.replaceAll((ino, contents) -> {
            List<byte[]> longer = new ArrayList<>(contents);
            longer.add(after.contentOf(ino));
            return longer;
        });
    }

    /** An inode's number may come again, with another file's contents. */
    private void forgetDeleted(TreeSnapshot state) {
        unsynced.keySet().removeIf(ino -> !state.has(ino));
    }

    private Promise promise(TreeSnapshot state) {
        return new Promise(List.of(state), false, Map.copyOf(unsynced));
    }
}
