package org.radax.cli.mount;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.grack.nanojson.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Timer;
import java.util.TimerTask;
import org.radax.core.error.FsException;
import org.radax.core.volume.Volume;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.control.ControlProtocol;
import org.radax.fuse.control.ControlRegistry;
import org.radax.fuse.control.ControlRegistry.Access;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The control verbs that freeze a mount's volume and thaw it. It thaws by itself after a limit. Thread-safe. */
final class FreezeVerbs {
    private static final Logger LOG = LoggerFactory.getLogger(FreezeVerbs.class);
    private static final long MOST_SECONDS = 3600;

    private final Volume volume;
    private final Timer timer = new Timer("radax-thaw", true);

    @GuardedBy("this")
    private TimerTask thaw;

    @GuardedBy("this")
    private Instant end;

    FreezeVerbs(Volume volume) {
        this.volume = volume;
    }

    void register(ControlRegistry registry) {
        registry.register(ControlProtocol.FREEZE, Access.OWNER, this::freeze)
                .register(ControlProtocol.THAW, Access.OWNER, this::thaw);
    }

    /** When a frozen volume is going to thaw by itself. */
    synchronized Optional<Instant> frozenUntil() {
        return volume.isFrozen() ? Optional.ofNullable(end) : Optional.empty();
    }

    private synchronized Map<String, Object> freeze(JsonObject arguments) throws ControlException {
        long seconds = arguments.getLong("limitSeconds", 0);
        if (seconds < 1 || seconds > MOST_SECONDS) {
            throw new ControlException(
                    "EINVAL", "freeze needs limitSeconds from 1 to " + MOST_SECONDS + ", not " + seconds);
        }
        try {
            volume.freeze();
        } catch (FsException e) {
            throw new ControlException(e.errno().name(), e.detail(), e);
        }
        end = Instant.now().plusSeconds(seconds);
        thaw = new TimerTask() {
            @Override
            public void run() {
                endLimit(this);
            }
        };
        timer.schedule(thaw, Duration.ofSeconds(seconds).toMillis());
        LOG.info("frozen, for {} seconds at most", seconds);
        Map<String, Object> reply = new LinkedHashMap<>();
        reply.put("until", end.toString());
        return reply;
    }

    private synchronized void endLimit(TimerTask task) {
        // Somebody may have thawed and frozen it again meanwhile.
        if (task == thaw && volume.thaw()) {
            LOG.warn("thawed: nobody did before the limit");
        }
    }

    private synchronized Map<String, Object> thaw(JsonObject arguments) throws ControlException {
        if (!volume.thaw()) {
            throw new ControlException("EINVAL", "not frozen");
        }
        thaw.cancel();
        LOG.info("thawed");
        return Map.of();
    }
}
