package org.radax.fuse.mount;

import java.nio.file.Path;

/**
 * A mounted radax filesystem, as the kernel lists it.
 *
 * @param device its device number, {@code MAJOR:MINOR}
 */
public record Mounted(Path mountPoint, String source, boolean readOnly, String device) {}
