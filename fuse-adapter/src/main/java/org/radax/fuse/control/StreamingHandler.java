package org.radax.fuse.control;

import com.grack.nanojson.JsonObject;
import java.util.Map;

/** Answers a verb that takes long, and tells how far it is; else as {@link ControlHandler}. */
@FunctionalInterface
public interface StreamingHandler {
    Map<String, Object> handle(JsonObject arguments, Progress progress) throws ControlException;

    /** To the client who asked. */
    @FunctionalInterface
    interface Progress {
        /**
         * Sends one line ahead of the reply.
         *
         * @throws ControlException EPIPE if the client has gone: nobody waits for the reply
         */
        void tell(Map<String, Object> state) throws ControlException;
    }
}
