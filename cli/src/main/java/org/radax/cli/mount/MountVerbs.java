package org.radax.cli.mount;

import com.grack.nanojson.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.radax.cli.console.VolumeTrees;
import org.radax.core.error.PoolException;
import org.radax.core.volume.Volume;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.control.ControlProtocol;
import org.radax.fuse.control.ControlRegistry;
import org.radax.fuse.control.ControlRegistry.Access;
import org.radax.fuse.lease.LeaseServer;
import org.radax.fuse.mount.FuseMount;
import org.radax.fuse.mount.MountException;

/** The control verbs of a mount. Thread-safe. */
final class MountVerbs {
    private static final long CLOSE_MINUTES = 10;

    private final Volume volume;
    private final FuseMount mount;
    private final LeaseServer leases;
    private final MountState state;
    private final String poolKey;
    private final CompletableFuture<Void> closed;
    private final FreezeVerbs freezing;

    /**
     * @param leases null if no file can be mapped
     * @param closed completes when the pool is closed and clean
     */
    MountVerbs(
            Volume volume,
            FuseMount mount,
            LeaseServer leases,
            MountState state,
            String poolKey,
            CompletableFuture<Void> closed) {
        this.volume = volume;
        this.mount = mount;
        this.leases = leases;
        this.state = state;
        this.poolKey = poolKey;
        this.closed = closed;
        this.freezing = new FreezeVerbs(volume);
    }

    ControlRegistry registry() {
        ControlRegistry registry = new ControlRegistry(volume::thaw)
                .registerLasting(ControlProtocol.PING, Access.ANYONE, this::ping)
                .register(ControlProtocol.INFO, Access.ANYONE, this::info)
                .register(ControlProtocol.REMOUNT, Access.OWNER, this::remount)
                .registerLasting(ControlProtocol.UNMOUNT, Access.OWNER, this::unmount);
        new PageVerbs(volume, mount, leases).register(registry);
        freezing.register(registry);
        new ScrubVerb(volume).register(registry);
        volume.recorder().ifPresent(recorder -> new CrashVerbs(recorder).register(registry));
        return registry;
    }

    private Map<String, Object> ping(JsonObject arguments) {
        Map<String, Object> reply = new LinkedHashMap<>();
        reply.put("pid", ProcessHandle.current().pid());
        reply.put("poolKey", poolKey);
        return reply;
    }

    private Map<String, Object> info(JsonObject arguments) {
        Map<String, Object> tree = VolumeTrees.of(volume.info());
        Map<String, Object> described = state.describe();
        freezing.frozenUntil().ifPresent(until -> described.put("frozenUntil", until.toString()));
        tree.put("mount", described);
        return tree;
    }

    /** The kernel goes first on the way to read-only (it knows of open files), the volume first on the way back. */
    private synchronized Map<String, Object> remount(JsonObject arguments) throws ControlException {
        if (!(arguments.get("readOnly") instanceof Boolean readOnly)) {
            throw new ControlException("EINVAL", "remount needs readOnly: true or false");
        }
        if (readOnly != state.readOnly()) {
            if (readOnly) {
                remountKernel(true);
                remountVolume(true, false);
            } else {
                remountVolume(false, true);
                remountKernel(false);
            }
            state.readOnly(readOnly);
        }
        return Map.of("readOnly", readOnly);
    }

    private void remountKernel(boolean readOnly) throws ControlException {
        try {
            mount.remount(readOnly);
        } catch (MountException e) {
            throw new ControlException("EBUSY", e.getMessage(), e);
        }
    }

    private void remountVolume(boolean readOnly, boolean kernelReadOnly) throws ControlException {
        try {
            volume.remount(readOnly);
        } catch (PoolException e) {
            if (readOnly) {
                remountKernel(kernelReadOnly);
            }
            throw new ControlException(e.errno().name(), e.getMessage(), e);
        }
    }

    /** Answers when the pool is closed: then the caller may take it away. */
    private Map<String, Object> unmount(JsonObject arguments) throws ControlException {
        try {
            mount.unmount();
            closed.get(CLOSE_MINUTES, TimeUnit.MINUTES);
            return Map.of("closed", true);
        } catch (MountException e) {
            throw new ControlException("EBUSY", e.getMessage(), e);
        } catch (ExecutionException e) {
            throw new ControlException("EIO", "unmounted, but the pool did not close cleanly: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new ControlException("ETIMEDOUT", "unmounted, but the pool is still being closed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControlException("EINTR", "interrupted", e);
        }
    }
}
