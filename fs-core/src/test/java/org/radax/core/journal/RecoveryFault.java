package org.radax.core.journal;

/** Makes recovery wrong, for tests of the crash tests. */
public final class RecoveryFault {
    private RecoveryFault() {}

    /** Records that a crash tore count as whole. */
    public static void trustTornRecords(boolean trusts) {
        Recovery.trustsTornRecords = trusts;
    }
}
