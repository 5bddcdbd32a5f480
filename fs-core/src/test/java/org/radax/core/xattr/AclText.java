package org.radax.core.xattr;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** ACLs in short text form, as setfacl(1) takes it, to and from the kernel's form. */
public final class AclText {
    private AclText() {}

    /** {@code u::rwx,u:7:r-x,g::r--,m::r-x,o::---}; entries go in as they stand. */
    public static byte[] wire(String text) {
        String[] entries = text.isEmpty() ? new String[0] : text.split(",");
        ByteBuffer wire = ByteBuffer.allocate(4 + 8 * entries.length).order(ByteOrder.LITTLE_ENDIAN);
        wire.putInt(2);
        for (String entry : entries) {
            String[] fields = entry.split(":", -1);
            boolean named = !fields[1].isEmpty();
            int tag = switch (fields[0]) {
                case "u" -> named ? 2 : 1;
                case "g" -> named ? 8 : 4;
                case "m" -> 0x10;
                case "o" -> 0x20;
                default -> Integer.decode(fields[0]);
            };
            wire.putShort((short) tag);
            wire.putShort((short) permissions(fields[2]));
            wire.putInt(named ? Integer.parseUnsignedInt(fields[1]) : -1);
        }
        return wire.array();
    }

    private static int permissions(String text) {
        return (text.contains("r") ? 4 : 0)
                | (text.contains("w") ? 2 : 0)
                | (text.contains("x") ? 1 : 0)
                | (text.contains("!") ? 8 : 0);
    }

    public static String text(byte[] wire) {
        ByteBuffer bytes = ByteBuffer.wrap(wire).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.getInt() != 2) {
            throw new AssertionError("version");
        }
        List<String> entries = new ArrayList<>();
        while (bytes.hasRemaining()) {
            int rank = Integer.numberOfTrailingZeros(bytes.getShort());
            int p = bytes.getShort();
            int id = bytes.getInt();
            String who = new String[] {"u:", "u:" + Integer.toUnsignedString(id), "g:", "g:" + id, "m:", "o:"}[rank];
            entries.add(
                    who + ":" + ((p & 4) != 0 ? "r" : "-") + ((p & 2) != 0 ? "w" : "-") + ((p & 1) != 0 ? "x" : "-"));
        }
        return String.join(",", entries);
    }
}
