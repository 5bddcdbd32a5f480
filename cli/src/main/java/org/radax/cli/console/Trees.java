package org.radax.cli.console;

import com.grack.nanojson.JsonWriter;
import java.util.List;
import java.util.Map;

/** Prints trees of maps, lists and plain values: as JSON for programs, indented for people. */
public final class Trees {
    private Trees() {}

    public static String json(Object tree) {
        if (tree instanceof Map<?, ?> map) {
            return JsonWriter.indent("  ").string().object(map).done();
        }
        if (tree instanceof List<?> list) {
            return JsonWriter.indent("  ").string().array(list).done();
        }
        return JsonWriter.string(tree);
    }

    public static String text(Object tree) {
        StringBuilder out = new StringBuilder();
        append(out, tree, 0);
        return out.toString();
    }

    private static void append(StringBuilder out, Object tree, int depth) {
        if (tree instanceof Map<?, ?> map) {
            int width = map.keySet().stream()
                    .mapToInt(key -> key.toString().length())
                    .max()
                    .orElse(0);
            map.forEach((key, value) -> appendMember(out, key.toString(), value, width, depth));
        } else if (tree instanceof List<?> list) {
            list.forEach(element -> appendElement(out, element, depth));
        } else {
            indent(out, depth).append(tree).append('\n');
        }
    }

    private static void appendMember(StringBuilder out, String key, Object value, int width, int depth) {
        indent(out, depth).append(key).append(':');
        if (isPlain(value)) {
            out.append(" ".repeat(width - key.length() + 1))
                    .append(plain(value))
                    .append('\n');
        } else {
            out.append('\n');
            append(out, value, depth + 1);
        }
    }

    private static void appendElement(StringBuilder out, Object element, int depth) {
        if (element instanceof Map<?, ?> map && map.values().stream().allMatch(Trees::isPlain)) {
            indent(out, depth).append("-");
            map.forEach((key, value) -> out.append(' ').append(key).append('=').append(plain(value)));
            out.append('\n');
        } else if (isPlain(element)) {
            indent(out, depth).append("- ").append(plain(element)).append('\n');
        } else {
            indent(out, depth).append("-\n");
            append(out, element, depth + 1);
        }
    }

    /** What fits on its member's own line: a value, or a short list of values. */
    private static boolean isPlain(Object value) {
        if (value instanceof List<?> list) {
            return list.stream().allMatch(element -> !(element instanceof Map) && !(element instanceof List))
                    && list.toString().length() < 100;
        }
        return !(value instanceof Map);
    }

    private static String plain(Object value) {
        if (value instanceof List<?> list) {
            return list.isEmpty()
                    ? "none"
                    : String.join(", ", list.stream().map(String::valueOf).toList());
        }
        return value == null ? "-" : value.toString();
    }

    private static StringBuilder indent(StringBuilder out, int depth) {
        return out.append("  ".repeat(depth));
    }
}
