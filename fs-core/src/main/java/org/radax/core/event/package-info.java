/** Java Flight Recorder's events: what took how long. They cost nothing while nobody records. */
package org.radax.core.event;
