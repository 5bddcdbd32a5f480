package org.radax.cli.mount;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.ExitCodes;
import org.radax.core.volume.VolumeOptions;
import org.radax.fuse.mount.Atime;
import org.radax.fuse.mount.CachePolicy;
import org.radax.fuse.mount.MountOptions;
import org.radax.fuse.mount.TransportKind;

/** Reads {@code -o} lists as mount(8) and fstab write them. Later options win over earlier ones. */
final class OptionList {
    /** For mount(8), fstab's other readers and the kernel: they mean nothing to us. */
    private static final Set<String> IGNORED = Set.of(
            "defaults",
            "auto",
            "noauto",
            "user",
            "nouser",
            "users",
            "owner",
            "group",
            "_netdev",
            "nofail",
            "async",
            "nodiratime",
            "diratime",
            "loud",
            "silent");

    private static final Set<String> IGNORED_WITH_VALUE = Set.of(
            "comment",
            "user",
            "user_id",
            "group_id",
            "rootmode",
            "fd",
            "blksize",
            "max_read",
            "fsname",
            "subtype",
            "helper",
            "uhelper");

    private static final Set<String> KNOWN = new TreeSet<>(List.of(
            "ro",
            "rw",
            "remount",
            "noatime",
            "relatime",
            "strictatime",
            "suid",
            "nosuid",
            "dev",
            "nodev",
            "exec",
            "noexec",
            "allow_other",
            "default_permissions",
            "nonempty",
            "discard",
            "nodiscard",
            "lazy_writeback",
            "dax=",
            "data=",
            "cache=",
            "threads=",
            "transport="));

    private static final int MAX_THREADS = 64;

    private final boolean sloppy;
    private final List<String> explicit = new ArrayList<>();
    private Boolean readOnly;
    private boolean remount;
    private Atime atime;
    private Boolean suid;
    private Boolean dev;
    private Boolean exec;
    private boolean allowOther;
    private boolean defaultPermissions;
    private boolean nonEmpty;
    private boolean discard = true;
    private boolean lazyWriteback;
    private VolumeOptions.Dax dax;
    private VolumeOptions.Data data = VolumeOptions.Data.IN_PLACE;
    private CachePolicy cache;
    private Integer threads;
    private TransportKind transport = TransportKind.KERNEL;

    private OptionList(boolean sloppy) {
        this.sloppy = sloppy;
    }

    /** With {@code sloppy} unknown options are ignored, as mount -s asks. */
    static OptionList parse(List<String> lists, boolean sloppy) throws CommandFailure {
        OptionList options = new OptionList(sloppy);
        for (String list : lists) {
            for (String option : list.split(",", -1)) {
                if (!option.isBlank()) {
                    options.apply(option.strip());
                }
            }
        }
        options.requireAgreement();
        return options;
    }

    boolean remount() {
        return remount;
    }

    /** What was asked for, in normal form and in order; ignored options are not in it. */
    List<String> explicit() {
        return List.copyOf(explicit);
    }

    /** Null when neither ro nor rw was said. */
    Boolean readOnly() {
        return readOnly;
    }

    /** What is mapped, or written back late, is no write that could be atomic. */
    private void requireAgreement() throws CommandFailure {
        if (isDataAtomic() && (lazyWriteback || (dax != null && dax != VolumeOptions.Dax.NEVER))) {
            throw new CommandFailure(
                    ExitCodes.USAGE,
                    "data=atomic goes with dax=never and without lazy_writeback; leave out "
                            + (lazyWriteback ? "lazy_writeback" : "dax=" + word(dax)));
        }
    }

    private boolean isDataAtomic() {
        return data == VolumeOptions.Data.ATOMIC;
    }

    private VolumeOptions.Dax chosenDax() {
        if (dax != null) {
            return dax;
        }
        return isDataAtomic() ? VolumeOptions.Dax.NEVER : VolumeOptions.Dax.INODE;
    }

