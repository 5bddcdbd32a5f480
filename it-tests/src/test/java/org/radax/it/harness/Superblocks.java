package org.radax.it.harness;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.UUID;
import org.radax.core.format.Checksum;
import org.radax.core.format.SuperblockLayout;
import org.radax.core.unit.Bytes;
import org.radax.core.unit.Units;

/** Pools as another version of mkfs would have made them. */
public final class Superblocks {
    private Superblocks() {}

    /** Adds to a number in both superblocks, whose checksums stay right. */
    public static void add(Path pool, int fieldOffset, int increment) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(pool.toFile(), "rw")) {
            for (long at : new long[] {0, file.length() - Units.BLOCK_BYTES}) {
                byte[] image = new byte[Units.BLOCK_BYTES];
                file.seek(at);
                file.readFully(image);
                Bytes.putInt(image, fieldOffset, Bytes.getInt(image, fieldOffset) + increment);
                ByteBuffer uuid = ByteBuffer.wrap(image, SuperblockLayout.UUID, 16);
                Checksum checksum = new Checksum(new UUID(uuid.getLong(), uuid.getLong()));
                int sum = checksum.of(image, SuperblockLayout.CHECKED_BYTES, SuperblockLayout.CHECKSUM);
                Bytes.putInt(image, SuperblockLayout.CHECKSUM, sum);
                file.seek(at);
                file.write(image);
            }
        }
    }
}
