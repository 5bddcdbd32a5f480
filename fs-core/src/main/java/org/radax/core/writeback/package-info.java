/** Makes dirty pages durable: fsync, msync, syncfs, and what the background does. */
package org.radax.core.writeback;
