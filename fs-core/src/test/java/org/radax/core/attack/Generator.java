package org.radax.core.attack;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.radax.core.format.BucketLayout;
import org.radax.core.format.InodeLayout;
import org.radax.core.format.RecordLayout;
import org.radax.core.format.TreeLayout;
import org.radax.core.format.XattrLayout;
import org.radax.core.unit.Units;

/** Makes damage up, from a seed: single bits, random values in random fields, and lies that know the format. */
final class Generator {
    private static final int LONGEST = 4;

    private final Structures structures;
    private final Random random;

    Generator(Structures structures, long seed) {
        this.structures = structures;
        this.random = new Random(seed);
    }

    List<Step> recipe() {
        List<Step> steps = new ArrayList<>();
        int count = 1 + random.nextInt(LONGEST);
        for (int i = 0; i < count; i++) {
            steps.add(step());
        }
        return steps;
    }

    private Step step() {
        return switch (random.nextInt(10)) {
            case 0 -> bit();
            case 1, 2 -> anyField();
            case 3 -> copy();
            case 4 -> record();
            case 5 -> attribute();
            case 6 -> entry();
            case 7 -> inodeField();
            default -> treeRecord();
        };
    }

    private Structure any() {
        // Kinds first: there are many more inodes than anything else.
        List<String> layouts =
                structures.all().stream().map(Structure::layout).distinct().toList();
        List<Structure> of = structures.of(layouts.get(random.nextInt(layouts.size())));
        return of.get(random.nextInt(of.size()));
    }

    private int indexOf(Structure structure) {
        return structures.of(structure.layout()).indexOf(structure);
    }

    private Step bit() {
        Structure structure = any();
        int offset = random.nextInt(structure.checkedBytes());
        return new Step.Store(
                structure.layout(), indexOf(structure), offset, 1, 1L << random.nextInt(8), random.nextInt(4) != 0);
    }

    private Step anyField() {
        Structure structure = any();
        int length = 1 << random.nextInt(4);
        int near = random.nextBoolean() ? Math.min(256, structure.checkedBytes()) : structure.checkedBytes();
        int offset = random.nextInt(near / length) * length;
        return store(structure.layout(), indexOf(structure), offset, length, value());
    }

    private Step store(String layout, int index, int offset, int length, long value) {
        return new Step.Store(layout, index, offset, length, value, random.nextInt(8) != 0);
    }

    private int rank(String layout) {
        return random.nextInt(structures.of(layout).size());
    }

