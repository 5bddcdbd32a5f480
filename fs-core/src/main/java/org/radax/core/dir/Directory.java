package org.radax.core.dir;

import org.radax.core.btree.BTree;
import org.radax.core.btree.Cursor;
import org.radax.core.error.CorruptPoolException;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.format.BucketLayout;
import org.radax.core.format.Checksum;
import org.radax.core.format.DirectoryHash;
import org.radax.core.journal.Transaction;
import org.radax.core.pool.StructureVerifier;
import org.radax.core.pool.WordReader;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/**
 * Directory contents. Stateless but for the hash key: the directory's lock makes it safe. Directories are named by
 * the pool offset of their tree's inline root and their inode number; the caller seals the inode.
 *
 * <p>A look-up reads one node per tree level and one bucket. Names that share 57 bits of a keyed hash share a group
 * of 64 keys, which never spans two buckets.
 */
public final class Directory {
    private static final int END = Units.BLOCK_BYTES;

    private final BTree tree;
    private final StructureVerifier verifier;
    private final DirectoryHash hash;
    private final byte[] uuid;
    private final ThreadLocal<Scratch> scratches = ThreadLocal.withInitial(Scratch::new);

    private static final class Scratch {
        final Cursor cursor = new Cursor();
        final byte[] image = new byte[Units.BLOCK_BYTES];
        final byte[] name = new byte[264];
        final long[] keys = new long[Units.BLOCK_BYTES / BucketLayout.ENTRY_MIN_BYTES];
        final int[] records = new int[Units.BLOCK_BYTES / BucketLayout.ENTRY_MIN_BYTES];
    }

    public Directory(BTree tree, StructureVerifier verifier, DirectoryHash hash, Checksum checksum) {
        this.tree = tree;
        this.verifier = verifier;
        this.hash = hash;
        this.uuid = checksum.uuidBytes().clone();
    }

    // Look-up.

    /** Finds a name; false if it is not there. */
    public boolean lookup(WordReader reader, long root, long ino, byte[] name, int nameLength, DirectoryEntry out)
            throws FsException {
        Scratch s = scratches.get();
        long key = hash.keyOf(name, nameLength);
        if (!tree.floor(reader, root, ino, key, s.cursor)) {
            return false;
        }
        long bucket = bucketOf(reader, s.cursor, ino);
        long start = Units.blockToBytes(bucket);
        int length;
        for (int at = BucketLayout.ENTRIES; at < END; at += length) {
            requireRoom(start + at, at);
            long shape = reader.getLong(start + at + BucketLayout.ENTRY_LENGTH);
            long found = reader.getLong(start + at + BucketLayout.ENTRY_KEY);
            long target = reader.getLong(start + at + BucketLayout.ENTRY_INO);
            length = lengthOf(shape, target, start + at, at);
            if (target != 0
                    && ((found ^ key) & ~(long) DirectoryHash.PROBE_MASK) == 0
                    && nameLengthOf(shape) == nameLength
                    && sameName(reader, start + at, shape, name, nameLength, s.name)) {
                out.ino = target;
                out.type = typeOf(shape);
                out.key = found;
                out.bucketBlock = bucket;
                out.recordOffset = start + at;
                return true;
            }
        }
        return false;
    }

    private static boolean sameName(
            WordReader reader, long record, long shape, byte[] name, int nameLength, byte[] scratch) {
        int whole = (int) Units.alignUp(Math.max(0, nameLength - 4), Long.BYTES);
        Bytes.putInt(scratch, 0, (int) (shape >>> 32));
        if (whole > 0) {
            reader.copyOut(record + BucketLayout.ENTRY_MIN_BYTES, scratch, 4, whole);
        }
        for (int i = 0; i < nameLength; i++) {
            if (scratch[i] != name[i]) {
                return false;
            }
        }
        return true;
    }

