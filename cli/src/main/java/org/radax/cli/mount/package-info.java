/** Mounting: options, the daemon and its control verbs, going to the background, unmounting. */
package org.radax.cli.mount;
