package org.radax.core.attack;

/**
 * A structure in a pool, and what its checksum covers.
 *
 * @param layout the simple name of its Layout class
 * @param poolOffset where it lies
 * @param checkedBytes bytes under its checksum; 0 for none
 */
record Structure(String layout, long poolOffset, int checkedBytes) {}
