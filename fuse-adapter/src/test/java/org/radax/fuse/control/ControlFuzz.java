package org.radax.fuse.control;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;

/** An input is what a client writes to the control socket. For a fuzzer that is guided by coverage. */
public final class ControlFuzz {
    private ControlFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        JsonLines lines =
                new JsonLines(Channels.newChannel(new ByteArrayInputStream(input)), ControlProtocol.MAX_REQUEST_BYTES);
        try {
            for (String line = lines.read(); line != null; line = lines.read()) {
                answer(line);
            }
        } catch (JsonLines.TooLongException e) {
            // Refused.
        }
    }

    private static void answer(String line) {
        try {
            ControlMessages.Request request = ControlMessages.parseRequest(line);
            ControlMessages.parseRequest(ControlMessages.request(request.verb(), request.arguments()));
        } catch (ControlException e) {
            ControlMessages.failure(e);
        }
        try {
            ControlMessages.resultOf(ControlMessages.parseAnswer(line));
        } catch (ControlException e) {
            ControlMessages.failure(e);
        }
    }
}
