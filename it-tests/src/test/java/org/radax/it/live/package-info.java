/** Long and hostile lives of a mount: kills, soaks, little memory, few descriptors, a full host. */
package org.radax.it.live;
