package org.radax.core.volume;

import java.util.function.LongConsumer;

/**
 * Who keeps an inode alive besides its names: references of the transport, and open and mapped files, in one number. A
 * table of primitives, striped: a million inodes known to the kernel cost 24 MB. Thread-safe.
 */
final class Holds {
    /** Counts an open or mapped file, which forgetting the inode however often does not close. */
    static final long OPEN = 1L << 40;

    private static final int STRIPES = 64;

    private final Stripe[] stripes = new Stripe[STRIPES];

    Holds() {
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    private Stripe stripe(long ino) {
        return stripes[(int) ((ino * 0x9E3779B97F4A7C15L) >>> 58)];
    }

    void add(long ino, long count) {
        stripe(ino).add(ino, count);
    }

    /** Takes holds away, never below none; returns how many are left, or -1 if there were fewer than that. */
    long drop(long ino, long count) {
        return stripe(ino).drop(ino, count);
    }

    /** Takes references of the transport away; returns how many of them were not there. */
    long forget(long ino, long count) {
        return stripe(ino).forget(ino, count);
    }

    boolean isHeld(long ino) {
        return stripe(ino).get(ino) > 0;
    }

    /** Inodes held. */
    long size() {
        long total = 0;
        for (Stripe stripe : stripes) {
            total += stripe.size();
        }
        return total;
    }

    /** Tells each inode held; the consumer does not call back. */
    void forEach(LongConsumer held) {
        for (Stripe stripe : stripes) {
            stripe.forEach(held);
        }
    }

    /** Open addressing with linear probing and backward-shift deletion; key 0 is empty. */
    private static final class Stripe {
        private long[] keys = new long[64];
        private long[] counts = new long[64];
        private int used;

        synchronized int size() {
            return used;
        }

        synchronized void forEach(LongConsumer held) {
            for (long key : keys) {
                if (key != 0) {
                    held.accept(key);
                }
            }
        }

        private int slot(long key) {
            int mask = keys.length - 1;
            int at = (int) ((key * 0xD6E8FEB86659FD93L) >>> 32) & mask;
            while (keys[at] != 0 && keys[at] != key) {
                at = (at + 1) & mask;
            }
            return at;
        }

        synchronized long get(long key) {
            return counts[slot(key)];
        }

        synchronized void add(long key, long count) {
            int at = slot(key);
            if (keys[at] == 0) {
                if (used * 4 >= keys.length * 3) {
                    grow();
                    at = slot(key);
                }
                keys[at] = key;
                used++;
            }
            counts[at] += count;
        }

        synchronized long drop(long key, long count) {
            int at = slot(key);
            if (keys[at] == 0 || counts[at] < count) {
                if (keys[at] != 0) {
                    remove(at);
                }
                return -1;
            }
            counts[at] -= count;
            long left = counts[at];
            if (left == 0) {
                remove(at);
            }
            return left;
        }

        synchronized long forget(long key, long count) {
            long there = Math.min(count, counts[slot(key)] % OPEN);
            if (there > 0) {
                drop(key, there);
            }
            return count - there;
        }

        private void remove(int hole) {
            int mask = keys.length - 1;
            int free = hole;
            int at = hole;
            while (true) {
                at = (at + 1) & mask;
                if (keys[at] == 0) {
                    break;
                }
                int home = (int) ((keys[at] * 0xD6E8FEB86659FD93L) >>> 32) & mask;
                if (((at - home) & mask) >= ((at - free) & mask)) {
                    keys[free] = keys[at];
                    counts[free] = counts[at];
                    free = at;
                }
            }
            keys[free] = 0;
            counts[free] = 0;
            used--;
        }

        private void grow() {
            long[] oldKeys = keys;
            long[] oldCounts = counts;
            // Both or none: there may be no memory for the second.
            long[] newKeys = new long[oldKeys.length * 2];
            counts = new long[oldKeys.length * 2];
            keys = newKeys;
            for (int i = 0; i < oldKeys.length; i++) {
                if (oldKeys[i] != 0) {
                    int at = slot(oldKeys[i]);
                    keys[at] = oldKeys[i];
                    counts[at] = oldCounts[i];
                }
            }
        }
    }
}
