package org.radax.core.scrub;

import org.radax.core.error.FsException;
import org.radax.core.format.BucketLayout;
import org.radax.core.format.InodeLayout;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/** Visits one inode and what hangs below it, a step at a time. */
public final class InodeScrub {
    private static final int S_IFMT = 0170000;
    private static final int S_IFDIR = 0040000;
    private static final int S_IFREG = 0100000;

    private static final int POOL_BITS = 36;
    private static final long POOL_MASK = (1L << POOL_BITS) - 1;
    private static final long LENGTH_MASK = (1L << 26) - 1;

    private final Inspector inspector;
    private final DataVerifier data;
    private final long ino;
    private final byte[] inode = new byte[InodeLayout.CHECKED_BYTES];
    /** Null before the first step. */
    private TreeScrub tree;
    /** Null while there are none. */
    private AttributeScrub attributes;
    /** Null but of a directory. */
    private byte[] bucket;

    private int generation;
    private boolean treeDone;

    public InodeScrub(Inspector inspector, DataVerifier data, long ino) {
        this.inspector = inspector;
        this.data = data;
        this.ino = ino;
    }

    /** One step; false if there is more to visit. The inode is in use and its lock is held. */
    public boolean step(long inodeOffset) throws FsException {
        if (!inspector.isSound(Kind.INODE, ino, inodeOffset, ino, inode)) {
            return true;
        }
        int found = Bytes.getInt(inode, InodeLayout.GENERATION);
        if (tree == null) {
            generation = found;
            tree = new TreeScrub(inspector, ino, records(Bytes.getInt(inode, InodeLayout.MODE) & S_IFMT));
            inspector.log().sound(Kind.INODE, InodeLayout.CHECKED_BYTES);
        } else if (found != generation) {
            // Another file, made since.
            return true;
        }
        if (!treeDone) {
            treeDone = tree.step(inode, InodeLayout.ROOT, inodeOffset);
            if (!treeDone) {
                return false;
            }
        }
        long head = Bytes.getLong(inode, InodeLayout.XATTR);
        if (attributes == null && head != 0) {
            attributes = new AttributeScrub(inspector, ino);
        }
        return attributes == null || attributes.step(head, inodeOffset);
    }

    private TreeScrub.Records records(int type) {
        if (type == S_IFDIR) {
            bucket = new byte[Units.BLOCK_BYTES];
            return this::bucket;
        }
        return type == S_IFREG && data != DataVerifier.NONE ? this::data : this::extent;
    }

    private long bucket(TreeScrub at, long key, long block) {
        at.looked(1);
        if (!inspector.isInside(block)) {
            inspector.tell(Kind.BUCKET, ino, at.where(), "bucket", "a block of the pool", block);
            return 0;
        }
        long offset = Units.blockToBytes(block);
        if (inspector.isSound(Kind.BUCKET, ino, offset, block, ino, bucket, BucketLayout.CHECKED_BYTES)) {
            long low = Bytes.getLong(bucket, BucketLayout.LOW_KEY);
            if (low == key) {
                inspector.log().sound(Kind.BUCKET, BucketLayout.CHECKED_BYTES);
                inspector.log().passed(1);
            } else {
                inspector.tell(Kind.BUCKET, ino, offset, "low key", key, low);
            }
        }
        return 0;
    }

    private boolean isExtent(TreeScrub at, long value) {
        long pool = value & POOL_MASK;
        long length = lengthOf(value);
        return (length > 0 && inspector.isInside(pool) && inspector.isInside(pool + length - 1))
                || inspector.tell(
                        Kind.NODE, ino, at.where(), "extent", "blocks of the pool", "[" + pool + ", +" + length + ")");
    }

    private static long lengthOf(long value) {
        return value >>> POOL_BITS & LENGTH_MASK;
    }

    private long extent(TreeScrub at, long key, long value) {
        if (isExtent(at, value)) {
            inspector.log().passed(lengthOf(value));
        }
        return 0;
    }

    /** As much of an extent as goes into the step. */
    private long data(TreeScrub at, long key, long value) throws FsException {
        long end = key + lengthOf(value);
        if (!isExtent(at, value) || at.from() >= end) {
            return 0;
        }
        boolean isWritten = value >= 0;
        long count = isWritten ? Math.min(end - at.from(), at.blocksLeft()) : end - at.from();
        if (isWritten) {
            long poolBlock = (value & POOL_MASK) + (at.from() - key);
            data.verify(ino, at.from(), poolBlock, count, inspector.log());
            at.looked(count);
        }
        inspector.log().passed(count);
        return at.from() + count < end ? at.from() + count : 0;
    }
}
