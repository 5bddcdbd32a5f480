package org.radax.core.xattr;

import java.util.Arrays;
import org.radax.core.error.CorruptPoolException;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.format.AclLayout;
import org.radax.core.unit.Bytes;

/**
 * A POSIX ACL (acl(5)); immutable. Its wire form is the value of {@code system.posix_acl_*}, version 2: a header, then
 * entries of tag, permissions, id. Its stored form is {@link AclLayout}.
 */
public final class Acl {
    /** Largest wire form: what Linux asks a FUSE server for is a page. */
    public static final int MAX_WIRE_BYTES = 4096;

    private static final int VERSION = 2;
    private static final int HEADER_BYTES = 4;
    private static final int OWNER = 1;
    private static final int USER = AclLayout.TAG_USER;
    private static final int GROUP_OWNER = 4;
    private static final int GROUP = AclLayout.TAG_GROUP;
    private static final int MASK = 0x10;
    private static final int OTHER = 0x20;
    private static final int NAMED = USER | GROUP;
    private static final int NO_ID = -1;

    private final int owner;
    private final int group;
    private final boolean hasMask;
    private final int mask;
    private final int other;
    /** Entries of named users, then of named groups; their form is the same stored and on the wire. */
    private final byte[] named;

    private Acl(int owner, int group, boolean hasMask, int mask, int other, byte[] named) {
        this.owner = owner;
        this.group = group;
        this.hasMask = hasMask;
        this.mask = mask;
        this.other = other;
        this.named = named;
    }

    /**
     * Reads the wire form; null if it has no entries, which stands for "no ACL".
     *
     * @throws FsException as Linux's posix_acl_from_xattr and posix_acl_valid: EOPNOTSUPP for another version, EINVAL
     *     for what is no valid ACL; E2BIG above {@link #MAX_WIRE_BYTES}
     */
    public static Acl fromWire(byte[] wire) throws FsException {
        if (wire.length > MAX_WIRE_BYTES) {
            throw new FsException(Errno.E2BIG, "ACL", wire.length + " bytes, at most " + MAX_WIRE_BYTES);
        }
        if (wire.length == 0) {
            return null;
        }
        if (wire.length < HEADER_BYTES || (wire.length - HEADER_BYTES) % AclLayout.ENTRY_BYTES != 0) {
            throw invalid(wire.length + " bytes");
        }
        if (Bytes.getInt(wire, 0) != VERSION) {
            throw new FsException(Errno.EOPNOTSUPP, "ACL", "version " + Bytes.getInt(wire, 0) + ", known is 2");
        }
        if (wire.length == HEADER_BYTES) {
            return null;
        }
        int[] permissions = new int[OTHER + 1];
        byte[] named = new byte[wire.length];
        int namedBytes = 0;
        int present = 0;
        int before = 0;
        for (int at = HEADER_BYTES; at < wire.length; at += AclLayout.ENTRY_BYTES) {
            int tag = tag(wire, at);
            checkEntry(wire, at);
            if (tag < before || (tag == before && (tag & NAMED) == 0)) {
                throw invalid("tag 0x" + Integer.toHexString(tag) + " out of order");
            }
            if ((tag & NAMED) != 0) {
                System.arraycopy(wire, at, named, namedBytes, AclLayout.ENTRY_BYTES);
                namedBytes += AclLayout.ENTRY_BYTES;
            } else {
                permissions[tag] = permissions(wire, at);
            }
            present |= tag;
            before = tag;
        }
        int needed = OWNER | GROUP_OWNER | OTHER | ((present & NAMED) != 0 ? MASK : 0);
        if ((present & needed) != needed) {
            throw invalid("entries missing: 0x" + Integer.toHexString(needed & ~present));
        }
        return new Acl(
                permissions[OWNER],
                permissions[GROUP_OWNER],
                (present & MASK) != 0,
                permissions[MASK],
                permissions[OTHER],
                Arrays.copyOf(named, namedBytes));
    }

    private static void checkEntry(byte[] wire, int at) throws FsException {
        int tag = tag(wire, at);
        if (Integer.bitCount(tag) != 1 || tag > OTHER) {
            throw invalid("tag 0x" + Integer.toHexString(tag));
        }
        if (permissions(wire, at) > 7) {
            throw invalid("permissions 0x" + Integer.toHexString(permissions(wire, at)));
        }
        if ((tag & NAMED) != 0 && Bytes.getInt(wire, at + AclLayout.ENTRY_ID) == NO_ID) {
            throw invalid("id -1");
        }
    }

