package org.radax.cli.mount;

import com.grack.nanojson.JsonObject;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.radax.core.crash.CallSite;
import org.radax.core.crash.CrashImages;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashPoint;
import org.radax.core.crash.CrashRecorder;
import org.radax.core.crash.CrashSummary;
import org.radax.core.crash.CrashTrace;
import org.radax.core.crash.FaultPlan;
import org.radax.core.crash.PendingLine;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Units;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.control.ControlProtocol;
import org.radax.fuse.control.ControlRegistry;
import org.radax.fuse.control.ControlRegistry.Access;

/** The control verbs of a mount under {@code --domain=recorder}, for tests: power cuts, and faults. Thread-safe. */
final class CrashVerbs {
    /** Of a point in a trace, so many lines are lost alone, and kept alone. */
    private static final int MOST_LINES = 8;

    /** Images of one power cut: they lie in memory. Of a longer trace only every so many points are taken, and the last. */
    private static final int MOST_IMAGES = 320;

    /** Of lines that are lost alone: the lanes, at the pool's beginning, come last. */
    private static final Comparator<PendingLine> DATA_FIRST =
            Comparator.comparingLong(PendingLine::poolOffset).reversed();

    private final CrashRecorder recorder;
    private boolean traced;

    CrashVerbs(CrashRecorder recorder) {
        this.recorder = recorder;
    }

    void register(ControlRegistry registry) {
        registry.register(ControlProtocol.POWER_CUT, Access.OWNER, this::powerCut)
                .register(ControlProtocol.SUPPRESS, Access.OWNER, this::suppress)
                .register(ControlProtocol.TRACE, Access.OWNER, this::trace)
                .register(ControlProtocol.CALL_SITES, Access.OWNER, this::callSites);
    }

    /**
     * Writes what a crash now could leave, or a crash at any point of the trace, if one was begun; that ends with it.
     * Of each point: what is durable, with none of the rest, all of it, and parts by chance; of a trace, each line alone too.
     */
    private synchronized Map<String, Object> powerCut(JsonObject arguments) throws ControlException {
        Path directory = Path.of(arguments.getString("directory"));
        int lines = traced ? MOST_LINES : 0;
        int chance = arguments.getInt("images");
        CrashOptions options =
                new CrashOptions(1, lines == 0 ? 0 : 1, 1 + lines, chance, arguments.getLong("seed"), 1, DATA_FIRST);
        CrashTrace trace = traced ? recorder.stopTrace() : recorder.snapshot();
        traced = false;
        int last = trace.points().size() - 1;
        int most = 2 + 2 * (1 + lines) + chance;
        int stride = Math.max(1, (trace.points().size() * most + MOST_IMAGES - most - 1) / (MOST_IMAGES - most));
        List<String> files = new ArrayList<>();
        List<Boolean> returned = new ArrayList<>();
        try (CrashImages images = CrashImages.of("mount", trace, options)) {
            CrashSummary summary = images.visit(image -> {
                int number = image.point().number();
                if (number % stride == 0 || number == last) {
                    Path file = directory.resolve("crash-" + files.size() + ".pool");
                    saveSparse(image.memory(), file);
                    files.add(file.toString());
                    returned.add(image.point().moment() == CrashPoint.Moment.END);
                }
            });
            if (!summary.violations().isEmpty()) {
                throw new ControlException("EIO", summary.violations().get(0).toString());
            }
        }
        return Map.of("files", files, "returned", returned);
    }

    /** Blocks of zeroes stay holes. */
    private static void saveSparse(PoolMemory memory, Path file) throws IOException {
        byte[] zeroes = new byte[Units.BLOCK_BYTES];
        byte[] block = new byte[Units.BLOCK_BYTES];
        try (RandomAccessFile pool = new RandomAccessFile(file.toFile(), "rw")) {
            pool.setLength(memory.sizeBytes());
            for (long at = 0; at < memory.sizeBytes(); at += block.length) {
                memory.copyOut(at, block, 0, block.length);
                if (!Arrays.equals(block, zeroes)) {
                    pool.seek(at);
                    pool.write(block);
                }
            }
        }
    }

    /** The write-backs, the fences, or the records, of one class have no effect from now on. */
    private Map<String, Object> suppress(JsonObject arguments) {
        CallSite.Kind kind = CallSite.Kind.valueOf(arguments.getString("kind"));
        recorder.suppress(FaultPlan.inClass(kind, arguments.getString("class")));
        return Map.of();
    }

    /** Every fence is a point of a power cut from now on; with a place that has no effect, if one is named, and no other. */
    private synchronized Map<String, Object> trace(JsonObject arguments) {
        recorder.startAfresh();
        if (arguments.has("kind")) {
            CallSite.Kind kind = CallSite.Kind.valueOf(arguments.getString("kind"));
            recorder.suppressSite(new CallSite(kind, arguments.getString("class"), "", arguments.getInt("line")));
        }
        recorder.startTrace();
        traced = true;
        return Map.of();
    }

    /** How often each place wrote back, fenced, or committed a record. */
    private Map<String, Object> callSites(JsonObject arguments) {
        List<Map<String, Object>> sites = new ArrayList<>();
        recorder.siteCounts()
                .forEach((site, count) -> sites.add(Map.of(
                        "kind", site.kind().name(),
                        "class", site.className(),
                        "line", site.lineNumber(),
                        "count", count)));
        return Map.of("sites", sites);
    }
}
