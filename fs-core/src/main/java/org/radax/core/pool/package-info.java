/**
 * The pool as memory: mapped once, whole; every store goes through {@link org.radax.core.pool.PoolMemory}, every
 * durability through its {@link org.radax.core.pool.PersistenceDomain}. Knows bytes, not structures.
 */
package org.radax.core.pool;
