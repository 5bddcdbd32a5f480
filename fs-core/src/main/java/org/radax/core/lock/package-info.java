/** The order of locks, held where assertions are on. */
package org.radax.core.lock;
