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
    private static final int MOST_OF_A_USER = 256;

    /** What a token stands for. */
    record Grant(int uid, long ino, int generation, boolean writable, long expiresNanos) {}

    /** 128 random bits. */
    record Token(long high, long low) {}

    @GuardedBy("this")
    private final Map<Token, Grant> grants = new HashMap<>();

    private final SecureRandom random = new SecureRandom();

    /** @throws FsException EBUSY if the user asked for hundreds and used none, or all users together for thousands */
    synchronized Token issue(int uid, long ino, int generation, boolean writable, long nowNanos) throws FsException {
        if (isFull(uid)) {
            grants.values().removeIf(grant -> nowNanos - grant.expiresNanos > 0);
        }
        if (isFull(uid)) {
            throw new FsException(Errno.EBUSY, "map", "too many grants are waiting to be used");
        }
        Token token = new Token(random.nextLong(), random.nextLong());
        grants.put(token, new Grant(uid, ino, generation, writable, nowNanos + LIFETIME_NANOS));
        return token;
    }

    @GuardedBy("this")
    private boolean isFull(int uid) {
        return grants.size() >= MOST
                || grants.values().stream().filter(grant -> grant.uid == uid).count() >= MOST_OF_A_USER;
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
