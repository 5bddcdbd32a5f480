package org.radax.fuse.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Sizes and telling offsets of the protocol's structs, as the kernel's linux/fuse.h has them. */
final class LayoutTest {
    @Test
    void shouldHaveTheSizesOfTheKernelsStructs() {
        assertEquals(40, Headers.In.SIZE);
        assertEquals(16, Headers.Out.SIZE);
        assertEquals(16, InitLayouts.In.SHORT_SIZE);
        assertEquals(64, InitLayouts.In.SIZE);
        assertEquals(64, InitLayouts.Out.SIZE);
        assertEquals(32, InitLayouts.Out.FLAGS2);
        assertEquals(88, AttributeLayouts.Attr.SIZE);
        assertEquals(60, AttributeLayouts.Attr.MODE);
        assertEquals(104, AttributeLayouts.AttrOut.SIZE);
        assertEquals(128, AttributeLayouts.EntryOut.SIZE);
        assertEquals(16, AttributeLayouts.GetattrIn.SIZE);
        assertEquals(88, AttributeLayouts.SetattrIn.SIZE);
        assertEquals(68, AttributeLayouts.SetattrIn.MODE);
        assertEquals(24, AttributeLayouts.StatxIn.SIZE);
        assertEquals(288, AttributeLayouts.StatxOut.SIZE);
        assertEquals(80, AttributeLayouts.StatfsOut.SIZE);
        assertEquals(16, NameLayouts.MknodIn.SIZE);
        assertEquals(8, NameLayouts.MkdirIn.SIZE);
        assertEquals(8, NameLayouts.RenameIn.SIZE);
        assertEquals(16, NameLayouts.RenameIn.SIZE2);
        assertEquals(16, NameLayouts.ForgetOne.SIZE);
        assertEquals(24, NameLayouts.Dirent.NAME);
        assertEquals(8, FileLayouts.OpenIn.SIZE);
        assertEquals(16, FileLayouts.CreateIn.SIZE);
        assertEquals(16, FileLayouts.OpenOut.SIZE);
        assertEquals(40, FileLayouts.ReadIn.SIZE);
        assertEquals(40, FileLayouts.WriteIn.SIZE);
        assertEquals(24, FileLayouts.ReleaseIn.SIZE);
        assertEquals(24, FileLayouts.FlushIn.SIZE);
        assertEquals(16, FileLayouts.FsyncIn.SIZE);
        assertEquals(32, FileLayouts.FallocateIn.SIZE);
        assertEquals(24, FileLayouts.LseekIn.SIZE);
        assertEquals(56, FileLayouts.CopyIn.SIZE);
        assertEquals(48, FileLayouts.LockIn.SIZE);
        assertEquals(24, FileLayouts.FileLock.SIZE);
        assertEquals(32, IoctlLayouts.In.SIZE);
        assertEquals(16, IoctlLayouts.Out.SIZE);
        assertEquals(28, IoctlLayouts.FsXattr.SIZE);
        assertEquals(24, IoctlLayouts.TrimRange.SIZE);
    }
}
