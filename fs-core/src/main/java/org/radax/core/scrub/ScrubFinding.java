package org.radax.core.scrub;

/**
 * A structure that is not what its checksum or its owner says.
 *
 * @param ino the inode it belongs to; 0 for none
 * @param poolOffset where it lies, in bytes
 * @param field which of its fields told
 * @param expected what the field, or who refers to the structure, says
 * @param found what is there
 */
public record ScrubFinding(Kind kind, long ino, long poolOffset, String field, String expected, String found) {}
