package org.radax.core.dax;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The index against maps and sets, small and huge entries mixed. */
final class PageIndexModelTest {
    private final PageIndex index = new PageIndex();
    private final TreeMap<Long, Long> model = new TreeMap<>();
    private final Map<Integer, Set<Long>> tags = Map.of(
            PageIndex.DIRTY, new HashSet<>(), PageIndex.TOWRITE, new HashSet<>(), PageIndex.REPORTED, new HashSet<>());

    /** Tags that were set or cleared, and not so before. */
    private long smallTags;

    private long hugeTags;

    static void put(PageIndex index, long page, long entry) {
        while (!index.put(page, entry)) {
            index.supply(index.newSlab());
        }
    }

    /** Where the entry begins that stands for the page; -1: none does. */
    private long owner(long page) {
        Map.Entry<Long, Long> before = model.floorEntry(page);
        boolean covers = before != null && page < before.getKey() + Entry.pages(before.getValue());
        return covers ? before.getKey() : -1;
    }

    private boolean isFree(long page, int pages) {
        return owner(page) < 0 && model.subMap(page, page + pages).isEmpty();
    }

    private long nextTagged(long start, long end, int tag) {
        long covering = owner(start);
        if (covering >= 0 && start < end && tags.get(tag).contains(covering)) {
            return covering;
        }
        return model.subMap(start, Math.max(start, end)).keySet().stream()
                .filter(tags.get(tag)::contains)
                .findFirst()
                .orElse(PageIndex.NOWHERE);
    }

    private long next(long start, long end) {
        long covering = owner(start);
        if (covering >= 0 && start < end) {
            return covering;
        }
        Long found = model.ceilingKey(start);
        return found != null && found < end ? found : PageIndex.NOWHERE;
    }

    private static final long[] REACHES = {40, 700, 5_000, 300_000, PageIndex.MAX_PAGES};

    private static long page(Random random, long reach) {
        return Math.min(PageIndex.MAX_PAGES - 1, (long) (random.nextDouble() * reach));
    }

