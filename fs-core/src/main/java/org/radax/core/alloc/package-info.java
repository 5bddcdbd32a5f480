/**
 * Free space: groups, their bitmaps, runs. Hands block ranges out from volatile state, and stages a transaction's
 * space changes into bitmaps and counts just before its commit. Does not know what blocks are used for.
 */
package org.radax.core.alloc;
