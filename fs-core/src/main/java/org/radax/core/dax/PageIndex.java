package org.radax.core.dax;

import java.util.Arrays;

/**
 * A radix tree from page numbers to entries, with tags: the kernel's {@code address_space.i_pages}, in primitive
 * arrays. Nodes have 64 slots; a tag is set in an inner node for each slot below which it is set, so that looking for
 * the next tagged entry skips everything untagged (D04). A huge entry lies in the first of eight slots above the
 * leaves. A page costs 8.6 bytes in a dense file. Not thread-safe: the mapping's lock guards it.
 */
final class PageIndex {
    /** Lines of the page may not be durable yet. */
    static final int DIRTY = 0;
    /** A writeback that has begun will come by (D05). */
    static final int TOWRITE = 1;
    /** Durable, and told: the page cache wrote it, and no sync has settled since what that owes. */
    static final int REPORTED = 2;

    /** Where a search finds nothing. */
    static final long NOWHERE = -1;

    /** Page numbers are below this: files end at 16 TiB. */
    static final long MAX_PAGES = 1L << 32;

    private static final int BITS = 6;
    private static final int SLOTS = 1 << BITS;
    private static final int MASK = SLOTS - 1;
    private static final int MAX_LEVELS = 6;

    // A node: the slots, which of them are in use, a word per tag, and when its first DIRTY tag was set.
    private static final int TAGS = SLOTS;
    private static final int TAG_COUNT = 3;
    private static final int USED = TAGS + TAG_COUNT;
    private static final int SINCE = USED + 1;
    private static final int NODE_WORDS = SINCE + 1;

    private static final int SLAB_BITS = 6;
    private static final int SLAB_NODES = 1 << SLAB_BITS;
    private static final int FIRST_SLAB_NODES = 8;

    // A slot: an entry (odd), a child node, or one that belongs to the huge entry before it.
    private static final int CHILD_SHIFT = 2;
    private static final long SIBLING = 2;
    private static final int HUGE_LEVEL = 1;
    private static final int HUGE_SLOTS = Entry.HUGE_PAGES / SLOTS;

    private static final int NO_NODE = 0;

    private long[][] slabs = {};
    private int slabCount;
    private int freeNode = NO_NODE;
    private int freeNodes;
    private int root = NO_NODE;
    private int levels;
    private long entries;
    private final long[] taggedPages = new long[TAG_COUNT];
    private final int[] path = new int[MAX_LEVELS];

    // Memory. Nodes are numbered from 1.

    private long get(int node, int word) {
        return slabs[node >>> SLAB_BITS][(node & (SLAB_NODES - 1)) * NODE_WORDS + word];
    }

    private void set(int node, int word, long value) {
        slabs[node >>> SLAB_BITS][(node & (SLAB_NODES - 1)) * NODE_WORDS + word] = value;
    }

    /** Memory for more nodes, to be made without the lock, and then given to {@link #supply}. */
    long[] newSlab() {
        return new long[(slabCount == 0 ? FIRST_SLAB_NODES : SLAB_NODES) * NODE_WORDS];
    }

    void supply(long[] slab) {
        int first = slabCount << SLAB_BITS;
        if (slabCount == slabs.length) {
            slabs = Arrays.copyOf(slabs, slabCount + slabCount / 2 + 1);
        }
        slabs[slabCount++] = slab;
        for (int i = slab.length / NODE_WORDS - 1; i >= 0; i--) {
            if (first + i != NO_NODE) {
                freeNode(first + i);
            }
        }
    }

    private void freeNode(int node) {
        set(node, USED, freeNode);
        freeNode = node;
        freeNodes++;
    }

    private int takeNode() {
        int node = freeNode;
        freeNode = (int) get(node, USED);
        freeNodes--;
        set(node, USED, 0);
        return node;
    }

