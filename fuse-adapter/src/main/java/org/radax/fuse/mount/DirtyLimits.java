package org.radax.fuse.mount;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many dirty pages the kernel lets a mount have. For FUSE it is 1 % of what all may have together, strictly: it
 * can not know whether the server will ever take them. A program that writes to mapped files then spends its time
 * waiting (a factor of thirty, docs/PERFORMANCE.md). A server that root started is trusted as a disk is.
 */
final class DirtyLimits {
    private static final Logger LOG = LoggerFactory.getLogger(DirtyLimits.class);
    private static final Path DEVICES = Path.of("/sys/class/bdi");

    private DirtyLimits() {}

    /** Gives a mount the limits of a disk. Only root may; without them it is slower, nothing else. */
    static void lift(Mounted mounted) {
        Path limits = DEVICES.resolve(mounted.device());
        try {
            Files.writeString(limits.resolve("strict_limit"), "0");
            Files.writeString(limits.resolve("max_ratio"), "100");
        } catch (IOException e) {
            LOG.info("dirty pages stay limited to 1 %: {}", e.toString());
        }
    }
}
