package org.radax.dax;

import org.radax.core.lease.LeaseProtocol.Order;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;
import org.radax.dax.DaxException.Reason;

/**
 * The thread that has things mapped when the server orders it to ({@code LeaseProtocol}). It is machine code, and no Java
 * thread: one that touches a page without a block waits for the server in the middle of Java code, and a garbage
 * collection waits for that thread; a Java thread that mapped the page would have to wait for the collection.
 *
 * <p>All signals are blocked in it, and nothing outside of the arena can it be made to map.
 */
final class MapThread {
    /** The parameters, at the address in rbx. */
    private static final int SOCKET = 0;

    private static final int ARENA_START = 8;
    private static final int ARENA_END = 16;
    /** By source, as {@link Order} has them: the memfd, the pool for reading, the pool for writing. */
    private static final int SOURCES = 24;

    private static final int FAULTS = 48;
    private static final int SIGNALS = 56;
    private static final int SIZE = 128;

    private static final int CODE_BYTES = 4096;

    /** Assembled by hand; addresses of jumps are relative. */
    private static final int[] CODE = {
        0x53, //                                      push rbx
        0x48,
        0x89,
        0xfb, //                          mov rbx, rdi
        // rt_sigprocmask(SIG_SETMASK, SIGNALS, 0, 8)
        0xb8,
        0x0e,
        0,
        0,
        0, //                       mov eax, 14
        0xbf,
        0x02,
        0,
        0,
        0, //                       mov edi, 2
        0x48,
        0x8d,
        0x73,
        0x38, //                    lea rsi, [rbx+56]
        0x31,
        0xd2, //                                xor edx, edx
        0x41,
        0xba,
        0x08,
        0,
        0,
        0, //                 mov r10d, 8
        0x0f,
        0x05, //                                syscall
        // next: read(SOCKET, order at 64, 40)
        0x31,
        0xc0, //                                xor eax, eax
        0x48,
        0x8b,
        0x3b, //                          mov rdi, [rbx]
        0x48,
        0x8d,
        0x73,
        0x40, //                    lea rsi, [rbx+64]
        0xba,
        0x28,
        0,
        0,
        0, //                       mov edx, 40
        0x0f,
        0x05, //                                syscall
        0x48,
        0x83,
        0xf8,
        0xfc, //                    cmp rax, -4 (EINTR)
        0x74,
        0xea, //                                je next
        0x48,
        0x83,
        0xf8,
        0x28, //                    cmp rax, 40
        0x75,
        0x63, //                                jne revoke
        // The address and the end must lie in the arena: -EINVAL if not.
        0x48,
        0x8b,
        0x7b,
        0x40, //                    mov rdi, [rbx+64]
        0x48,
        0x8b,
        0x73,
        0x48, //                    mov rsi, [rbx+72]
        0x48,
        0xc7,
        0xc0,
        0xea,
        0xff,
        0xff,
        0xff, //  mov rax, -22
        0x48,
        0x3b,
        0x7b,
        0x08, //                    cmp rdi, [rbx+8]
        0x72,
        0x35, //                                jb answer
        0x48,
        0x89,
        0xf9, //                          mov rcx, rdi
        0x48,
        0x01,
        0xf1, //                          add rcx, rsi
        0x72,
        0x2d, //                                jc answer
        0x48,
        0x3b,
        0x4b,
        0x10, //                    cmp rcx, [rbx+16]
        0x77,
        0x27, //                                ja answer
        0x48,
        0x8b,
        0x4b,
        0x58, //                    mov rcx, [rbx+88]: the source
        0x48,
        0x83,
        0xf9,
        0x02, //                    cmp rcx, 2
        0x77,
        0x1d, //                                ja answer
        // mmap(address, length, protection & 3, MAP_SHARED | MAP_FIXED, source, offset)
        0x48,
        0x8b,
        0x53,
        0x50, //                    mov rdx, [rbx+80]
        0x83,
        0xe2,
        0x03, //                          and edx, 3
        0x41,
        0xba,
        0x11,
        0,
        0,
        0, //                 mov r10d, 0x11
        0x4c,
        0x8b,
        0x44,
        0xcb,
        0x18, //              mov r8, [rbx+rcx*8+24]
        0x4c,
        0x8b,
        0x4b,
        0x60, //                    mov r9, [rbx+96]
        0xb8,
        0x09,
        0,
        0,
        0, //                       mov eax, 9
        0x0f,
        0x05, //                                syscall
        // answer: write(SOCKET, result at 104, 8)
        0x48,
        0x89,
        0x43,
        0x68, //                    mov [rbx+104], rax
        0xb8,
        0x01,
        0,
        0,
        0, //                       mov eax, 1
        0x48,
        0x8b,
        0x3b, //                          mov rdi, [rbx]
        0x48,
        0x8d,
        0x73,
        0x68, //                    lea rsi, [rbx+104]
        0xba,
        0x08,
        0,
        0,
        0, //                       mov edx, 8
        0x0f,
        0x05, //                                syscall
        0xeb,
        0x81, //                                jmp next
        // revoke: ftruncate(memfd, 0): a hole is SIGBUS from now on.
        0x48,
        0x8b,
        0x7b,
        0x18, //                    mov rdi, [rbx+24]
        0x31,
        0xf6, //                                xor esi, esi
        0xb8,
        0x4d,
        0,
        0,
        0, //                       mov eax, 77
        0x0f,
        0x05, //                                syscall
        // mmap(arena, all of it, 3, MAP_SHARED | MAP_FIXED, memfd, 0): and so is everything else.
        0x48,
        0x8b,
        0x7b,
        0x08, //                    mov rdi, [rbx+8]
        0x48,
        0x8b,
        0x73,
        0x10, //                    mov rsi, [rbx+16]
        0x48,
        0x29,
        0xfe, //                          sub rsi, rdi
        0xba,
        0x03,
        0,
        0,
        0, //                       mov edx, 3
        0x41,
        0xba,
        0x11,
        0,
        0,
        0, //                 mov r10d, 0x11
        0x4c,
        0x8b,
        0x43,
        0x18, //                    mov r8, [rbx+24]
        0x45,
        0x31,
        0xc9, //                          xor r9d, r9d
        0xb8,
        0x09,
        0,
        0,
        0, //                       mov eax, 9
        0x0f,
        0x05, //                                syscall
        // close(FAULTS): who waits looks again.
        0x48,
        0x8b,
        0x7b,
        0x30, //                    mov rdi, [rbx+48]
        0xb8,
        0x03,
        0,
        0,
        0, //                       mov eax, 3
        0x0f,
        0x05, //                                syscall
        // And the pool, with its lock: what is there now. What is put there later is closed by who joins.
        0x48,
        0x83,
        0xcf,
        0xff, //                    or rdi, -1
        0x48,
        0x87,
        0x7b,
        0x20, //                    xchg [rbx+32], rdi
        0xb8,
        0x03,
        0,
        0,
        0, //                       mov eax, 3
        0x0f,
        0x05, //                                syscall
        0x48,
        0x83,
        0xcf,
        0xff, //                    or rdi, -1
        0x48,
        0x87,
        0x7b,
        0x28, //                    xchg [rbx+40], rdi
        0xb8,
        0x03,
        0,
        0,
        0, //                       mov eax, 3
        0x0f,
        0x05, //                                syscall
        0x31,
        0xc0, //                                xor eax, eax
        0x5b, //                                      pop rbx
        0xc3, //                                      ret
    };

