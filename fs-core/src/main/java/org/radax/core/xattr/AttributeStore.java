package org.radax.core.xattr;

import java.util.Arrays;
import org.radax.core.error.CorruptPoolException;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.format.Checksum;
import org.radax.core.format.InodeLayout;
import org.radax.core.format.XattrLayout;
import org.radax.core.journal.Transaction;
import org.radax.core.os.RawMemory;
import org.radax.core.pool.PoolMemory;
import org.radax.core.pool.StructureVerifier;
import org.radax.core.pool.WordReader;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/**
 * Extended attributes of inodes, named by the pool offset of the inode and its number. Stateless: the inode's lock
 * makes it safe. A change writes a new block (and the value's blocks) and swings one pointer to it in the caller's
 * transaction; the caller seals the inode.
 */
public final class AttributeStore {
    private static final byte[] TRUSTED = {'t', 'r', 'u', 's', 't', 'e', 'd', '.'};

    private static final int MAX_VALUE_BYTES = 65536;
    /** Of names that together are no longer than what listxattr(2) can give, each block holds at least one. */
    private static final int MAX_CHAIN_BLOCKS = 65536;

    private final PoolMemory memory;
    private final StructureVerifier verifier;
    private final Checksum checksum;
    /** For {@link #contains}, which every write to a file with attributes calls. */
    private final ThreadLocal<Search> searches = ThreadLocal.withInitial(Search::new);

    private static final class Search {
        final byte[] image = new byte[Units.BLOCK_BYTES];
        final Place place = new Place();
    }

    /** Where a record was found. */
    private static final class Place {
        /** Pool offset of the word that refers to the block: in the inode or in the block before. */
        long pointer;

        long block;
        long blockBefore;
        int at;
    }

    public AttributeStore(PoolMemory memory, StructureVerifier verifier, Checksum checksum) {
        this.memory = memory;
        this.verifier = verifier;
        this.checksum = checksum;
    }

    private void load(WordReader reader, long block, long ino, byte[] image) throws CorruptPoolException {
        verifier.verify("attribute block", block, XattrLayout.MAGIC_VALUE, XattrLayout.CHECKED_BYTES, ino);
        reader.copyOut(Units.blockToBytes(block), image, 0, Units.BLOCK_BYTES);
        long used = Bytes.getLong(image, XattrLayout.USED);
        if (used < 0 || used > Units.BLOCK_BYTES - XattrLayout.RECORDS || (used & 7) != 0) {
            throw new CorruptPoolException("attribute block", Units.blockToBytes(block), "a used length", used);
        }
    }

    private static int end(byte[] image) {
        return XattrLayout.RECORDS + (int) Bytes.getLong(image, XattrLayout.USED);
    }

    /** The length of a record of which name and value lie within it, and it within its block. */
    private static int recordLength(byte[] image, int at, long block) throws CorruptPoolException {
        int length = Bytes.getShort(image, at + XattrLayout.RECORD_LENGTH);
        if (length < Long.BYTES * 2 || (length & 7) != 0 || at + length > end(image)) {
            throw new CorruptPoolException(
                    "attribute record", Units.blockToBytes(block) + at, "a length within its block", length);
        }
        int valueLength = Bytes.getInt(image, at + XattrLayout.RECORD_VALUE_LENGTH);
        int stored = isExternal(image, at) ? (int) Units.blocksFor(valueLength) * Long.BYTES : valueLength;
        if (valueLength < 0
                || valueLength > MAX_VALUE_BYTES
                || image[at + XattrLayout.RECORD_NAME_LENGTH] == 0
                || valueStart(image, at) + stored > at + length) {
            throw new CorruptPoolException(
                    "attribute record", Units.blockToBytes(block) + at, "name and value within it", valueLength);
        }
        return length;
    }

    private static boolean isExternal(byte[] image, int at) {
        return (image[at + XattrLayout.RECORD_FLAGS] & XattrLayout.EXTERNAL) != 0;
    }

    /** Refuses a chain that is longer than any can be. */
    private static void requireEnd(int hops, long ino, long block) throws CorruptPoolException {
        if (hops > MAX_CHAIN_BLOCKS) {
            throw new CorruptPoolException(
                    "attribute chain of inode " + ino, Units.blockToBytes(block), "an end", "none");
        }
    }

