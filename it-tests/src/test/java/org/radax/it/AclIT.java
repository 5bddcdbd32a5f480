package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/** POSIX ACLs, setuid, setgid and capabilities, seen by several users. Needs root, to become others. */
final class AclIT {
    private static final int ALICE = 21001;
    private static final int BOB = 21002;
    private static final int STAFF = 21050;

    private Volume volume;
    private Path root;

    @BeforeEach
    void needPrograms() {
        Environment.needsProgram("setfacl");
        Environment.needsProgram("setpriv");
    }

    @AfterEach
    void close() throws IOException, InterruptedException {
        if (volume != null) {
            volume.close();
        }
    }

    private void mount(String... options) throws IOException, InterruptedException {
        volume = Volume.mounted("256M", options);
        root = volume.directory();
        // Others have to come by.
        Files.setPosixFilePermissions(root.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Run sh(String script) throws IOException, InterruptedException {
        return Run.in(root, "sh", "-c", script);
    }

    private Run as(int user, int group, String script) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("setpriv", "--reuid=" + user, "--regid=" + group));
        command.addAll(List.of("--clear-groups", "--inh-caps=-all", "sh", "-c", script));
        return Run.in(root, command.toArray(new String[0]));
    }

    private void assertMay(int user, int group, String script) throws IOException, InterruptedException {
        as(user, group, script).ok();
    }

    private void assertMayNot(int user, int group, String script) throws IOException, InterruptedException {
        Run run = as(user, group, script);
        assertTrue(run.code() != 0 && run.err().contains("Permission denied"), () -> script + ": " + run);
    }

    /** In one line, without comments. */
    private String acl(String name) throws IOException, InterruptedException {
        return Run.in(root, "getfacl", "-cnpE", name).ok().out().strip().replace('\n', ' ');
    }

