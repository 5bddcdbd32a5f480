/** A fresh look at every checksum of a live volume. Knows structures, not locks: who calls it holds them. */
package org.radax.core.scrub;
