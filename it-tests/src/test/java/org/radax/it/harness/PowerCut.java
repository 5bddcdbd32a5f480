package org.radax.it.harness;

import com.grack.nanojson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.os.RawMemory;
import org.radax.core.volume.Attributes;
import org.radax.core.volume.CopyingSink;
import org.radax.core.volume.Name;
import org.radax.core.volume.OpenFile;
import org.radax.core.volume.Volume;
import org.radax.core.volume.VolumeOptions;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.control.ControlProtocol;

/** What a power cut now could leave of a pool that is mounted under {@code --domain=recorder}. */
public final class PowerCut {
    private PowerCut() {}

    /** Pools: what is durable, without the rest, with all of it, and with parts of it by chance. */
    public static List<Path> now(org.radax.it.harness.Volume volume, int images, long seed)
            throws IOException, ControlException {
        JsonObject cut = volume.ask(
                ControlProtocol.POWER_CUT,
                Map.of("directory", volume.scratch().toString(), "images", images, "seed", seed));
        List<Path> files = new ArrayList<>();
        for (Object file : cut.getArray("files")) {
            files.add(Path.of((String) file));
        }
        return files;
    }

    /** The write-backs of a class have no effect from now on. */
    public static void suppressWriteBacks(org.radax.it.harness.Volume volume, String className)
            throws IOException, ControlException {
        volume.ask(ControlProtocol.SUPPRESS, Map.of("kind", "WRITE_BACK", "class", className));
    }

    /** A file of a pool, after recovery; null if it is not there. */
    public static byte[] read(Path pool, String name) throws PoolException, FsException {
        try (Volume volume = Volume.open(pool, VolumeOptions.defaults())) {
            Attributes attributes = new Attributes();
            if (!volume.lookup(1, Name.of(name), attributes)) {
                return null;
            }
            byte[] content = new byte[Math.toIntExact(attributes.sizeBytes)];
            long buffer = RawMemory.allocate(content.length + 1L);
            try {
                OpenFile file = volume.open(null, attributes.ino, 0, false);
                volume.read(file, 0, content.length, new CopyingSink(buffer));
                volume.release(file);
                RawMemory.copyOut(buffer, content, 0, content.length);
            } finally {
                RawMemory.free(buffer);
            }
            volume.forget(attributes.ino, 1);
            return content;
        }
    }
}
