package org.radax.fuse.wire;

import org.radax.core.os.RawMemory;
import org.radax.core.volume.Attributes;
import org.radax.core.volume.DirectoryVisitor;
import org.radax.fuse.wire.AttributeLayouts.EntryOut;
import org.radax.fuse.wire.NameLayouts.Dirent;

/** Fills the body of READDIR (struct fuse_dirent) or READDIRPLUS (fuse_direntplus) with entries. Reused. */
public final class DirectoryWriter implements DirectoryVisitor {
    private long address;
    private int capacity;
    private int used;
    private boolean plus;
    private long validSeconds;

    /** Begins a listing of at most {@code capacity} bytes at {@code address}. */
    public DirectoryWriter begin(long address, int capacity, boolean plus, long validSeconds) {
        this.address = address;
        this.capacity = capacity;
        this.plus = plus;
        this.validSeconds = validSeconds;
        this.used = 0;
        return this;
    }

    public int used() {
        return used;
    }

    @Override
    public boolean entry(long cookie, long ino, int type, byte[] name, int nameLength, Attributes attributes) {
        int prefix = plus ? EntryOut.SIZE : 0;
        int unpadded = prefix + Dirent.NAME + nameLength;
        int padded = (unpadded + Long.BYTES - 1) & -Long.BYTES;
        if (padded > capacity - used) {
            return false;
        }
        long at = address + used;
        if (plus) {
            putEntry(at, attributes);
            at += EntryOut.SIZE;
        }
        RawMemory.putLong(at + Dirent.INO, ino);
        RawMemory.putLong(at + Dirent.COOKIE, cookie);
        RawMemory.putInt(at + Dirent.NAME_LENGTH, nameLength);
        RawMemory.putInt(at + Dirent.TYPE, type);
        RawMemory.copyIn(name, 0, at + Dirent.NAME, nameLength);
        for (int i = unpadded; i < padded; i++) {
            RawMemory.putByte(address + used + i, (byte) 0);
        }
        used += padded;
        return true;
    }

    private void putEntry(long at, Attributes attributes) {
        if (attributes == null) {
            // "." and "..": node id 0 tells the kernel that no reference goes with the entry.
            RawMemory.fill(at, EntryOut.SIZE, (byte) 0);
        } else {
            AttributeEncoder.putEntry(at, attributes, validSeconds);
        }
    }
}
