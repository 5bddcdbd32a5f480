package org.radax.core.check;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What would mend the findings of one scan. */
final class Fixes {
    /** Blocks whose superblock is to be copied from the other one. */
    final Set<Long> superblocks = new TreeSet<>();

    /** Lanes whose header is to be written again. */
    final Set<Integer> lanes = new TreeSet<>();

    /** Words of the volume state, by offset in it. */
    final Map<Integer, Long> stateWords = new TreeMap<>();

    /** Fields of inodes, by inode number and offset in the inode. */
    final Map<Long, Map<Integer, Long>> inodeFields = new TreeMap<>();

    /** Extents that stay, by inode number. */
    final Map<Long, List<Extent>> extents = new TreeMap<>();

    /** Directories to be written again, each without the entries at these pool offsets. */
    final Map<Long, Set<Long>> directories = new TreeMap<>();

    /** Inodes without a name that go to lost+found. */
    final List<Long> unreachable = new ArrayList<>();

    /** What the orphan tree should hold, if it does not. */
    Map<Long, Integer> orphans;

    /** Groups whose maps and descriptor are to be written again. */
    final Set<Long> groups = new TreeSet<>();

    /** Chunks of groups whose chunk map can not be trusted. */
    final Map<Long, Set<Long>> chunks = new HashMap<>();

    void inodeField(long ino, int fieldOffset, long value) {
        inodeFields.computeIfAbsent(ino, key -> new TreeMap<>()).put(fieldOffset, value);
    }

    void directory(long ino) {
        directories.computeIfAbsent(ino, key -> new HashSet<>());
    }

    void dropEntry(long directory, long poolOffset) {
        directories.computeIfAbsent(directory, key -> new HashSet<>()).add(poolOffset);
    }

    boolean isEmpty() {
        return superblocks.isEmpty()
                && lanes.isEmpty()
                && stateWords.isEmpty()
                && inodeFields.isEmpty()
                && extents.isEmpty()
                && directories.isEmpty()
                && unreachable.isEmpty()
                && orphans == null
                && groups.isEmpty();
    }
}
