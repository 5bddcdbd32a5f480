package org.radax.fuse.wire;

import java.util.Arrays;

/** What each opcode's body must hold at least: a struct's size, and what follows it. */
final class RequestShape {
    /** Nothing, or bytes the handler measures itself. */
    static final int BYTES = 0;

    /** A name. */
    static final int NAME = 1;

    /** Two names: rename. */
    static final int TWO_NAMES = 2;

    /** A name and the target of a symbolic link, which may hold '/'. */
    static final int NAME_AND_TARGET = 3;

    /** The name of an extended attribute, which may hold '/'. */
    static final int ATTRIBUTE_NAME = 4;

    private static final int UNKNOWN = -1;
    private static final int[] STRUCT_SIZE = new int[Opcode.LIMIT];
    private static final int[] TAIL = new int[Opcode.LIMIT];

    static {
        Arrays.fill(STRUCT_SIZE, UNKNOWN);
        set(Opcode.LOOKUP, 0, NAME);
        set(Opcode.FORGET, NameLayouts.ForgetIn.SIZE, BYTES);
        set(Opcode.GETATTR, AttributeLayouts.GetattrIn.SIZE, BYTES);
        set(Opcode.SETATTR, AttributeLayouts.SetattrIn.SIZE, BYTES);
        set(Opcode.READLINK, 0, BYTES);
        set(Opcode.SYMLINK, 0, NAME_AND_TARGET);
        set(Opcode.MKNOD, NameLayouts.MknodIn.SIZE, NAME);
        set(Opcode.MKDIR, NameLayouts.MkdirIn.SIZE, NAME);
        set(Opcode.UNLINK, 0, NAME);
        set(Opcode.RMDIR, 0, NAME);
        set(Opcode.RENAME, NameLayouts.RenameIn.SIZE, TWO_NAMES);
        set(Opcode.RENAME2, NameLayouts.RenameIn.SIZE2, TWO_NAMES);
        set(Opcode.LINK, NameLayouts.LinkIn.SIZE, NAME);
        set(Opcode.OPEN, FileLayouts.OpenIn.SIZE, BYTES);
        set(Opcode.READ, FileLayouts.ReadIn.SIZE, BYTES);
        set(Opcode.WRITE, FileLayouts.WriteIn.SIZE, BYTES);
        set(Opcode.STATFS, 0, BYTES);
        set(Opcode.RELEASE, FileLayouts.ReleaseIn.SIZE, BYTES);
        set(Opcode.FSYNC, FileLayouts.FsyncIn.SIZE, BYTES);
        set(Opcode.SETXATTR, NameLayouts.SetxattrIn.SIZE, ATTRIBUTE_NAME);
        set(Opcode.GETXATTR, NameLayouts.GetxattrIn.SIZE, ATTRIBUTE_NAME);
        set(Opcode.LISTXATTR, NameLayouts.GetxattrIn.SIZE, BYTES);
        set(Opcode.REMOVEXATTR, 0, ATTRIBUTE_NAME);
        set(Opcode.FLUSH, FileLayouts.FlushIn.SIZE, BYTES);
        set(Opcode.INIT, InitLayouts.In.SHORT_SIZE, BYTES);
        set(Opcode.OPENDIR, FileLayouts.OpenIn.SIZE, BYTES);
        set(Opcode.READDIR, FileLayouts.ReadIn.SIZE, BYTES);
        set(Opcode.READDIRPLUS, FileLayouts.ReadIn.SIZE, BYTES);
        set(Opcode.RELEASEDIR, FileLayouts.ReleaseIn.SIZE, BYTES);
        set(Opcode.FSYNCDIR, FileLayouts.FsyncIn.SIZE, BYTES);
        set(Opcode.GETLK, FileLayouts.LockIn.SIZE, BYTES);
        set(Opcode.SETLK, FileLayouts.LockIn.SIZE, BYTES);
        set(Opcode.SETLKW, FileLayouts.LockIn.SIZE, BYTES);
        set(Opcode.ACCESS, FileLayouts.AccessIn.SIZE, BYTES);
        set(Opcode.CREATE, FileLayouts.CreateIn.SIZE, NAME);
        // Its name is the placeholder "/", of no meaning.
        set(Opcode.TMPFILE, FileLayouts.CreateIn.SIZE, BYTES);
        set(Opcode.INTERRUPT, FileLayouts.InterruptIn.SIZE, BYTES);
        set(Opcode.DESTROY, 0, BYTES);
        set(Opcode.IOCTL, IoctlLayouts.In.SIZE, BYTES);
        set(Opcode.BATCH_FORGET, NameLayouts.BatchForgetIn.SIZE, BYTES);
        set(Opcode.FALLOCATE, FileLayouts.FallocateIn.SIZE, BYTES);
        set(Opcode.LSEEK, FileLayouts.LseekIn.SIZE, BYTES);
        set(Opcode.COPY_FILE_RANGE, FileLayouts.CopyIn.SIZE, BYTES);
        set(Opcode.COPY_FILE_RANGE_64, FileLayouts.CopyIn.SIZE, BYTES);
        set(Opcode.SYNCFS, FileLayouts.SyncfsIn.SIZE, BYTES);
        set(Opcode.STATX, AttributeLayouts.StatxIn.SIZE, BYTES);
    }

    private RequestShape() {}

    private static void set(int opcode, int structSize, int tail) {
        STRUCT_SIZE[opcode] = structSize;
        TAIL[opcode] = tail;
    }

    static boolean isKnown(int opcode) {
        return opcode >= 0 && opcode < Opcode.LIMIT && STRUCT_SIZE[opcode] != UNKNOWN;
    }

    static int structSize(int opcode) {
        return STRUCT_SIZE[opcode];
    }

    static int tail(int opcode) {
        return TAIL[opcode];
    }
}
