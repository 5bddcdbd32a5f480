package org.radax.core.crash;

/**
 * Which write-backs or fences have no effect.
 *
 * @param kind of the call, or null for no fault
 * @param nth the 1-based call of that kind, or 0: all calls of {@code site}
 * @param site or null
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

    boolean suppresses(CallSite current, long number) {
        return current.kind() == kind && (site == null ? number == nth : site.equals(current));
    }
}
