/** The operating system: the few libc calls Radax makes, through jnr-ffi, and their errors. */
package org.radax.core.os;
