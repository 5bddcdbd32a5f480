package org.radax.core.crash;

import java.util.Comparator;

/**
 * How many of a crash point's images are made. What is said of lines holds of pages where those reach the medium whole.
 *
 * @param exhaustiveLimit all images of a point that has at most this many
 * @param subsetLines otherwise: all subsets of at most this many lines kept (the rest lost), and lost (the rest kept)
 * @param imagesPerPoint bound on those subsets; a subset size that does not fit is left out with all larger ones
 * @param randomPerPoint and this many random images
 * @param seed of the random ones
 * @param maxViolations stop after so many
 * @param order of the lines when the subsets are made; null: by pool offset. Put the lines that recovery reads first
 */
public record CrashOptions(
        long exhaustiveLimit,
        int subsetLines,
        long imagesPerPoint,
        int randomPerPoint,
        long seed,
        int maxViolations,
        Comparator<PendingLine> order) {
    /** One operation: all of at most 4096 images, else subsets of 5 lines and 256 random ones. */
    public static CrashOptions oneOperation() {
        return new CrashOptions(4096, 5, 4096, 256, 1, 16, null);
    }

    /** A pair of operations: subsets of 2 lines and 20 random ones. */
    public static CrashOptions pairOfOperations() {
        return new CrashOptions(256, 2, 256, 20, 1, 16, null);
    }

    public CrashOptions withSeed(long newSeed) {
        return new CrashOptions(
                exhaustiveLimit, subsetLines, imagesPerPoint, randomPerPoint, newSeed, maxViolations, order);
    }

    public CrashOptions withOrder(Comparator<PendingLine> newOrder) {
        return new CrashOptions(
                exhaustiveLimit, subsetLines, imagesPerPoint, randomPerPoint, seed, maxViolations, newOrder);
    }

    public CrashOptions withMaxViolations(int newMaxViolations) {
        return new CrashOptions(
                exhaustiveLimit, subsetLines, imagesPerPoint, randomPerPoint, seed, newMaxViolations, order);
    }
}
