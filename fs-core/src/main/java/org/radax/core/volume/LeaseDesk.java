package org.radax.core.volume;

import org.radax.core.error.FsException;

/** Grants leases: who shows an open file may map it onto the pool. Thread-safe. */
public interface LeaseDesk {
    /** The size of a grant. */
    int GRANT_BYTES = org.radax.core.lease.LeaseProtocol.Grant.SIZE;

    /**
     * Writes a grant ({@link org.radax.core.lease.LeaseProtocol.Grant}) into cleared memory.
     *
     * @throws FsException EOPNOTSUPP for a file that is not in DAX mode; EBUSY or EROFS if it can not be mapped now
     */
    void grant(Caller caller, long ino, boolean writable, long outAddress) throws FsException;

    /**
     * Holds up every store of who has files mapped, until {@link #thaw}: the volume is frozen, and nothing else changes
     * what is mapped. What they stored until then is noted as stored.
     *
     * @throws FsException EBUSY, naming the process, if one can not be held up: to be thawed then
     */
    void freeze() throws FsException;

    /** The stores go on. */
    void thaw();
}
