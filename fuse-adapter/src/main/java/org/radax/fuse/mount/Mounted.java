package org.radax.fuse.mount;

import java.nio.file.Path;

/**
 * A mounted radax filesystem, as the kernel lists it.
 *
 * @param source what who mounted it says that it is
 * @param device its device number, {@code MAJOR:MINOR}
 * @param userId who mounted it
 */
public record Mounted(Path mountPoint, String source, boolean readOnly, String device, int userId) {}