    private static int valueStart(byte[] image, int at) {
        int nameLength = image[at + XattrLayout.RECORD_NAME_LENGTH] & 0xff;
        return at + (int) Units.alignUp((long) XattrLayout.RECORD_NAME + nameLength, Long.BYTES);
    }

    private boolean find(
            WordReader reader, long inode, long ino, byte[] name, int nameLength, byte[] image, Place place)
            throws CorruptPoolException {
        place.pointer = inode + InodeLayout.XATTR;
        place.blockBefore = 0;
        place.block = reader.getLong(place.pointer);
        for (int hops = 0; place.block != 0; hops++) {
            load(reader, place.block, ino, image);
            requireEnd(hops, ino, place.block);
            int length;
            for (int at = XattrLayout.RECORDS; at < end(image); at += length) {
                length = recordLength(image, at, place.block);
                if (isNamed(image, at, name, nameLength)) {
                    place.at = at;
                    return true;
                }
            }
            place.pointer = Units.blockToBytes(place.block) + XattrLayout.NEXT;
            place.blockBefore = place.block;
            place.block = Bytes.getLong(image, XattrLayout.NEXT);
        }
        return false;
    }

    private static boolean isNamed(byte[] image, int at, byte[] name, int nameLength) {
        if ((image[at + XattrLayout.RECORD_NAME_LENGTH] & 0xff) != nameLength) {
            return false;
        }
        for (int i = 0; i < nameLength; i++) {
            if (image[at + XattrLayout.RECORD_NAME + i] != name[i]) {
                return false;
            }
        }
        return true;
    }

    /** The value of an attribute; null if it is not there. */
    public byte[] find(WordReader reader, long inode, long ino, byte[] name, int nameLength) throws FsException {
        byte[] image = new byte[Units.BLOCK_BYTES];
        Place place = new Place();
        return find(reader, inode, ino, name, nameLength, image, place) ? value(image, place) : null;
    }

    private byte[] value(byte[] image, Place place) throws CorruptPoolException {
        int length = Bytes.getInt(image, place.at + XattrLayout.RECORD_VALUE_LENGTH);
        long where = Units.blockToBytes(place.block) + place.at;
        byte[] value = new byte[length];
        int start = valueStart(image, place.at);
        if (!isExternal(image, place.at)) {
            System.arraycopy(image, start, value, 0, length);
        } else {
            for (int done = 0; done < length; done += Units.BLOCK_BYTES) {
                long block = Bytes.getLong(image, start + (done >> Units.BLOCK_SHIFT) * Long.BYTES);
                verifier.requireInside("attribute value", block, where);
                memory.copyOut(Units.blockToBytes(block), value, done, Math.min(Units.BLOCK_BYTES, length - done));
            }
        }
        int stored = Bytes.getInt(image, place.at + XattrLayout.RECORD_VALUE_CHECKSUM);
        int sum = plainSum(value);
        if (sum != stored) {
            throw new CorruptPoolException("attribute value", where, "checksum " + stored, sum);
        }
        return value;
    }

    private synchronized int plainSum(byte[] value) {
        return checksum.plain(value, value.length);
    }

    /** All names, NUL-terminated; the length, and a copy unless {@code capacity} is 0; ERANGE. */
    public int list(WordReader reader, long inode, long ino, boolean withTrusted, long target, int capacity)
            throws FsException {
        byte[] image = new byte[Units.BLOCK_BYTES];
        int total = 0;
        long block = reader.getLong(inode + InodeLayout.XATTR);
        for (int hops = 0; block != 0; hops++) {
            load(reader, block, ino, image);
            requireEnd(hops, ino, block);
            int length;
            for (int at = XattrLayout.RECORDS; at < end(image); at += length) {
                length = recordLength(image, at, block);
                int nameLength = image[at + XattrLayout.RECORD_NAME_LENGTH] & 0xff;
                if (!withTrusted && isTrusted(image, at + XattrLayout.RECORD_NAME, nameLength)) {
                    continue;
                }
                if (capacity > 0) {
                    if (total + nameLength + 1 > capacity) {
                        throw new FsException(Errno.ERANGE, "listxattr", "names into " + capacity + " bytes");
                    }
                    RawMemory.copyIn(image, at + XattrLayout.RECORD_NAME, target + total, nameLength);
                    RawMemory.putByte(target + total + nameLength, (byte) 0);
                }
                total += nameLength + 1;
            }
            block = Bytes.getLong(image, XattrLayout.NEXT);
        }
        return total;
    }

