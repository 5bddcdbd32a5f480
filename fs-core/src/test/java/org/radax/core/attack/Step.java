package org.radax.core.attack;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Bytes;

/** One damage done to a pool; its text names structures by kind and rank, so that it fits another pool of the same life. */
interface Step {
    void apply(PoolMemory memory, Structures structures);

    /**
     * Stores little-endian bytes into a structure.
     *
     * @param index rank of the structure among those of its layout
     * @param mended whether its checksum is made right
     */
    record Store(String layout, int index, int offset, int lengthBytes, long value, boolean mended) implements Step {
        private static final Pattern TEXT =
                Pattern.compile("store (\\w+) (\\d+) \\+(\\d+) (\\d) ([0-9a-f]+)( mended)?");

        @Override
        public void apply(PoolMemory memory, Structures structures) {
            Structure structure = pick(structures, layout, index);
            byte[] bytes = new byte[Long.BYTES];
            Bytes.putLong(bytes, 0, value);
            memory.copyIn(structure.poolOffset() + offset, bytes, 0, lengthBytes);
            if (mended) {
                structures.mend(structure);
            }
        }

        @Override
        public String toString() {
            return "store " + layout + " " + index + " +" + offset + " " + lengthBytes + " " + Long.toHexString(value)
                    + (mended ? " mended" : "");
        }
    }

    /**
     * Copies a structure's bytes, from its owner on or from its start, over another's, and mends that.
     *
     * @param from where in both the copy begins: 16 leaves magic, checksum and location as they are
     */
    record Copy(String layout, int index, String toLayout, int toIndex, int from) implements Step {
        private static final Pattern TEXT = Pattern.compile("copy (\\w+) (\\d+) to (\\w+) (\\d+) from (\\d+)");

        @Override
        public void apply(PoolMemory memory, Structures structures) {
            Structure source = pick(structures, layout, index);
            Structure target = pick(structures, toLayout, toIndex);
            int length = Math.min(source.checkedBytes(), target.checkedBytes()) - from;
            byte[] bytes = new byte[Math.max(0, length)];
            memory.copyOut(source.poolOffset() + from, bytes, 0, bytes.length);
            memory.copyIn(target.poolOffset() + from, bytes, 0, bytes.length);
            structures.mend(target);
        }

        @Override
        public String toString() {
            return "copy " + layout + " " + index + " to " + toLayout + " " + toIndex + " from " + from;
        }
    }

    private static Structure pick(Structures structures, String layout, int index) {
        List<Structure> of = structures.of(layout);
        return of.get(index % of.size());
    }

    /** Reads the text of a step. */
    static Step parse(String text) {
        Matcher store = Store.TEXT.matcher(text);
        if (store.matches()) {
            return new Store(
                    store.group(1),
                    Integer.parseInt(store.group(2)),
                    Integer.parseInt(store.group(3)),
                    Integer.parseInt(store.group(4)),
                    Long.parseUnsignedLong(store.group(5), 16),
                    store.group(6) != null);
        }
        Matcher copy = Copy.TEXT.matcher(text);
        if (copy.matches()) {
            return new Copy(
                    copy.group(1),
                    Integer.parseInt(copy.group(2)),
                    copy.group(3),
                    Integer.parseInt(copy.group(4)),
                    Integer.parseInt(copy.group(5)));
        }
        throw new IllegalArgumentException("no step: " + text);
    }
}
