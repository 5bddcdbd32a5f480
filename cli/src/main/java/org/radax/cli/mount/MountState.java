package org.radax.cli.mount;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a daemon knows of its own mount, beyond the volume. Thread-safe. */
final class MountState {
    private final MountRequest request;
    private final String log;
    private final Instant since = Instant.now();
    private volatile boolean readOnly;

    MountState(MountRequest request, String log) {
        this.request = request;
        this.log = log;
        this.readOnly = request.mount().readOnly();
    }

    void readOnly(boolean now) {
        readOnly = now;
    }

    boolean readOnly() {
        return readOnly;
    }

    /** The {@code mount} member of {@code info}. */
    Map<String, Object> describe() {
        List<String> options = new ArrayList<>(request.optionNames());
        options.set(0, readOnly ? "ro" : "rw");
        Map<String, Object> mount = new LinkedHashMap<>();
        mount.put("mountPoint", request.mount().mountPoint().toString());
        mount.put("source", request.mount().source());
        mount.put("transport", OptionList.word(request.mount().transport()));
        mount.put("options", options);
        mount.put("pid", ProcessHandle.current().pid());
        mount.put("since", since.toString());
        mount.put("log", log);
        return mount;
    }
}