    /** Nothing is left: the memory goes too. */
    private void clear() {
        slabs = new long[0][];
        slabCount = 0;
        freeNode = NO_NODE;
        freeNodes = 0;
        root = NO_NODE;
        levels = 0;
    }

    long memoryBytes() {
        long total = (long) slabs.length * Integer.BYTES;
        for (int i = 0; i < slabCount; i++) {
            total += (long) slabs[i].length * Long.BYTES;
        }
        return total;
    }

    /** Entries there are; a huge one counts once. */
    long entries() {
        return entries;
    }

    /** Pages whose entries have the tag; those of a huge one all count. */
    long taggedPages(int tag) {
        return taggedPages[tag];
    }

    // Single entries.

    private static int slot(long page, int level) {
        return (int) (page >>> (level * BITS)) & MASK;
    }

    /** The entry that stands for the page, or {@link Entry#NONE}. */
    long get(long page) {
        if (page >>> (levels * BITS) != 0) {
            return Entry.NONE;
        }
        int node = root;
        for (int level = levels - 1; level >= 0; level--) {
            int slot = slot(page, level);
            long value = get(node, slot);
            if (value == SIBLING) {
                return get(node, slot & -HUGE_SLOTS);
            }
            if (value == 0 || (value & Entry.VALUE) != 0) {
                return value;
            }
            node = (int) (value >>> CHILD_SHIFT);
        }
        return Entry.NONE;
    }

    /**
     * Puts an entry where there is none, or in place of one of the same size, whose tags stay.
     *
     * @param page of a huge entry, the first
     * @return false, with nothing changed, if it takes memory: {@link #supply} some and look again (D14)
     * @throws IllegalStateException if entries of the other size are there
     */
    boolean put(long page, long entry) {
        int bottom = Entry.is(entry, Entry.HUGE) ? HUGE_LEVEL : 0;
        if (!grow(page, bottom)) {
            return false;
        }
        int node = nodeForPut(page, bottom);
        if (node == NO_NODE) {
            return false;
        }
        putInto(node, slot(page, bottom), page, entry);
        return true;
    }

    /** Makes the nodes on the way down that are missing; NO_NODE, with nothing changed, if that takes memory. */
    private int nodeForPut(long page, int bottom) {
        int node = root;
        for (int level = levels - 1; level > bottom; level--) {
            int slot = slot(page, level);
            long value = get(node, slot);
            if (value == 0) {
                if (level - bottom > freeNodes) {
                    return NO_NODE;
                }
                value = (long) takeNode() << CHILD_SHIFT;
                set(node, slot, value);
                set(node, USED, get(node, USED) | (1L << slot));
            } else if ((value & 3) != 0) {
                throw new IllegalStateException("page " + page + " is in a huge entry");
            }
            node = (int) (value >>> CHILD_SHIFT);
        }
        return node;
    }

    private void putInto(int node, int slot, long page, long entry) {
        long old = get(node, slot);
        boolean huge = Entry.is(entry, Entry.HUGE);
        if (old == 0) {
            for (int i = 1; huge && i < HUGE_SLOTS; i++) {
                if (get(node, slot + i) != 0) {
                    throw new IllegalStateException("small entries beside page " + page);
                }
            }
            for (int i = 1; huge && i < HUGE_SLOTS; i++) {
                set(node, slot + i, SIBLING);
            }
            set(node, USED, get(node, USED) | (1L << slot));
            entries++;
        } else if ((old & Entry.VALUE) == 0 || Entry.is(old, Entry.HUGE) != huge) {
            throw new IllegalStateException("an entry of another size at page " + page);
        }
        set(node, slot, entry);
    }

    private static int levelsFor(long page, int bottom) {
        int needed = bottom + 1;
        while (page >>> (needed * BITS) != 0) {
            needed++;
        }
        return needed;
    }