    private long bucketOf(WordReader reader, Cursor cursor, long ino) throws CorruptPoolException {
        long bucket = cursor.value();
        verifier.verify("directory bucket", bucket, BucketLayout.MAGIC_VALUE, BucketLayout.CHECKED_BYTES, ino);
        long lowKey = reader.getLong(Units.blockToBytes(bucket) + BucketLayout.LOW_KEY);
        if (lowKey != cursor.key() || lowKey < 0 || (lowKey & DirectoryHash.PROBE_MASK) != 0) {
            throw new CorruptPoolException(
                    "directory bucket", Units.blockToBytes(bucket), "low key " + cursor.key(), lowKey);
        }
        return bucket;
    }

    private static void requireRoom(long where, int at) throws CorruptPoolException {
        if (at + BucketLayout.ENTRY_MIN_BYTES > END) {
            throw new CorruptPoolException("directory entry", where, "at least 24 bytes", END - at);
        }
    }

    private static int lengthOf(byte[] image, long where, int at) throws CorruptPoolException {
        requireRoom(where, at);
        long shape = Bytes.getLong(image, at + BucketLayout.ENTRY_LENGTH);
        return lengthOf(shape, Bytes.getLong(image, at + BucketLayout.ENTRY_INO), where, at);
    }

    private static int lengthOf(long shape, long target, long where, int at) throws CorruptPoolException {
        int length = (int) (shape & 0xffff);
        if (length < BucketLayout.ENTRY_MIN_BYTES || (length & 7) != 0 || at + length > END) {
            throw new CorruptPoolException("directory entry", where, "a length within its bucket", length);
        }
        int nameLength = nameLengthOf(shape);
        if (target != 0 && (nameLength == 0 || BucketLayout.ENTRY_NAME + nameLength > length)) {
            throw new CorruptPoolException("directory entry", where, "a name within its record", nameLength);
        }
        return length;
    }

    private static int nameLengthOf(long shape) {
        return (int) (shape >>> 16) & 0xff;
    }

    private static int typeOf(long shape) {
        return (int) (shape >>> 24) & 0xff;
    }

    private static int recordBytes(int nameLength) {
        return (int) Units.alignUp((long) BucketLayout.ENTRY_NAME + nameLength, Long.BYTES);
    }

    /** Visits the entries with keys above {@code cookie}, in key order. */
    public void visit(WordReader reader, long root, long ino, long cookie, EntryVisitor visitor) throws FsException {
        Cursor cursor = new Cursor();
        Scratch s = new Scratch();
        long last = cookie;
        boolean found =
                tree.floor(reader, root, ino, cookie, cursor) || tree.ceiling(reader, root, ino, cookie, cursor);
        while (found) {
            long low = cursor.key();
            long start = Units.blockToBytes(bucketOf(reader, cursor, ino));
            reader.copyOut(start, s.image, 0, Units.BLOCK_BYTES);
            int count = sortEntries(s, cookie, start);
            for (int i = 0; i < count; i++) {
                int at = s.records[i];
                if (s.keys[i] <= last || s.keys[i] < low) {
                    throw new CorruptPoolException("directory entry", start + at, "a key above " + last, s.keys[i]);
                }
                last = s.keys[i];
                int nameLength = s.image[at + BucketLayout.ENTRY_NAME_LENGTH] & 0xff;
                System.arraycopy(s.image, at + BucketLayout.ENTRY_NAME, s.name, 0, nameLength);
                long target = Bytes.getLong(s.image, at + BucketLayout.ENTRY_INO);
                int type = s.image[at + BucketLayout.ENTRY_TYPE] & 0xff;
                if (!visitor.entry(s.keys[i], target, type, s.name, nameLength)) {
                    return;
                }
            }
            found = tree.ceiling(reader, root, ino, low + 1, cursor);
        }
    }

