package org.radax.fuse.jnr;

import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import jnr.ffi.annotations.Delegate;
import jnr.ffi.annotations.Encoding;
import ru.serce.jnrfuse.FuseFS;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.FuseFileInfo;
import ru.serce.jnrfuse.struct.Timespec;

/**
 * Those of libfuse's operations that are given a text: a path, a link's target, an attribute's name. jnr-fuse takes
 * texts for UTF-8, where other bytes are lost; here each byte is a char of the string. The interfaces are public
 * because jnr-ffi implements them from another loader.
 */
final class TextOperations {
    private static final String BYTES = "ISO-8859-1";

    private final FuseFS fs;

    /** Held here for as long as libfuse may call them. */
    private final List<Object> callbacks = new ArrayList<>();

    @FunctionalInterface
    public interface OfText {
        @Delegate
        int call(@Encoding(BYTES) String path);
    }

    @FunctionalInterface
    public interface OfTextAndInt {
        @Delegate
        int call(@Encoding(BYTES) String path, int mode);
    }

    @FunctionalInterface
    public interface OfTextAndTwoInts {
        @Delegate
        int call(@Encoding(BYTES) String path, int uid, int gid);
    }

    @FunctionalInterface
    public interface OfTextIntAndLong {
        @Delegate
        int call(@Encoding(BYTES) String path, int mode, long device);
    }

    @FunctionalInterface
    public interface OfTextIntAndPointer {
        @Delegate
        int call(@Encoding(BYTES) String path, int mode, Pointer info);
    }

    @FunctionalInterface
    public interface OfTextAndLong {
        @Delegate
        int call(@Encoding(BYTES) String path, long size);
    }

    @FunctionalInterface
    public interface OfTextAndPointer {
        @Delegate
        int call(@Encoding(BYTES) String path, Pointer struct);
    }

    @FunctionalInterface
    public interface OfTextAndBuffer {
        @Delegate
        int call(@Encoding(BYTES) String path, Pointer buffer, long size);
    }

    @FunctionalInterface
    public interface OfTwoTexts {
        @Delegate
        int call(@Encoding(BYTES) String one, @Encoding(BYTES) String two);
    }

    @FunctionalInterface
    public interface OfTwoTextsAndBuffer {
        @Delegate
        int call(@Encoding(BYTES) String path, @Encoding(BYTES) String name, Pointer value, long size);
    }

    @FunctionalInterface
    public interface OfTwoTextsBufferAndInt {
        @Delegate
        int call(@Encoding(BYTES) String path, @Encoding(BYTES) String name, Pointer value, long size, int flags);
    }

    TextOperations(FuseFS fs) {
        this.fs = fs;
    }

    /** Sets them in a struct fuse_operations, which may be in use for as long as this object is there. */
    void putInto(Pointer table) {
        put(table, 0, OfTextAndPointer.class, (path, stat) -> fs.getattr(path, FileStat.of(stat)));
        put(table, 1, OfTextAndBuffer.class, fs::readlink);
        put(table, 3, OfTextIntAndLong.class, fs::mknod);
        put(table, 4, OfTextAndInt.class, fs::mkdir);
        put(table, 5, OfText.class, fs::unlink);
        put(table, 6, OfText.class, fs::rmdir);
        put(table, 7, OfTwoTexts.class, fs::symlink);
        put(table, 8, OfTwoTexts.class, fs::rename);
        put(table, 9, OfTwoTexts.class, fs::link);
        put(table, 10, OfTextAndInt.class, fs::chmod);
        put(table, 11, OfTextAndTwoInts.class, fs::chown);
        put(table, 12, OfTextAndLong.class, fs::truncate);
        put(table, 14, OfTextAndPointer.class, (path, info) -> fs.open(path, FuseFileInfo.of(info)));
        put(table, 21, OfTwoTextsBufferAndInt.class, fs::setxattr);
        put(table, 22, OfTwoTextsAndBuffer.class, fs::getxattr);
        put(table, 23, OfTextAndBuffer.class, fs::listxattr);
        put(table, 24, OfTwoTexts.class, fs::removexattr);
        put(table, 25, OfTextAndPointer.class, (path, info) -> fs.opendir(path, FuseFileInfo.of(info)));
        put(table, 32, OfTextIntAndPointer.class, (path, mode, info) -> fs.create(path, mode, FuseFileInfo.of(info)));
        put(table, 36, OfTextAndPointer.class, (path, times) -> fs.utimens(path, accessedAndModified(times)));
    }

    /** {@code index}: which pointer of the struct. */
    private <T> void put(Pointer table, int index, Class<T> type, T callback) {
        callbacks.add(callback);
        table.putPointer(
                (long) index * Long.BYTES,
                Runtime.getSystemRuntime().getClosureManager().getClosurePointer(type, callback));
    }

    private static Timespec[] accessedAndModified(Pointer times) {
        Timespec accessed = Timespec.of(times);
        return new Timespec[] {accessed, Timespec.of(times.slice(Struct.size(accessed)))};
    }
}
