package org.radax.core.check;

import java.util.Arrays;
import java.util.List;
import org.radax.core.format.BucketLayout;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/** Reads directory buckets. docs/FORMAT.md, "Directory bucket". */
final class BucketReader {
    private final ScanContext context;
    private final byte[] block = new byte[Units.BLOCK_BYTES];

    BucketReader(ScanContext context) {
        this.context = context;
    }

    /** Adds the entries of a bucket; returns what is wrong with its form, or null. Nothing is added then. */
    String read(long blockNo, long owner, long lowKey, List<DirectoryEntry> entries) {
        String problem = context.image().readBlock(blockNo, block)
                ? context.blockProblem(block, BucketLayout.MAGIC_VALUE, BucketLayout.CHECKED_BYTES, blockNo)
                : "can not be read";
        if (problem != null) {
            return problem;
        }
        if (Bytes.getLong(block, BucketLayout.OWNER) != owner) {
            return "owned by " + Bytes.getLong(block, BucketLayout.OWNER);
        }
        if (Bytes.getLong(block, BucketLayout.LOW_KEY) != lowKey) {
            return "low key " + Bytes.getLong(block, BucketLayout.LOW_KEY) + ", not " + lowKey;
        }
        int before = entries.size();
        int at = BucketLayout.ENTRIES;
        while (at < Units.BLOCK_BYTES) {
            int length = at + BucketLayout.ENTRY_MIN_BYTES > Units.BLOCK_BYTES
                    ? 0
                    : Bytes.getShort(block, at + BucketLayout.ENTRY_LENGTH);
            int nameLength = length == 0 ? 0 : (block[at + BucketLayout.ENTRY_NAME_LENGTH] & 0xff);
            long ino = length == 0 ? 0 : Bytes.getLong(block, at + BucketLayout.ENTRY_INO);
            if (length < BucketLayout.ENTRY_MIN_BYTES
                    || length % Long.BYTES != 0
                    || at + length > Units.BLOCK_BYTES
                    || (ino != 0 && (nameLength == 0 || BucketLayout.ENTRY_NAME + nameLength > length))) {
                entries.subList(before, entries.size()).clear();
                return "entry record of " + length + " bytes, name of " + nameLength + ", at byte " + at;
            }
            if (ino != 0) {
                int nameAt = at + BucketLayout.ENTRY_NAME;
                entries.add(new DirectoryEntry(
                        Units.blockToBytes(blockNo) + at,
                        Bytes.getLong(block, at + BucketLayout.ENTRY_KEY),
                        ino,
                        (block[at + BucketLayout.ENTRY_TYPE] & 0xff),
                        Arrays.copyOfRange(block, nameAt, nameAt + nameLength)));
            }
            at += length;
        }
        return null;
    }
}
