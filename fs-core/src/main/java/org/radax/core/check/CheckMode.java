package org.radax.core.check;

/**
 * What a check does.
 *
 * @param repair mend what can be mended
 * @param data compare files' blocks with their checksums, where the volume has them
 */
public record CheckMode(boolean repair, boolean data) {}
