/** What the suites drive: the launcher as a person does, programs of the machine, and system calls. */
package org.radax.it.harness;
