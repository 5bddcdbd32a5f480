/**
 * A plain filesystem in memory, written from POSIX and the Linux manual pages, and the test that drives it and a
 * mount side by side. Shares no code with the filesystem it judges.
 */
package org.radax.it.model;
