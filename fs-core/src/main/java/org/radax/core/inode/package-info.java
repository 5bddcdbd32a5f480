/** Where inodes lie, which are in use, and how one is made and given up. docs/FORMAT.md §7, §8. */
package org.radax.core.inode;
