package org.radax.core.xattr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.radax.core.error.CorruptPoolException;
import org.radax.core.error.Errno;
import org.radax.core.error.FsException;

final class AclTest {
    private static final String RICH = "u::rwx,u:7:r-x,u:4000000000:-w-,g::r--,g:9:rwx,g:3:---,m::rw-,o::--x";

    private static Acl acl(String text) throws FsException {
        return Acl.fromWire(AclText.wire(text));
    }

    private static String text(Acl acl) {
        return AclText.text(acl.toWire());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "u::rw-,g::r--,o::---",
                "u::rw-,g::r--,m::r--,o::---",
                "u::---,u:0:rwx,g::---,m::---,o::---",
                "u::---,g::---,g:1:rwx,m::rwx,o::---",
                RICH
            })
    void shouldKeepEveryValidAcl(String text) throws FsException {
        assertEquals(text, text(acl(text)));
        assertEquals(text, text(Acl.fromStored(acl(text).toStored(), 0)));
    }

    /** What posix_acl_valid refuses. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "u::rw-",
                "u::rw-,g::r--",
                "g::r--,o::---",
                "u::rw-,o::---",
                "u::rw-,g::r--,o::---,o::---",
                "u::rw-,u::rw-,g::r--,o::---",
                "u::rw-,g::r--,m::r--,m::r--,o::---",
                "u::rw-,o::---,g::r--",
                "g::r--,u::rw-,o::---",
                "u::rw-,g::r--,o::---,m::r--",
                "u::rw-,u:7:r--,g::r--,o::---",
                "u::rw-,g::r--,g:7:r--,o::---",
                "u::rw-,g::r--,u:7:r--,m::rwx,o::---",
                "u::rw-,g::r--,m::rwx,g:7:r--,o::---",
                "u:7:r--,u::rw-,g::r--,m::rwx,o::---",
                "u::rw-,u:4294967295:r--,g::r--,m::r--,o::---",
                "u::!,g::r--,o::---",
                "u::rw-,g::r--,o::---,64::r--",
                "0::rw-,u::rw-,g::r--,o::---",
                "u::rw-,3:5:r--,g::r--,m::r--,o::---"
            })
    void shouldRefuseWhatIsNoValidAcl(String text) {
        assertEquals(
                Errno.EINVAL, assertThrows(FsException.class, () -> acl(text)).errno());
    }

    @Test
    void shouldRefuseWhatIsNoAclAtAll() throws FsException {
        byte[] wire = AclText.wire("u::rw-,g::r--,o::---");
        for (int length = 1; length < wire.length; length++) {
            byte[] cut = Arrays.copyOf(wire, length);
            if (length != 4) {
                FsException e = assertThrows(FsException.class, () -> Acl.fromWire(cut), "length " + length);
                assertEquals(Errno.EINVAL, e.errno());
            }
        }
        wire[0] = 3;
        assertEquals(
                Errno.EOPNOTSUPP,
                assertThrows(FsException.class, () -> Acl.fromWire(wire)).errno());
        byte[] large = AclText.wire("u::rw-" + ",u:1:r--".repeat(509) + ",g::r--,m::r--,o::---");
        assertEquals(4 + 8 * 513, large.length);
        assertEquals(
                Errno.E2BIG,
                assertThrows(FsException.class, () -> Acl.fromWire(large)).errno());
        String largest = "u::rw-" + ",u:1:r--".repeat(507) + ",g::r--,m::r--,o::---";
        assertEquals(largest, text(acl(largest)));
    }

    @Test
    void shouldTakeNoEntriesForNoAcl() throws FsException {
        assertNull(Acl.fromWire(new byte[0]));
        assertNull(acl(""));
    }

    /** posix_acl_equiv_mode. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "u::rw-,g::r--,o::---|640|true",
                "u::rwx,g::rwx,o::rwx|777|true",
                "u::rw-,g::r--,m::rw-,o::---|660|false",
                "u::rw-,u:7:rwx,g::rwx,m::---,o::--x|601|false"
            })
    void shouldSayWhichModeItAmountsTo(String text, String mode, boolean isMode) throws FsException {
        assertEquals(Integer.parseInt(mode, 8), acl(text).mode());
        assertEquals(isMode, acl(text).isMode());
    }

    /** posix_acl_chmod. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "u::rw-,g::r--,o::---|751|u::rwx,g::r-x,o::--x",
                "u::rw-,u:7:rwx,g::rwx,m::r--,o::---|6751|u::rwx,u:7:rwx,g::rwx,m::r-x,o::--x",
                "u::rwx,g::rwx,g:7:rwx,m::rwx,o::rwx|0|u::---,g::rwx,g:7:rwx,m::---,o::---"
            })
    void shouldFollowChmod(String text, String mode, String expected) throws FsException {
        Acl changed = acl(text).withMode(Integer.parseInt(mode, 8));
        assertEquals(expected, text(changed));
        assertEquals(Integer.parseInt(mode, 8) & 0777, changed.mode());
    }

    /** posix_acl_create: the ACL bounds the mode, and the mode the ACL. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "u::rwx,g::r-x,o::---|666|u::rw-,g::r--,o::---",
                "u::rwx,u:7:rwx,g::r-x,m::rwx,o::r-x|644|u::rw-,u:7:rwx,g::r-x,m::r--,o::r--",
                "u::r--,u:7:rwx,g::rwx,m::r-x,o::r-x|777|u::r--,u:7:rwx,g::rwx,m::r-x,o::r-x",
                "u::rwx,g::rwx,g:7:r--,m::rwx,o::rwx|0|u::---,g::rwx,g:7:r--,m::---,o::---"
            })
    void shouldBeInherited(String text, String mode, String expected) throws FsException {
        assertEquals(expected, text(acl(text).inheritedWith(Integer.parseInt(mode, 8))));
    }

    @Test
    void shouldBeStoredCompactlyAndReadWithCare() throws FsException {
        byte[] stored = acl(RICH).toStored();
        assertEquals(4 + 8 * 4, stored.length);
        assertArrayEquals(new byte[] {(byte) 0xf1, 0x19, 0, 0}, Arrays.copyOf(stored, 4));
        for (int length : new int[] {0, 3, 5, stored.length - 1}) {
            assertThrows(CorruptPoolException.class, () -> Acl.fromStored(Arrays.copyOf(stored, length), 0));
        }
    }
}
