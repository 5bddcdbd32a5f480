package org.radax.core.check;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.radax.core.format.InodeLayout;
import org.radax.core.format.XattrLayout;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/** Extended attributes: the chain of blocks, the records in them, and the blocks of large values. */
final class XattrScan {
    private static final String ATTRIBUTE = "attribute block";
    private static final int RECORDS_BYTES = Units.BLOCK_BYTES - XattrLayout.RECORDS;
    private static final int MAX_VALUE_BYTES = 65536;
    private static final long UNKNOWN = -1;

    private final ScanContext context;
    private final byte[] block = new byte[Units.BLOCK_BYTES];

    // Of the inode under way.
    private final Set<String> names = new HashSet<>();
    private int mode;

    XattrScan(ScanContext context) {
        this.context = context;
    }

    /** Claims the blocks of an inode's attributes and returns their number, or -1 if they can not all be known. */
    long scan(long ino, long inodeOffset, byte[] inode) {
        long next = Bytes.getLong(inode, InodeLayout.XATTR);
        long referenceOffset = inodeOffset + InodeLayout.XATTR;
        names.clear();
        mode = Bytes.getInt(inode, InodeLayout.MODE);
        long blocks = 0;
        while (next != 0) {
            if (!context.claims().isAllowed(next, 1) || !context.claims().claim(next)) {
                // A cycle ends here too: the first of its blocks is claimed already.
                return unknown(referenceOffset, ino, "block " + next + " has an owner already, or can not be one");
            }
            blocks++;
            long poolOffset = Units.blockToBytes(next);
            String problem = context.image().readBlock(next, block)
                    ? context.blockProblem(block, XattrLayout.MAGIC_VALUE, XattrLayout.CHECKED_BYTES, next)
                    : "can not be read";
            if (problem == null && Bytes.getLong(block, XattrLayout.OWNER) != ino) {
                problem = "owned by " + Bytes.getLong(block, XattrLayout.OWNER);
            }
            if (problem != null) {
                return unknown(poolOffset, ino, problem);
            }
            long external = records(ino, poolOffset);
            if (external < 0) {
                return UNKNOWN;
            }
            blocks += external;
            referenceOffset = poolOffset + XattrLayout.NEXT;
            next = Bytes.getLong(block, XattrLayout.NEXT);
        }
        return blocks;
    }

    private long unknown(long poolOffset, long ino, String message) {
        context.report(ATTRIBUTE, poolOffset, "inode " + ino + ": " + message);
        context.ownershipUnknown();
        return UNKNOWN;
    }

    /** Checks the records of the block at hand; returns the blocks of its external values, or -1. */
    private long records(long ino, long poolOffset) {
        long used = Bytes.getLong(block, XattrLayout.USED);
        if (used < 0 || used > RECORDS_BYTES || used % Long.BYTES != 0) {
            return unknown(poolOffset, ino, used + " bytes of records");
        }
        long external = 0;
        int end = XattrLayout.RECORDS + (int) used;
        int at = XattrLayout.RECORDS;
        while (at < end) {
            int length = end - at < XattrLayout.RECORD_NAME ? 0 : Bytes.getShort(block, at + XattrLayout.RECORD_LENGTH);
            if (length < XattrLayout.RECORD_NAME || length % Long.BYTES != 0 || length > end - at) {
                return unknown(poolOffset + at, ino, "record of " + length + " bytes");
            }
            long blocks = record(ino, poolOffset, at, length);
            if (blocks < 0) {
                return UNKNOWN;
            }
            external += blocks;
            at += length;
        }
        return external;
    }

    private long record(long ino, long poolOffset, int at, int length) {
        int nameLength = (block[at + XattrLayout.RECORD_NAME_LENGTH] & 0xff);
        int flags = (block[at + XattrLayout.RECORD_FLAGS] & 0xff);
        long valueLength = Integer.toUnsignedLong(Bytes.getInt(block, at + XattrLayout.RECORD_VALUE_LENGTH));
        int valueAt = (int) Units.alignUp(at + XattrLayout.RECORD_NAME + nameLength, Long.BYTES);
        boolean external = (flags & XattrLayout.EXTERNAL) != 0;
        long stored = external ? Units.blocksFor(valueLength) * Long.BYTES : valueLength;
        if (nameLength == 0
                || (flags & ~XattrLayout.EXTERNAL) != 0
                || valueLength > MAX_VALUE_BYTES
                || valueAt + stored > at + length) {
            return unknown(
                    poolOffset + at,
                    ino,
                    "record with a name of " + nameLength + " and a value of " + valueLength + " bytes, flags "
                            + flags);
        }
        String name = new String(block, at + XattrLayout.RECORD_NAME, nameLength, StandardCharsets.ISO_8859_1);
        if (!names.add(name)) {
            context.report(ATTRIBUTE, poolOffset + at, "inode " + ino + ": attribute " + name + " is there twice");
        }
        byte[] value = new byte[(int) Units.alignUp(valueLength, Units.BLOCK_BYTES)];
        if (!external) {
            System.arraycopy(block, valueAt, value, 0, (int) valueLength);
        } else if (!externalValue(ino, poolOffset + at, valueAt, value)) {
            return UNKNOWN;
        }
        if (context.checksum().plain(value, (int) valueLength)
                != Bytes.getInt(block, at + XattrLayout.RECORD_VALUE_CHECKSUM)) {
            context.report(ATTRIBUTE, poolOffset + at, "inode " + ino + ": wrong checksum of the value of " + name);
        } else {
            String problem = AclForm.problem(name, value, (int) valueLength, mode);
            if (problem != null) {
                context.report("ACL", poolOffset + at, "inode " + ino + ": " + name + ": " + problem);
            }
        }
        return external ? Units.blocksFor(valueLength) : 0;
    }

    private boolean externalValue(long ino, long recordOffset, int numbersAt, byte[] value) {
        byte[] part = new byte[Units.BLOCK_BYTES];
        for (int done = 0; done < value.length; done += Units.BLOCK_BYTES) {
            long blockNo = Bytes.getLong(block, numbersAt + done / Units.BLOCK_BYTES * Long.BYTES);
            if (!context.claims().isAllowed(blockNo, 1) || !context.claims().claim(blockNo)) {
                unknown(recordOffset, ino, "value block " + blockNo + " has an owner already, or can not be one");
                return false;
            }
            if (!context.image().readBlock(blockNo, part)) {
                context.report(ATTRIBUTE, recordOffset, "inode " + ino + ": value block " + blockNo + " unreadable");
            }
            System.arraycopy(part, 0, value, done, Units.BLOCK_BYTES);
        }
        return true;
    }
}
