package org.radax.core.dax;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.pool.PersistenceDomain;
import org.radax.core.unit.Units;
import org.radax.core.writeback.ModeSwitch;
import org.radax.core.writeback.Writeback;

/**
 * A file of a few pages, its blocks, and processes that map it with page tables of their own. A block holds one word; what
 * is durable of it is what its word was at the last write-back that a fence of the same thread followed.
 */
final class SimulatedFile implements FaultBlocks, PersistenceDomain {
    static final int BLOCKS = 2048;

    private final Threading threading;
    final Mapping mapping;
    final Faults faults = new Faults();
    final Writeback writeback = new Writeback(this);
    final long[] memory = new long[BLOCKS];
    final long[] durable = new long[BLOCKS];
    private final boolean[] free = new boolean[BLOCKS];
    private final Map<Thread, Map<Integer, Line>> writtenBack = new HashMap<>();
    private final long[] stores = new long[BLOCKS];
    private final long[] durableStores = new long[BLOCKS];
    final long[] blockOf = new long[1024];
    /** As a power cut would leave it. */
    private final long[] durableBlockOf;

    /** The planted bug of D25: what fill gives is committed some time later. */
    boolean commitsLate;
    /** What read(2) shows once the file is not a DAX file any more. */
    private long[] cache;

    private boolean direct = true;

    /** Of which the memory has gone; 0: none. */
    long badBlock;

    private int nextBlock = 1024;
    long linesWritten;

    SimulatedFile(Threading threading, RaceSwitch race, int pages) {
        this.threading = threading;
        this.mapping = new Mapping(5, threading, new WaitTable(threading), race);
        Arrays.fill(blockOf, HOLE);
        for (int page = 0; page < pages; page++) {
            blockOf[page] = 512L + page;
        }
        durableBlockOf = blockOf.clone();
    }

    @Override
    public long find(long page) throws FsException {
        if (!direct) {
            throw new FsException(Errno.EOPNOTSUPP, "fault", "not a DAX file");
        }
        return blockOf[(int) page];
    }

    @Override
    public long findHuge(long page) {
        long first = blockOf[(int) page];
        return first == HOLE || first % Entry.HUGE_PAGES == 0 ? first : NOT_HUGE;
    }

    /** Not atomic by itself: it is the entry's lock that makes two who fill one hole take turns. */
    @Override
    public long fill(long page) {
        int block = nextBlock++;
        threading.step();
        if (blockOf[(int) page] != HOLE) {
            // Another was faster: zeroed all the same, as the kernel's ext4 did.
            block = (int) blockOf[(int) page];
        }
        put(block, 0);
        blockOf[(int) page] = block;
        threading.step();
        if (!commitsLate) {
            durableBlockOf[(int) page] = block;
        }
        return block;
    }

    /** Gives the blocks from a page on away, for somebody else to use. */
    void truncate(int page) throws FsException {
        mapping.lockFaultsOut();
        try {
            LayoutBreak.run(mapping, page, Mapping.MAX_PAGES, LayoutGuard.Mode.WAIT);
            for (int i = page; i < blockOf.length && blockOf[i] != HOLE; i++) {
                free[(int) blockOf[i]] = true;
                blockOf[i] = HOLE;
                durableBlockOf[i] = HOLE;
            }
        } finally {
            mapping.letFaultsIn();
        }
    }

    /** To the page cache, unless the file is mapped. */
    void switchAway() throws FsException {
        try {
            ModeSwitch.run(mapping, writeback, this, 1, () -> {
                direct = false;
                cache = memory.clone();
            });
        } catch (FsException e) {
            assertEquals(Errno.EBUSY, e.errno());
        }
    }

    long visible(int page) {
        return (direct ? memory : cache)[512 + page];
    }

    void mapHugeHole(Client client) throws FsException {
        assertEquals(true, faults.touchHuge(mapping, this, client, 0, false, 1));
    }

    @Override
    public void writeBack(long poolOffset, long lengthBytes) {
        Map<Integer, Line> mine = writtenBack.computeIfAbsent(Thread.currentThread(), thread -> new HashMap<>());
        for (long block = Units.blockOf(poolOffset); block < Units.blockOf(poolOffset + lengthBytes); block++) {
            if (block == badBlock) {
                throw new InternalError("block " + block + " is gone");
            }
            linesWritten += Units.BLOCK_BYTES / Units.LINE_BYTES;
            mine.put((int) block, new Line(memory[(int) block], stores[(int) block]));
        }
    }

    @Override
    public void fence() {
        Map<Integer, Line> mine = writtenBack.remove(Thread.currentThread());
        if (mine != null) {
            mine.forEach(this::becomeDurable);
        }
    }

    /** What another thread has made durable since is not overtaken by what it was before. */
    private void becomeDurable(int block, Line line) {
        if (line.stores >= durableStores[block]) {
            durable[block] = line.word;
            durableStores[block] = line.stores;
        }
    }