    /** Mostly one that an entry stands for: else tags would hardly ever be set, cleared and found. */
    private long somePage(Random random, long reach) {
        long page = page(random, reach);
        Long first = model.ceilingKey(page);
        boolean any = first == null || random.nextInt(3) == 0;
        return any ? page : first + random.nextInt(Entry.pages(model.get(first)));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void shouldDoAsTheModelDoes(long seed) {
        run(seed, 20_000);
    }

    /** 4 KiB and 2 MiB mixed: tags of both are set and cleared all along. */
    @Test
    @Tag("slow")
    void shouldDoAsTheModelDoesForAMillionOperations() {
        run(11, 1_000_000);
        assertTrue(smallTags > 20_000, "of 4 KiB: " + smallTags);
        assertTrue(hugeTags > 10_000, "of 2 MiB: " + hugeTags);
    }

    private void run(long seed, int operations) {
        Random random = new Random(seed);
        for (int i = 0; i < operations; i++) {
            long reach = REACHES[random.nextInt(REACHES.length)];
            // Now and then everything goes, so that small sizes are seen again.
            if (random.nextInt(5_000) == 0) {
                removeAll();
            }
            step(random, somePage(random, reach), reach);
        }
        removeAll();
        assertEquals(0, index.entries());
    }

    private void step(Random random, long page, long reach) {
        int tag = random.nextInt(3);
        switch (random.nextInt(10)) {
            case 0, 1 -> putSmall(random, page);
            case 2, 3 -> putHuge(random, page(random, reach) & -Entry.HUGE_PAGES);
            case 4 -> remove(page);
            case 5 -> {
                index.setTag(page, tag, 1);
                if (owner(page) >= 0) {
                    countTag(page, tags.get(tag).add(owner(page)));
                }
            }
            case 6 -> {
                index.clearTag(page, tag);
                countTag(page, tags.get(tag).remove(owner(page)));
            }
            case 7 -> tagForWriteback(page, page + page(random, reach) + 1);
            default -> {
                long end = page + page(random, reach);
                assertEquals(next(page, end), index.next(page, end));
                assertEquals(nextTagged(page, end, tag), index.nextTagged(page, end, tag));
            }
        }
        long owner = owner(page);
        assertEquals(owner < 0 ? Entry.NONE : model.get(owner), index.get(page));
        assertEquals(owner >= 0 && tags.get(tag).contains(owner), index.hasTag(page, tag));
        assertEquals(model.size(), index.entries());
        if (random.nextInt(100) == 0) {
            long pages = tags.get(tag).stream()
                    .mapToLong(p -> Entry.pages(model.get(p)))
                    .sum();
            assertEquals(pages, index.taggedPages(tag));
        }
    }

    private void countTag(long page, boolean changed) {
        if (changed && Entry.is(model.get(owner(page)), Entry.HUGE)) {
            hugeTags++;
        } else if (changed) {
            smallTags++;
        }
    }

    private void putSmall(Random random, long page) {
        if (isFree(page, 1) || (owner(page) >= 0 && !Entry.is(model.get(owner(page)), Entry.HUGE))) {
            long entry = Entry.of(random.nextInt(1 << 30), random.nextBoolean() ? Entry.HOLE : 0);
            put(index, page, entry);
            model.put(page, entry);
        }
    }

    private void putHuge(Random random, long first) {
        if (isFree(first, Entry.HUGE_PAGES)) {
            long entry = Entry.of(random.nextInt(1 << 30), Entry.HUGE);
            put(index, first, entry);
            model.put(first, entry);
        }
    }

    private void remove(long page) {
        long owner = owner(page);
        assertEquals(owner < 0 ? Entry.NONE : model.get(owner), index.remove(page));
        model.remove(owner);
        tags.values().forEach(set -> set.remove(owner));
    }

    private void tagForWriteback(long start, long end) {
        index.tagForWriteback(start, end);
        Set<Long> dirty = tags.get(PageIndex.DIRTY);
        Set<Long> written = tags.get(PageIndex.TOWRITE);
        model.subMap(start, end).keySet().stream().filter(dirty::contains).forEach(written::add);
        if (dirty.contains(owner(start))) {
            written.add(owner(start));
        }
    }

    private void removeAll() {
        for (long page = index.next(0, PageIndex.MAX_PAGES);
                page != PageIndex.NOWHERE;
                page = index.next(0, PageIndex.MAX_PAGES)) {
            remove(page);
        }
        assertTrue(model.isEmpty());
    }

    /** Each page costs at most 16 bytes in a dense file. */
    @Test
    void shouldBeSmallForDenseFiles() {
        int pages = 1 << 20;
        for (long page = 0; page < pages; page++) {
            put(index, page, Entry.of(page, 0));
        }
        assertTrue(index.memoryBytes() < 16L * pages, () -> index.memoryBytes() + " bytes");
    }

    /** A node taken away is used again. */
    @Test
    void shouldNotGrowWithChange() {
        Random random = new Random(1);
        long most = 0;
        put(index, 0, Entry.of(1, 0));
        for (int round = 0; round < 1_000; round++) {
            long page = 1 + page(random, PageIndex.MAX_PAGES - 1);
            put(index, page, Entry.of(1, 0));
            index.setTag(page, PageIndex.DIRTY, 1);
            index.remove(page);
            most = Math.max(most, index.memoryBytes());
        }
        assertTrue(most < 50_000, most + " bytes for two entries");
    }

    @Test
    void shouldTagNothingWhereTheTreeDoesNotReach() {
        put(index, 5, Entry.of(5, 0));
        index.setTag(5, PageIndex.DIRTY, 1);
        index.tagForWriteback(64, 128);
        assertFalse(index.hasTag(5, PageIndex.TOWRITE));
        assertEquals(0, index.taggedPages(PageIndex.TOWRITE));
    }

    @Test
    void shouldRefuseSmallEntriesUnderHugeOnes() {
        put(index, 512, Entry.of(512, Entry.HUGE));
        assertFalse(Entry.is(index.get(511), Entry.VALUE));
        assertThrows(IllegalStateException.class, () -> put(index, 600, Entry.of(1, 0)));
        put(index, 0, Entry.of(1, 0));
        put(index, 511, Entry.of(1, 0));
        put(index, 1024 + 511, Entry.of(1, 0));
        assertThrows(IllegalStateException.class, () -> put(index, 1024, Entry.of(1, Entry.HUGE)));
    }
}
