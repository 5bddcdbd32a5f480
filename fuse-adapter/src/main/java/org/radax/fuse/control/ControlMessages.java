package org.radax.fuse.control;

import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonParser;
import com.grack.nanojson.JsonParserException;
import com.grack.nanojson.JsonWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/** Requests and replies as lines of text, both ways. */
final class ControlMessages {
    record Request(String verb, JsonObject arguments) {}

    private ControlMessages() {}

    static String request(String verb, Map<String, Object> arguments) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("v", ControlProtocol.VERSION);
        message.put("verb", verb);
        message.put("args", arguments);
        return JsonWriter.string(message);
    }

    static Request parseRequest(String line) throws ControlException {
        JsonObject object = parse(line);
        checkVersion(object);
        if (!(object.get("verb") instanceof String verb)) {
            throw new ControlException("EPROTO", "no verb");
        }
        if (!(object.getOrDefault("args", new JsonObject()) instanceof JsonObject arguments)) {
            throw new ControlException("EPROTO", "args is not an object");
        }
        return new Request(verb, arguments);
    }

    static String progress(Map<String, Object> state) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("v", ControlProtocol.VERSION);
        message.put("progress", state);
        return JsonWriter.string(message);
    }

    static String success(Map<String, Object> result) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("v", ControlProtocol.VERSION);
        message.put("ok", true);
        message.put("result", result);
        return JsonWriter.string(message);
    }

    static String failure(ControlException e) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("code", e.code());
        error.put("message", String.valueOf(e.getMessage()));
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("v", ControlProtocol.VERSION);
        message.put("ok", false);
        message.put("error", error);
        return JsonWriter.string(message);
    }

    /** A line from the other side, of a version that is known. */
    static JsonObject parseAnswer(String line) throws ControlException {
        JsonObject object = parse(line);
        checkVersion(object);
        return object;
    }

    /** The result of a reply; throws what the other side reported. */
    static JsonObject resultOf(JsonObject object) throws ControlException {
        if (object.getBoolean("ok", false)) {
            return object.getObject("result", new JsonObject());
        }
        JsonObject error = object.getObject("error", new JsonObject());
        throw new ControlException(
                error.getString("code", "EIO"), error.getString("message", "failed without a reason"));
    }

    private static void checkVersion(JsonObject object) throws ControlException {
        if (!(object.get("v") instanceof Number version) || version.intValue() != ControlProtocol.VERSION) {
            throw new ControlException(
                    "EPROTO",
                    "protocol version " + object.get("v") + ", this is " + ControlProtocol.VERSION
                            + "; use the radax that made the mount");
        }
    }

    private static JsonObject parse(String line) throws ControlException {
        checkDepth(line);
        try {
            return JsonParser.object().from(line);
        } catch (JsonParserException e) {
            throw new ControlException("EPROTO", "not a JSON object: " + e.getMessage(), e);
        }
    }

    /** Counts brackets outside strings: the parser recurses, and a stack overflow is not an answer. */
    private static void checkDepth(String line) throws ControlException {
        int depth = 0;
        boolean string = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (string) {
                if (c == '\\') {
                    i++;
                } else if (c == '"') {
                    string = false;
                }
            } else if (c == '"') {
                string = true;
            } else if (c == '[' || c == '{') {
                if (++depth > ControlProtocol.MAX_DEPTH) {
                    throw new ControlException("EPROTO", "nested deeper than " + ControlProtocol.MAX_DEPTH);
                }
            } else if (c == ']' || c == '}') {
                depth--;
            }
        }
    }
}
