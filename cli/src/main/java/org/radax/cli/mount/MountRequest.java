package org.radax.cli.mount;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.radax.core.volume.VolumeOptions;
import org.radax.fuse.mount.MountOptions;

/**
 * Everything a mount is asked to be: the transport's options and the volume's.
 *
 * @param pool absolute; as given otherwise, since /proc/mounts shows it
 */
record MountRequest(Path pool, MountOptions mount, VolumeOptions volume) {

    /** As {@code -o} would say it, nothing left to defaults: what {@code info} shows and {@code remount} compares. */
    List<String> optionNames() {
        List<String> names = new ArrayList<>();
        names.add(mount.readOnly() ? "ro" : "rw");
        names.add(mount.suid() ? "suid" : "nosuid");
        names.add(mount.dev() ? "dev" : "nodev");
        names.add(mount.exec() ? "exec" : "noexec");
        names.add(OptionList.word(mount.atime()));
        if (mount.allowOther()) {
            names.add("allow_other");
        }
        if (mount.defaultPermissions()) {
            names.add("default_permissions");
        }
        if (mount.nonEmpty()) {
            names.add("nonempty");
        }
        names.add("dax=" + OptionList.word(volume.dax()));
        names.add("data=" + OptionList.word(volume.data()));
        names.add("cache=" + OptionList.word(mount.cache()));
        names.add("threads=" + mount.threads());
        names.add("transport=" + OptionList.word(mount.transport()));
        names.add(volume.discard() ? "discard" : "nodiscard");
        if (volume.lazyWriteback()) {
            names.add("lazy_writeback");
        }
        return names;
    }
}