    private static boolean isTrusted(byte[] image, int start, int length) {
        return length >= TRUSTED.length
                && Arrays.equals(image, start, start + TRUSTED.length, TRUSTED, 0, TRUSTED.length);
    }

    /** Whether the attribute is there; allocates nothing. */
    public boolean contains(WordReader reader, long inode, long ino, byte[] name, int nameLength) throws FsException {
        Search search = searches.get();
        return find(reader, inode, ino, name, nameLength, search.image, search.place);
    }

    /**
     * Sets an attribute. The pocket covers a value of 64 KiB only together with {@code valueBlocks}: blocks already
     * claimed for an external value, {@link #externalBlocks} of them.
     */
    public void set(Transaction tx, long inode, long ino, byte[] name, int nameLength, byte[] value, long[] valueBlocks)
            throws FsException {
        byte[] image = new byte[Units.BLOCK_BYTES];
        Place place = new Place();
        if (find(tx, inode, ino, name, nameLength, image, place)) {
            dropRecord(tx, image, place);
            byte[] record = record(tx, name, nameLength, value, valueBlocks);
            if (end(image) + record.length <= Units.BLOCK_BYTES) {
                append(image, record);
                replaceBlock(tx, place, image);
                return;
            }
            replaceOrUnlink(tx, place, image);
            addRecord(tx, inode, ino, record);
            return;
        }
        addRecord(tx, inode, ino, record(tx, name, nameLength, value, valueBlocks));
    }

    /** Blocks an attribute value needs besides its record. */
    public static int externalBlocks(int valueLength) {
        return valueLength > XattrLayout.MAX_INLINE_VALUE ? (int) Units.blocksFor(valueLength) : 0;
    }

    /** Removes an attribute; ENODATA. */
    public void remove(Transaction tx, long inode, long ino, byte[] name, int nameLength) throws FsException {
        byte[] image = new byte[Units.BLOCK_BYTES];
        Place place = new Place();
        if (!find(tx, inode, ino, name, nameLength, image, place)) {
            throw new FsException(Errno.ENODATA, "removexattr", "no such attribute");
        }
        dropRecord(tx, image, place);
        replaceOrUnlink(tx, place, image);
    }

    /** Frees attribute blocks of an inode that goes away, the first of its chain; false when none is left. */
    public boolean removeFirstBlock(Transaction tx, long inode, long ino) throws FsException {
        long block = tx.getLong(inode + InodeLayout.XATTR);
        if (block == 0) {
            return false;
        }
        byte[] image = new byte[Units.BLOCK_BYTES];
        load(tx, block, ino, image);
        int length;
        for (int at = XattrLayout.RECORDS; at < end(image); at += length) {
            length = recordLength(image, at, block);
            freeValue(tx, image, at);
        }
        tx.putLong(inode + InodeLayout.XATTR, Bytes.getLong(image, XattrLayout.NEXT));
        tx.freeBlock(block);
        return true;
    }

    private static void freeValue(Transaction tx, byte[] image, int at) {
        if (isExternal(image, at)) {
            int count = (int) Units.blocksFor(Bytes.getInt(image, at + XattrLayout.RECORD_VALUE_LENGTH));
            for (int i = 0; i < count; i++) {
                tx.space().free(Bytes.getLong(image, valueStart(image, at) + i * Long.BYTES), 1);
            }
        }
    }

    private static void dropRecord(Transaction tx, byte[] image, Place place) throws CorruptPoolException {
        freeValue(tx, image, place.at);
        int length = recordLength(image, place.at, place.block);
        int end = end(image);
        System.arraycopy(image, place.at + length, image, place.at, end - place.at - length);
        for (int i = end - length; i < end; i++) {
            image[i] = 0;
        }
        Bytes.putLong(image, XattrLayout.USED, (long) end - length - XattrLayout.RECORDS);
    }

