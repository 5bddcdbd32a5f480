package org.radax.fuse.wire;

import org.radax.core.os.RawMemory;
import org.radax.core.unit.Timestamp;
import org.radax.core.volume.Attributes;
import org.radax.core.volume.VolumeStatistics;
import org.radax.fuse.wire.AttributeLayouts.Attr;
import org.radax.fuse.wire.AttributeLayouts.AttrOut;
import org.radax.fuse.wire.AttributeLayouts.EntryOut;
import org.radax.fuse.wire.AttributeLayouts.StatfsOut;
import org.radax.fuse.wire.AttributeLayouts.StatxOut;

/** Writes attributes into reply bodies. Every byte of the struct is written, padding too: no memory leaks out. */
public final class AttributeEncoder {
    private static final int BLOCK_SIZE = 4096;
    private static final int SECTORS_PER_BLOCK = BLOCK_SIZE / 512;
    private static final int NAME_MAX = 255;
    private static final int FILE_TYPE = 0170000;
    private static final int REGULAR_FILE = 0100000;
    private static final int SETUID_OR_SETGID = 06000;

    private AttributeEncoder() {}

    /** struct fuse_entry_out, valid for {@code validSeconds}; but see {@link #attributesValid}. */
    public static void putEntry(long at, Attributes a, long validSeconds) {
        RawMemory.putLong(at + EntryOut.NODE_ID, a.ino);
        RawMemory.putLong(at + EntryOut.GENERATION, a.generation);
        RawMemory.putLong(at + EntryOut.ENTRY_VALID, validSeconds);
        RawMemory.putLong(at + EntryOut.ATTR_VALID, attributesValid(a, validSeconds));
        RawMemory.putInt(at + EntryOut.ENTRY_VALID_NSEC, 0);
        RawMemory.putInt(at + EntryOut.ATTR_VALID_NSEC, 0);
        putAttr(at + EntryOut.ATTR, a);
    }

    /** struct fuse_entry_out that says: no such name, for {@code validSeconds}. */
    public static void putNoEntry(long at, long validSeconds) {
        RawMemory.fill(at, EntryOut.SIZE, (byte) 0);
        RawMemory.putLong(at + EntryOut.ENTRY_VALID, validSeconds);
    }

    /** struct fuse_attr_out. */
    public static void putAttrOut(long at, Attributes a, long validSeconds) {
        RawMemory.putLong(at + AttrOut.VALID, attributesValid(a, validSeconds));
        RawMemory.putLong(at + AttrOut.VALID_NSEC, 0);
        putAttr(at + AttrOut.ATTR, a);
    }

    private static void putAttr(long at, Attributes a) {
        RawMemory.putLong(at + Attr.INO, a.ino);
        RawMemory.putLong(at + Attr.SIZE_BYTES, a.sizeBytes);
        RawMemory.putLong(at + Attr.BLOCKS, a.blocks * SECTORS_PER_BLOCK);
        RawMemory.putLong(at + Attr.ATIME, Timestamp.seconds(a.atimeNanos));
        RawMemory.putLong(at + Attr.MTIME, Timestamp.seconds(a.mtimeNanos));
        RawMemory.putLong(at + Attr.CTIME, Timestamp.seconds(a.ctimeNanos));
        RawMemory.putInt(at + Attr.ATIME_NSEC, Timestamp.nanos(a.atimeNanos));
        RawMemory.putInt(at + Attr.MTIME_NSEC, Timestamp.nanos(a.mtimeNanos));
        RawMemory.putInt(at + Attr.CTIME_NSEC, Timestamp.nanos(a.ctimeNanos));
        RawMemory.putInt(at + Attr.MODE, a.mode);
        RawMemory.putInt(at + Attr.LINK_COUNT, a.linkCount);
        RawMemory.putInt(at + Attr.UID, a.uid);
        RawMemory.putInt(at + Attr.GID, a.gid);
        RawMemory.putInt(at + Attr.RDEV, a.rdev);
        RawMemory.putInt(at + Attr.BLOCK_SIZE, BLOCK_SIZE);
        RawMemory.putInt(at + Attr.FLAGS, 0);
    }

