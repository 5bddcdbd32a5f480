package org.radax.core.check;

/**
 * Something that is not as docs/FORMAT.md says.
 *
 * @param structure what kind of structure, e.g. {@code inode}
 * @param poolOffset where it lies, in bytes
 * @param message what is wrong there
 * @param repaired whether the repair mended it
 */
public record Finding(String structure, long poolOffset, String message, boolean repaired) {
    @Override
    public String toString() {
        return structure + " at " + poolOffset + ": " + message + (repaired ? " (repaired)" : "");
    }
}
