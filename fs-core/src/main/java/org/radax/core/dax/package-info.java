/** Direct access: who maps files straight onto the pool, and how their layout is held still or broken. */
package org.radax.core.dax;
