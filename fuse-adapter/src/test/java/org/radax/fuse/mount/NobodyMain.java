package org.radax.fuse.mount;

import java.nio.file.Path;
import org.radax.fuse.MemoryFileSystem;

/** Mounts at its argument until unmounted: run by another user, to try fusermount3. */
public final class NobodyMain {
    private NobodyMain() {}

    public static void main(String[] arguments) throws Exception {
        // As the command has it for users other than root: no allow_other, no default_permissions.
        MountOptions options = new MountOptions(
                Path.of(arguments[0]),
                "the,pool",
                false,
                CachePolicy.AUTO,
                2,
                false,
                false,
                false,
                false,
                true,
                Atime.RELATIME,
                false,
                TransportKind.KERNEL);
        try (FuseMount mount = FuseMount.mount(new MemoryFileSystem(), options)) {
            System.out.println(mount.info());
            mount.awaitUnmount();
        }
        System.out.println("ended");
    }
}
