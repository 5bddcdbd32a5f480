package org.radax.cli.bench;

import java.nio.file.Path;

/** A filesystem to measure: a directory of its own, and what has to be undone afterwards. */
record Target(String name, Path directory) {}
