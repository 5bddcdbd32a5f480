/** Commands about mapped and dirty pages, and about files in DAX mode. */
package org.radax.cli.dax;