    /** Sorts the image's live entries with keys above {@code cookie}; returns how many. */
    private static int sortEntries(Scratch s, long cookie, long where) throws CorruptPoolException {
        int count = 0;
        int length;
        for (int at = BucketLayout.ENTRIES; at < END; at += length) {
            length = lengthOf(s.image, where + at, at);
            long key = Bytes.getLong(s.image, at + BucketLayout.ENTRY_KEY);
            if (Bytes.getLong(s.image, at + BucketLayout.ENTRY_INO) == 0 || key <= cookie) {
                continue;
            }
            int i = count++;
            while (i > 0 && s.keys[i - 1] > key) {
                s.keys[i] = s.keys[i - 1];
                s.records[i] = s.records[i - 1];
                i--;
            }
            s.keys[i] = key;
            s.records[i] = at;
        }
        return count;
    }

    // Change.

    /** Adds a name that is not there. */
    public void insert(Transaction tx, long root, long ino, byte[] name, int nameLength, long target, int type)
            throws FsException {
        Scratch s = scratches.get();
        long first = hash.keyOf(name, nameLength);
        while (true) {
            if (!tree.floor(tx, root, ino, first, s.cursor)) {
                // Nothing this low: a new bucket, from key 0 on.
                tree.put(tx, root, ino, 0, makeBucket(tx, ino, 0, null, 0, 0));
                continue;
            }
            long bucket = bucketOf(tx, s.cursor, ino);
            long start = Units.blockToBytes(bucket);
            tx.copyOut(start, s.image, 0, Units.BLOCK_BYTES);
            long key = freeKey(s.image, first, start);
            int need = recordBytes(nameLength);
            int at = findGap(s.image, need, start);
            if (at < 0 && compact(s.image, need)) {
                tx.putBytes(start + BucketLayout.ENTRIES, s.image, BucketLayout.ENTRIES, END - BucketLayout.ENTRIES);
                at = findGap(s.image, need, start);
            }
            if (at >= 0) {
                int gap = gapLength(s.image, at);
                fill(s.image, at, gap, key, target, name, nameLength, type);
                tx.putBytes(start + at, s.image, at, gap);
                tx.seal(start, BucketLayout.CHECKED_BYTES, BucketLayout.CHECKSUM);
                return;
            }
            split(tx, root, ino, bucket, s);
        }
    }

    private static long freeKey(byte[] image, long first, long where) throws FsException {
        long taken = 0;
        int length;
        for (int at = BucketLayout.ENTRIES; at < END; at += length) {
            length = lengthOf(image, where + at, at);
            long key = Bytes.getLong(image, at + BucketLayout.ENTRY_KEY);
            if (Bytes.getLong(image, at + BucketLayout.ENTRY_INO) != 0
                    && ((key ^ first) & ~(long) DirectoryHash.PROBE_MASK) == 0) {
                taken |= 1L << (key & DirectoryHash.PROBE_MASK);
            }
        }
        for (int attempt = 0; attempt <= DirectoryHash.PROBE_MASK; attempt++) {
            long key = DirectoryHash.probe(first, attempt);
            if ((taken & 1L << (key & DirectoryHash.PROBE_MASK)) == 0) {
                return key;
            }
        }
        throw new FsException(Errno.ENOSPC, "directory entry", "64 names share 57 bits of their hash");
    }

    /** Free space from a record on: adjoining free records count as one. */
    private static int gapLength(byte[] image, int start) {
        int at = start;
        while (at < END && Bytes.getLong(image, at + BucketLayout.ENTRY_INO) == 0) {
            at += Bytes.getShort(image, at + BucketLayout.ENTRY_LENGTH);
        }
        return at - start;
    }

    private static int findGap(byte[] image, int need, long where) throws CorruptPoolException {
        int step;
        for (int at = BucketLayout.ENTRIES; at < END; at += step) {
            int length = lengthOf(image, where + at, at);
            int gap = gapLength(image, at);
            if (gap >= need) {
                return at;
            }
            step = Math.max(gap, length);
        }
        return -1;
    }

