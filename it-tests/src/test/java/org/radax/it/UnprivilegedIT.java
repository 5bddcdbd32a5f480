package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

/**
 * A user without privileges makes, mounts, uses and unmounts a pool of his own. In a mount namespace with a /dev/fuse
 * for all, as distributions have it.
 */
final class UnprivilegedIT {
    /** $1: an empty directory; $2: the launcher. A pool of user 65534, and {@code as} to be somebody. */
    private static final String PROLOGUE = """
            set -eu
            cd "$1"
            radax=$2
            mknod device c 10 229
            chmod 666 device
            mount --bind device /dev/fuse
            mkdir user
            chown 65534:65534 user
            chmod 755 . user
            cd user
            as() {
              local id=$1
              shift
              setpriv --reuid="$id" --regid="$id" --clear-groups \\
                env HOME="$PWD" RADAX_LOG_DIR="$PWD/log" RADAX_RUNTIME_DIR="$PWD/run" "$@"
            }
            as 65534 mkdir mnt log run
            as 65534 "$radax" mkfs --size 64M pool >/dev/null
            """;

    /** Prints what is asserted. */
    private static final String SCRIPT = PROLOGUE + """
            as 65534 "$radax" mount pool mnt
            trap 'umount -l mnt 2>/dev/null || true' EXIT
            awk -v at="$PWD/mnt" '$2 == at { print "mount", $3, $4 }' /proc/mounts
            as 65534 bash -c 'echo content >mnt/file && mkdir mnt/dir && mv mnt/file mnt/dir && chmod 600 mnt/dir/file'
            as 65534 stat -c 'file %u %a %s' mnt/dir/file
            as 65534 "$radax" info mnt | grep -q mountPoint && echo "info answers"
            for other in 0 65533; do
              as $other ls mnt 2>/dev/null && echo "$other sees it"
            done
            as 65533 "$radax" umount "$PWD/mnt" 2>/dev/null && echo "another user unmounted it"
            as 65534 "$radax" umount mnt
            grep -q " $PWD/mnt " /proc/mounts && echo "still mounted"
            as 65534 "$radax" fsck -n pool >/dev/null && echo "clean"
            as 65534 "$radax" mount -o default_permissions pool mnt
            as 65534 cat mnt/dir/file
            as 65534 chown 0 mnt/dir/file 2>/dev/null && echo "gave a file away"
            as 65534 fusermount3 -u mnt
            grep -q " $PWD/mnt " /proc/mounts || echo "unmounted"
            """;

    /** As {@link #SCRIPT}, with an /etc/fuse.conf that lets users let others in. Prints who may do what. */
    private static final String OTHERS = PROLOGUE + """
            trap 'umount -l mnt 2>/dev/null || true' EXIT
            # Each line: what was asked, then what the owner, another user and root were answered.
            ask() {
              local id
              printf '%s:' "$*"
              for id in 65534 65533 0; do
                as $id "${@/ID/$id}" >/dev/null 2>error && printf ' ok' || printf ' %s' "$(sed 's/.*: //' error | tr ' ' _)"
              done
              echo
            }
            ask_all() {
              ask stat mnt
              ask ls mnt
              ask cat mnt/open
              ask cat mnt/private
              ask touch mnt/open
              ask touch mnt/new-ID
              as 65534 bash -c "rm -f mnt/new-*"
            }
            as 65534 "$radax" mount pool mnt
            as 65534 bash -c 'umask 022; echo >mnt/open; echo >mnt/private; chmod 600 mnt/private'
            ask_all
            as 65534 "$radax" umount mnt
            : >../fuse.conf
            touch /etc/fuse.conf
            mount --bind ../fuse.conf /etc/fuse.conf
            as 65534 "$radax" mount -o allow_other pool mnt >/dev/null 2>&1 && echo "allowed by nobody"
            echo user_allow_other >/etc/fuse.conf
            as 65534 "$radax" mount -o allow_other,default_permissions pool mnt
            ask_all
            as 65534 "$radax" umount mnt
            as 65534 "$radax" fsck -n pool >/dev/null && echo clean
            """;

