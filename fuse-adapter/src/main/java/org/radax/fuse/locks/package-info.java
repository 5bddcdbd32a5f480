/** Advisory locks: POSIX and open-file-description ranges, flock; waiting requests parked without a thread. */
package org.radax.fuse.locks;
