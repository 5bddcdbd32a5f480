/**
 * Atomic, durable changes of metadata: redo transactions on lanes, and their recovery. docs/FORMAT.md §4, §5, §12.
 * Knows words and space changes, not what they mean.
 */
package org.radax.core.journal;