    private long value() {
        return switch (random.nextInt(12)) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> Long.MIN_VALUE;
            case 3 -> Long.MAX_VALUE;
            case 4 -> random.nextLong();
            case 5 -> 1L << random.nextInt(64);
            case 6 -> random.nextInt(64);
            case 7 -> blockNo();
            case 8 -> inode();
            case 9 -> extentValue();
            case 10 -> random.nextInt();
            default -> random.nextInt(1 << 16);
        };
    }

    /** A block of the pool: of any structure, or any at all, or the first one behind. */
    private long blockNo() {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(4098);
            case 1 -> structures.geometry.blockCount() - random.nextInt(2);
            default -> Units.blockOf(any().poolOffset());
        };
    }

    private long inode() {
        List<Structure> inodes = structures.of("InodeLayout");
        return inodes.get(random.nextInt(inodes.size())).poolOffset() >>> 8;
    }

    private long extentValue() {
        long length = random.nextInt(4) == 0 ? random.nextInt(1 << 26) : 1 + random.nextInt(4);
        return blockNo() | length << 36 | (random.nextInt(4) == 0 ? 1L << 63 : 0);
    }

    private Step copy() {
        Structure from = any();
        Structure to = any();
        int start = List.of(0, 8, 16, 32, 40, 64).get(random.nextInt(6));
        return new Step.Copy(from.layout(), indexOf(from), to.layout(), indexOf(to), start);
    }

    /** Heads of runs, counts and lengths of the record that is live. */
    private Step record() {
        int length = Long.BYTES;
        int index = rank("RecordLayout");
        if (random.nextInt(3) == 0) {
            int field = List.of(
                            RecordLayout.LENGTH,
                            RecordLayout.EPOCH,
                            RecordLayout.SEQUENCE,
                            RecordLayout.LANE,
                            RecordLayout.RUN_COUNT)
                    .get(random.nextInt(5));
            return store("RecordLayout", index, field, length, value());
        }
        long target = random.nextInt(3) == 0 ? value() : any().poolOffset() + 8L * random.nextInt(32);
        int words = random.nextInt(3) == 0 ? random.nextInt(1 << 16) : 1 + random.nextInt(3);
        int at = random.nextInt(3) == 0 ? 8 * random.nextInt(8) : 0;
        return store("RecordLayout", index, RecordLayout.RUNS + at, length, target << 16 | words);
    }

    private Step attribute() {
        int offset = random.nextInt(3) == 0
                ? List.of(XattrLayout.NEXT, XattrLayout.USED, XattrLayout.OWNER).get(random.nextInt(3))
                : XattrLayout.RECORDS + 8 * random.nextInt(12);
        int length = 1 << random.nextInt(4);
        return store("XattrLayout", rank("XattrLayout"), offset, length, value());
    }

    private Step entry() {
        int length = 1 << random.nextInt(4);
        int offset = random.nextInt(3) == 0
                ? BucketLayout.ENTRIES + 8 * random.nextInt(500)
                : BucketLayout.ENTRIES + 4 * random.nextInt(16) + (length == 1 ? random.nextInt(4) : 0);
        return store("BucketLayout", rank("BucketLayout"), Math.min(offset, 4088), length, value());
    }

    private Step inodeField() {
        int offset = List.of(
                        InodeLayout.SIZE,
                        InodeLayout.MODE,
                        InodeLayout.LINK_COUNT,
                        InodeLayout.PARENT,
                        InodeLayout.XATTR,
                        InodeLayout.BLOCKS,
                        InodeLayout.EXTENT_HINT,
                        InodeLayout.ROOT)
                .get(random.nextInt(8));
        int length = offset == InodeLayout.MODE
                        || offset == InodeLayout.LINK_COUNT
                        || offset == InodeLayout.EXTENT_HINT
                        || offset == InodeLayout.ROOT
                ? 4
                : 8;
        long value = offset == InodeLayout.MODE
                ? List.of(0040755, 0100644, 0120777, 0010600).get(random.nextInt(4))
                : value();
        return store("InodeLayout", rank("InodeLayout"), offset, length, value);
    }

    /** A record of a tree, or its level and count: cycles, wrong children, extents that overlap or lie anywhere. */
    private Step treeRecord() {
        boolean inline = random.nextInt(3) != 0;
        boolean orphans = inline && random.nextInt(12) == 0;
        String layout = orphans ? "StateLayout" : inline ? "InodeLayout" : "TreeLayout";
        int root = orphans ? 32 : InodeLayout.ROOT;
        int index = rank(layout);
        if (random.nextInt(4) == 0) {
            int at = inline
                    ? root + (random.nextBoolean() ? TreeLayout.ROOT_LEVEL : TreeLayout.ROOT_COUNT)
                    : random.nextBoolean() ? TreeLayout.LEVEL : TreeLayout.COUNT;
            return store(layout, index, at, 4, random.nextInt(3) == 0 ? value() : random.nextInt(10));
        }
        int word = random.nextInt(inline ? 4 : 40);
        int records = inline ? root + TreeLayout.ROOT_RECORDS : TreeLayout.RECORDS;
        return store(
                layout,
                index,
                records + 8 * word,
                8,
                word % 2 == 0 ? value() : random.nextBoolean() ? blockNo() : extentValue());
    }
}
