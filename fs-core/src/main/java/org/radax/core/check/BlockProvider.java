package org.radax.core.check;

import org.radax.core.error.PoolException;

/** Makes the host set memory aside for a block before it is stored to; see {@code PoolFile.provide}. */
interface BlockProvider {
    void provide(long poolOffset, long lengthBytes) throws PoolException;
}