    /** Moves the live records together, if that makes room for {@code need} bytes. */
    private static boolean compact(byte[] image, int need) {
        int live = 0;
        for (int at = BucketLayout.ENTRIES; at < END; ) {
            int length = Bytes.getShort(image, at + BucketLayout.ENTRY_LENGTH);
            if (Bytes.getLong(image, at + BucketLayout.ENTRY_INO) != 0) {
                live += recordBytes(image[at + BucketLayout.ENTRY_NAME_LENGTH] & 0xff);
            }
            at += length;
        }
        if (live + need > END - BucketLayout.ENTRIES) {
            return false;
        }
        int to = BucketLayout.ENTRIES;
        for (int at = BucketLayout.ENTRIES; at < END; ) {
            int length = Bytes.getShort(image, at + BucketLayout.ENTRY_LENGTH);
            if (Bytes.getLong(image, at + BucketLayout.ENTRY_INO) != 0) {
                int tight = recordBytes(image[at + BucketLayout.ENTRY_NAME_LENGTH] & 0xff);
                System.arraycopy(image, at, image, to, tight);
                Bytes.putShort(image, to + BucketLayout.ENTRY_LENGTH, tight);
                to += tight;
            }
            at += length;
        }
        freeRecord(image, to, END - to);
        return true;
    }

    private static void freeRecord(byte[] image, int at, int length) {
        Bytes.putLong(image, at + BucketLayout.ENTRY_KEY, 0);
        Bytes.putLong(image, at + BucketLayout.ENTRY_INO, 0);
        Bytes.putLong(image, at + BucketLayout.ENTRY_LENGTH, length);
    }

    private static void fill(
            byte[] image, int at, int gap, long key, long target, byte[] name, int nameLength, int type) {
        int need = recordBytes(nameLength);
        int rest = gap - need;
        int length = rest >= BucketLayout.ENTRY_MIN_BYTES ? need : gap;
        for (int i = at; i < at + length; i++) {
            image[i] = 0;
        }
        Bytes.putLong(image, at + BucketLayout.ENTRY_KEY, key);
        Bytes.putLong(image, at + BucketLayout.ENTRY_INO, target);
        Bytes.putShort(image, at + BucketLayout.ENTRY_LENGTH, length);
        image[at + BucketLayout.ENTRY_NAME_LENGTH] = (byte) nameLength;
        image[at + BucketLayout.ENTRY_TYPE] = (byte) type;
        System.arraycopy(name, 0, image, at + BucketLayout.ENTRY_NAME, nameLength);
        if (length == need && rest > 0) {
            freeRecord(image, at + need, rest);
        }
    }

    /** Makes a bucket out of {@code count} records of an image, named in the scratch arrays from {@code from} on. */
    private long makeBucket(Transaction tx, long ino, long lowKey, Scratch s, int from, int count) throws FsException {
        long blockNo = tx.takeBlock();
        byte[] image = new byte[Units.BLOCK_BYTES];
        header(image, blockNo, ino, lowKey);
        int to = BucketLayout.ENTRIES;
        for (int i = from; i < from + count; i++) {
            int tight = recordBytes(s.image[s.records[i] + BucketLayout.ENTRY_NAME_LENGTH] & 0xff);
            System.arraycopy(s.image, s.records[i], image, to, tight);
            Bytes.putShort(image, to + BucketLayout.ENTRY_LENGTH, tight);
            to += tight;
        }
        freeRecord(image, to, END - to);
        tx.writeFresh(blockNo, image);
        verifier.markVerified(blockNo);
        tx.seal(Units.blockToBytes(blockNo), BucketLayout.CHECKED_BYTES, BucketLayout.CHECKSUM);
        return blockNo;
    }

    private void header(byte[] image, long blockNo, long ino, long lowKey) {
        Bytes.putInt(image, BucketLayout.MAGIC, BucketLayout.MAGIC_VALUE);
        Bytes.putLong(image, BucketLayout.LOCATION, blockNo);
        System.arraycopy(uuid, 0, image, BucketLayout.UUID, uuid.length);
        Bytes.putLong(image, BucketLayout.OWNER, ino);
        Bytes.putLong(image, BucketLayout.LOW_KEY, lowKey);
    }

