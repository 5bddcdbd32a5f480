package org.radax.core.scrub;

import org.radax.core.format.BucketLayout;
import org.radax.core.format.ChunkLayout;
import org.radax.core.format.GroupLayout;
import org.radax.core.format.InodeLayout;
import org.radax.core.format.LaneLayout;
import org.radax.core.format.RecordLayout;
import org.radax.core.format.StateLayout;
import org.radax.core.format.SuperblockLayout;
import org.radax.core.format.TreeLayout;
import org.radax.core.format.XattrLayout;

/** What has a checksum, docs/FORMAT.md. */
public enum Kind {
    SUPERBLOCK("superblock", SuperblockLayout.MAGIC_VALUE, SuperblockLayout.CHECKED_BYTES),
    STATE("volume state", StateLayout.MAGIC_VALUE, StateLayout.CHECKED_BYTES),
    LANE("journal lane", LaneLayout.MAGIC_VALUE, LaneLayout.CHECKED_BYTES),
    RECORD("journal record", RecordLayout.MAGIC_VALUE, 0),
    GROUP("group descriptor", GroupLayout.MAGIC_VALUE, GroupLayout.CHECKED_BYTES),
    BITMAP("block bitmap", 0, 0),
    CHUNK_MAP("inode-chunk map", 0, 0),
    CHUNK("inode chunk", ChunkLayout.MAGIC_VALUE, ChunkLayout.CHECKED_BYTES),
    INODE("inode", InodeLayout.MAGIC_VALUE, InodeLayout.CHECKED_BYTES),
    NODE("tree node", TreeLayout.MAGIC_VALUE, TreeLayout.CHECKED_BYTES),
    BUCKET("directory bucket", BucketLayout.MAGIC_VALUE, BucketLayout.CHECKED_BYTES),
    XATTR("attribute block", XattrLayout.MAGIC_VALUE, XattrLayout.CHECKED_BYTES),
    VALUE("attribute value", 0, 0),
    DATA("data block", 0, 0),
    /** Had none; it is given one, unless it is being stored to. */
    UNSUMMED("unsummed data block", 0, 0);

    private final String label;
    final int magic;
    private final int checkedBytes;

    Kind(String label, int magic, int checkedBytes) {
        this.label = label;
        this.magic = magic;
        this.checkedBytes = checkedBytes;
    }

    /** Bytes under its checksum; 0 where they vary, or the checksum lies elsewhere. */
    public int checkedBytes() {
        return checkedBytes;
    }

    /** Whether a mount checks it when it is first met, and then trusts it. */
    boolean isTrustedOnceMet() {
        return this == CHUNK || this == NODE || this == BUCKET || this == XATTR;
    }

    /** For people, in the singular. */
    @Override
    public String toString() {
        return label;
    }
}
