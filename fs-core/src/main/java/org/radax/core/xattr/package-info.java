/** Extended attributes: a chain of blocks per inode, replaced copy-on-write. docs/FORMAT.md §11. */
package org.radax.core.xattr;
