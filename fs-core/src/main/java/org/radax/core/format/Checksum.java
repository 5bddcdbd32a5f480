package org.radax.core.format;

import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The checksum of docs/FORMAT.md §1: CRC32C over the volume UUID and a structure's bytes, its own field taken as
 * zero. Works on private copies only: a checksum over mapped memory would kill the JVM on a bad page. Not
 * thread-safe; reused.
 */
public final class Checksum {
    private final CRC32C crc = new CRC32C();
    private final byte[] uuid = new byte[16];

    public Checksum(UUID uuid) {
        ByteBuffer.wrap(this.uuid).putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
    }

    /** The volume UUID's 16 bytes; not to be changed. */
    public byte[] uuidBytes() {
        return uuid;
    }

    /**
     * Of a structure.
     *
     * @param copy the structure's bytes in {@code [0, lengthBytes)}; the checksum field is zeroed in it
     * @param fieldOffset where the checksum field lies, or -1 if it lies elsewhere
     */
    public int of(byte[] copy, int lengthBytes, int fieldOffset) {
        if (fieldOffset >= 0) {
            for (int i = 0; i < Integer.BYTES; i++) {
                copy[fieldOffset + i] = 0;
            }
        }
        crc.reset();
        crc.update(uuid, 0, uuid.length);
        crc.update(copy, 0, lengthBytes);
        return (int) crc.getValue();
    }

    /** Of a block of a file, which is not changed. Never 0, which stands for none. */
    public int ofData(byte[] block) {
        int sum = of(block, block.length, -1);
        return sum == 0 ? 1 : sum;
    }

    /** Of bytes alone, without the UUID. */
    public int plain(byte[] bytes, int lengthBytes) {
        crc.reset();
        crc.update(bytes, 0, lengthBytes);
        return (int) crc.getValue();
    }
}
