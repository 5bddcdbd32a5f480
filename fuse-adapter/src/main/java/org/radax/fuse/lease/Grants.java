package org.radax.fuse.lease;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;

/** Tokens that stand for an open file: random, for one use, and for ten seconds. Thread-safe. */
final class Grants {
    private static final long LIFETIME_NANOS = 10_000_000_000L;
    private static final int MOST = 4096;

    /** What a token stands for. */
    record Grant(long ino, int generation, boolean writable, long expiresNanos) {}

    /** 128 random bits. */
    record Token(long high, long low) {}

    @GuardedBy("this")
    private final Map<Token, Grant> grants = new HashMap<>();

    private final SecureRandom random = new SecureRandom();

    /** @throws FsException EBUSY if thousands were asked for and not used */
    synchronized Token issue(long ino, int generation, boolean writable, long nowNanos) throws FsException {
        if (grants.size() >= MOST) {
            grants.values().removeIf(grant -> nowNanos - grant.expiresNanos > 0);
        }
        if (grants.size() >= MOST) {
            throw new FsException(Errno.EBUSY, "map", MOST + " grants are waiting to be used");
        }
        Token token = new Token(random.nextLong(), random.nextLong());
        grants.put(token, new Grant(ino, generation, writable, nowNanos + LIFETIME_NANOS));
        return token;
    }

    /** @throws FsException EACCES for a token that is not known, was used, or is too old */
    synchronized Grant redeem(Token token, long nowNanos) throws FsException {
        Grant grant = grants.remove(token);
        if (grant == null || nowNanos - grant.expiresNanos > 0) {
            throw new FsException(Errno.EACCES, "map", "the grant was used, is too old, or was never given");
        }
        return grant;
    }
}
