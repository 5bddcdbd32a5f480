/** Files of a Radax mount, mapped straight onto its pool: loads and stores without a copy, durable when forced. */
package org.radax.dax;
