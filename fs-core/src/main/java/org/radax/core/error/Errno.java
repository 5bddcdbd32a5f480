package org.radax.core.error;

/** Error numbers with their Linux (x86-64) values, as applications see them. */
public enum Errno {
    EPERM(1),
    ENOENT(2),
    EINTR(4),
    EIO(5),
    ENXIO(6),
    E2BIG(7),
    EBADF(9),
    EAGAIN(11),
    ENOMEM(12),
    EACCES(13),
    EFAULT(14),
    EBUSY(16),
    EEXIST(17),
    EXDEV(18),
    ENODEV(19),
    ENOTDIR(20),
    EISDIR(21),
    EINVAL(22),
    EMFILE(24),
    ENOTTY(25),
    ETXTBSY(26),
    EFBIG(27),
    ENOSPC(28),
    ESPIPE(29),
    EROFS(30),
    EMLINK(31),
    ERANGE(34),
    EDEADLK(35),
    ENAMETOOLONG(36),
    ENOSYS(38),
    ENOTEMPTY(39),
    ELOOP(40),
    ENODATA(61),
    EPROTO(71),
    EOVERFLOW(75),
    EILSEQ(84),
    EOPNOTSUPP(95),
    ENOTCONN(107),
    ESTALE(116),
    EUCLEAN(117);

    private final int number;

    Errno(int number) {
        this.number = number;
    }

    /** Of a number; EIO for one that is not here. */
    public static Errno of(int number) {
        for (Errno errno : values()) {
            if (errno.number == number) {
                return errno;
            }
        }
        return EIO;
    }

    /** What a request is told that something went wrong with which is no answer of the filesystem's. */
    public static Errno ofAccident(Throwable accident) {
        return accident instanceof OutOfMemoryError ? ENOMEM : EIO;
    }

    /** The positive Linux value. */
    public int number() {
        return number;
    }
}
