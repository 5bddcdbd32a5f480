/** {@code radax bench}: the same work on Radax and on what else there is, in alternation. */
package org.radax.cli.bench;
