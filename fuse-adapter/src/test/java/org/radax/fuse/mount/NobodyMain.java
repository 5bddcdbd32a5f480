package org.radax.fuse.mount;

import java.nio.file.Path;
import org.radax.fuse.MemoryFileSystem;

/** Mounts at its argument until unmounted: run by another user, to try fusermount3. */
public final class NobodyMain {
    private NobodyMain() {}

    public static void main(String[] arguments) throws Exception {
        try (FuseMount mount =
                FuseMount.mount(new MemoryFileSystem(), MountOptions.defaults(Path.of(arguments[0]), "the,pool"))) {
            System.out.println(mount.info());
            mount.awaitUnmount();
        }
        System.out.println("ended");
    }
}
