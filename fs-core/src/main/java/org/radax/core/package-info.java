/** The volume: everything of Radax that is not FUSE. See docs/DESIGN.md for the rooms. */
package org.radax.core;
