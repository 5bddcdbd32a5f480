package org.radax.core.crash;

/** A place in the code that writes back or fences: the nearest caller outside the pool and this package. */
public record CallSite(Kind kind, String className, String method, int lineNumber) implements Comparable<CallSite> {
    /** What is called there. */
    public enum Kind {
        WRITE_BACK,
        FENCE
    }

    private static final StackWalker WALKER = StackWalker.getInstance();
    private static final String POOL_PREFIX = "org.radax.core.pool.";
    private static final String CRASH_PREFIX = CallSite.class.getPackageName() + '.';

    static CallSite current(Kind kind) {
        return WALKER.walk(frames -> frames.filter(frame -> !isInside(frame.getClassName()))
                .findFirst()
                .map(frame -> new CallSite(kind, frame.getClassName(), frame.getMethodName(), frame.getLineNumber()))
                .orElseThrow());
    }

    private static boolean isInside(String className) {
        return isIn(POOL_PREFIX, className) || isIn(CRASH_PREFIX, className);
    }

    private static boolean isIn(String packagePrefix, String className) {
        return className.startsWith(packagePrefix) && className.indexOf('.', packagePrefix.length()) < 0;
    }

    @Override
    public int compareTo(CallSite other) {
        int byClass = className.compareTo(other.className);
        int byLine = byClass != 0 ? byClass : Integer.compare(lineNumber, other.lineNumber);
        return byLine != 0 ? byLine : kind.compareTo(other.kind);
    }

    @Override
    public String toString() {
        return kind + " at " + className + "." + method + ":" + lineNumber;
    }
}
