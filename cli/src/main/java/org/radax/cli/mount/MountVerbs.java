package org.radax.cli.mount;

import com.grack.nanojson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.radax.cli.console.VolumeTrees;
import org.radax.core.dax.Mapping;
import org.radax.core.error.FsException;
import org.radax.core.error.PoolException;
import org.radax.core.unit.Units;
import org.radax.core.volume.Volume;
import org.radax.core.volume.WritebackStatistics;
import org.radax.core.writeback.SyncReport;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.control.ControlProtocol;
import org.radax.fuse.control.ControlRegistry;
import org.radax.fuse.control.ControlRegistry.Access;
import org.radax.fuse.mount.FuseMount;
import org.radax.fuse.mount.MountException;

/** The control verbs of a mount. Thread-safe. */
final class MountVerbs {
    private static final long CLOSE_MINUTES = 10;

    private final Volume volume;
    private final FuseMount mount;
    private final MountState state;
    private final String poolKey;
    private final CompletableFuture<Void> closed;

    /** {@code closed} completes when the pool is closed and clean. */
    MountVerbs(Volume volume, FuseMount mount, MountState state, String poolKey, CompletableFuture<Void> closed) {
        this.volume = volume;
        this.mount = mount;
        this.state = state;
        this.poolKey = poolKey;
        this.closed = closed;
    }

    ControlRegistry registry() {
        return new ControlRegistry()
                .register(ControlProtocol.PING, Access.ANYONE, this::ping)
                .register(ControlProtocol.INFO, Access.ANYONE, this::info)
                .register(ControlProtocol.REMOUNT, Access.OWNER, this::remount)
                .register(ControlProtocol.UNMOUNT, Access.OWNER, this::unmount)
                .register(ControlProtocol.DIRTY, Access.OWNER, this::dirty)
                .register(ControlProtocol.SYNC, Access.OWNER, this::sync)
                .register(ControlProtocol.STATS, Access.OWNER, this::stats);
    }

    private Map<String, Object> ping(JsonObject arguments) {
        Map<String, Object> reply = new LinkedHashMap<>();
        reply.put("pid", ProcessHandle.current().pid());
        reply.put("poolKey", poolKey);
        return reply;
    }

    private Map<String, Object> info(JsonObject arguments) {
        Map<String, Object> tree = VolumeTrees.of(volume.info());
        tree.put("mount", state.describe());
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

    private Map<String, Object> dirty(JsonObject arguments) {
        long now = System.currentTimeMillis() / 1000;
        List<Map<String, Object>> files = new ArrayList<>();
        volume.dirtyPages().forEach((ino, runs) -> {
            Map<String, Object> file = new LinkedHashMap<>();
            file.put("ino", ino);
            file.put("ranges", runs.stream().map(run -> describe(run, now)).toList());
            files.add(file);
        });
        return Map.of("files", files);
    }

    private static Map<String, Object> describe(Mapping.PageRun run, long now) {
        Map<String, Object> range = new LinkedHashMap<>();
        range.put("offset", Units.blockToBytes(run.page()));
        range.put("length", Units.blockToBytes(run.count()));
        range.put("poolBlock", run.poolBlock());
        range.put(
                "tag", run.beingWritten() ? "towrite" : run.dirty() ? "dirty" : run.reported() ? "reported" : "clean");
        range.put("ageSeconds", run.since() == 0 ? 0 : Math.max(0, now - run.since()));
        range.put("lockHolder", run.lockHolder() < 0 ? null : run.lockHolder());
        range.put("waiters", run.waiters());
        return range;
    }

    private Map<String, Object> stats(JsonObject arguments) {
        Map<String, Object> requests = new LinkedHashMap<>();
        mount.latencies()
                .ifPresent(latencies -> latencies.snapshot().forEach((name, h) -> {
                    Map<String, Object> kind = new LinkedHashMap<>();
                    kind.put("count", h.getTotalCount());
                    kind.put("meanMicros", micros(Math.round(h.getMean())));
                    kind.put("p50Micros", micros(h.getValueAtPercentile(50)));
                    kind.put("p99Micros", micros(h.getValueAtPercentile(99)));
                    kind.put("p999Micros", micros(h.getValueAtPercentile(99.9)));
                    kind.put("maxMicros", micros(h.getMaxValue()));
                    requests.put(name, kind);
                }));
        WritebackStatistics w = volume.writebackStatistics();
        Map<String, Object> writeback = new LinkedHashMap<>();
        writeback.put("files", w.files());
        writeback.put("dirtyPages", w.dirtyPages());
        writeback.put("flushes", w.flushes());
        writeback.put("pagesWritten", w.pagesWritten());
        writeback.put("linesWritten", w.pagesWritten() * (Units.BLOCK_BYTES / Units.LINE_BYTES));
        writeback.put("lockWaits", w.lockWaits());
        writeback.put("lockWakes", w.lockWakes());
        Map<String, Object> reply = new LinkedHashMap<>();
        reply.put("requests", requests);
        reply.put("writeback", writeback);
        return reply;
    }

    private static double micros(long nanos) {
        return Math.round(nanos / 100.0) / 10.0;
    }

    /** Of one inode, or of the volume. */
    private Map<String, Object> sync(JsonObject arguments) throws ControlException {
        try {
            long ino = arguments.getLong("ino", 0);
            Map<String, Object> report = new LinkedHashMap<>();
            if (ino == 0) {
                volume.syncVolume();
                return report;
            }
            SyncReport done = volume.sync(ino);
            report.put("entriesScanned", done.scanned());
            report.put("pagesWrittenBack", done.pages());
            report.put("linesWrittenBack", done.lines());
            return report;
        } catch (FsException e) {
            throw new ControlException(e.errno().name(), e.getMessage(), e);
        }
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
