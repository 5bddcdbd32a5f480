package org.radax.fuse.mount;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.radax.core.os.RawMemory;

/** A NULL-terminated array of C strings: argv, envp. */
final class StringVector implements AutoCloseable {
    private final long vector;
    private final List<Long> strings = new ArrayList<>();

    StringVector(List<String> texts) {
        vector = RawMemory.allocate((texts.size() + 1L) * Long.BYTES);
        for (int i = 0; i < texts.size(); i++) {
            byte[] bytes = texts.get(i).getBytes(StandardCharsets.UTF_8);
            long string = RawMemory.allocate(bytes.length + 1L);
            RawMemory.copyIn(bytes, 0, string, bytes.length);
            RawMemory.putByte(string + bytes.length, (byte) 0);
            strings.add(string);
            RawMemory.putLong(vector + (long) i * Long.BYTES, string);
        }
        RawMemory.putLong(vector + (long) texts.size() * Long.BYTES, 0);
    }

    long address() {
        return vector;
    }

    @Override
    public void close() {
        strings.forEach(RawMemory::free);
        RawMemory.free(vector);
    }
}
