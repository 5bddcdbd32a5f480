package org.radax.fuse.jnr;

import java.nio.charset.StandardCharsets;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;
import org.radax.core.volume.Attributes;
import org.radax.core.volume.FileSystem;
import org.radax.core.volume.Name;

/** From libfuse's paths ("/", "/a/b"; each char a byte, see {@link TextOperations}) to inodes. Thread-safe. */
final class PathWalk {
    private final FileSystem fs;
    private final HiddenFiles hidden;

    PathWalk(FileSystem fs, HiddenFiles hidden) {
        this.fs = fs;
        this.hidden = hidden;
    }

    /** An inode found, with a reference on it that {@link #close} gives back. */
    static final class Found implements AutoCloseable {
        final Attributes attributes = new Attributes();
        private final FileSystem fs;
        private long referenced;

        Found(FileSystem fs) {
            this.fs = fs;
            attributes.ino = FileSystem.ROOT_INO;
        }

        long ino() {
            return attributes.ino;
        }

        /** Goes to an entry of this directory. */
        private boolean descend(Name name) throws FsException {
            boolean found = fs.lookup(attributes.ino, name, attributes);
            if (found) {
                close();
                referenced = attributes.ino;
            }
            return found;
        }

        @Override
        public void close() {
            if (referenced != 0) {
                fs.forget(referenced, 1);
                referenced = 0;
            }
        }
    }

    /** The inode a path names, attributes filled; ENOENT. Close it. */
    Found find(String path) throws FsException {
        Found found = parent(path);
        boolean done = false;
        try {
            if (path.length() == 1) {
                fs.getattr(found.ino(), found.attributes);
            } else if (hidden.contains(lastName(path))) {
                found.close();
                fs.getattr(hidden.inode(lastName(path)), found.attributes);
            } else if (!found.descend(name(lastName(path)))) {
                throw notFound(path);
            }
            done = true;
            return found;
        } finally {
            if (!done) {
                found.close();
            }
        }
    }

    /** The directory a path's last name is in; of the root, the root. Close it. */
    Found parent(String path) throws FsException {
        Found found = new Found(fs);
        boolean done = false;
        try {
            int start = 1;
            for (int end = path.indexOf('/', start); end >= 0; end = path.indexOf('/', start)) {
                if (!found.descend(name(path.substring(start, end)))) {
                    throw notFound(path);
                }
                start = end + 1;
            }
            done = true;
            return found;
        } finally {
            if (!done) {
                found.close();
            }
        }
    }

    private static FsException notFound(String path) {
        return new FsException(Errno.ENOENT, "path", readable(path));
    }

    static String lastName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    static Name name(String text) throws FsException {
        byte[] bytes = bytes(text);
        return new Name().set(bytes, 0, bytes.length);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** For messages. */
    static String readable(String text) {
        return text == null ? "without a path" : new String(bytes(text), StandardCharsets.UTF_8);
    }
}
