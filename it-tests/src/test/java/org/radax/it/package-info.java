/** Tests on real mounts, through {@code ./radax} as a person uses it. */
package org.radax.it;
