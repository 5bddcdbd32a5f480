package org.radax.core.attack;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.pool.PoolMemory;
import org.radax.core.volume.Attributes;
import org.radax.core.volume.FileSystem;
import org.radax.core.volume.TestVolume;
import org.radax.core.volume.VolumeOptions;

/** What a mount for reading can read of a pool, by path; what it can not is not there. */
final class Reading {
    static final VolumeOptions READ_ONLY =
            new VolumeOptions(true, VolumeOptions.Dax.INODE, VolumeOptions.Access.RELATIME, "auto", true, false);
    private static final int MAX_BYTES = 4 << 20;

    private final TestVolume volume;
    private final Map<String, String> paths = new TreeMap<>();
    private final Map<Long, String> contents = new HashMap<>();

    private Reading(TestVolume volume) {
        this.volume = volume;
    }

    /** The mount may store to the pool's memory: it replays the journal there. */
    static Map<String, String> of(PoolMemory memory) {
        try (TestVolume volume = new TestVolume(memory, READ_ONLY)) {
            Reading reading = new Reading(volume);
            reading.directory("/", FileSystem.ROOT_INO, 0);
            return reading.paths;
        } catch (PoolException e) {
            return Map.of();
        }
    }

    private void directory(String path, long ino, int depth) {
        try {
            for (String name : volume.list(ino, 1000)) {
                entry(path + name, ino, name, depth);
            }
        } catch (FsException e) {
            paths.put(path, "not to be listed");
        }
    }

    private void entry(String path, long parent, String name, int depth) {
        try {
            long ino = volume.lookup(parent, name);
            Attributes attributes = volume.stat(ino);
            int type = attributes.mode & 0170000;
            if (type == 0040000 && depth < 6) {
                paths.put(path, "directory");
                directory(path + "/", ino, depth + 1);
            } else {
                String known = contents.get(ino);
                paths.put(path, known != null ? known : content(ino, type, attributes.sizeBytes));
                contents.put(ino, paths.get(path));
            }
        } catch (FsException e) {
            paths.remove(path);
        }
    }

    private String content(long ino, int type, long sizeBytes) throws FsException {
        return switch (type) {
            case 0120000 -> "link to " + volume.readlink(ino);
            case 0100000 ->
                sizeBytes + " bytes, hash "
                        + Arrays.hashCode(volume.read(ino, 0, (int) Math.min(sizeBytes, MAX_BYTES)));
            default -> "of type " + type;
        };
    }
}
