package org.radax.fuse.control;

/**
 * Numbers and names of the protocol: one JSON object on a line each way, UTF-8.
 *
 * <pre>
 *   → {"v":1,"verb":"info","args":{}}
 *   ← {"v":1,"progress":{…}}          any number of them, of verbs that take long
 *   ← {"v":1,"ok":true,"result":{…}}
 *   ← {"v":1,"ok":false,"error":{"code":"EBUSY","message":"…"}}
 * </pre>
 *
 * Unknown members are ignored, an unknown verb or version is an error reply. A version only changes when an old
 * client would misread a reply.
 */
public final class ControlProtocol {
    public static final int VERSION = 1;

    /** Longest request. A longer one is answered with an error and the connection closed. */
    public static final int MAX_REQUEST_BYTES = 64 << 10;

    /** Longest reply a client takes. */
    public static final int MAX_REPLY_BYTES = 16 << 20;

    /** Deepest nesting of a request: the JSON parser recurses. */
    public static final int MAX_DEPTH = 16;

    /** Connections served at once; the one idle for longest makes room for a new one. */
    public static final int MAX_CONNECTIONS = 32;

    public static final String PING = "ping";
    public static final String INFO = "info";
    public static final String REMOUNT = "remount";
    public static final String UNMOUNT = "unmount";
    public static final String DIRTY = "dirty";
    public static final String CLIENTS = "clients";
    public static final String POWER_CUT = "power-cut";
    public static final String SUPPRESS = "suppress";
    public static final String CALL_SITES = "call-sites";
    public static final String TRACE = "trace";
    public static final String SYNC = "sync";
    public static final String STATS = "stats";
    public static final String FREEZE = "freeze";
    public static final String THAW = "thaw";
    public static final String SCRUB = "scrub";

    private ControlProtocol() {}
}
