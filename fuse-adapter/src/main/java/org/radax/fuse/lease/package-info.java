/** Serves processes that map files of the mount onto the pool: grants, connections, what each has mapped where. */
package org.radax.fuse.lease;
