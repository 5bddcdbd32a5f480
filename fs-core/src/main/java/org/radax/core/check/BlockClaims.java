package org.radax.core.check;

import java.util.HashMap;
import java.util.Map;
import org.radax.core.format.Geometry;

/** Who came first: one bit per block, kept for the groups that hold a claimed block only. */
final class BlockClaims {
    private static final int WORDS = Geometry.GROUP_BLOCKS / Long.SIZE;

    /** Receives a range of blocks. */
    interface RangeVisitor {
        void range(long blockNo, long blockCount);
    }

    private final long firstAllowed;
    private final long endAllowed;
    private final Map<Long, long[]> groups = new HashMap<>();

    /** Of the group claimed in last: the next claim is most likely there. */
    private long lastGroup = -1;

    private long[] lastWords;

    /**
     * Nothing is claimed yet.
     *
     * @param firstAllowed claims by files and the like lie in [firstAllowed, endAllowed)
     */
    BlockClaims(long firstAllowed, long endAllowed) {
        this.firstAllowed = firstAllowed;
        this.endAllowed = endAllowed;
    }

    boolean isAllowed(long blockNo, long blockCount) {
        return blockNo >= firstAllowed && blockCount >= 1 && blockNo <= endAllowed - blockCount;
    }

    /** Claims a block of a fixed structure; true if it is the first claim. */
    boolean claim(long blockNo) {
        long[] words = wordsOf(Geometry.groupOf(blockNo));
        int index = (int) (blockNo & (Geometry.GROUP_BLOCKS - 1));
        long bit = 1L << index;
        if ((words[index >>> 6] & bit) != 0) {
            return false;
        }
        words[index >>> 6] |= bit;
        return true;
    }

    /** Claims a range, whoever claimed parts of it before. */
    void claimAll(long blockNo, long blockCount) {
        claimFree(blockNo, blockCount, (start, count) -> {});
    }

    /** Claims what is still free of an allowed range, and names the parts. */
    void claimFree(long blockNo, long blockCount, RangeVisitor claimed) {
        long runStart = -1;
        long end = blockNo + blockCount;
        long at = blockNo;
        while (at < end) {
            // A whole word at a time where nothing is claimed.
            if (runStart >= 0 && (at & 63) == 0 && end - at >= Long.SIZE && claimWord(at)) {
                at += Long.SIZE;
                continue;
            }
            if (claim(at)) {
                runStart = runStart < 0 ? at : runStart;
            } else if (runStart >= 0) {
                claimed.range(runStart, at - runStart);
                runStart = -1;
            }
            at++;
        }
        if (runStart >= 0) {
            claimed.range(runStart, end - runStart);
        }
    }

    private long[] wordsOf(long group) {
        if (group != lastGroup) {
            lastWords = groups.computeIfAbsent(group, any -> new long[WORDS]);
            lastGroup = group;
        }
        return lastWords;
    }

    private boolean claimWord(long blockNo) {
        long[] words = wordsOf(Geometry.groupOf(blockNo));
        int word = (int) (blockNo & (Geometry.GROUP_BLOCKS - 1)) >>> 6;
        if (words[word] != 0) {
            return false;
        }
        words[word] = -1;
        return true;
    }

    boolean isClaimed(long blockNo) {
        return (word(Geometry.groupOf(blockNo), (int) (blockNo & (Geometry.GROUP_BLOCKS - 1)) >>> 6) >>> blockNo & 1)
                != 0;
    }

    /** Blocks [word * 64, word * 64 + 64) of a group, a bit each. */
    long word(long group, int word) {
        long[] words = groups.get(group);
        return words == null ? 0 : words[word];
    }
}
