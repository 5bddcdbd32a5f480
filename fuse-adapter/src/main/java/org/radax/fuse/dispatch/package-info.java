/** From one decoded request to one call on the filesystem and one reply. */
package org.radax.fuse.dispatch;
