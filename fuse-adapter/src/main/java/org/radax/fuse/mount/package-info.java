/** Mounting and unmounting: options, checks of the mount point, who mounts (root or fusermount3), and what is mounted. */
package org.radax.fuse.mount;
