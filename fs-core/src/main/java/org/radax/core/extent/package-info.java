/** Which pool blocks a file's blocks are: extents, kept in the file's tree. Does not know who hands blocks out. */
package org.radax.core.extent;