    private final long parameters = RawMemory.allocateForEver(SIZE, 8);
    private final long code;
    private final long thread;

    /** Starts it; it owns the descriptors from now on, except for the socket. */
    MapThread(int socket, long arenaStart, long arenaBytes, int memfd, int faults) throws DaxException {
        RawMemory.putLong(parameters + SOCKET, socket);
        RawMemory.putLong(parameters + ARENA_START, arenaStart);
        RawMemory.putLong(parameters + ARENA_END, arenaStart + arenaBytes);
        RawMemory.putLong(parameters + SOURCES + Order.FROM_MEMFD * (long) Long.BYTES, memfd);
        RawMemory.putLong(parameters + SOURCES + Order.FROM_POOL_READABLE * (long) Long.BYTES, -1);
        RawMemory.putLong(parameters + SOURCES + Order.FROM_POOL_WRITABLE * (long) Long.BYTES, -1);
        RawMemory.putLong(parameters + FAULTS, faults);
        RawMemory.putLong(parameters + SIGNALS, -1);
        code = install();
        long id = RawMemory.allocateForEver(Long.BYTES, 8);
        int errno = LibC.INSTANCE.pthread_create(id, 0, code, parameters);
        if (errno != 0) {
            throw new DaxException(Reason.UNSUPPORTED, "no thread: " + LibC.INSTANCE.strerror(errno));
        }
        thread = RawMemory.getLong(id);
    }

    /** Whether this machine runs the code. */
    static boolean isSupported() {
        return System.getProperty("os.arch").equals("amd64");
    }

    private static long install() throws DaxException {
        int flags = LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS;
        long at = LibC.INSTANCE.mmap(0, CODE_BYTES, LibC.PROT_READ | LibC.PROT_WRITE, flags, -1, 0);
        if (at == -1) {
            throw new DaxException(Reason.UNSUPPORTED, "no memory for code: " + LibC.lastError());
        }
        for (int i = 0; i < CODE.length; i++) {
            RawMemory.putByte(at + i, (byte) CODE[i]);
        }
        if (LibC.INSTANCE.mprotect(at, CODE_BYTES, LibC.PROT_READ | LibC.PROT_EXEC) != 0) {
            throw new DaxException(Reason.UNSUPPORTED, "code may not be made on this machine: " + LibC.lastError());
        }
        return at;
    }

    /** Gives it a descriptor of the pool to map from, before the server is asked to. Not after {@link #join}. */
    void use(int source, int descriptor) {
        RawMemory.putLong(parameters + SOURCES + (long) source * Long.BYTES, descriptor);
    }

    /** -1 where there is none yet, or none any more. */
    int used(int source) {
        return (int) RawMemory.getLong(parameters + SOURCES + (long) source * Long.BYTES);
    }

    /** After its socket was shut down: returns when everything is taken away. Once. */
    void join() {
        LibC.INSTANCE.pthread_join(thread, 0);
        for (int source : new int[] {Order.FROM_POOL_READABLE, Order.FROM_POOL_WRITABLE}) {
            // Given to it when it had let go of the others.
            if (used(source) >= 0) {
                LibC.INSTANCE.close(used(source));
                use(source, -1);
            }
        }
        LibC.INSTANCE.munmap(code, CODE_BYTES);
    }
}
