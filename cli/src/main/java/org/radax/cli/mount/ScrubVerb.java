package org.radax.cli.mount;

import com.grack.nanojson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.radax.core.error.FsException;
import org.radax.core.scrub.ScrubFinding;
import org.radax.core.scrub.ScrubProgress;
import org.radax.core.scrub.ScrubReport;
import org.radax.core.unit.Units;
import org.radax.core.volume.Volume;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.control.ControlProtocol;
import org.radax.fuse.control.ControlRegistry;
import org.radax.fuse.control.ControlRegistry.Access;
import org.radax.fuse.control.StreamingHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control verb that scrubs a mount's volume, as long as the client who asked for it is there, and the volume open: its
 * close ends it. Thread-safe.
 */
final class ScrubVerb {
    private static final Logger LOG = LoggerFactory.getLogger(ScrubVerb.class);
    private static final long TELL_MILLIS = 200;

    private final Volume volume;

    ScrubVerb(Volume volume) {
        this.volume = volume;
    }

    void register(ControlRegistry registry) {
        registry.registerLasting(ControlProtocol.SCRUB, Access.OWNER, this::scrub);
    }

    /** How far one scrub is, and whether it is wanted. */
    private static final class Running implements ScrubProgress {
        private volatile long done;
        private volatile long whole;
        private volatile long found;
        private volatile boolean unwanted;

        @Override
        public boolean passed(long doneBlocks, long wholeBlocks, long findings) {
            done = doneBlocks;
            whole = wholeBlocks;
            found = findings;
            return !unwanted;
        }

        Map<String, Object> state() {
            Map<String, Object> state = new LinkedHashMap<>();
            state.put("doneBlocks", done);
            state.put("wholeBlocks", whole);
            state.put("findingCount", found);
            return state;
        }
    }

    /** On a thread of its own: one that waits for a client would hold up the unmount. */
    private Map<String, Object> scrub(JsonObject arguments, StreamingHandler.Progress progress)
            throws ControlException {
        Running running = new Running();
        FutureTask<ScrubReport> task = new FutureTask<>(() -> volume.scrub(running));
        Thread thread = new Thread(task, "radax-scrub");
        thread.setDaemon(true);
        long begun = System.nanoTime();
        thread.start();
        try {
            ScrubReport report = await(task, running, progress);
            Map<String, Object> tree = tree(report);
            tree.put("seconds", Math.round((System.nanoTime() - begun) / 1e6) / 1e3);
            log(report);
            return tree;
        } finally {
            running.unwanted = true;
        }
    }

    private static ScrubReport await(FutureTask<ScrubReport> task, Running running, StreamingHandler.Progress progress)
            throws ControlException {
        while (true) {
            try {
                return task.get(TELL_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                progress.tell(running.state());
            } catch (ExecutionException e) {
                if (e.getCause() instanceof FsException refusal) {
                    throw new ControlException(refusal.errno().name(), refusal.detail(), refusal);
                }
                throw new IllegalStateException(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ControlException("EINTR", "interrupted", e);
            }
        }
    }

    private static void log(ScrubReport report) {
        report.findings().forEach(finding -> LOG.warn("scrub: {}", finding));
        LOG.info("scrubbed: {} bytes verified, {} damaged, of {}", report.bytes(), report.found(), report.counts());
    }

    private static Map<String, Object> tree(ScrubReport report) {
        List<Map<String, Object>> findings = new ArrayList<>();
        for (ScrubFinding finding : report.findings()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("structure", finding.kind().toString());
            one.put("poolBlock", Units.blockOf(finding.poolOffset()));
            one.put("poolOffset", finding.poolOffset());
            one.put("ino", finding.ino() == 0 ? null : finding.ino());
            one.put("path", report.paths().get(finding.ino()));
            one.put("field", finding.field());
            one.put("expected", finding.expected());
            one.put("found", finding.found());
            findings.add(one);
        }
        Map<String, Object> counts = new LinkedHashMap<>();
        report.counts().forEach((kind, count) -> counts.put(plural(kind.toString()), count));
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("findingCount", report.found());
        tree.put("findings", findings);
        tree.put("counts", counts);
        tree.put("bytes", report.bytes());
        return tree;
    }

    /** {@code tree node} becomes {@code treeNodes}. */
    private static String plural(String label) {
        StringBuilder name = new StringBuilder();
        for (String word : label.split("[ -]", 0)) {
            name.append(name.length() == 0 ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
        }
        return name.append('s').toString();
    }
}
