package org.radax.core.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.radax.core.error.FsException;
import org.radax.core.unit.Bytes;
import org.radax.core.xattr.Acl;
import org.radax.core.xattr.AclText;

final class AclFormTest {
    private static final String ACCESS = "system.posix_acl_access";
    private static final String DEFAULT = "system.posix_acl_default";
    private static final int FILE = 0100644;
    private static final int DIRECTORY = 0040755;
    private static final String RICH = "u::---,u:7:r-x,g::r--,g:9:rwx,m::---,o::---";

    private static byte[] stored(String text) throws FsException {
        return Acl.fromWire(AclText.wire(text)).toStored();
    }

    private static String problem(String name, byte[] value, int mode) {
        return AclForm.problem(name, value, value.length, mode);
    }

    @Test
    void shouldAcceptWhatTheVolumeStores() throws FsException {
        assertNull(problem(ACCESS, stored(RICH), FILE));
        assertNull(problem(ACCESS, stored(RICH), DIRECTORY));
        assertNull(problem(DEFAULT, stored(RICH), DIRECTORY));
        assertNull(problem(DEFAULT, stored("u::rwx,g::r-x,o::r--"), DIRECTORY));
        assertNull(problem(DEFAULT, stored("u::rwx,g::r-x,m::rw-,o::r--"), DIRECTORY));
        assertNull(problem("user.posix_acl_access", new byte[3], FILE));
    }

    @Test
    void shouldFindAclsWhereNoneMayBe() throws FsException {
        assertNotNull(problem(DEFAULT, stored(RICH), FILE));
        assertNotNull(problem(ACCESS, stored(RICH), 0120777));
    }

    @Test
    void shouldFindWhatTheModeSaysAlready() throws FsException {
        assertEquals("no mask", problem(ACCESS, stored("u::---,g::r--,o::---"), FILE));
        for (String text : new String[] {"u::r--,g::r--,m::---,o::---", "u::---,g::r--,m::r--,o::---"}) {
            assertNotNull(problem(ACCESS, stored(text), FILE), text);
            assertNull(problem(DEFAULT, stored(text), DIRECTORY), text);
        }
    }

    @Test
    void shouldFindEveryImpossibleField() throws FsException {
        byte[] rich = stored(RICH);
        assertEquals("11 bytes", problem(ACCESS, Arrays.copyOf(rich, 11), FILE));
        assertEquals("3 bytes", problem(ACCESS, Arrays.copyOf(rich, 3), FILE));
        int[][] damages = {{1, 0x20}, {3, 1}, {1, 0x02}, {4, 1}, {4, 4}, {4, 16}, {6, 8}, {7, 1}};
        for (int[] damage : damages) {
            byte[] changed = rich.clone();
            changed[damage[0]] = (byte) damage[1];
            assertNotNull(problem(ACCESS, changed, FILE), Arrays.toString(damage));
        }
        byte[] nobody = rich.clone();
        Bytes.putInt(nobody, 8, -1);
        assertEquals("impossible entry 0", problem(ACCESS, nobody, FILE));
        byte[] disorder = rich.clone();
        Bytes.putShort(disorder, 4, 8);
        Bytes.putShort(disorder, 12, 2);
        assertEquals("tag 2 in entry 1", problem(ACCESS, disorder, FILE));
        byte[] maskless = stored("u::rwx,g::r-x,o::r--");
        Bytes.putInt(maskless, 0, Bytes.getInt(maskless, 0) | 1 << 3);
        assertNotNull(problem(DEFAULT, maskless, DIRECTORY));
    }
}