    /** Moves the upper half of a bucket, whose image is in the scratch, into a new one. */
    private void split(Transaction tx, long root, long ino, long bucket, Scratch s) throws FsException {
        int count = sortEntries(s, 0, Units.blockToBytes(bucket));
        int middle = splitPoint(s, count);
        long lowKey = s.keys[middle] & ~(long) DirectoryHash.PROBE_MASK;
        long right = makeBucket(tx, ino, lowKey, s, middle, count - middle);
        for (int i = middle; i < count; i++) {
            Bytes.putLong(s.image, s.records[i] + BucketLayout.ENTRY_INO, 0);
        }
        compact(s.image, 0);
        long start = Units.blockToBytes(bucket);
        tx.putBytes(start + BucketLayout.ENTRIES, s.image, BucketLayout.ENTRIES, END - BucketLayout.ENTRIES);
        tx.seal(start, BucketLayout.CHECKED_BYTES, BucketLayout.CHECKSUM);
        tree.put(tx, root, ino, lowKey, right);
    }

    /** The boundary of key groups nearest to the middle. */
    private static int splitPoint(Scratch s, int count) throws FsException {
        for (int distance = 0; distance < count; distance++) {
            for (int middle = count / 2 - distance;
                    middle <= count / 2 + distance;
                    middle += Math.max(1, 2 * distance)) {
                if (middle > 0 && middle < count && s.keys[middle - 1] >>> 6 != s.keys[middle] >>> 6) {
                    return middle;
                }
            }
        }
        throw new FsException(Errno.ENOSPC, "directory entry", "a bucketful of names share 57 bits of their hash");
    }

    /** Removes an entry that {@link #lookup} found through this transaction or under the same lock. */
    public void remove(Transaction tx, long root, long ino, DirectoryEntry entry) throws FsException {
        tx.putLong(entry.recordOffset + BucketLayout.ENTRY_INO, 0);
        long start = Units.blockToBytes(entry.bucketBlock);
        int length;
        for (int at = BucketLayout.ENTRIES; at < END; at += length) {
            requireRoom(start + at, at);
            long target = tx.getLong(start + at + BucketLayout.ENTRY_INO);
            length = lengthOf(tx.getLong(start + at + BucketLayout.ENTRY_LENGTH), target, start + at, at);
            if (target != 0) {
                tx.seal(start, BucketLayout.CHECKED_BYTES, BucketLayout.CHECKSUM);
                return;
            }
        }
        long lowKey = tx.getLong(start + BucketLayout.LOW_KEY);
        Cursor cursor = scratches.get().cursor;
        if (lowKey == 0 && tree.ceiling(tx, root, ino, 1, cursor)) {
            takeOverFirst(tx, root, ino, cursor.key(), bucketOf(tx, cursor, ino));
        } else {
            tree.remove(tx, root, ino, lowKey);
        }
        tx.freeBlock(entry.bucketBlock);
    }

    /** The first bucket of a directory reaches down to key 0: the second takes that over from it. */
    private void takeOverFirst(Transaction tx, long root, long ino, long lowKey, long bucket) throws FsException {
        long start = Units.blockToBytes(bucket);
        tree.remove(tx, root, ino, lowKey);
        tree.put(tx, root, ino, 0, bucket);
        tx.putLong(start + BucketLayout.LOW_KEY, 0);
        tx.seal(start, BucketLayout.CHECKED_BYTES, BucketLayout.CHECKSUM);
    }

    /** Makes an entry name another inode: rename over a name, and exchange. */
    public void replace(Transaction tx, DirectoryEntry entry, long target, int type) {
        tx.putLong(entry.recordOffset + BucketLayout.ENTRY_INO, target);
        long shape = tx.getLong(entry.recordOffset + BucketLayout.ENTRY_LENGTH);
        tx.putLong(entry.recordOffset + BucketLayout.ENTRY_LENGTH, (shape & ~(0xffL << 24)) | (long) type << 24);
        tx.seal(Units.blockToBytes(entry.bucketBlock), BucketLayout.CHECKED_BYTES, BucketLayout.CHECKSUM);
    }
}
