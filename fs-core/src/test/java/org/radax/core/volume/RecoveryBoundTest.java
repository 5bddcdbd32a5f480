package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.radax.core.volume.FileSystem.ROOT_INO;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.radax.core.check.Checker;
import org.radax.core.error.FsException;
import org.radax.core.format.Geometry;
import org.radax.core.pool.PersistenceDomain;
import org.radax.core.pool.StoreObserver;
import org.radax.core.unit.Units;

/** What a mount reads is bounded by the journal, whatever the pool's size and however many files are in it. */
final class RecoveryBoundTest {
    /** Superblock, volume state, group table, the root's inode. */
    private static final int FIXED_PAGES = 4;

    /** What a link changes: the directory's inode, its bucket, the file's inode. */
    private static final int PAGES_OF_A_LINK = 3;

    /** Counts the pages of the pool that are read or written. */
    private static final class PageCounter implements StoreObserver {
        private final Set<Long> pages = new HashSet<>();
        private boolean counting;

        @Override
        public void stored(long poolOffset, long lengthBytes) {
            // Touched before.
        }

        @Override
        public boolean touched(long poolOffset, long lengthBytes) {
            if (counting) {
                long end = Units.blocksFor(poolOffset + lengthBytes);
                for (long page = Units.blockOf(poolOffset); page < end; page++) {
                    pages.add(page);
                }
            }
            return true;
        }

        int pagesOfAMount(TestVolume v) throws FsException {
            counting = true;
            v.mount();
            counting = false;
            return pages.size();
        }
    }

    /** Holds clients at the fence of their records: complete, and not yet applied. */
    private static final class HoldingDomain implements PersistenceDomain {
        private final CountDownLatch held;
        private final CountDownLatch crashed = new CountDownLatch(1);

        HoldingDomain(int clients) {
            held = new CountDownLatch(clients);
        }

        @Override
        public void writeBack(long poolOffset, long lengthBytes) {
            // All stores are kept here.
        }

        @Override
        public void fence() {
            if (Thread.currentThread() instanceof Client) {
                held.countDown();
                try {
                    crashed.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                throw new InternalError("the power is gone");
            }
        }

        @Override
        public String name() {
            return "holding";
        }
    }

    /** Links a file into a directory, and never hears of it. */
    private static final class Client extends Thread {
        private final Volume volume;
        private final long file;
        private final long directory;

        Client(Volume volume, long file, long directory) {
            this.volume = volume;
            this.file = file;
            this.directory = directory;
        }

        @Override
        public void run() {
            try {
                volume.link(TestVolume.ROOT, file, directory, Name.of("link"), new Attributes());
            } catch (FsException e) {
                // The power is gone.
            }
        }
    }

    private static int lanes(long poolBytes) {
        return Geometry.forNewPool(poolBytes, false).laneCount();
    }

    private static void fill(TestVolume v, int files) throws FsException {
        for (int i = 0; i < files; i++) {
            v.create(ROOT_INO, "file-" + i);
        }
    }

    private static void assertSound(TestVolume v) {
        v.volume.close();
        assertEquals(List.of(), Checker.check(v.memory, false, line -> {}).findings());
    }

    @ParameterizedTest
    @CsvSource({"16777216, 100", "16777216, 20000", "1099511627776, 100", "1099511627776, 20000"})
    void shouldReadOnePageALaneAfterACleanUnmount(long poolBytes, int files) throws FsException {
        PageCounter counter = new PageCounter();
        try (TestVolume v = new TestVolume(poolBytes, new HoldingDomain(0), counter)) {
            fill(v, files);
            v.volume.close();
            assertEquals(FIXED_PAGES + lanes(poolBytes), counter.pagesOfAMount(v));
            assertSound(v);
        }
    }

    @ParameterizedTest
    @CsvSource({"16777216, 100", "16777216, 20000", "1099511627776, 100", "1099511627776, 20000"})
    void shouldReadTheRecordsAndWhatTheyChangeAfterACrash(long poolBytes, int files) throws Exception {
        PageCounter counter = new PageCounter();
        int lanes = lanes(poolBytes);
        HoldingDomain domain = new HoldingDomain(lanes);
        try (TestVolume v = new TestVolume(poolBytes, domain, counter)) {
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < lanes; i++) {
                long directory = v.mkdir(ROOT_INO, "directory-" + i);
                v.create(directory, "first");
                clients.add(new Client(v.volume, v.create(ROOT_INO, "linked-" + i), directory));
            }
            fill(v, files);
            clients.forEach(Client::start);
            domain.held.await();

            int pages = counter.pagesOfAMount(v);

            assertTrue(pages <= FIXED_PAGES + lanes * (1 + PAGES_OF_A_LINK), pages + " pages");
            String remarks = v.volume.info().remarks().toString();
            assertTrue(remarks.contains("replayed " + lanes + " journal records"), remarks);
            for (int i = 0; i < lanes; i++) {
                long directory = v.lookup(ROOT_INO, "directory-" + i);
                assertNotEquals(0, v.lookup(directory, "link"));
            }
            domain.crashed.countDown();
            for (Client client : clients) {
                client.join();
            }
            assertSound(v);
        }
    }
}
