/** Commands on pools: make, check, show. */
package org.radax.cli.pool;
