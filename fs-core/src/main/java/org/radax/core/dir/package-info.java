/** Directories: names to inode numbers, in buckets under a tree of hashed keys. docs/FORMAT.md §10. */
package org.radax.core.dir;
