/**
 * The one tree of the format: records of (key word, value word) under an inline root. docs/FORMAT.md §9. Extents,
 * directories and orphans are kept in it; it knows none of them.
 */
package org.radax.core.btree;
