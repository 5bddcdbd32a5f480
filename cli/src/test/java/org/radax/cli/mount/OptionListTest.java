package org.radax.cli.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.radax.cli.console.CommandFailure;
import org.radax.core.volume.VolumeOptions;
import org.radax.fuse.mount.Atime;
import org.radax.fuse.mount.CachePolicy;
import org.radax.fuse.mount.TransportKind;

final class OptionListTest {
    private static final Path POOL = Path.of("/dev/shm/p");
    private static final Path DIRECTORY = Path.of("/mnt");

    @Test
    void shouldTakeWhatFstabWrites() throws Exception {
        OptionList options = parse("defaults,auto,noauto,user,_netdev,nofail,x-systemd.automount,comment=hi");

        assertEquals(List.of(), options.explicit());
        assertFalse(options.remount());
    }

    @Test
    void shouldSetEveryOption() throws Exception {
        MountRequest request = parse("ro,noatime,suid,dev,noexec,allow_other,default_permissions,nonempty,nodiscard,"
                        + "dax=always,cache=writeback,threads=5,transport=jnr-fuse")
                .request(POOL, DIRECTORY, false, "auto");

        assertEquals(
                List.of(
                        "ro",
                        "suid",
                        "dev",
                        "noexec",
                        "noatime",
                        "allow_other",
                        "default_permissions",
                        "nonempty",
                        "dax=always",
                        "data=in-place",
                        "cache=writeback",
                        "threads=5",
                        "transport=jnr-fuse",
                        "nodiscard"),
                request.optionNames());
        assertEquals("/dev/shm/p", request.mount().source());
        assertEquals(Atime.NOATIME, request.mount().atime());
        assertEquals(CachePolicy.WRITEBACK, request.mount().cache());
        assertEquals(TransportKind.JNR_FUSE, request.mount().transport());
        assertEquals(
                new VolumeOptions(true, VolumeOptions.Dax.ALWAYS, VolumeOptions.Access.NOATIME, "auto", false, false),
                request.volume());
    }

    @Test
    void shouldMapNothingWhereDataIsAtomic() throws Exception {
        MountRequest request = parse("data=atomic").request(POOL, DIRECTORY, false, "auto");
        assertTrue(request.optionNames().containsAll(List.of("data=atomic", "dax=never")));
        for (String with : List.of("dax=always", "dax=inode", "lazy_writeback")) {
            CommandFailure e = assertThrows(CommandFailure.class, () -> parse("data=atomic," + with));
            assertTrue(e.getMessage().contains(with), e.getMessage());
        }
    }

    @Test
    void shouldBeForEverybodyWhenRootMounts() throws Exception {
        List<String> names = parse("").request(POOL, DIRECTORY, true, "auto").optionNames();

        assertTrue(names.containsAll(List.of("rw", "allow_other", "default_permissions")), names.toString());
    }

    @Test
    void shouldLetTheLaterOptionWin() throws Exception {
        assertEquals(false, OptionList.parse(List.of("ro", "rw"), false).readOnly());
        assertEquals(true, parse("rw,ro").readOnly());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "frobnicate",
                "ro,frob=1",
                "ro=1",
                "dax",
                "dax=",
                "dax=perhaps",
                "data=safe",
                "cache=fast",
                "threads=0",
                "threads=65",
                "threads=-1",
                "threads=99999999999",
                "threads"
            })
    void shouldRefuseUnknownOptionsByName(String list) {
        CommandFailure e = assertThrows(CommandFailure.class, () -> parse(list));

        String last = list.substring(list.lastIndexOf(',') + 1);
        assertTrue(e.getMessage().contains(last), e.getMessage());
        assertEquals(1, e.exitCode(32));
    }

    @Test
    void shouldIgnoreUnknownOptionsWhenSloppy() throws Exception {
        assertEquals(
                List.of("ro"), OptionList.parse(List.of("frobnicate,ro"), true).explicit());
    }

    private static OptionList parse(String list) throws CommandFailure {
        return OptionList.parse(List.of(list), false);
    }
}