    private void put(long block, long word) {
        assertFalse(free[(int) block], "a store went to a block that was freed");
        memory[(int) block] = word;
        stores[(int) block]++;
    }

    @Override
    public String name() {
        return "simulated";
    }

    void sync() throws FsException {
        writeback.sync(mapping, this, 0, blockOf.length, 1, () -> false);
    }

    /** The word of a page, and what a power cut would leave of it. */
    void assertDurable(long page, long word) {
        assertEquals(word, memory[(int) blockOf[(int) page]], "in memory");
        assertEquals(blockOf[(int) page], durableBlockOf[(int) page], "the block, after a power cut");
        assertEquals(word, durable[(int) blockOf[(int) page]], "after a power cut");
    }

    /** A word as it was after so many stores. */
    private record Line(long word, long stores) {}

    private record Pte(long block, boolean writable) {}

    /** A process with a page table: hardware that checks it at each access. Its stores are announced, by faults. */
    final class Client implements MappingClient, Faults.PageTable {
        private final Map<Long, Pte> table = new HashMap<>();
        private final Map<Long, Integer> pins = new HashMap<>();
        private final boolean flushesItself;

        Client() {
            this(false);
        }

        Client(boolean flushesItself) {
            this.flushesItself = flushesItself;
            mapping.addClient(this);
        }

        void store(long page, long word) throws FsException {
            while (true) {
                threading.step();
                Pte pte = table.get(page);
                if (pte != null && pte.writable) {
                    put(pte.block, word);
                    return;
                }
                if (pte == null || pte.block == HOLE || !faults.store(mapping, this, page, 1)) {
                    touch(page, true);
                }
            }
        }

        long load(long page) throws FsException {
            while (true) {
                threading.step();
                Pte pte = table.get(page);
                if (pte != null) {
                    return pte.block == HOLE ? 0 : memory[(int) pte.block];
                }
                touch(page, false);
            }
        }

        void touch(long page, boolean write) throws FsException {
            faults.touch(mapping, SimulatedFile.this, this, page, write, 1);
        }

        @Override
        public void map(long page, long poolBlock, int pages, boolean writable) {
            threading.step();
            if (writable && flushesItself) {
                assertEquals(poolBlock, durableBlockOf[(int) page], "writable, and its block is not committed");
            }
            for (int i = 0; i < pages; i++) {
                Pte old = table.get(page + i);
                boolean stays = old != null && old.writable && old.block == poolBlock + i;
                table.put(
                        page + i,
                        new Pte(poolBlock == HOLE ? HOLE : poolBlock + i, poolBlock != HOLE && (writable || stays)));
            }
        }

        @Override
        public boolean flushesItself() {
            return flushesItself;
        }

        /** Writes back and fences what it stored: CLWB and SFENCE of its own. */
        void flush(long page) {
            writeBack(Units.blockToBytes(table.get(page).block), Units.BLOCK_BYTES);
            fence();
        }

        /** As I/O into the page does: the page is pinned, whether it stays mapped or not. */
        void storePinned(long page, long word) throws FsException {
            while (table.get(page) == null || !table.get(page).writable) {
                touch(page, true);
            }
            Pte pte = table.get(page);
            pins.merge(page, 1, Integer::sum);
            threading.step();
            put(pte.block, word);
            pins.merge(page, -1, Integer::sum);
        }

        /** To the page, or to the page cache where the file is there by now. */
        void storeAnyway(int page, long word) throws FsException {
            try {
                store(page, word);
            } catch (FsException e) {
                assertEquals(Errno.EOPNOTSUPP, e.errno());
                cache[512 + page] = word;
            }
        }

        boolean maps(long page) {
            return table.containsKey(page);
        }

        boolean canStore(long page) {
            return maps(page) && table.get(page).writable;
        }

        @Override
        public boolean announcesStores() {
            return true;
        }

        @Override
        public void harvest(long start, long end, PageVisitor written) {
            table.replaceAll((page, pte) -> page >= start && page < end ? new Pte(pte.block, false) : pte);
            threading.step();
        }

        @Override
        public void unmap(long start, long end) {
            table.keySet().removeIf(page -> page >= start && page < end);
            threading.step();
        }

        @Override
        public boolean awaitIdle(long start, long end, boolean wait) {
            BooleanSupplier idle = () -> pins.entrySet().stream()
                    .noneMatch(e -> e.getKey() >= start && e.getKey() < end && e.getValue() > 0);
            if (wait && threading instanceof Explorer explorer) {
                explorer.await(idle);
            }
            return idle.getAsBoolean();
        }

        @Override
        public void poison(long start, long end) {
            table.keySet().removeIf(page -> page >= start && page < end);
        }

        @Override
        public boolean isMapping() {
            return !table.isEmpty();
        }
    }
}