    private static FsException invalid(String what) {
        return new FsException(Errno.EINVAL, "ACL", what);
    }

    private static int tag(byte[] entries, int at) {
        return Bytes.getShort(entries, at + AclLayout.ENTRY_TAG);
    }

    private static int permissions(byte[] entries, int at) {
        return Bytes.getShort(entries, at + AclLayout.ENTRY_PERMISSIONS);
    }

    public byte[] toWire() {
        int entries = 3 + (hasMask ? 1 : 0);
        byte[] wire = new byte[HEADER_BYTES + entries * AclLayout.ENTRY_BYTES + named.length];
        Bytes.putInt(wire, 0, VERSION);
        int users = 0;
        while (users < named.length && tag(named, users) == USER) {
            users += AclLayout.ENTRY_BYTES;
        }
        int at = putEntry(wire, HEADER_BYTES, OWNER, owner);
        System.arraycopy(named, 0, wire, at, users);
        at = putEntry(wire, at + users, GROUP_OWNER, group);
        System.arraycopy(named, users, wire, at, named.length - users);
        at += named.length - users;
        if (hasMask) {
            at = putEntry(wire, at, MASK, mask);
        }
        putEntry(wire, at, OTHER, other);
        return wire;
    }

    private static int putEntry(byte[] wire, int at, int tag, int permissions) {
        Bytes.putShort(wire, at + AclLayout.ENTRY_TAG, tag);
        Bytes.putShort(wire, at + AclLayout.ENTRY_PERMISSIONS, permissions);
        Bytes.putInt(wire, at + AclLayout.ENTRY_ID, NO_ID);
        return at + AclLayout.ENTRY_BYTES;
    }

    /** @param poolOffset where it lies, for the error's message */
    public static Acl fromStored(byte[] stored, long poolOffset) throws CorruptPoolException {
        int entryBytes = stored.length - AclLayout.ENTRIES;
        if (entryBytes < 0 || entryBytes % AclLayout.ENTRY_BYTES != 0) {
            throw new CorruptPoolException("ACL", poolOffset, "4 bytes and entries of 8", stored.length + " bytes");
        }
        int fields = Bytes.getInt(stored, AclLayout.PERMISSIONS);
        return new Acl(
                fields >>> AclLayout.OWNER_SHIFT & 7,
                fields >>> AclLayout.GROUP_SHIFT & 7,
                (fields & AclLayout.HAS_MASK) != 0,
                fields >>> AclLayout.MASK_SHIFT & 7,
                fields >>> AclLayout.OTHER_SHIFT & 7,
                Arrays.copyOfRange(stored, AclLayout.ENTRIES, stored.length));
    }

    public byte[] toStored() {
        byte[] stored = new byte[AclLayout.ENTRIES + named.length];
        Bytes.putInt(
                stored,
                AclLayout.PERMISSIONS,
                other << AclLayout.OTHER_SHIFT
                        | mask << AclLayout.MASK_SHIFT
                        | owner << AclLayout.OWNER_SHIFT
                        | group << AclLayout.GROUP_SHIFT
                        | (hasMask ? AclLayout.HAS_MASK : 0));
        System.arraycopy(named, 0, stored, AclLayout.ENTRIES, named.length);
        return stored;
    }

    /** The nine permission bits it gives a file: the group's are the mask's where there is one. */
    public int mode() {
        return owner << 6 | (hasMask ? mask : group) << 3 | other;
    }

    /** Whether a mode says all of it. */
    public boolean isMode() {
        return !hasMask;
    }

    /** What chmod makes of it (posix_acl_chmod): owner, other, and the mask or else the group follow the mode. */
    public Acl withMode(int mode) {
        int groupClass = mode >>> 3 & 7;
        return new Acl(
                mode >>> 6 & 7, hasMask ? group : groupClass, hasMask, hasMask ? groupClass : 0, mode & 7, named);
    }

    /** The access ACL of what is created with {@code mode} where this is the default ACL (posix_acl_create). */
    public Acl inheritedWith(int mode) {
        return withMode(mode() & mode);
    }
}
