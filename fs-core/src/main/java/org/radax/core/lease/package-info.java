/** The words between a server and the processes that map files onto its pool. */
package org.radax.core.lease;
