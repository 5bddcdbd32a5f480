/** The FUSE kernel protocol, 7.23 to 7.45: its numbers, its structs, requests decoded and replies encoded in raw memory. */
package org.radax.fuse.wire;
