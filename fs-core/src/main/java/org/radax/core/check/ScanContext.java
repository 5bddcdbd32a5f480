package org.radax.core.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.radax.core.format.Checksum;
import org.radax.core.format.Geometry;
import org.radax.core.format.GroupLayout;
import org.radax.core.unit.Bytes;

/** What the parts of one scan share: the image, what was found, and what would mend it. One thread. */
final class ScanContext {
    private static final int MAX_FINDINGS = 10_000;
    private static final int MAGIC = 0;
    private static final int CHECKSUM = 4;
    private static final int LOCATION = 8;
    private static final int UUID = 16;

    private final Image image;
    private final Superblock superblock;
    private final Geometry geometry;
    private final boolean data;
    private final Checksum checksum;
    private final byte[] checked = new byte[4096];
    private final List<Finding> findings = new ArrayList<>();
    private final Fixes fixes = new Fixes();
    private final InodeTable inodes = new InodeTable();
    private final Set<Long> groupsOfUnknownChunks = new HashSet<>();
    private final Map<String, Long> counts = new LinkedHashMap<>();
    private BlockClaims claims;
    private long groupsInUse;
    private boolean ownershipUnknown;
    private boolean namesUnknown;

    /** {@code data}: files' blocks are compared with their checksums, if there are any. */
    ScanContext(Image image, Superblock superblock, boolean data) {
        this.data = data && superblock.geometry().hasDataChecksums();
        this.image = image;
        this.superblock = superblock;
        this.geometry = superblock.geometry();
        this.checksum = new Checksum(superblock.uuid());
    }

    Image image() {
        return image;
    }

    Superblock superblock() {
        return superblock;
    }

    Geometry geometry() {
        return geometry;
    }

    Checksum checksum() {
        return checksum;
    }

    boolean checksData() {
        return data;
    }

    Fixes fixes() {
        return fixes;
    }

    InodeTable inodes() {
        return inodes;
    }

    BlockClaims claims() {
        return claims;
    }

    long groupsInUse() {
        return groupsInUse;
    }

    void groupsInUse(long count) {
        groupsInUse = count;
        claims = new BlockClaims(
                geometry.fixedBlocks(), Math.min(geometry.replicaBlock(), count << Geometry.GROUP_SHIFT));
    }

    List<Finding> findings() {
        return findings;
    }

    Map<String, Long> counts() {
        return counts;
    }

    void count(String what, long number) {
        counts.merge(what, number, Long::sum);
    }

    /** Notes a finding; beyond a bound only their number. */
    void report(String structure, long poolOffset, String message) {
        if (findings.size() < MAX_FINDINGS) {
            findings.add(new Finding(structure, poolOffset, message, false));
        } else if (findings.size() == MAX_FINDINGS) {
            findings.add(new Finding("pool", 0, "more than " + MAX_FINDINGS + " findings; mend these first", false));
        }
    }

    /** Something that owns blocks can not be read: blocks that seem free or lost may be its. */
    void ownershipUnknown() {
        ownershipUnknown = true;
    }

    boolean isOwnershipKnown() {
        return !ownershipUnknown;
    }

    /** Something that holds names can not be read: inodes that seem nameless may be named there. */
    void namesUnknown() {
        namesUnknown = true;
    }

    boolean areNamesKnown() {
        return !namesUnknown;
    }

    /** Not all inode chunks of a group are known: what lies in the others may own blocks and hold names. */
    void chunksUnknown(long group) {
        groupsOfUnknownChunks.add(group);
        ownershipUnknown();
        namesUnknown();
    }

    boolean areChunksKnown(long group) {
        return !groupsOfUnknownChunks.contains(group);
    }

    /** Whether an inode that was not found may be there all the same: in a chunk that nobody knows of. */
    boolean mayExist(long ino) {
        long blockNo = ino / Geometry.CHUNK_SLOTS;
        long group = Geometry.groupOf(blockNo);
        return !areChunksKnown(group)
                && ino % Geometry.CHUNK_SLOTS != 0
                && claims.isAllowed(blockNo, 1)
                && blockNo - Geometry.firstBlock(group) >= geometry.fixedBlocksIn(group);
    }

    /** Whether a group's maps and descriptor may be written: its chunks are known, and no page of them is gone. */
    boolean isWritable(long group) {
        return areChunksKnown(group)
                && image.read(geometry.descriptorOffset(group), checked, GroupLayout.CHECKED_BYTES)
                && image.readBlock(geometry.bitmapBlock(group), checked)
                && image.readBlock(geometry.chunkMapBlock(group), checked);
    }

    /** What is wrong with the frame of a structure (magic, location, checksum), or null. */
    String frameProblem(byte[] bytes, int magic, int checkedBytes, long location) {
        if (Bytes.getInt(bytes, MAGIC) != magic) {
            return "wrong magic";
        }
        if (Bytes.getLong(bytes, LOCATION) != location) {
            return "says it is " + Bytes.getLong(bytes, LOCATION) + ", not " + location;
        }
        System.arraycopy(bytes, 0, checked, 0, checkedBytes);
        return checksum.of(checked, checkedBytes, CHECKSUM) == Bytes.getInt(bytes, CHECKSUM) ? null : "wrong checksum";
    }

    /** As {@link #frameProblem}, for a structure that names its volume. */
    String blockProblem(byte[] bytes, int magic, int checkedBytes, long location) {
        String problem = frameProblem(bytes, magic, checkedBytes, location);
        if (problem == null && !Arrays.equals(bytes, UUID, UUID + 16, checksum.uuidBytes(), 0, 16)) {
            return "of another volume";
        }
        return problem;
    }
}
