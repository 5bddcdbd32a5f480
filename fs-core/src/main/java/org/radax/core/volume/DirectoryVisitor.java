package org.radax.core.volume;

/** Receives the entries of a directory, in cookie order. */
@FunctionalInterface
public interface DirectoryVisitor {
    /**
     * One entry.
     *
     * @param cookie where to go on after this entry; 1 to 2^63-1
     * @param type {@code DT_*} value (mode >> 12)
     * @param name the name's bytes, valid during the call, up to {@code nameLength}
     * @param attributes the entry's attributes if they were asked for and it is not "." or ".."; else null
     * @return false: no room, stop; this entry was not taken (and no reference on its inode)
     */
    boolean entry(long cookie, long ino, int type, byte[] name, int nameLength, Attributes attributes);
}
