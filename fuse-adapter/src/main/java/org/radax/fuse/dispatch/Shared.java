package org.radax.fuse.dispatch;

import org.radax.core.volume.FileSystem;
import org.radax.fuse.locks.LockTable;

/** What the server threads of one mount have in common. */
public final class Shared {
    final FileSystem fileSystem;
    final DispatchPolicy policy;
    final Notices notices;
    final HandleTable files = new HandleTable();
    final HandleTable directories = new HandleTable();
    final LockTable rangeLocks = new LockTable(LockTable.Kind.RANGES);
    final Latencies latencies = new Latencies();
    final Changes changes;
    final LockTable fileLocks = new LockTable(LockTable.Kind.WHOLE_FILES);

    public Shared(FileSystem fileSystem, DispatchPolicy policy, Notices notices) {
        this.fileSystem = fileSystem;
        this.policy = policy;
        this.notices = notices;
        this.changes = new Changes(fileSystem);
    }

    public Latencies latencies() {
        return latencies;
    }

    public Changes changes() {
        return changes;
    }

    /** Closes what the kernel left open. Only after the last server thread ended. */
    public void releaseAll() {
        files.drain(fileSystem::release);
        directories.drain(fileSystem::release);
    }
}
