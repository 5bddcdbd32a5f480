package org.radax.core.scrub;

import java.nio.charset.StandardCharsets;
import org.radax.core.format.XattrLayout;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/**
 * Visits the attribute blocks of one inode and the values in them, some blocks at a time. If the chain changes between two
 * steps where it had come to, all of it is visited again, at once. What follows a damaged block is left out.
 */
final class AttributeScrub {
    private static final int MAX_VALUE_BYTES = 65536;
    private static final int STEP_BLOCKS = 128;

    private final Inspector inspector;
    private final long ino;
    private final byte[] image = new byte[Units.BLOCK_BYTES];
    private byte[] value = new byte[Units.BLOCK_BYTES];
    /** The block to go on at; 0 before the first. */
    private long next;

    AttributeScrub(Inspector inspector, long ino) {
        this.inspector = inspector;
        this.ino = ino;
    }

    /** One step along the chain that begins with {@code head}; false if there is more. The inode's lock is held. */
    boolean step(long head, long inodeOffset) {
        boolean isChanged = next != 0 && follow(head, next) != Way.THERE;
        long block = next == 0 || isChanged ? head : next;
        if (block == head && follow(head, 0) == Way.IN_CIRCLES) {
            inspector.tell(Kind.XATTR, ino, inodeOffset, "attribute chain", "an end", "none");
            return true;
        }
        long referrer = inodeOffset;
        int left = STEP_BLOCKS;
        while (block != 0) {
            if (left <= 0 && !isChanged) {
                next = block;
                return false;
            }
            int blocks = look(block, referrer);
            if (blocks == 0) {
                return true;
            }
            left -= blocks;
            referrer = Units.blockToBytes(block);
            block = Bytes.getLong(image, XattrLayout.NEXT);
        }
        return true;
    }

    private enum Way {
        THERE,
        IN_CIRCLES,
        ELSEWHERE
    }

    /** Where the chain leads, as its blocks say and unverified: to a block, or with 0 to its end. */
    private Way follow(long head, long target) {
        byte[] link = new byte[Long.BYTES];
        long landmark = 0;
        long hops = 0;
        for (long block = head; block != target; block = Bytes.getLong(link, 0)) {
            if (block == landmark) {
                return Way.IN_CIRCLES;
            }
            if (Long.bitCount(++hops) == 1) {
                landmark = block;
            }
            if (!inspector.isInside(block)) {
                return Way.ELSEWHERE;
            }
            try {
                inspector.fetch(Units.blockToBytes(block) + XattrLayout.NEXT, link, 0, Long.BYTES);
            } catch (InternalError e) {
                // Whoever looks at the block tells of it.
                return Way.ELSEWHERE;
            }
        }
        return Way.THERE;
    }

    /** Looks at one block and its values; returns how many blocks that were, 0 if it is damaged. */
    private int look(long block, long referrer) {
        if (!inspector.isInside(block)) {
            inspector.tell(Kind.XATTR, ino, referrer, "attribute block", "a block of the pool", block);
            return 0;
        }
        long offset = Units.blockToBytes(block);
        if (!inspector.isSound(Kind.XATTR, ino, offset, block, ino, image, XattrLayout.CHECKED_BYTES)) {
            return 0;
        }
        long used = Bytes.getLong(image, XattrLayout.USED);
        if (used < 0 || used > Units.BLOCK_BYTES - XattrLayout.RECORDS) {
            inspector.tell(Kind.XATTR, ino, offset, "used bytes", "what fits", used);
            return 0;
        }
        inspector.log().sound(Kind.XATTR, XattrLayout.CHECKED_BYTES);
        int blocks = 1;
        int end = XattrLayout.RECORDS + (int) used;
        int at = XattrLayout.RECORDS;
        while (at < end) {
            int length = at + XattrLayout.RECORD_NAME > end ? 0 : Bytes.getShort(image, at + XattrLayout.RECORD_LENGTH);
            if (!isRecord(at, length, end)) {
                inspector.tell(Kind.XATTR, ino, offset + at, "record", "one within its block", length + " bytes");
                break;
            }
            blocks += lookAtValue(offset, at);
            at += length;
        }
        inspector.log().passed(blocks);
        return blocks;
    }

    private boolean isRecord(int at, int length, int end) {
        if (length < 2 * Long.BYTES || (length & 7) != 0 || at + length > end) {
            return false;
        }
        int valueLength = Bytes.getInt(image, at + XattrLayout.RECORD_VALUE_LENGTH);
        if (valueLength < 0 || valueLength > MAX_VALUE_BYTES) {
            return false;
        }
        int stored = isExternal(at) ? (int) Units.blocksFor(valueLength) * Long.BYTES : valueLength;
        return valueStart(at) + stored <= at + length;
    }

    private boolean isExternal(int at) {
        return (image[at + XattrLayout.RECORD_FLAGS] & XattrLayout.EXTERNAL) != 0;
    }

    private int nameLength(int at) {
        return image[at + XattrLayout.RECORD_NAME_LENGTH] & 0xff;
    }

    private int valueStart(int at) {
        return at + (int) Units.alignUp((long) XattrLayout.RECORD_NAME + nameLength(at), Long.BYTES);
    }

    /** Returns how many blocks of its own the value has. */
    private int lookAtValue(long blockOffset, int at) {
        int length = Bytes.getInt(image, at + XattrLayout.RECORD_VALUE_LENGTH);
        int start = valueStart(at);
        if (value.length < length) {
            value = new byte[MAX_VALUE_BYTES];
        }
        int blocks = 0;
        if (!isExternal(at)) {
            System.arraycopy(image, start, value, 0, length);
        } else {
            blocks = (int) Units.blocksFor(length);
            for (int i = 0; i < blocks; i++) {
                long block = Bytes.getLong(image, start + i * Long.BYTES);
                int done = i * Units.BLOCK_BYTES;
                if (!inspector.isInside(block)) {
                    inspector.tell(Kind.VALUE, ino, blockOffset + at, "block", "a block of the pool", block);
                    return blocks;
                }
                try {
                    int piece = Math.min(Units.BLOCK_BYTES, length - done);
                    inspector.fetch(Units.blockToBytes(block), value, done, piece);
                } catch (InternalError e) {
                    inspector.gone(Kind.VALUE, ino, Units.blockToBytes(block));
                    return blocks;
                }
            }
        }
        String name = new String(image, at + XattrLayout.RECORD_NAME, nameLength(at), StandardCharsets.UTF_8);
        int stored = Bytes.getInt(image, at + XattrLayout.RECORD_VALUE_CHECKSUM);
        inspector.checkValue(ino, blockOffset + at, name, stored, value, length);
        return blocks;
    }
}