    /** A user puts a link to the socket of root's mount where his mount's should be, and root asks for the user's. */
    private static final String DECEIT = PROLOGUE + """
            unset RADAX_RUNTIME_DIR
            stranger() {
              setpriv --reuid=65534 --regid=65534 --clear-groups \\
                env -u RADAX_RUNTIME_DIR -u XDG_RUNTIME_DIR HOME="$PWD" RADAX_LOG_DIR="$PWD/log" "$@"
            }
            socket() {
              printf '%s.sock' "$(printf %s "$1" | sha256sum | cut -c1-16)"
            }
            mounted() {
              grep -q " $1 " /proc/mounts && echo "$2 is mounted" || echo "$2 is not mounted"
            }
            roots=$(dirname "$PWD")/roots
            mkdir "$roots"
            trap 'umount -l mnt "$roots" 2>/dev/null || true; rm -rf /tmp/radax-65534 /tmp/radax-65534-leases' EXIT
            "$radax" mkfs --size 16M ../pool >/dev/null
            "$radax" mount ../pool "$roots"
            stranger "$radax" mount pool mnt
            "$radax" info mnt | grep -o 'mountPoint.*' | sed "s|$PWD|HERE|"
            stranger ln -sf "/run/radax/$(socket "$roots")" "/tmp/radax-65534/$(socket "$PWD/mnt")"
            "$radax" info mnt >/dev/null 2>error && echo "root was told something" || sed "s|$PWD|HERE|; s/^radax //" error
            "$radax" umount mnt
            mounted "$PWD/mnt" "the user's"
            mounted "$roots" "root's"
            "$radax" umount "$roots"
            """;

    @BeforeEach
    void needMount() {
        Environment.needsMount();
        Environment.needsProgram("fusermount3");
    }

    /** What a script prints, but for the lines of radax itself. */
    private static List<String> inNamespaceOfItsOwn(Path base, String script) throws IOException, InterruptedException {
        Run.of("chmod", "755", base.getParent().toString()).ok();
        List<String> command = List.of(
                "unshare",
                "-m",
                "--propagation",
                "private",
                "bash",
                "-c",
                script,
                "-",
                base.toString(),
                Environment.launcher().toString());
        return Run.of(null, Map.of(), command)
                .ok()
                .out()
                .lines()
                .filter(line -> !line.startsWith("radax"))
                .toList();
    }

    @Test
    void shouldNotDeceiveRoot() throws Exception {
        try (Volume volume = Volume.formatted("16M")) {
            List<String> said = inNamespaceOfItsOwn(volume.scratch(), DECEIT);
            assertEquals(
                    List.of(
                            "mountPoint: HERE/mnt",
                            "info: HERE/mnt: its daemon does not answer, or is not that of the user who mounted it; try as that user",
                            "the user's is not mounted",
                            "root's is mounted"),
                    said);
        }
    }

    @Test
    void shouldShowOthersWhatTheOwnerAllows() throws Exception {
        try (Volume volume = Volume.formatted("16M")) {
            List<String> said = inNamespaceOfItsOwn(volume.scratch(), OTHERS);
            String shut = " ok Permission_denied Permission_denied";
            assertEquals(
                    List.of(
                            "stat mnt:" + shut,
                            "ls mnt:" + shut,
                            "cat mnt/open:" + shut,
                            "cat mnt/private:" + shut,
                            "touch mnt/open:" + shut,
                            "touch mnt/new-ID:" + shut,
                            "stat mnt: ok ok ok",
                            "ls mnt: ok ok ok",
                            "cat mnt/open: ok ok ok",
                            "cat mnt/private: ok Permission_denied ok",
                            "touch mnt/open: ok Permission_denied ok",
                            "touch mnt/new-ID: ok Permission_denied ok",
                            "clean"),
                    said);
        }
    }

    @Test
    @Tag("smoke")
    void shouldServeAUserWithoutPrivileges() throws Exception {
        try (Volume volume = Volume.formatted("16M")) {
            List<String> said = inNamespaceOfItsOwn(volume.scratch(), SCRIPT);

            assertEquals(
                    List.of("file 65534 600 8", "info answers", "clean", "content", "unmounted"),
                    said.subList(1, said.size()),
                    said.toString());
            assertEquals("mount fuse.radax", said.get(0).substring(0, 16), said.toString());
            assertFalse(said.get(0).contains("allow_other"), said.toString());
        }
    }
}
