package org.radax.core.crash;

/**
 * Which write-backs, fences or records have no effect.
 *
 * @param kind of the call, or null for no fault
 * @param nth the 1-based call of that kind, or 0: all calls of {@code site}
 * @param site by its class and line; without a line, all of its class; or null
 */
public record FaultPlan(CallSite.Kind kind, long nth, CallSite site) {
    public static FaultPlan none() {
        return new FaultPlan(null, 0, null);
    }

    public static FaultPlan nth(CallSite.Kind kind, long nth) {
        return new FaultPlan(kind, nth, null);
    }

    public static FaultPlan site(CallSite site) {
        return new FaultPlan(site.kind(), 0, site);
    }

    /** All calls of a class, by its full name. */
    public static FaultPlan inClass(CallSite.Kind kind, String className) {
        return site(new CallSite(kind, className, "", 0));
    }

    boolean suppresses(CallSite current, long number) {
        if (current.kind() != kind) {
            return false;
        }
        if (site == null) {
            return number == nth;
        }
        return site.className().equals(current.className())
                && (site.lineNumber() == 0 || site.lineNumber() == current.lineNumber());
    }
}
