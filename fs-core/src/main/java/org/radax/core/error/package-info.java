/** What can go wrong: errno values and the exceptions that carry them. Knows nothing else of the project. */
package org.radax.core.error;
