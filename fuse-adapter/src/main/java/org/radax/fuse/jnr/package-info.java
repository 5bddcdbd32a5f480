/** The volume through libfuse 2 and jnr-fuse: paths become inodes, handles numbers, answers negative errno values. */
package org.radax.fuse.jnr;
