package org.radax.fuse.control;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;

/** Who is at the other end, as the kernel says (SO_PEERCRED). */
record Peer(UserPrincipal user) {
    static Peer of(SocketChannel channel) throws IOException {
        return new Peer(channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user());
    }

    boolean mayChange(UserPrincipal owner) {
        return user.equals(owner) || user.equals(root());
    }

    private static UserPrincipal root() {
        try {
            return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName("root");
        } catch (IOException e) {
            // No user database: then only the owner may.
            return null;
        }
    }
}
