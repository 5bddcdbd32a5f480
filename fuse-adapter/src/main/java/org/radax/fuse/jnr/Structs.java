package org.radax.fuse.jnr;

import org.radax.core.unit.Timestamp;
import org.radax.core.volume.Attributes;
import org.radax.core.volume.VolumeStatistics;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.Statvfs;
import ru.serce.jnrfuse.struct.Timespec;

/** Fills libc's structs. */
final class Structs {
    private static final int BLOCK_SIZE = 4096;
    private static final int SECTORS_PER_BLOCK = BLOCK_SIZE / 512;
    private static final int NAME_MAX = 255;
    private static final int TYPE_SHIFT = 12;

    private Structs() {}

    /** struct stat. */
    static void put(Attributes a, FileStat stat) {
        stat.st_ino.set(a.ino);
        stat.st_mode.set(a.mode);
        stat.st_nlink.set(Integer.toUnsignedLong(a.linkCount));
        stat.st_uid.set(a.uid);
        stat.st_gid.set(a.gid);
        stat.st_rdev.set(Integer.toUnsignedLong(a.rdev));
        stat.st_size.set(a.sizeBytes);
        stat.st_blksize.set(BLOCK_SIZE);
        stat.st_blocks.set(a.blocks * SECTORS_PER_BLOCK);
        put(a.atimeNanos, stat.st_atim);
        put(a.mtimeNanos, stat.st_mtim);
        put(a.ctimeNanos, stat.st_ctim);
    }

    /** As much of struct stat as a directory entry has. */
    static void putEntry(long ino, int type, FileStat stat) {
        stat.st_ino.set(ino);
        stat.st_mode.set(type << TYPE_SHIFT);
    }

    private static void put(long timestamp, Timespec time) {
        time.tv_sec.set(Timestamp.seconds(timestamp));
        time.tv_nsec.set(Timestamp.nanos(timestamp));
    }

    /** struct statvfs. */
    static void put(VolumeStatistics s, Statvfs out) {
        out.f_bsize.set(BLOCK_SIZE);
        out.f_frsize.set(BLOCK_SIZE);
        out.f_blocks.set(s.totalBlocks);
        out.f_bfree.set(s.freeBlocks);
        out.f_bavail.set(s.availableBlocks);
        out.f_files.set(s.totalInodes);
        out.f_ffree.set(s.freeInodes);
        out.f_favail.set(s.freeInodes);
        out.f_namemax.set(NAME_MAX);
    }
}