    private String mode(String name) throws IOException, InterruptedException {
        return Run.in(root, "stat", "-c", "%a", name).ok().out().strip();
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "none", "writeback"})
    @Tag("smoke")
    void shouldEnforceAcls(String cache) throws Exception {
        Environment.needsKernelTransport("setting POSIX ACLs");
        mount("-o", "cache=" + cache);
        sh("echo text > f && chmod 640 f && setfacl -m u:" + ALICE + ":rw,g:" + STAFF + ":r f")
                .ok();
        assertEquals("660", mode("f"));
        assertMay(ALICE, ALICE, "cat f && echo more >> f");
        assertMay(BOB, STAFF, "cat f");
        assertMayNot(BOB, STAFF, "echo more >> f");
        assertMayNot(BOB, BOB, "cat f");
        assertMayNot(ALICE, STAFF, "setfacl -m u:" + BOB + ":r f || { echo Permission denied >&2; false; }");

        // The mask holds at once, and so does taking an entry away: no cache remembers better days.
        sh("chmod g-w f").ok();
        assertEquals(
                "user::rw- user:" + ALICE + ":rw- group::r-- group:" + STAFF + ":r-- mask::r-- other::---", acl("f"));
        assertMay(ALICE, ALICE, "cat f");
        assertMayNot(ALICE, ALICE, "echo more >> f");
        sh("setfacl -x u:" + ALICE + " f").ok();
        assertMayNot(ALICE, ALICE, "cat f");
        sh("setfacl -b f").ok();
        assertMayNot(BOB, STAFF, "cat f");
        assertEquals("user::rw- group::r-- other::---", acl("f"));

        sh("mkdir d && chmod 700 d && setfacl -m u:" + BOB + ":--x d && echo in > d/f")
                .ok();
        assertMay(BOB, BOB, "cat d/f");
        assertMayNot(BOB, BOB, "ls d");
        volume.unmount();
        volume.fsckClean();
    }

    @ParameterizedTest
    @CsvSource({"077", "022"})
    void shouldInheritDefaultAclsWhateverTheUmask(String umask) throws Exception {
        Environment.needsKernelTransport("setting POSIX ACLs");
        mount();
        sh("mkdir d plain && chmod 777 d plain && setfacl -d -m u::rwx,u:" + BOB + ":rwx,g::r-x,o::- d")
                .ok();
        assertMay(
                ALICE, ALICE, "umask " + umask + "; echo x > d/f; mkdir d/s; mkfifo d/p; ln -s f d/l; echo x > d/s/f");
        assertMay(ALICE, ALICE, "umask " + umask + "; echo x > plain/f; mkdir plain/s");
        String file = "user::rw- user:" + BOB + ":rwx group::r-x mask::rw- other::---";
        for (int round = 0; round < 2; round++) {
            assertEquals(file, acl("d/f"));
            assertEquals(file, acl("d/p"));
            assertEquals(file, acl("d/s/f"));
            assertEquals("660", mode("d/f"));
            assertTrue(acl("d/s").contains("default:user:" + BOB + ":rwx"), acl("d/s"));
            assertEquals(umask.equals("077") ? "600" : "644", mode("plain/f"));
            assertEquals(umask.equals("077") ? "700" : "755", mode("plain/s"));
            assertMay(BOB, BOB, "echo more >> d/f && echo x > d/s/bobs" + round);
            assertMayNot(21003, 21003, "cat d/f");
            volume.cycle();
        }
    }

    @Test
    void shouldBeKeptByCpRsyncAndTar() throws Exception {
        Environment.needsKernelTransport("setting POSIX ACLs");
        mount();
        String make = "mkdir src && cd src && mkdir d && setfacl -m u:" + ALICE + ":rwx,g:" + STAFF + ":x d"
                + " && setfacl -d -m u:" + BOB + ":r,g::rwx d && umask 027 && echo 1 > d/f && mkdir d/s"
                + " && echo 2 > g && chmod 604 g && setfacl -m u:" + BOB + ":rw g";
        String source = tree(volume.scratch(), make);
        assertTrue(source.contains("default:user:" + BOB + ":r--") && source.contains("mask::"), source);
        String from = volume.scratch().resolve("src").toString();
        sh("cp -a " + from + " cp && rsync -aA " + from + "/ rsync && mkdir tar && tar --acls -C " + from
                        + " -cf - . | tar --acls -C tar -xpf -")
                .ok();
        sh(make).ok();
        volume.cycle();
        for (String copy : List.of("cp", "rsync", "tar", "src")) {
            assertEquals(source, tree(root.resolve(copy), "true"), copy);
        }
        String back = volume.scratch().resolve("back").toString();
        sh("cp -a cp " + back + " && rsync -aAn --itemize-changes rsync/ " + back)
                .ok();
        assertEquals(source, tree(Path.of(back), "true"));
        sh("rm -r cp rsync tar src").ok();
        volume.unmount();
        volume.fsckClean();
    }

    /** Runs a script in a directory, and says what ACLs there are then, below src if that is there. */
    private static String tree(Path directory, String script) throws IOException, InterruptedException {
        Run.in(directory, "sh", "-c", script).ok();
        Path top = Files.exists(directory.resolve("src")) ? directory.resolve("src") : directory;
        String acls = Run.in(top, "getfacl", "-RnE", ".").ok().out();
        assertFalse(acls.isEmpty());
        // In the order of the names, not of the directories.
        return List.of(acls.split("\n\n")).stream().sorted().collect(Collectors.joining("\n\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "none", "writeback"})
    void shouldTakePrivilegesFromAChangedFile(String cache) throws Exception {
        Environment.needsProgram("setcap");
        mount("-o", "cache=" + cache);
        List<String> changes = List.of(
                "echo more >> f",
                "dd if=/dev/zero of=f bs=4096 count=1 oflag=direct conv=notrunc status=none",
                "truncate -s 10 f",
                "truncate -s 10000 f",
                "true > f",
                "fallocate -l 20000 f",
                "fallocate -p -o 0 -l 4096 f",
                "fallocate -z -o 0 -l 4096 f",
                // Whole files, by copy_file_range.
                "cp --sparse=never g f");
        for (String change : changes) {
            for (boolean stranger : new boolean[] {true, false}) {
                sh("rm -f f && head -c 8192 /dev/zero > f && echo text > g && chmod 6777 f && setcap cap_net_raw+ep f")
                        .ok();
                Run run = stranger ? as(ALICE, ALICE, change) : sh(change);
                run.ok();
                assertEquals(stranger ? "777" : "6777", mode("f"), change);
                assertEquals("", Run.in(root, "getcap", "f").ok().out(), change);
            }
        }
        sh("chmod 6777 f && setcap cap_net_raw+ep f").ok();
        assertEquals("6777", mode("f"));
        sh("chown " + ALICE + " f").ok();
        assertEquals("777", mode("f"));
        assertEquals("", Run.in(root, "getcap", "f").ok().out());
        volume.unmount();
        volume.fsckClean();
    }

    @Test
    void shouldGiveTheGroupOfASetgidDirectory() throws Exception {
        mount();
        sh("mkdir d && chgrp " + STAFF + " d && chmod 2777 d").ok();
        as(ALICE, ALICE, makeInSetgidDirectory("a")).ok();
        as(BOB, STAFF, makeInSetgidDirectory("b")).ok();
        String all = sh("cd d && stat -c '%n %a %g' *").ok().out().strip().replace(" " + STAFF, "");
        assertEquals("a-f 666\na-m 2765\na-s 2777\na-x 775\nb-f 666\nb-m 2765\nb-s 2777\nb-x 2775", all);
    }

    /** A directory, a file, and files for which setgid is asked, with and without group-execute. */
    private static String makeInSetgidDirectory(String prefix) {
        return ("umask 0; mkdir d/P-s; touch d/P-f; perl -e 'use Fcntl;"
                        + " sysopen(F, \"d/P-x\", O_CREAT, 02775) or die; sysopen(G, \"d/P-m\", O_CREAT, 02765) or die'")
                .replace("P-", prefix + "-");
    }

    @Test
    void shouldTakeSetgidFromAFileWhoseAclAnOutsiderSets() throws Exception {
        Environment.needsKernelTransport("setting POSIX ACLs");
        mount();
        sh("touch f g && chown " + ALICE + ":" + STAFF + " f g && chmod 2755 f g")
                .ok();
        as(ALICE, ALICE, "setfacl -m u:" + BOB + ":r f").ok();
        as(ALICE, STAFF, "setfacl -m u:" + BOB + ":r g").ok();
        assertEquals("755", mode("f"));
        assertEquals("2755", mode("g"));
    }
}
