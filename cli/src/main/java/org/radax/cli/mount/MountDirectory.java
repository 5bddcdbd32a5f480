package org.radax.cli.mount;

import com.grack.nanojson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.radax.core.os.LibC;
import org.radax.fuse.control.ControlClient;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.control.ControlProtocol;
import org.radax.fuse.control.ControlSockets;
import org.radax.fuse.mount.MountException;
import org.radax.fuse.mount.MountPoints;
import org.radax.fuse.mount.Mounted;

/** Finds the living mounts of this machine by mount point or by pool. */
public final class MountDirectory {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final ControlSockets sockets;

    public MountDirectory(ControlSockets sockets) {
        this.sockets = sockets;
    }

    public static MountDirectory ofProcess() {
        return new MountDirectory(ControlSockets.ofProcess());
    }

    /** The socket of the daemon that serves {@code directory}, if one lives: of the user who mounted it, says the kernel. */
    public Optional<Path> serving(Path directory) throws MountException {
        Path mountPoint = MountPointPath.canonical(directory);
        Optional<Mounted> mounted = MountPoints.find(mountPoint);
        if (mounted.isEmpty()) {
            return Optional.empty();
        }
        for (Path socket : sockets.candidates(mountPoint, mounted.get().userId())) {
            if (answers(socket)) {
                return Optional.of(socket);
            }
        }
        return Optional.empty();
    }

    /**
     * What the daemon that holds {@code pool} says of it, by whatever path or link it comes. Anybody can say that it is his:
     * believed are root, the pool's owner, and who asks.
     */
    public Optional<JsonObject> infoOfPool(Path pool) {
        Optional<String> key = keyOf(pool);
        if (key.isEmpty()) {
            return Optional.empty();
        }
        Set<Integer> believed = believedAbout(pool);
        for (Path socket : sockets.all()) {
            if (!believed.contains(ControlSockets.userOf(socket))) {
                continue;
            }
            try {
                JsonObject ping = ControlClient.ask(socket, ControlProtocol.PING, Map.of(), PATIENCE);
                if (key.get().equals(ping.getString("poolKey"))) {
                    return Optional.of(info(socket));
                }
            } catch (IOException | ControlException e) {
                // Dead, another user's, or gone meanwhile: not the one we look for.
            }
        }
        return Optional.empty();
    }

    private static Set<Integer> believedAbout(Path pool) {
        Set<Integer> users = new HashSet<>(List.of(0, LibC.INSTANCE.geteuid()));
        try {
            users.add((Integer) Files.getAttribute(pool, "unix:uid"));
        } catch (IOException e) {
            // Gone: then nobody is to be asked of it.
        }
        return users;
    }

    public JsonObject info(Path socket) throws IOException, ControlException {
        return ControlClient.ask(socket, ControlProtocol.INFO, Map.of(), PATIENCE);
    }

    /** Which file a path means: device and inode number. Empty if it can not be asked. */
    static Optional<String> keyOf(Path pool) {
        try {
            Map<String, Object> attributes = Files.readAttributes(pool, "unix:dev,ino");
            return Optional.of(attributes.get("dev") + ":" + attributes.get("ino"));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static boolean answers(Path socket) {
        try {
            ControlClient.ask(socket, ControlProtocol.PING, Map.of(), PATIENCE);
            return true;
        } catch (IOException | ControlException e) {
            return false;
        }
    }
}
