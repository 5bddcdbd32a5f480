/** What every command needs of the terminal: exit codes, one-line errors, sizes, text and JSON. */
package org.radax.cli.console;
