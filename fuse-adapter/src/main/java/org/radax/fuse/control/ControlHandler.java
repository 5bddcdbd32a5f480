package org.radax.fuse.control;

import com.grack.nanojson.JsonObject;
import java.util.Map;

/** Answers one verb. Called on the connection's thread; may take long, as nobody else waits behind it. */
@FunctionalInterface
public interface ControlHandler {
    /**
     * Returns the {@code result} of the reply: maps, lists, strings, numbers and booleans.
     *
     * @param arguments what the client sent, possibly empty; not trusted
     */
    Map<String, Object> handle(JsonObject arguments) throws ControlException;
}
