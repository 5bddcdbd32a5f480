/**
 * Crash tests as a JUnit 5 extension: run code against a pool, and check every pool that a power cut could leave.
 * docs/CRASH-JUNIT.md is for its users.
 */
package org.radax.junit;
