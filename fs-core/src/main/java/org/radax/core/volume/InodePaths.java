package org.radax.core.volume;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.radax.core.error.FsException;
import org.radax.core.format.InodeLayout;
import org.radax.core.inode.InodeTable;
import org.radax.core.lock.Guarded;
import org.radax.core.os.RawMemory;

/**
 * Finds names of inodes by looking through the directories, and nowhere else: of a damaged inode too. One thread's, for once.
 */
final class InodePaths {
    private static final int STEP_ENTRIES = 1000;
    private static final int DIRECTORY_TYPE = InodeFlags.DIRECTORY >>> 12;

    private record Directory(long ino, String path) {}

    private final VolumeCore core;
    private final Guarded betweenSteps;
    private final Map<Long, String> found = new HashMap<>();
    private final Deque<Directory> pending = new ArrayDeque<>();

    /** {@code betweenSteps}: what is done then, with no lock held. */
    InodePaths(VolumeCore core, Guarded betweenSteps) {
        this.core = core;
        this.betweenSteps = betweenSteps;
    }

    /** One path below the root of each inode that has one in a directory that can be read. */
    Map<Long, String> find(Set<Long> wanted) throws FsException {
        if (wanted.contains(InodeTable.ROOT_INO)) {
            found.put(InodeTable.ROOT_INO, "/");
        }
        pending.add(new Directory(InodeTable.ROOT_INO, ""));
        while (found.size() < wanted.size() && !pending.isEmpty()) {
            Directory directory = pending.poll();
            long cookie = 0;
            while (cookie >= 0) {
                cookie = list(directory, cookie, wanted);
                betweenSteps.run();
            }
        }
        return found;
    }

    /** Some entries behind a cookie; returns the last one's, or -1 after all that can be read. */
    private long list(Directory directory, long from, Set<Long> wanted) {
        long stamp = core.locks.lockShared(directory.ino);
        try {
            return listReadable(directory, from, wanted);
        } catch (InternalError gone) {
            // A page; it may be raised as late as where the damage that it led to is caught, hence a frame further out.
            return -1;
        } finally {
            core.locks.unlock(directory.ino, stamp);
        }
    }

    private long listReadable(Directory directory, long from, Set<Long> wanted) {
        try {
            long inode = core.inodes.require(directory.ino);
            core.inodes.verify(directory.ino);
            if (!InodeFlags.isDirectory(core.modeOf(inode))) {
                return -1;
            }
            long[] last = {-1};
            int[] left = {STEP_ENTRIES};
            core.directories.visit(
                    core.memory, VolumeCore.rootOf(inode), directory.ino, from, (cookie, child, type, name, length) -> {
                        String path = directory.path + "/" + new String(name, 0, length, StandardCharsets.UTF_8);
                        if (wanted.contains(child)) {
                            found.putIfAbsent(child, path);
                        }
                        if (type == DIRECTORY_TYPE && isChild(child, directory.ino)) {
                            pending.add(new Directory(child, path));
                        }
                        last[0] = --left[0] == 0 ? cookie : -1;
                        return left[0] > 0;
                    });
            RawMemory.raisePendingError();
            return last[0];
        } catch (FsException e) {
            // Damaged, which the scrub has found, or gone meanwhile: the names in it stay unknown.
            return -1;
        }
    }

    /** Whether a directory says so as well: else damaged ones could lead round in circles. */
    private boolean isChild(long child, long parent) {
        try {
            return core.memory.getLong(core.inodes.require(child) + InodeLayout.PARENT) == parent;
        } catch (FsException e) {
            return false;
        }
    }
}
