package org.radax.core.crash;

import java.util.Set;
import org.radax.core.pool.PersistenceDomain;

/**
 * A place in the code that writes back, fences, or commits a journal record: the nearest caller that is no domain, lies
 * outside the pool and this package, and does not do it on behalf of its own callers.
 */
public record CallSite(Kind kind, String className, String method, int lineNumber) implements Comparable<CallSite> {
    /** What is called there. */
    public enum Kind {
        WRITE_BACK,
        FENCE,
        RECORD;

        /** Whether a method does it for its callers, each of which is a place then. */
        boolean isOnBehalf(String method) {
            return switch (this) {
                case WRITE_BACK -> WRITE_BACKS_ON_BEHALF.contains(method);
                case FENCE -> FENCES_ON_BEHALF.contains(method);
                case RECORD -> method.equals("commit");
            };
        }
    }

    private static final Set<String> WRITE_BACKS_ON_BEHALF =
            Set.of("writeFresh", "store", "forEachWord", "direct", "forget", "forgetWords");
    private static final Set<String> FENCES_ON_BEHALF = Set.of("store", "direct");
    private static final StackWalker WALKER = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    private static final String JDK_PREFIX = "java.";
    private static final String POOL_PREFIX = "org.radax.core.pool.";
    private static final String JOURNAL_PREFIX = "org.radax.core.journal.";
    private static final String CRASH_PREFIX = CallSite.class.getPackageName() + '.';

    static CallSite current(Kind kind) {
        return WALKER.walk(frames -> frames.filter(frame -> isPlace(kind, frame))
                .findFirst()
                .map(frame -> new CallSite(kind, frame.getClassName(), frame.getMethodName(), frame.getLineNumber()))
                .orElseThrow());
    }

    private static boolean isPlace(Kind kind, StackWalker.StackFrame frame) {
        return isPlace(kind, frame.getDeclaringClass(), frame.getMethodName());
    }

    /** Whether what is called in a method is called for its own sake. */
    public static boolean isPlace(Kind kind, Class<?> declaring, String method) {
        String name = declaring.getName();
        return !name.startsWith(JDK_PREFIX)
                && !isIn(POOL_PREFIX, name)
                && !isIn(CRASH_PREFIX, name)
                && !(kind == Kind.RECORD && isIn(JOURNAL_PREFIX, name))
                && !PersistenceDomain.class.isAssignableFrom(declaring)
                && !kind.isOnBehalf(method);
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
