package org.radax.core.check;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;
import org.radax.core.error.Errno;
import org.radax.core.error.PoolException;
import org.radax.core.format.Geometry;
import org.radax.core.format.InodeLayout;
import org.radax.core.unit.Bytes;

/** Finds files by path and lists what they hold; damage is listed with it. */
final class PoolWalk {
    private final ScanContext context;
    private final BucketReader reader;

    PoolWalk(ScanContext context) {
        this.context = context;
        this.reader = new BucketReader(context);
    }

    /** An inode's bytes, sound or not; EINVAL where no inode can lie. */
    byte[] inode(long ino) throws PoolException {
        byte[] bytes = new byte[InodeLayout.CHECKED_BYTES];
        long limit = context.geometry().sizeBytes() / Geometry.INODE_BYTES;
        if (ino < 1
                || ino >= limit
                || (ino != InodeTable.ROOT_INO && ino % Geometry.CHUNK_SLOTS == 0)
                || !context.image().read(InodeOffsets.of(ino, context.superblock()), bytes, bytes.length)) {
            throw new PoolException(Errno.EINVAL, "no inode can have the number " + ino);
        }
        return bytes;
    }

    private byte[] soundInode(long ino) throws PoolException {
        byte[] bytes = inode(ino);
        String problem = context.frameProblem(bytes, InodeLayout.MAGIC_VALUE, InodeLayout.CHECKED_BYTES, ino);
        if (problem != null) {
            throw new PoolException(Errno.EUCLEAN, "inode " + ino + ": " + problem + "; run radax fsck");
        }
        return bytes;
    }

    /** The inode number of a path from the root; symbolic links are not followed. */
    long resolve(String path) throws PoolException {
        long ino = InodeTable.ROOT_INO;
        for (String part : path.split("/", -1)) {
            if (part.isEmpty() || part.equals(".")) {
                continue;
            }
            byte[] directory = soundInode(ino);
            requireDirectory(path, directory);
            if (part.equals("..")) {
                ino = Bytes.getLong(directory, InodeLayout.PARENT);
                continue;
            }
            byte[] name = part.getBytes(StandardCharsets.UTF_8);
            long found = 0;
            for (DirectoryEntry entry : entries(ino, directory, new ArrayList<>())) {
                found = Arrays.equals(entry.name(), name) ? entry.ino() : found;
            }
            if (found == 0) {
                throw new PoolException(Errno.ENOENT, path + ": no \"" + part + "\" in the pool's inode " + ino);
            }
            ino = found;
        }
        return ino;
    }

    private static void requireDirectory(String path, byte[] inode) throws PoolException {
        if ((Bytes.getInt(inode, InodeLayout.MODE) & InodeTable.S_IFMT) != InodeTable.S_IFDIR) {
            throw new PoolException(Errno.ENOTDIR, path + ": not a directory in the pool");
        }
    }

    Map<String, Object> extents(long ino) throws PoolException {
        byte[] inode = soundInode(ino);
        if ((Bytes.getInt(inode, InodeLayout.MODE) & InodeTable.S_IFMT) == InodeTable.S_IFDIR) {
            throw new PoolException(Errno.EISDIR, "inode " + ino + " is a directory; dump it with dir");
        }
        List<Object> list = new ArrayList<>();
        List<Object> problems = new ArrayList<>();
        walk(ino, inode, problems, (key, value) -> {
            Extent extent = Extent.of(key, value);
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("fileBlock", extent.fileBlock());
            map.put("poolBlock", extent.blockNo());
            map.put("blockCount", extent.blockCount());
            map.put("unwritten", extent.unwritten());
            list.add(map);
        });
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("ino", ino);
        map.put("sizeBytes", Bytes.getLong(inode, InodeLayout.SIZE));
        map.put("extents", list);
        putProblems(map, problems);
        return map;
    }

    Map<String, Object> directory(long ino) throws PoolException {
        byte[] inode = soundInode(ino);
        requireDirectory("inode " + ino, inode);
        List<Object> problems = new ArrayList<>();
        List<Object> list = new ArrayList<>();
        for (DirectoryEntry entry : entries(ino, inode, problems)) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("name", entry.text());
            map.put("ino", entry.ino());
            map.put("type", (long) entry.type());
            map.put("key", entry.key());
            map.put("poolOffset", entry.poolOffset());
            list.add(map);
        }
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("ino", ino);
        map.put("parentIno", Bytes.getLong(inode, InodeLayout.PARENT));
        map.put("entryCount", Bytes.getLong(inode, InodeLayout.SIZE));
        map.put("entries", list);
        putProblems(map, problems);
        return map;
    }

    private static void putProblems(Map<String, Object> map, List<Object> problems) {
        if (!problems.isEmpty()) {
            map.put("problems", problems);
        }
    }

    private List<DirectoryEntry> entries(long ino, byte[] inode, List<Object> problems) {
        List<DirectoryEntry> entries = new ArrayList<>();
        walk(ino, inode, problems, (key, blockNo) -> {
            String problem = reader.read(blockNo, ino, key, entries);
            if (problem != null) {
                problems.add("bucket " + blockNo + ": " + problem);
            }
        });
        entries.sort(Comparator.comparingLong(DirectoryEntry::key));
        return entries;
    }

    /** Receives a tree's records. */
    private interface RecordVisitor {
        void record(long key, long value);
    }

    private void walk(long ino, byte[] inode, List<Object> problems, RecordVisitor visitor) {
        Set<Long> nodes = new HashSet<>();
        LongPredicate newNode = nodes::add;
        TreeWalk.Visitor treeVisitor = new TreeWalk.Visitor() {
            @Override
            public void record(long key, long value, long endKey) {
                visitor.record(key, value);
            }

            @Override
            public void problem(long poolOffset, String message, boolean readable) {
                problems.add("at pool offset " + poolOffset + ": " + message);
            }
        };
        new TreeWalk(context, ino, newNode, treeVisitor)
                .walk(inode, InodeLayout.ROOT, InodeOffsets.of(ino, context.superblock()) + InodeLayout.ROOT);
    }
}