    private static void append(byte[] image, byte[] record) {
        int end = end(image);
        System.arraycopy(record, 0, image, end, record.length);
        Bytes.putLong(image, XattrLayout.USED, (long) end + record.length - XattrLayout.RECORDS);
    }

    private void addRecord(Transaction tx, long inode, long ino, byte[] record) throws FsException {
        byte[] image = new byte[Units.BLOCK_BYTES];
        Place place = new Place();
        place.pointer = inode + InodeLayout.XATTR;
        place.block = tx.getLong(place.pointer);
        for (int hops = 0; place.block != 0; hops++) {
            load(tx, place.block, ino, image);
            requireEnd(hops, ino, place.block);
            if (end(image) + record.length <= Units.BLOCK_BYTES) {
                append(image, record);
                replaceBlock(tx, place, image);
                return;
            }
            place.pointer = Units.blockToBytes(place.block) + XattrLayout.NEXT;
            place.blockBefore = place.block;
            place.block = Bytes.getLong(image, XattrLayout.NEXT);
        }
        Arrays.fill(image, (byte) 0);
        Bytes.putInt(image, XattrLayout.MAGIC, XattrLayout.MAGIC_VALUE);
        System.arraycopy(checksum.uuidBytes(), 0, image, XattrLayout.UUID, 16);
        Bytes.putLong(image, XattrLayout.OWNER, ino);
        append(image, record);
        replaceBlock(tx, place, image);
    }

    /** Writes the image to a new block and swings the pointer to it; the old block, if any, is freed. */
    private void replaceBlock(Transaction tx, Place place, byte[] image) throws FsException {
        long block = tx.takeBlock();
        Bytes.putLong(image, XattrLayout.LOCATION, block);
        tx.writeFresh(block, image);
        verifier.markVerified(block);
        tx.seal(Units.blockToBytes(block), XattrLayout.CHECKED_BYTES, XattrLayout.CHECKSUM);
        swing(tx, place, block);
    }

    private void replaceOrUnlink(Transaction tx, Place place, byte[] image) throws FsException {
        if (Bytes.getLong(image, XattrLayout.USED) == 0) {
            swing(tx, place, Bytes.getLong(image, XattrLayout.NEXT));
        } else {
            replaceBlock(tx, place, image);
        }
    }

    private static void swing(Transaction tx, Place place, long to) {
        tx.putLong(place.pointer, to);
        if (place.blockBefore != 0) {
            tx.seal(Units.blockToBytes(place.blockBefore), XattrLayout.CHECKED_BYTES, XattrLayout.CHECKSUM);
        }
        if (place.block != 0) {
            tx.freeBlock(place.block);
        }
    }

    private byte[] record(Transaction tx, byte[] name, int nameLength, byte[] value, long[] valueBlocks) {
        int head = (int) Units.alignUp((long) XattrLayout.RECORD_NAME + nameLength, Long.BYTES);
        boolean external = valueBlocks.length > 0;
        int tail = external ? valueBlocks.length * Long.BYTES : (int) Units.alignUp(value.length, Long.BYTES);
        byte[] record = new byte[head + tail];
        Bytes.putShort(record, XattrLayout.RECORD_LENGTH, record.length);
        record[XattrLayout.RECORD_NAME_LENGTH] = (byte) nameLength;
        record[XattrLayout.RECORD_FLAGS] = (byte) (external ? XattrLayout.EXTERNAL : 0);
        Bytes.putInt(record, XattrLayout.RECORD_VALUE_LENGTH, value.length);
        Bytes.putInt(record, XattrLayout.RECORD_VALUE_CHECKSUM, plainSum(value));
        System.arraycopy(name, 0, record, XattrLayout.RECORD_NAME, nameLength);
        if (!external) {
            System.arraycopy(value, 0, record, head, value.length);
            return record;
        }
        byte[] block = new byte[Units.BLOCK_BYTES];
        for (int i = 0; i < valueBlocks.length; i++) {
            Bytes.putLong(record, head + i * Long.BYTES, valueBlocks[i]);
            int done = i * Units.BLOCK_BYTES;
            Arrays.fill(block, (byte) 0);
            System.arraycopy(value, done, block, 0, Math.min(Units.BLOCK_BYTES, value.length - done));
            tx.writeFresh(valueBlocks[i], block);
        }
        return record;
    }
}
