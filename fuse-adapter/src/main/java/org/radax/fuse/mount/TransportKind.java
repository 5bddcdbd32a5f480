package org.radax.fuse.mount;

/** The ways a kernel can reach a filesystem. */
public enum TransportKind {
    /** The raw protocol over /dev/fuse. */
    KERNEL,
    /** libfuse 2 through jnr-fuse. */
    JNR_FUSE;

    /** Nothing of a transport is loaded before it is asked for. */
    Transport make() {
        return switch (this) {
            case KERNEL -> new KernelTransport();
            case JNR_FUSE -> new JnrTransport();
        };
    }
}
