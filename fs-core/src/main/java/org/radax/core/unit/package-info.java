/** Units (blocks, pages, lines) and their conversions. The bottom of the project. */
package org.radax.core.unit;
