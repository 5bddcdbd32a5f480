package org.radax.core.volume;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A set of hashes that grows to millions and fits a file: open addressing, 0 is empty. Thread-safe. */
final class DistinctHashes {
    private long[] table = new long[1 << 16];
    private int count;

    synchronized void add(long hash) {
        long key = hash == 0 ? 1 : hash;
        int at = slot(key);
        if (table[at] == 0) {
            table[at] = key;
            if (++count * 2 > table.length) {
                grow();
            }
        }
    }

    synchronized int size() {
        return count;
    }

    private int slot(long key) {
        int mask = table.length - 1;
        int at = (int) (key >>> 20) & mask;
        while (table[at] != 0 && table[at] != key) {
            at = (at + 1) & mask;
        }
        return at;
    }

    private void grow() {
        long[] old = table;
        table = new long[old.length * 2];
        for (long key : old) {
            if (key != 0) {
                table[slot(key)] = key;
            }
        }
    }

    /** Replaces the file, as a whole or not at all. */
    synchronized void save(Path file) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(fresh)))) {
            for (long key : table) {
                if (key != 0) {
                    out.writeLong(key);
                }
            }
        }
        Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
    }

    static DistinctHashes load(Path file) throws IOException {
        DistinctHashes loaded = new DistinctHashes();
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            for (long left = Files.size(file) / Long.BYTES; left > 0; left--) {
                loaded.add(in.readLong());
            }
        }
        return loaded;
    }
}
