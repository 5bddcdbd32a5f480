package org.radax.fuse.mount;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** /proc/self/mountinfo, as proc(5) describes it. */
final class MountTable {
    static final String TYPE = "fuse.radax";
    private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");
    private static final int DEVICE_FIELD = 2;
    private static final int MOUNT_POINT_FIELD = 4;
    private static final int OPTIONS_FIELD = 5;
    private static final int SUPER_OPTIONS_FIELD = 2;
    private static final String USER_ID = "user_id=";

    private MountTable() {}

    /** All radax mounts, in the order of mounting. */
    static List<Mounted> read() throws IOException {
        List<Mounted> mounts = new ArrayList<>();
        for (String line : Files.readAllLines(MOUNTINFO, StandardCharsets.ISO_8859_1)) {
            Mounted mounted = parse(line);
            if (mounted != null) {
                mounts.add(mounted);
            }
        }
        return mounts;
    }

    /** The mount a line describes, or null if it is none of ours. */
    static Mounted parse(String line) {
        int separator = line.indexOf(" - ");
        if (separator < 0) {
            return null;
        }
        String[] before = line.substring(0, separator).split(" ", -1);
        String[] after = line.substring(separator + 3).split(" ", -1);
        if (before.length <= OPTIONS_FIELD || after.length <= SUPER_OPTIONS_FIELD || !after[0].equals(TYPE)) {
            return null;
        }
        boolean readOnly = Arrays.asList(before[OPTIONS_FIELD].split(",", -1)).contains("ro");
        return new Mounted(
                Path.of(unescape(before[MOUNT_POINT_FIELD])),
                unescape(after[1]),
                readOnly,
                before[DEVICE_FIELD],
                userId(after[SUPER_OPTIONS_FIELD]));
    }

    /** FUSE shows it always, and first of what could look like it. */
    private static int userId(String options) {
        for (String option : options.split(",", -1)) {
            if (option.startsWith(USER_ID)) {
                return Integer.parseUnsignedInt(option.substring(USER_ID.length()));
            }
        }
        throw new IllegalArgumentException("a FUSE mount without user_id: " + options);
    }

    /** The kernel writes space, tab, newline, backslash and '#' as a backslash and three octal digits. */
    static String unescape(String field) {
        byte[] in = field.getBytes(StandardCharsets.ISO_8859_1);
        byte[] out = new byte[in.length];
        int length = 0;
        for (int i = 0; i < in.length; i++) {
            if (in[i] == '\\' && i + 3 < in.length && isOctal(in, i + 1)) {
                out[length++] = (byte) ((in[i + 1] - '0') << 6 | (in[i + 2] - '0') << 3 | (in[i + 3] - '0'));
                i += 3;
            } else {
                out[length++] = in[i];
            }
        }
        return new String(out, 0, length, StandardCharsets.UTF_8);
    }

    private static boolean isOctal(byte[] in, int start) {
        for (int i = start; i < start + 3; i++) {
            if (in[i] < '0' || in[i] > '7') {
                return false;
            }
        }
        return true;
    }
}
