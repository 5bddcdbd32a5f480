package org.radax.core.lease;

/**
 * What a process that maps files of a mount onto the pool, and its server, say to each other. All numbers are little
 * endian, all records of one length, so that a client in C needs no more than this page.
 *
 * <ol>
 *   <li>The client opens a file of the mount and asks for a grant: ioctl {@link Grant#COMMAND}. That it has the file
 *       open is the proof that it may; the token is good for one use, and for some seconds.
 *   <li>It opens the pool with its own credentials, and takes a shared open-file-description lock on the byte
 *       {@link #LOCK_BYTE} of it, for as long as it has anything mapped: no other server starts meanwhile.
 *   <li>It connects to the lease socket (SOCK_SEQPACKET) and says {@link Request#HELLO} once, with the descriptors
 *       {@link Passed}. It has reserved an <em>arena</em> of addresses, in which alone the server has things mapped. With
 *       the reply comes a descriptor, its end of the <em>map</em> socket.
 *   <li>One thread of it, which never waits for anything else, serves the map socket: for each {@link Order} one
 *       mmap(2), MAP_SHARED | MAP_FIXED, inside the arena, answered by its result in 8 bytes. The server needs no other
 *       help to give pages, to take them away, and to serve faults. When the socket hangs up, that thread maps the
 *       memfd, truncated to nothing, over the whole arena, and closes the faults' descriptor: SIGBUS from then on.
 *   <li>{@link Request#OPEN} turns a token into a lease, the first within ten seconds of connecting; {@link Request#MAP}
 *       fills a range of the arena.
 * </ol>
 *
 * <p>A page without a block is a page of the memfd, at its offset in the arena, registered for faults: the server maps
 * zeroes for a load, and for a store takes a block, or lets it have SIGBUS.
 */
public final class LeaseProtocol {
    public static final int VERSION = 2;

    /** Behind the part of the pool file that a server locks. */
    public static final long LOCK_BYTE = 1L << 62;

    private LeaseProtocol() {}

    /** What the ioctl answers. */
    public static final class Grant {
        /** _IOR('R', 1, 4096 bytes). */
        public static final int COMMAND = 0x90005201;

        public static final int VERSION = 0;
        public static final int FLAGS = VERSION + Integer.BYTES;
        public static final int TOKEN = FLAGS + Integer.BYTES;
        public static final int TOKEN_BYTES = 16;
        /** Bytes of the pool. */
        public static final int POOL_BYTES = TOKEN + TOKEN_BYTES;
        /** st_dev and st_ino of the pool file, by which the client knows that it opened the right one. */
        public static final int POOL_DEVICE = POOL_BYTES + Long.BYTES;

        public static final int POOL_INODE = POOL_DEVICE + Long.BYTES;
        /** Paths end with a NUL. */
        public static final int SOCKET_PATH = 64;

        public static final int POOL_PATH = 256;
        public static final int SIZE = 4096;

        /** The file was opened for writing. */
        public static final int FLAG_WRITABLE = 1;

        private Grant() {}
    }

    /** A request: its type, a number that the reply repeats, and arguments. */
    public static final class Request {
        public static final int TYPE = 0;
        public static final int SEQUENCE = TYPE + Integer.BYTES;
        public static final int ARGUMENTS = SEQUENCE + Integer.BYTES;
        public static final int ARGUMENT_COUNT = 5;
        public static final int SIZE = ARGUMENTS + ARGUMENT_COUNT * Long.BYTES;

        /** Version, the arena's address and its length; with descriptors. */
        public static final int HELLO = 1;
        /** The token, in two halves. Returns the number of the lease. */
        public static final int OPEN = 2;
        /** Lease; nothing of it is mapped any more. */
        public static final int CLOSE = 3;
        /** Lease, file offset, length, address, and 1 if for stores; all multiples of the page size. */
        public static final int MAP = 4;
        /** Lease, address of a mapping. The client has made it read-only before, and takes it away afterwards. */
        public static final int UNMAP = 5;
        /** Lease, file offset, length: durable when answered, whoever stored it. */
        public static final int SYNC = 6;

        private Request() {}
    }

    /** A reply. */
    public static final class Reply {
        public static final int SEQUENCE = 0;
        /** 0, or what went wrong. */
        public static final int ERRNO = SEQUENCE + Integer.BYTES;

        public static final int VALUE = ERRNO + Integer.BYTES;
        /** What went wrong, for people; ends with a NUL. */
        public static final int MESSAGE = VALUE + Long.BYTES;

        public static final int SIZE = 256;

        private Reply() {}
    }

    /** The descriptors passed with HELLO, in this order. */
    public static final class Passed {
        /** /proc/self/pagemap. */
        public static final int PAGEMAP = 0;
        /** A userfaultfd with the tracking features. */
        public static final int TRACKING = 1;
        /** A userfaultfd with the serving features. */
        public static final int FAULTS = 2;
        /** A memfd as long as the arena. */
        public static final int MEMFD = 3;

        public static final int COUNT = 4;

        private Passed() {}
    }

    /** What the server has mapped. */
    public static final class Order {
        public static final int ADDRESS = 0;
        public static final int LENGTH = ADDRESS + Long.BYTES;
        /** PROT_READ, or PROT_READ | PROT_WRITE. */
        public static final int PROTECTION = LENGTH + Long.BYTES;
        /** Of what: one of the below. */
        public static final int SOURCE = PROTECTION + Long.BYTES;

        public static final int OFFSET = SOURCE + Long.BYTES;
        public static final int SIZE = OFFSET + Long.BYTES;
        /** The result, an address or a negative errno. */
        public static final int RESULT_SIZE = Long.BYTES;

        public static final int FROM_MEMFD = 0;
        /** The pool, opened for reading. */
        public static final int FROM_POOL_READABLE = 1;
        /** The pool, opened for reading and writing. */
        public static final int FROM_POOL_WRITABLE = 2;

        private Order() {}
    }
}
