/**
 * The control socket: one per mount, JSON lines, for what no system call can carry. A verb is a {@link
 * org.radax.fuse.control.ControlHandler} in a {@link org.radax.fuse.control.ControlRegistry}; docs/DESIGN.md lists them.
 */
package org.radax.fuse.control;
