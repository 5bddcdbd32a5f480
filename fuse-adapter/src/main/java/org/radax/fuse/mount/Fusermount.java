package org.radax.fuse.mount;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.radax.core.os.Descriptors;
import org.radax.core.os.LibC;
import org.radax.core.os.RawMemory;

/**
 * Mounting for those who are not root: the setuid helper of libfuse mounts, and passes the device's descriptor back
 * over a socket (fusermount3's _FUSE_COMMFD protocol).
 */
final class Fusermount {
    private static final List<String> PLACES =
            List.of("/usr/bin/fusermount3", "/bin/fusermount3", "/usr/local/bin/fusermount3");
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int F_SETFD = 2;
    private static final int FD_CLOEXEC = 1;

    private Fusermount() {}

    /** Mounts; returns the device's descriptor. */
    static int mount(MountOptions o) throws MountException {
        String helper = helper();
        long sockets = RawMemory.allocate(2 * Integer.BYTES);
        try {
            if (LibC.INSTANCE.socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0) {
                throw new MountException("can not make a socket pair: " + LibC.lastError());
            }
            int ours = RawMemory.getInt(sockets);
            int theirs = RawMemory.getInt(sockets + Integer.BYTES);
            LibC.INSTANCE.fcntl(ours, F_SETFD, FD_CLOEXEC);
            try {
                int pid;
                try {
                    pid = spawn(
                            helper,
                            List.of(
                                    helper,
                                    "-o",
                                    options(o),
                                    "--",
                                    o.mountPoint().toString()),
                            List.of("_FUSE_COMMFD=" + theirs));
                } finally {
                    LibC.INSTANCE.close(theirs);
                }
                int fd = receive(ours);
                int status = await(pid);
                if (fd < 0) {
                    throw new MountException("fusermount3 could not mount at " + o.mountPoint()
                            + " (status " + status + "); it said why above. allow_other needs user_allow_other in"
                            + " /etc/fuse.conf");
                }
                return fd;
            } finally {
                LibC.INSTANCE.close(ours);
            }
        } finally {
            RawMemory.free(sockets);
        }
    }

    /** Unmounts; with {@code lazy} also when in use, for the dead. */
    static void unmount(Path mountPoint, boolean lazy) throws MountException {
        List<String> command = new ArrayList<>(List.of(helper(), "-u"));
        if (lazy) {
            command.add("-z");
        }
        command.add("--");
        command.add(mountPoint.toString());
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.waitFor() != 0) {
                throw new MountException("can not unmount " + mountPoint + ": " + said.replace('\n', ' '));
            }
        } catch (IOException e) {
            throw new MountException("can not run fusermount3: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MountException("interrupted while unmounting " + mountPoint, e);
        }
    }

    /** fusermount3 itself adds nosuid and nodev. */
    static String options(MountOptions o) {
        StringBuilder options = new StringBuilder("subtype=radax,fsname=");
        options.append(o.source().replace("\\", "\\\\").replace(",", "\\,"));
        if (o.defaultPermissions()) {
            options.append(",default_permissions");
        }
        if (o.allowOther()) {
            options.append(",allow_other");
        }
        if (o.readOnly()) {
            options.append(",ro");
        }
        if (!o.exec()) {
            options.append(",noexec");
        }
        if (o.atime() == Atime.NOATIME) {
            options.append(",noatime");
        }
        return options.toString();
    }

    private static String helper() throws MountException {
        for (String place : PLACES) {
            if (Files.isExecutable(Path.of(place))) {
                return place;
            }
        }
        throw new MountException("mounting without root needs fusermount3, which is not there; install fuse3");
    }

    private static int spawn(String path, List<String> arguments, List<String> environment) throws MountException {
        try (StringVector argv = new StringVector(arguments);
                StringVector envp = new StringVector(environment)) {
            long pid = RawMemory.allocate(Integer.BYTES);
            try {
                int errno = LibC.INSTANCE.posix_spawn(pid, path, 0, 0, argv.address(), envp.address());
                if (errno != 0) {
                    throw new MountException("can not run " + path + ": " + LibC.INSTANCE.strerror(errno));
                }
                return RawMemory.getInt(pid);
            } finally {
                RawMemory.free(pid);
            }
        }
    }

    /** Returns the exit status as waitpid(2) gives it. */
    /** The device; -1 if fusermount3 ended without sending one. */
    private static int receive(int socket) {
        long one = RawMemory.allocate(1);
        try {
            int[] device = new int[1];
            Descriptors.receive(socket, one, 1, device);
            return device[0];
        } finally {
            RawMemory.free(one);
        }
    }

    private static int await(int pid) {
        long status = RawMemory.allocate(Integer.BYTES);
        try {
            RawMemory.putInt(status, -1);
            LibC.INSTANCE.waitpid(pid, status, 0);
            return RawMemory.getInt(status);
        } finally {
            RawMemory.free(status);
        }
    }
}