    /** Makes the tree reach the page; false, with nothing changed, if that or the way down takes memory. */
    private boolean grow(long page, int bottom) {
        int needed = levelsFor(page, bottom);
        if (needed <= levels) {
            return true;
        }
        // The old tree goes under slot 0 of the new levels; this page's way down begins beside it.
        int above = levels == 0 ? 1 : needed - levels;
        if (above + needed - 1 - bottom > freeNodes) {
            return false;
        }
        if (levels == 0) {
            levels = needed;
            root = takeNode();
        }
        for (; levels < needed; levels++) {
            int top = takeNode();
            set(top, 0, (long) root << CHILD_SHIFT);
            set(top, USED, 1);
            for (int tag = 0; tag < TAG_COUNT; tag++) {
                set(top, TAGS + tag, get(root, TAGS + tag) == 0 ? 0 : 1);
            }
            root = top;
        }
        return true;
    }

    /** Goes to the entry that stands for the page, nodes into {@link #path}; returns its level, or -1. */
    private int descend(long page) {
        if (page >>> (levels * BITS) != 0) {
            return -1;
        }
        int node = root;
        for (int level = levels - 1; level >= 0; level--) {
            path[level] = node;
            long value = get(node, slot(page, level));
            if (value == 0) {
                return -1;
            }
            if ((value & 3) != 0) {
                return level;
            }
            node = (int) (value >>> CHILD_SHIFT);
        }
        return -1;
    }

    private static int entrySlot(long page, int level) {
        int slot = slot(page, level);
        return level == HUGE_LEVEL ? slot & -HUGE_SLOTS : slot;
    }

    /** Takes the entry that stands for the page away, and its tags; returns it, or {@link Entry#NONE}. */
    long remove(long page) {
        int bottom = descend(page);
        if (bottom < 0) {
            return Entry.NONE;
        }
        for (int tag = 0; tag < TAG_COUNT; tag++) {
            clearTag(page, bottom, tag);
        }
        int slot = entrySlot(page, bottom);
        long entry = get(path[bottom], slot);
        for (int i = 0; i < (bottom == HUGE_LEVEL ? HUGE_SLOTS : 1); i++) {
            set(path[bottom], slot + i, 0);
        }
        entries--;
        unuse(page, bottom, slot);
        return entry;
    }

    /** Frees nodes that have become empty, upwards. */
    private void unuse(long page, int bottom, int entrySlot) {
        int slot = entrySlot;
        for (int level = bottom; ; level++) {
            int node = path[level];
            long used = get(node, USED) & ~(1L << slot);
            set(node, USED, used);
            if (used != 0) {
                return;
            }
            set(node, SINCE, 0);
            freeNode(node);
            if (level == levels - 1) {
                clear();
                return;
            }
            slot = slot(page, level + 1);
            set(path[level + 1], slot, 0);
        }
    }

    // Tags.

    boolean hasTag(long page, int tag) {
        int level = descend(page);
        return level >= 0 && (get(path[level], TAGS + tag) & (1L << entrySlot(page, level))) != 0;
    }

    /** Tags the entry that stands for the page, if there is one. {@code now}: remembered for the age of dirt. */
    void setTag(long page, int tag, long now) {
        int bottom = descend(page);
        if (bottom < 0) {
            return;
        }
        int slot = entrySlot(page, bottom);
        if ((get(path[bottom], TAGS + tag) & (1L << slot)) != 0) {
            return;
        }
        taggedPages[tag] += bottom == HUGE_LEVEL ? Entry.HUGE_PAGES : 1;
        if (get(path[bottom], TAGS + DIRTY) == 0 && tag != TOWRITE) {
            set(path[bottom], SINCE, now);
        }
        for (int level = bottom; level < levels; level++) {
            int at = level == bottom ? slot : slot(page, level);
            long tags = get(path[level], TAGS + tag);
            set(path[level], TAGS + tag, tags | (1L << at));
            if (tags != 0) {
                return;
            }
        }
    }

    void clearTag(long page, int tag) {
        int bottom = descend(page);
        if (bottom >= 0) {
            clearTag(page, bottom, tag);
        }
    }

