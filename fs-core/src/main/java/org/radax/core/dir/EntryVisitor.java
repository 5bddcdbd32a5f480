package org.radax.core.dir;

import org.radax.core.error.FsException;

/** Receives entries in key order. */
@FunctionalInterface
public interface EntryVisitor {
    /** One entry; its name is valid during the call. Returns false to stop. */
    boolean entry(long key, long ino, int type, byte[] name, int nameLength) throws FsException;
}
