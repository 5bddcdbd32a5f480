package org.radax.core.check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.radax.core.check.TreeBuilder.TreeRecord;
import org.radax.core.error.Errno;
import org.radax.core.error.PoolException;
import org.radax.core.format.BucketLayout;
import org.radax.core.format.Checksum;
import org.radax.core.format.DirectoryHash;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/** Writes a whole directory anew, in fresh blocks. Keys stay where they fit the name, because cookies are made of them. */
final class DirectoryBuilder {
    private static final long FAMILY = ~(long) DirectoryHash.PROBE_MASK;
    private static final int ROOM = Units.BLOCK_BYTES - BucketLayout.ENTRIES;
    /** Some room, so that the first insertion does not split. */
    private static final int FILL = ROOM * 3 / 4;

    private final RepairBlocks blocks;
    private final Checksum checksum;
    private final DirectoryHash hash;

    DirectoryBuilder(RepairBlocks blocks, Checksum checksum, Superblock superblock) {
        this.blocks = blocks;
        this.checksum = checksum;
        this.hash = new DirectoryHash(superblock.hashSeed(0), superblock.hashSeed(1));
    }

    /** Returns the inline root. */
    byte[] build(long owner, List<DirectoryEntry> entries) throws PoolException {
        List<TreeRecord> buckets = new ArrayList<>();
        List<DirectoryEntry> bucket = new ArrayList<>();
        int bytes = 0;
        List<DirectoryEntry> sorted = withKeys(entries);
        int from = 0;
        while (from < sorted.size()) {
            int end = from;
            int familyBytes = 0;
            while (end < sorted.size()
                    && ((sorted.get(end).key() ^ sorted.get(from).key()) & FAMILY) == 0) {
                familyBytes += length(sorted.get(end));
                end++;
            }
            if (!bucket.isEmpty() && bytes + familyBytes > FILL) {
                write(owner, bucket, buckets);
                bucket = new ArrayList<>();
                bytes = 0;
            }
            bucket.addAll(sorted.subList(from, end));
            bytes += familyBytes;
            from = end;
        }
        if (!bucket.isEmpty()) {
            write(owner, bucket, buckets);
        }
        return new TreeBuilder(blocks, checksum).build(owner, buckets);
    }

    private List<DirectoryEntry> withKeys(List<DirectoryEntry> entries) throws PoolException {
        Set<Long> keys = new HashSet<>();
        List<DirectoryEntry> sorted = new ArrayList<>();
        List<DirectoryEntry> homeless = new ArrayList<>();
        for (DirectoryEntry entry : entries) {
            boolean fits = ((hash.keyOf(entry.name(), entry.name().length) ^ entry.key()) & FAMILY) == 0;
            if (fits && keys.add(entry.key())) {
                sorted.add(entry);
            } else {
                homeless.add(entry);
            }
        }
        for (DirectoryEntry entry : homeless) {
            sorted.add(new DirectoryEntry(0, freeKey(entry.name(), keys), entry.ino(), entry.type(), entry.name()));
        }
        sorted.sort(Comparator.comparingLong(DirectoryEntry::key));
        return sorted;
    }

    private long freeKey(byte[] name, Set<Long> keys) throws PoolException {
        long first = hash.keyOf(name, name.length);
        for (int attempt = 0; attempt <= DirectoryHash.PROBE_MASK; attempt++) {
            long key = DirectoryHash.probe(first, attempt);
            if (keys.add(key)) {
                return key;
            }
        }
        throw new PoolException(Errno.ENOSPC, "no key is free for a name of the repair");
    }

    private static int length(DirectoryEntry entry) {
        int bytes = BucketLayout.ENTRY_NAME + entry.name().length;
        return (int) Units.alignUp(Math.max(bytes, BucketLayout.ENTRY_MIN_BYTES), Long.BYTES);
    }

    private void write(long owner, List<DirectoryEntry> entries, List<TreeRecord> buckets) throws PoolException {
        if (entries.stream().mapToInt(DirectoryBuilder::length).sum() > ROOM) {
            throw new PoolException(Errno.ENOSPC, "names of one hash in directory " + owner + " do not fit a bucket");
        }
        long lowKey = buckets.isEmpty() ? 0 : entries.get(0).key() & FAMILY;
        long blockNo = blocks.take();
        byte[] bytes = new byte[Units.BLOCK_BYTES];
        Bytes.putInt(bytes, BucketLayout.MAGIC, BucketLayout.MAGIC_VALUE);
        Bytes.putLong(bytes, BucketLayout.LOCATION, blockNo);
        System.arraycopy(checksum.uuidBytes(), 0, bytes, BucketLayout.UUID, 16);
        Bytes.putLong(bytes, BucketLayout.OWNER, owner);
        Bytes.putLong(bytes, BucketLayout.LOW_KEY, lowKey);
        int at = BucketLayout.ENTRIES;
        int last = at;
        for (DirectoryEntry entry : entries) {
            last = at;
            Bytes.putLong(bytes, at + BucketLayout.ENTRY_KEY, entry.key());
            Bytes.putLong(bytes, at + BucketLayout.ENTRY_INO, entry.ino());
            Bytes.putShort(bytes, at + BucketLayout.ENTRY_LENGTH, length(entry));
            bytes[at + BucketLayout.ENTRY_NAME_LENGTH] = (byte) entry.name().length;
            bytes[at + BucketLayout.ENTRY_TYPE] = (byte) entry.type();
            System.arraycopy(entry.name(), 0, bytes, at + BucketLayout.ENTRY_NAME, entry.name().length);
            at += length(entry);
        }
        int rest = Units.BLOCK_BYTES - at;
        if (rest >= BucketLayout.ENTRY_MIN_BYTES) {
            Bytes.putShort(bytes, at + BucketLayout.ENTRY_LENGTH, rest);
        } else {
            Bytes.putShort(bytes, last + BucketLayout.ENTRY_LENGTH, Units.BLOCK_BYTES - last);
        }
        Bytes.putInt(
                bytes, BucketLayout.CHECKSUM, checksum.of(bytes, BucketLayout.CHECKED_BYTES, BucketLayout.CHECKSUM));
        blocks.write(blockNo, bytes);
        buckets.add(new TreeRecord(lowKey, blockNo));
    }
}
