package org.radax.cli.mount;

import com.grack.nanojson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.radax.core.crash.CallSite;
import org.radax.core.crash.CrashImages;
import org.radax.core.crash.CrashOptions;
import org.radax.core.crash.CrashRecorder;
import org.radax.core.crash.CrashSummary;
import org.radax.core.crash.FaultPlan;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.control.ControlProtocol;
import org.radax.fuse.control.ControlRegistry;
import org.radax.fuse.control.ControlRegistry.Access;

/** The control verbs of a mount under {@code --domain=recorder}, for tests: a power cut, and a fault. Thread-safe. */
final class CrashVerbs {
    private final CrashRecorder recorder;

    CrashVerbs(CrashRecorder recorder) {
        this.recorder = recorder;
    }

    void register(ControlRegistry registry) {
        registry.register(ControlProtocol.POWER_CUT, Access.OWNER, this::powerCut)
                .register(ControlProtocol.SUPPRESS, Access.OWNER, this::suppress);
    }

    /** Writes what a crash now could leave: what is durable, with none of the rest, all of it, and parts by chance. */
    private Map<String, Object> powerCut(JsonObject arguments) throws ControlException {
        Path directory = Path.of(arguments.getString("directory"));
        CrashOptions options =
                new CrashOptions(1, 0, 1, arguments.getInt("images"), arguments.getLong("seed"), 1, null);
        List<String> files = new ArrayList<>();
        try (CrashImages images = CrashImages.of("mount", recorder.snapshot(), options)) {
            CrashSummary summary = images.visit(image -> {
                Path file = directory.resolve("crash-" + files.size() + ".pool");
                Files.copy(image.file(), file);
                files.add(file.toString());
            });
            if (!summary.violations().isEmpty()) {
                throw new ControlException("EIO", summary.violations().get(0).toString());
            }
        }
        return Map.of("files", files);
    }

    /** The write-backs, or the fences, of one class have no effect from now on. */
    private Map<String, Object> suppress(JsonObject arguments) {
        CallSite.Kind kind = CallSite.Kind.valueOf(arguments.getString("kind"));
        recorder.suppress(FaultPlan.inClass(kind, arguments.getString("class")));
        return Map.of();
    }
}
