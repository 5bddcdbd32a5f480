/**
 * The checker, its repairs, and the dumper. Decides from docs/FORMAT.md alone, with code of its own: nothing that the
 * mount decides with is used here. Everything read is taken for damaged until it proves otherwise.
 *
 * <p>A scan writes nothing; it finds, and notes which fix would mend what it found. Repair scans, fixes, and scans
 * again until nothing more can be mended; what the last scan still finds is left. Each fix is one journal record, so a
 * crash during repair leaves the pool before or after it.
 */
package org.radax.core.check;
