/** The command {@code radax}. */
package org.radax.cli;
