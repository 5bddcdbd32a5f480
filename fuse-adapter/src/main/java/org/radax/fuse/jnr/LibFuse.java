package org.radax.fuse.jnr;

import jnr.ffi.LibraryLoader;
import ru.serce.jnrfuse.struct.FuseOperations;

/**
 * The functions of libfuse 2 that fuse_main is made of: jnr-fuse binds that alone, whose threads, signal handlers and
 * exit hooks are in the way here. Of functions that have older versions under the same name, dlsym(3) finds the
 * newest of those here, but not of fuse_new. Addresses are plain longs. Public because jnr-ffi implements it from another loader.
 */
public interface LibFuse {
    /** The name libfuse 2 has as a shared library. */
    String NAME = "libfuse.so.2";

    /**
     * Loads the library.
     *
     * @throws UnsatisfiedLinkError if it is not there
     */
    static LibFuse load(String name) {
        return LibraryLoader.create(LibFuse.class).failImmediately().load(name);
    }

    /**
     * Parses the arguments, mounts, and makes what serves. Returns 0 after a message on standard error.
     *
     * @param mountPoint where the address of the mount point's name is stored
     * @param multithreaded where an int is stored
     */
    long fuse_setup(
            int count,
            String[] arguments,
            FuseOperations operations,
            long operationsSize,
            long mountPoint,
            long multithreaded,
            long userData);

    /** The handlers that fuse_setup installed where there were none. */
    void fuse_remove_signal_handlers(long session);

    /** Calls the operations for what is left hidden, closes the channel. */
    void fuse_destroy(long fuse);

    long fuse_get_session(long fuse);

    /** Serves one request, which has been read from the device already. */
    void fuse_session_process(long session, long request, long lengthBytes, long channel);

    /** The channel after {@code channel}; the first after 0. */
    long fuse_session_next_chan(long session, long channel);

    /** A channel with operations of its own; these are copied, the descriptor is not closed with it. */
    long fuse_chan_new(long operations, int fd, long bufferBytes, long data);

    int fuse_chan_fd(long channel);

    long fuse_chan_bufsize(long channel);

    void fuse_chan_destroy(long channel);
}
