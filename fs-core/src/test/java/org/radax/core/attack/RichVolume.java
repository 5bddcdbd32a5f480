package org.radax.core.attack;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.radax.core.error.FsException;
import org.radax.core.format.Geometry;
import org.radax.core.format.LaneLayout;
import org.radax.core.format.RecordLayout;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Units;
import org.radax.core.volume.Attributes;
import org.radax.core.volume.FileSystem;
import org.radax.core.volume.Name;
import org.radax.core.volume.OpenFile;
import org.radax.core.volume.TestVolume;

/** A volume that has a structure of every kind, as a crash leaves it: orphans, and a record to be replayed. */
final class RichVolume {
    private static final long ROOT = FileSystem.ROOT_INO;
    private static final int FIFO = 0010644;

    private RichVolume() {}

    /** The bytes of its pool. */
    static byte[] bytes() throws FsException {
        return bytes(700);
    }

    /** With so many names in one directory: 700 make its tree two levels high. */
    static byte[] bytes(int names) throws FsException {
        try (TestVolume v = new TestVolume(AttackedPool.SIZE_BYTES)) {
            List<OpenFile> open = fill(v, names);
            byte[] bytes = new byte[(int) AttackedPool.SIZE_BYTES];
            reviveLastRecord(v.memory);
            v.memory.copyOut(0, bytes, 0, bytes.length);
            open.forEach(v.volume::release);
            return bytes;
        }
    }

    /** Fills a live volume; what it returns is open, and has no name. */
    static List<OpenFile> fill(TestVolume v, int names) throws FsException {
        long docs = v.mkdir(ROOT, "docs");
        long deep = v.mkdir(v.mkdir(docs, "deep"), "deeper");
        long plain = v.create(docs, "plain");
        v.write(plain, 0, pattern(100_000, 1));
        v.write(v.create(deep, "at the bottom"), 0, pattern(5000, 2));
        v.symlink(docs, "link", "deep/deeper/at the bottom");
        v.volume.mknod(TestVolume.ROOT, docs, Name.of("fifo"), FIFO, 0, new Attributes());
        long sparse = v.create(ROOT, "sparse");
        v.write(sparse, 1 << 20, pattern(10_000, 3));
        v.fallocate(sparse, FileSystem.FALLOC_KEEP_SIZE, 4 << 20, 200_000);
        long fragmented = v.create(ROOT, "fragmented");
        for (int i = 0; i < 300; i++) {
            v.write(fragmented, 2L * i * Units.BLOCK_BYTES, pattern(100, i));
        }
        long many = v.mkdir(ROOT, "many");
        for (int i = 0; i < names; i++) {
            v.link(plain, many, "a name that is not all that short, number " + i);
        }
        long attributed = v.create(ROOT, "attributed");
        for (int i = 0; i < 8; i++) {
            v.setxattr(attributed, "user.middle" + i, pattern(900, i));
        }
        v.setxattr(attributed, "user.large", pattern(10_000, 4));
        v.setxattr(attributed, "system.posix_acl_access", acl());
        v.setxattr(docs, "system.posix_acl_default", acl());
        v.setxattr(docs, "user.small", pattern(3, 5));
        return orphans(v);
    }

    private static List<OpenFile> orphans(TestVolume v) throws FsException {
        List<OpenFile> open = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            long ino = v.create(ROOT, "orphan");
            v.write(ino, 0, pattern(6000, i));
            v.setxattr(ino, "user.name", pattern(20, i));
            open.add(v.volume.open(TestVolume.ROOT, ino, 2, false));
            v.unlink(ROOT, "orphan");
        }
        return open;
    }

    static byte[] pattern(int length, int seed) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + i / 251 + seed * 7 + 1);
        }
        return bytes;
    }

    /** u::rw-,u:7:rwx,g::r--,m::rwx,o::--- in the kernel's form. */
    private static byte[] acl() {
        ByteBuffer wire = ByteBuffer.allocate(4 + 5 * 8).order(ByteOrder.LITTLE_ENDIAN);
        wire.putInt(2);
        int[][] entries = {{1, 6, -1}, {2, 7, 7}, {4, 4, -1}, {0x10, 7, -1}, {0x20, 0, -1}};
        for (int[] entry : entries) {
            wire.putShort((short) entry[0]).putShort((short) entry[1]).putInt(entry[2]);
        }
        return wire.array();
    }

    /** The last record is applied and not retired: replayed, it stores what is there. */
    private static void reviveLastRecord(PoolMemory memory) {
        Geometry geometry = Geometry.forNewPool(AttackedPool.SIZE_BYTES, false);
        long last = 0;
        long lastLane = 0;
        for (int lane = 0; lane < geometry.laneCount(); lane++) {
            long offset = geometry.laneOffset(lane);
            long sequence = memory.getLong(offset + LaneLayout.RECORD + RecordLayout.SEQUENCE);
            if (sequence > last) {
                last = sequence;
                lastLane = offset;
            }
        }
        memory.putLong(lastLane + LaneLayout.RETIRED, last - 1);
    }
}
