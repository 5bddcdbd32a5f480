package org.radax.core.volume;

/** Who asks: set for each request and passed down. Not thread-safe: one per server thread. */
public final class Caller {
    private int uid;
    private int gid;
    private int pid;
    private int umask;

    public Caller set(int uid, int gid, int pid, int umask) {
        this.uid = uid;
        this.gid = gid;
        this.pid = pid;
        this.umask = umask;
        return this;
    }

    public int uid() {
        return uid;
    }

    public int gid() {
        return gid;
    }

    public int pid() {
        return pid;
    }

    /** The caller's umask where the transport passes it; else 0, the mode being masked already. */
    public int umask() {
        return umask;
    }
}
