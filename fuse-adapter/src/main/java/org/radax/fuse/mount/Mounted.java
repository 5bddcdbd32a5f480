package org.radax.fuse.mount;

import java.nio.file.Path;

/** A mounted radax filesystem, as the kernel lists it. */
public record Mounted(Path mountPoint, String source, boolean readOnly) {}
