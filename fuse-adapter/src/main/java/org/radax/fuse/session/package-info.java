/** A conversation with the kernel: negotiation, server threads on /dev/fuse, notifications, the end. */
package org.radax.fuse.session;
