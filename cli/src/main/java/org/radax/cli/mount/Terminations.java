package org.radax.cli.mount;

import java.util.List;
import java.util.function.Consumer;
import jdk.internal.misc.Signal;

/** SIGINT, SIGTERM and SIGHUP as a request to end, not as the end. */
final class Terminations {
    private static final List<String> SIGNALS = List.of("INT", "TERM", "HUP");

    private Terminations() {}

    /** Calls {@code action} with the signal's name, on a thread of its own, each time one arrives. */
    static void handle(Consumer<String> action) {
        for (String name : SIGNALS) {
            Signal.handle(new Signal(name), signal -> action.accept("SIG" + signal.getName()));
        }
    }
}