    private void clearTag(long page, int bottom, int tag) {
        int slot = entrySlot(page, bottom);
        if ((get(path[bottom], TAGS + tag) & (1L << slot)) == 0) {
            return;
        }
        taggedPages[tag] -= bottom == HUGE_LEVEL ? Entry.HUGE_PAGES : 1;
        for (int level = bottom; level < levels; level++) {
            int at = level == bottom ? slot : slot(page, level);
            long tags = get(path[level], TAGS + tag) & ~(1L << at);
            set(path[level], TAGS + tag, tags);
            if (tags != 0) {
                return;
            }
        }
    }

    /** When the oldest of the tags around the page was set. */
    long since(long page) {
        int level = descend(page);
        return level < 0 ? 0 : get(path[level], SINCE);
    }

    /** Tags TOWRITE all that is DIRTY in [start, end), and leaves DIRTY as it is (D05). */
    void tagForWriteback(long start, long end) {
        // A start that the tree does not reach would be taken for another page, by its lower bits.
        if (levels > 0 && start < end && start >>> (levels * BITS) == 0) {
            tagForWriteback(root, levels - 1, 0, start, Math.min(end, MAX_PAGES));
        }
    }

    private boolean tagForWriteback(int node, int level, long base, long start, long end) {
        int shift = level * BITS;
        int first = start <= base ? 0 : slot(start, level);
        if (level == HUGE_LEVEL && get(node, first) == SIBLING) {
            first &= -HUGE_SLOTS;
        }
        long reach = (long) SLOTS << shift;
        int last = end >= base + reach ? MASK : slot(end - 1, level);
        long tagged = get(node, TAGS + TOWRITE);
        long wanted = get(node, TAGS + DIRTY) & (-1L << first) & (-1L >>> (MASK - last));
        long added = 0;
        for (long rest = wanted; rest != 0; rest &= rest - 1) {
            int slot = Long.numberOfTrailingZeros(rest);
            long value = get(node, slot);
            if ((value & Entry.VALUE) == 0) {
                int child = (int) (value >>> CHILD_SHIFT);
                if (!tagForWriteback(child, level - 1, base + ((long) slot << shift), start, end)) {
                    continue;
                }
            } else if ((tagged & (1L << slot)) == 0) {
                taggedPages[TOWRITE] += Entry.pages(value);
            }
            added |= 1L << slot;
        }
        set(node, TAGS + TOWRITE, tagged | added);
        return added != 0;
    }

    // Searching.

    /** The first page of the first entry that stands for a page in [start, end), or {@link #NOWHERE}. */
    long next(long start, long end) {
        return next(start, end, USED);
    }

    /** As {@link #next(long, long)}, of entries with the tag. */
    long nextTagged(long start, long end, int tag) {
        return next(start, end, TAGS + tag);
    }

    private long next(long start, long end, int word) {
        long page = start;
        while (levels > 0 && page < end && page >>> (levels * BITS) == 0) {
            int node = root;
            int level = levels - 1;
            while (true) {
                int shift = level * BITS;
                int slot = slot(page, level);
                if (level == HUGE_LEVEL && get(node, slot) == SIBLING) {
                    slot &= -HUGE_SLOTS;
                }
                long found = get(node, word) & (-1L << slot);
                if (found == 0) {
                    page = ((page >>> (shift + BITS)) + 1) << (shift + BITS);
                    break;
                }
                int at = Long.numberOfTrailingZeros(found);
                if (at != slot(page, level)) {
                    page = (((page >>> shift) & ~MASK) | at) << shift;
                }
                if (level == 0) {
                    return page < end ? page : NOWHERE;
                }
                long value = get(node, at);
                if ((value & Entry.VALUE) != 0) {
                    return page < end ? Entry.first(value, page) : NOWHERE;
                }
                node = (int) (value >>> CHILD_SHIFT);
                level--;
            }
        }
        return NOWHERE;
    }
}