    /**
     * A file that is setuid or setgid loses that by a write, and the kernel, which leaves it to the server
     * (HANDLE_KILLPRIV_V2), is not told: it asks each time. So it does of a file that processes have mapped.
     */
    private static long attributesValid(Attributes a, long validSeconds) {
        boolean privileged = (a.mode & FILE_TYPE) == REGULAR_FILE && (a.mode & SETUID_OR_SETGID) != 0;
        return privileged || a.mapped ? 0 : validSeconds;
    }

    /** struct fuse_statx_out. */
    public static void putStatx(long at, Attributes a, long validSeconds) {
        RawMemory.fill(at, StatxOut.SIZE, (byte) 0);
        RawMemory.putLong(at + StatxOut.VALID, attributesValid(a, validSeconds));
        RawMemory.putInt(at + StatxOut.MASK, StatxOut.MASK_BASIC_AND_BIRTH);
        RawMemory.putInt(at + StatxOut.BLOCK_SIZE, BLOCK_SIZE);
        RawMemory.putLong(at + StatxOut.ATTRIBUTES, a.flags & StatxOut.KNOWN_ATTRIBUTES);
        RawMemory.putLong(at + StatxOut.ATTRIBUTES_MASK, StatxOut.KNOWN_ATTRIBUTES);
        RawMemory.putInt(at + StatxOut.LINK_COUNT, a.linkCount);
        RawMemory.putInt(at + StatxOut.UID, a.uid);
        RawMemory.putInt(at + StatxOut.GID, a.gid);
        RawMemory.putShort(at + StatxOut.MODE, (short) a.mode);
        RawMemory.putLong(at + StatxOut.INO, a.ino);
        RawMemory.putLong(at + StatxOut.SIZE_BYTES, a.sizeBytes);
        RawMemory.putLong(at + StatxOut.BLOCKS, a.blocks * SECTORS_PER_BLOCK);
        putTime(at + StatxOut.ATIME, a.atimeNanos);
        putTime(at + StatxOut.BTIME, a.birthNanos);
        putTime(at + StatxOut.CTIME, a.ctimeNanos);
        putTime(at + StatxOut.MTIME, a.mtimeNanos);
        // The kernel's new_decode_dev: 12 bits of major inside 20 bits of minor.
        RawMemory.putInt(at + StatxOut.RDEV_MAJOR, (a.rdev >>> 8) & 0xfff);
        RawMemory.putInt(at + StatxOut.RDEV_MINOR, (a.rdev & 0xff) | ((a.rdev >>> 12) & 0xfff00));
    }

    /** struct fuse_statfs_out. */
    public static void putStatfs(long at, VolumeStatistics s) {
        RawMemory.fill(at, StatfsOut.SIZE, (byte) 0);
        RawMemory.putLong(at + StatfsOut.BLOCKS, s.totalBlocks);
        RawMemory.putLong(at + StatfsOut.BLOCKS_FREE, s.freeBlocks);
        RawMemory.putLong(at + StatfsOut.BLOCKS_AVAILABLE, s.availableBlocks);
        RawMemory.putLong(at + StatfsOut.FILES, s.totalInodes);
        RawMemory.putLong(at + StatfsOut.FILES_FREE, s.freeInodes);
        RawMemory.putInt(at + StatfsOut.BLOCK_SIZE, BLOCK_SIZE);
        RawMemory.putInt(at + StatfsOut.NAME_LENGTH, NAME_MAX);
        RawMemory.putInt(at + StatfsOut.FRAGMENT_SIZE, BLOCK_SIZE);
    }

    private static void putTime(long at, long timestamp) {
        RawMemory.putLong(at, Timestamp.seconds(timestamp));
        RawMemory.putInt(at + Long.BYTES, Timestamp.nanos(timestamp));
    }
}
