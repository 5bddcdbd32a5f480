package org.radax.core.crash.toy;

import java.util.ArrayList;
import java.util.List;
import org.radax.core.pool.PoolMemory;

/**
 * A log in the smallest crash-safe form: entries of one line each, and a count in a line of its own that is raised
 * after its entry is durable. Switches plant the mistakes that a recorder must find.
 */
public final class AppendLog {
    private static final long COUNT_OFFSET = 0;
    private static final long FIRST_ENTRY_OFFSET = 64;
    private static final int ENTRY_WORDS = 8;

    /** A planted mistake. */
    public enum Mistake {
        NONE,
        NO_WRITE_BACK,
        NO_FENCE,
        NO_FINAL_FENCE,
        /** An entry counts as there when its first word is, as if a line were stored whole. */
        TRUSTS_FIRST_WORD
    }

    private final PoolMemory memory;
    private final Mistake mistake;

    public AppendLog(PoolMemory memory, Mistake mistake) {
        this.memory = memory;
        this.mistake = mistake;
    }

    /** Appends an entry whose eight words are all {@code value}, 1 to 127. */
    public void append(int value) {
        int count = entries().size();
        long at = FIRST_ENTRY_OFFSET + count * 64L;
        byte[] entry = new byte[64];
        for (int i = 0; i < entry.length; i += Long.BYTES) {
            entry[i] = (byte) value;
        }
        memory.copyIn(at, entry, 0, entry.length);
        if (mistake != Mistake.NO_WRITE_BACK) {
            memory.writeBack(at, 64);
        }
        if (mistake != Mistake.NO_FENCE) {
            memory.fence();
        }
        if (mistake == Mistake.TRUSTS_FIRST_WORD) {
            return;
        }
        memory.putLong(COUNT_OFFSET, count + 1L);
        memory.writeBack(COUNT_OFFSET, Long.BYTES);
        if (mistake != Mistake.NO_FINAL_FENCE) {
            memory.fence();
        }
    }

    /** The entries; AssertionError if one is not whole. */
    public List<Long> entries() {
        List<Long> entries = new ArrayList<>();
        while (isThere(entries.size())) {
            long at = FIRST_ENTRY_OFFSET + entries.size() * 64L;
            long first = memory.getLong(at);
            for (long word = 1; word < ENTRY_WORDS; word++) {
                if (memory.getLong(at + word * Long.BYTES) != first) {
                    throw new AssertionError("entry " + entries.size() + " is torn");
                }
            }
            entries.add(first);
        }
        return entries;
    }

    private boolean isThere(int index) {
        return mistake == Mistake.TRUSTS_FIRST_WORD
                ? memory.getLong(FIRST_ENTRY_OFFSET + index * 64L) != 0
                : index < memory.getLong(COUNT_OFFSET);
    }
}
