package org.radax.cli.mount;

import com.grack.nanojson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.radax.core.dax.Faults;
import org.radax.core.dax.PageRun;
import org.radax.core.error.FsException;
import org.radax.core.unit.Units;
import org.radax.core.volume.Volume;
import org.radax.core.volume.WritebackStatistics;
import org.radax.core.writeback.SyncReport;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.control.ControlProtocol;
import org.radax.fuse.control.ControlRegistry;
import org.radax.fuse.control.ControlRegistry.Access;
import org.radax.fuse.lease.LeaseServer;
import org.radax.fuse.mount.FuseMount;

/** The control verbs about a mount's pages, their writeback, and its requests. Thread-safe. */
final class PageVerbs {
    private final Volume volume;
    private final FuseMount mount;
    private final LeaseServer leases;

    /** {@code leases}: null if no file can be mapped. */
    PageVerbs(Volume volume, FuseMount mount, LeaseServer leases) {
        this.volume = volume;
        this.mount = mount;
        this.leases = leases;
    }

    void register(ControlRegistry registry) {
        registry.register(ControlProtocol.DIRTY, Access.OWNER, this::dirty)
                .register(ControlProtocol.CLIENTS, Access.OWNER, this::clients)
                .register(ControlProtocol.SYNC, Access.OWNER, this::sync)
                .register(ControlProtocol.STATS, Access.OWNER, this::stats);
    }

    private Map<String, Object> dirty(JsonObject arguments) throws ControlException {
        long now = System.currentTimeMillis() / 1000;
        List<Map<String, Object>> files = new ArrayList<>();
        try {
            volume.dirtyPages().forEach((ino, runs) -> {
                Map<String, Object> file = new LinkedHashMap<>();
                file.put("ino", ino);
                file.put("ranges", runs.stream().map(run -> describe(run, now)).toList());
                files.add(file);
            });
        } catch (FsException e) {
            throw new ControlException(e.errno().name(), e.getMessage(), e);
        }
        return Map.of("files", files);
    }

    private Map<String, Object> clients(JsonObject arguments) {
        List<Map<String, Object>> clients = new ArrayList<>();
        for (LeaseServer.ClientView view : leases == null ? List.<LeaseServer.ClientView>of() : leases.clients()) {
            Map<String, Object> client = new LinkedHashMap<>();
            client.put("pid", view.pid());
            client.put("uid", view.uid());
            client.put("files", view.files().stream().map(PageVerbs::describe).toList());
            clients.add(client);
        }
        return Map.of("clients", clients);
    }

    private static Map<String, Object> describe(LeaseServer.FileView view) {
        Map<String, Object> file = new LinkedHashMap<>();
        file.put("ino", view.ino());
        file.put("writable", view.writable());
        file.put("mappedBytes", view.mappedBytes());
        file.put("regions", view.regions());
        file.put("quarantined", view.quarantined());
        return file;
    }

    private static Map<String, Object> describe(PageRun run, long now) {
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
        Faults.Counts f = volume.directAccess().faults();
        Map<String, Object> faults = new LinkedHashMap<>();
        faults.put("reads", f.reads());
        faults.put("writes", f.writes());
        faults.put("holes", f.holes());
        faults.put("huge", f.huge());
        faults.put("mkwrites", f.stores());
        faults.put("mkwriteRetries", f.retries());
        Map<String, Object> reply = new LinkedHashMap<>();
        reply.put("requests", requests);
        reply.put("faults", faults);
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
            report.put("waits", done.waits());
            report.put("metadataCommitted", done.commits());
            return report;
        } catch (FsException e) {
            throw new ControlException(e.errno().name(), e.getMessage(), e);
        }
    }
}
