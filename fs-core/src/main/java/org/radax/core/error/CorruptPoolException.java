package org.radax.core.error;

/** A structure of the pool is not what the format demands. Reaches applications as EUCLEAN. */
public final class CorruptPoolException extends FsException {
    private static final long serialVersionUID = 1L;

    /**
     * @param structure what was read, e.g. {@code extent node}
     * @param poolOffset where in the pool, in bytes
     * @param expected what the format demands there
     * @param found what was there
     */
    public CorruptPoolException(String structure, long poolOffset, Object expected, Object found) {
        super(
                Errno.EUCLEAN,
                "EUCLEAN: damaged " + structure + " at pool offset " + poolOffset + ": expected " + expected
                        + ", found " + found + "; run radax fsck");
    }
}
