/** {@code radax quickstart}. */
package org.radax.cli.quickstart;
