/** Commands that ask a mount: about mapped and dirty pages, files in DAX mode, its rest, and its checksums. */
package org.radax.cli.dax;
