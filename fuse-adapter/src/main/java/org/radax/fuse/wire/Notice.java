package org.radax.fuse.wire;

import java.nio.charset.StandardCharsets;
import org.radax.core.os.RawMemory;

/**
 * A message from the filesystem to the kernel: something it caches is no longer so.
 *
 * @param code what {@link Headers.Out#ERROR} carries in place of an errno
 */
public record Notice(int code, long ino, long start, long lengthBytes, String name) {
    private static final int INVAL_INODE = 2;
    private static final int INVAL_ENTRY = 3;

    /** struct fuse_notify_inval_inode_out. */
    static final int INODE_INO = 0;

    static final int INODE_START = INODE_INO + Long.BYTES;
    static final int INODE_LENGTH = INODE_START + Long.BYTES;
    static final int INODE_SIZE = INODE_LENGTH + Long.BYTES;

    /** struct fuse_notify_inval_entry_out; the name and a NUL follow. */
    static final int ENTRY_PARENT = 0;

    static final int ENTRY_NAME_LENGTH = ENTRY_PARENT + Long.BYTES;
    static final int ENTRY_NAME = ENTRY_NAME_LENGTH + 2 * Integer.BYTES;

    /** What a message needs at most. */
    public static final int MAX_SIZE = Headers.Out.SIZE + ENTRY_NAME + 256;

    /** The attributes changed, the data did not. */
    public static Notice attributesChanged(long ino) {
        return new Notice(INVAL_INODE, ino, -1, 0, "");
    }

    /** Attributes and pages of [start, start + length) changed; a length of 0 means to the end. */
    public static Notice dataChanged(long ino, long start, long lengthBytes) {
        return new Notice(INVAL_INODE, ino, start, lengthBytes, "");
    }

    /** What the name stands for changed. */
    public static Notice entryChanged(long parent, String name) {
        return new Notice(INVAL_ENTRY, parent, 0, 0, name);
    }

    /** Writes the whole message; returns its length. */
    public int encode(long at) {
        RawMemory.fill(at, MAX_SIZE, (byte) 0);
        long body = at + Headers.Out.SIZE;
        int length = Headers.Out.SIZE;
        if (code == INVAL_INODE) {
            RawMemory.putLong(body + INODE_INO, ino);
            RawMemory.putLong(body + INODE_START, start);
            RawMemory.putLong(body + INODE_LENGTH, lengthBytes);
            length += INODE_SIZE;
        } else {
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            RawMemory.putLong(body + ENTRY_PARENT, ino);
            RawMemory.putInt(body + ENTRY_NAME_LENGTH, bytes.length);
            RawMemory.copyIn(bytes, 0, body + ENTRY_NAME, bytes.length);
            length += ENTRY_NAME + bytes.length + 1;
        }
        RawMemory.putInt(at + Headers.Out.LENGTH, length);
        RawMemory.putInt(at + Headers.Out.ERROR, code);
        return length;
    }
}
