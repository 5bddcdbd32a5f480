/** What is made out of the commands' own descriptions: man pages and shell completion. */
package org.radax.cli.manual;
