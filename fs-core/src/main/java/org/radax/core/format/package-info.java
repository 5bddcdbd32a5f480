/** The on-media format: docs/FORMAT.md in Java, one Layout class per structure. Nothing else knows an offset. */
package org.radax.core.format;
