package org.radax.fuse.locks;

/**
 * A lock, held or asked for.
 *
 * @param owner whom it belongs to: a process's file table (POSIX), or an open file description (OFD, flock)
 * @param handle the open file it was taken through
 * @param type one of {@link LockType}
 * @param start first byte
 * @param end last byte, inclusive, as the protocol has it; {@link Long#MAX_VALUE} for "to the end"
 */
public record LockRange(long owner, long handle, int pid, int type, long start, long end) {
    boolean overlaps(LockRange other) {
        return start <= other.end && other.start <= end;
    }

    boolean conflictsWith(LockRange other) {
        return owner != other.owner && overlaps(other) && (type == LockType.WRITE || other.type == LockType.WRITE);
    }

    LockRange withRange(long newStart, long newEnd) {
        return new LockRange(owner, handle, pid, type, newStart, newEnd);
    }
}
