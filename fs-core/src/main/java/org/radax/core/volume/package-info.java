/**
 * The façade: one method per filesystem operation, on inode numbers and byte ranges. Takes the locks, opens the
 * transactions, and calls down; see docs/LOCKING.md for the order.
 */
package org.radax.core.volume;
