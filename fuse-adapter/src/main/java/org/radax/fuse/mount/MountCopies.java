package org.radax.fuse.mount;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Other mount namespaces have copies of the mounts that were there when they were made (unshare(1), containers). */
final class MountCopies {
    private static final Path PROC = Path.of("/proc");

    private MountCopies() {}

    /** Says whose namespace has the filesystem mounted still, if any has. */
    static void requireNone(Path mountPoint, String device) throws MountException {
        Optional<String> process = find(device);
        if (process.isPresent()) {
            throw new MountException(mountPoint + " is unmounted here, but process " + process.get()
                    + " is in a mount namespace that has it still: its pool is closed when that namespace is gone");
        }
    }

    /** A process that sees a filesystem with this device number mounted: number and name. */
    static Optional<String> find(String device) throws MountException {
        try (Stream<Path> processes = Files.list(PROC)) {
            return processes
                    .filter(process -> process.getFileName().toString().matches("[0-9]+"))
                    .filter(process -> sees(process, device))
                    .map(process -> process.getFileName() + name(process))
                    .findFirst();
        } catch (IOException e) {
            throw new MountException("can not read /proc: " + e.getMessage(), e);
        }
    }

    private static boolean sees(Path process, String device) {
        try (Stream<String> lines = Files.lines(process.resolve("mountinfo"), StandardCharsets.ISO_8859_1)) {
            return lines.map(MountTable::parse)
                    .anyMatch(mounted -> mounted != null && mounted.device().equals(device));
        } catch (IOException | UncheckedIOException e) {
            // It ended, or is not ours to look at.
            return false;
        }
    }

    private static String name(Path process) {
        try {
            return " (" + Files.readString(process.resolve("comm")).strip() + ")";
        } catch (IOException e) {
            return "";
        }
    }
}