    private void apply(String option) throws CommandFailure {
        int equals = option.indexOf('=');
        String name = equals < 0 ? option : option.substring(0, equals);
        if (name.startsWith("x-") || name.startsWith("X-")) {
            return;
        }
        if (equals < 0 ? IGNORED.contains(name) : IGNORED_WITH_VALUE.contains(name)) {
            return;
        }
        boolean known = equals < 0 ? applyFlag(name) : applyValue(name, option.substring(equals + 1));
        if (known) {
            explicit.add(option.toLowerCase(Locale.ROOT));
        } else if (!sloppy) {
            throw new CommandFailure(
                    ExitCodes.USAGE, "unknown mount option '" + option + "'; known: " + String.join(", ", KNOWN));
        }
    }

    private boolean applyFlag(String name) {
        switch (name) {
            case "ro" -> readOnly = true;
            case "rw" -> readOnly = false;
            case "remount" -> remount = true;
            case "noatime" -> atime = Atime.NOATIME;
            case "relatime" -> atime = Atime.RELATIME;
            case "strictatime" -> atime = Atime.STRICTATIME;
            case "suid" -> suid = true;
            case "nosuid" -> suid = false;
            case "dev" -> dev = true;
            case "nodev" -> dev = false;
            case "exec" -> exec = true;
            case "noexec" -> exec = false;
            case "allow_other" -> allowOther = true;
            case "default_permissions" -> defaultPermissions = true;
            case "nonempty" -> nonEmpty = true;
            case "discard" -> discard = true;
            case "nodiscard" -> discard = false;
            case "lazy_writeback" -> lazyWriteback = true;
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean applyValue(String name, String value) throws CommandFailure {
        switch (name) {
            case "dax" -> dax = choose(VolumeOptions.Dax.class, name, value);
            case "data" -> data = choose(VolumeOptions.Data.class, name, value);
            case "cache" -> cache = choose(CachePolicy.class, name, value);
            case "threads" -> threads = threads(value);
            case "transport" -> transport = choose(TransportKind.class, name, value);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static int threads(String value) throws CommandFailure {
        if (value.matches("\\d{1,3}")) {
            int count = Integer.parseInt(value);
            if (count >= 1 && count <= MAX_THREADS) {
                return count;
            }
        }
        throw new CommandFailure(
                ExitCodes.USAGE, "threads=" + value + ": not a number of threads; give 1 to " + MAX_THREADS);
    }

    private static <E extends Enum<E>> E choose(Class<E> type, String name, String value) throws CommandFailure {
        for (E choice : type.getEnumConstants()) {
            if (word(choice).equalsIgnoreCase(value)) {
                return choice;
            }
        }
        List<String> choices = new ArrayList<>();
        for (E choice : type.getEnumConstants()) {
            choices.add(word(choice));
        }
        throw new CommandFailure(
                ExitCodes.USAGE, name + "=" + value + ": unknown; give one of " + String.join(", ", choices));
    }

    /** A choice as options write it. */
    static String word(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Fills in what was not said.
     *
     * @param root root's mounts are for everybody by default, with the kernel checking permissions
     * @param domain the persistence domain, {@code auto} for users
     */
    MountRequest request(Path pool, Path mountPoint, boolean root, String domain) {
        MountOptions defaults = MountOptions.defaults(mountPoint, pool.toString());
        Atime chosenAtime = atime == null ? defaults.atime() : atime;
        boolean chosenReadOnly = readOnly != null && readOnly;
        MountOptions mount = new MountOptions(
                mountPoint,
                pool.toString(),
                chosenReadOnly,
                cache == null ? defaults.cache() : cache,
                threads == null ? defaults.threads() : threads,
                allowOther || root,
                defaultPermissions || root,
                suid == null ? defaults.suid() : suid,
                dev == null ? defaults.dev() : dev,
                exec == null ? defaults.exec() : exec,
                chosenAtime,
                nonEmpty,
                transport);
        VolumeOptions volume = new VolumeOptions(
                chosenReadOnly,
                chosenDax(),
                VolumeOptions.Access.valueOf(chosenAtime.name()),
                domain,
                discard,
                lazyWriteback,
                data);
        return new MountRequest(pool, mount, volume);
    }
}
