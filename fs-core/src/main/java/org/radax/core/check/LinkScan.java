package org.radax.core.check;

import java.util.Map;
import java.util.TreeMap;
import org.radax.core.format.Geometry;
import org.radax.core.format.InodeLayout;
import org.radax.core.format.StateLayout;
import org.radax.core.unit.Units;

/** Reachability, parents, link counts, and the orphan tree: when all names are known. */
final class LinkScan {
    private static final String INODE = "inode";
    private static final String ORPHANS = "orphan tree";
    private static final int UNLINKED = 1;
    private static final int TRUNCATING = 2;
    private static final byte UNSEEN = 0;
    private static final byte ON_PATH = 1;
    private static final byte REACHABLE = 2;
    private static final byte ADOPTED = 3;

    private final ScanContext context;
    private final InodeTable inodes;
    /** Orphans that lie where nobody can look. */
    private final Map<Long, Integer> unseen = new TreeMap<>();

    private boolean orphansDiffer;
    private boolean orphansUnknown;

    LinkScan(ScanContext context) {
        this.context = context;
        this.inodes = context.inodes();
    }

    /** Reads the orphan tree; before the names are judged. */
    void orphans(byte[] state) {
        long stateOffset = Units.blockToBytes(Geometry.STATE_BLOCK);
        TreeWalk.Visitor visitor = new TreeWalk.Visitor() {
            @Override
            public void record(long key, long value, long endKey) {
                int index = inodes.find(key);
                boolean known = value == UNLINKED || value == TRUNCATING;
                if (index < 0 && known && context.mayExist(key)) {
                    unseen.put(key, (int) value);
                } else if (index < 0 || !known) {
                    orphanProblem("inode " + key + " with value " + value);
                } else {
                    inodes.orphan(index, (int) value);
                    context.count("orphans", 1);
                }
            }

            @Override
            public void problem(long poolOffset, String message, boolean readable) {
                context.report(ORPHANS, poolOffset, message);
                orphansDiffer = true;
                orphansUnknown |= !readable;
            }
        };
        new TreeWalk(
                        context,
                        0,
                        blockNo -> context.claims().isAllowed(blockNo, 1)
                                && context.claims().claim(blockNo),
                        visitor)
                .walk(state, StateLayout.ORPHAN_ROOT, stateOffset + StateLayout.ORPHAN_ROOT);
    }

    /** The orphan tree is lost: what has no links and no name belongs into it. */
    void orphansUnknown() {
        orphansUnknown = true;
        orphansDiffer = true;
    }

    private void orphanProblem(String message) {
        context.report(ORPHANS, Units.blockToBytes(Geometry.STATE_BLOCK) + StateLayout.ORPHAN_ROOT, message);
        orphansDiffer = true;
    }

    void judge() {
        countSubdirectories();
        reach();
        for (int i = 0; i < inodes.size(); i++) {
            if (!inodes.isDamaged(i)) {
                inode(i);
            }
        }
        if (orphansDiffer) {
            rebuildOrphans();
        }
    }

    private void countSubdirectories() {
        for (int i = 0; i < inodes.size(); i++) {
            if (inodes.namedBy(i) != 0) {
                inodes.addName(inodes.find(inodes.namedBy(i)));
            }
        }
    }

    /** Follows names upwards from every directory; what does not end at the root hangs in the air or in a cycle. */
    private void reach() {
        byte[] seen = new byte[inodes.size()];
        seen[inodes.find(InodeTable.ROOT_INO)] = REACHABLE;
        for (int start = 0; start < inodes.size(); start++) {
            if (!inodes.isDirectory(start) || seen[start] != UNSEEN || inodes.orphan(start) == UNLINKED) {
                continue;
            }
            LongList path = new LongList();
            int at = start;
            while (seen[at] == UNSEEN && inodes.namedBy(at) != 0) {
                seen[at] = ON_PATH;
                path.add(at);
                at = inodes.find(inodes.namedBy(at));
            }
            if (seen[at] == ON_PATH) {
                unreachable(at, "lies in a cycle of directories");
                context.fixes().dropEntry(inodes.namedBy(at), inodes.namedAt(at));
            } else if (seen[at] == UNSEEN && !isOrphan(at)) {
                unreachable(at, "has no name");
            }
            seen[at] = seen[at] == REACHABLE ? REACHABLE : ADOPTED;
            for (int i = 0; i < path.size(); i++) {
                seen[(int) path.get(i)] = seen[at];
            }
        }
    }

    private boolean isOrphan(int index) {
        return inodes.orphan(index) == UNLINKED || (orphansUnknown && inodes.linkCount(index) == 0);
    }

    private void unreachable(int index, String why) {
        long ino = inodes.ino(index);
        context.report(INODE, InodeOffsets.of(ino, context.superblock()), ino + ": " + why);
        if (context.areNamesKnown()) {
            context.fixes().unreachable.add(ino);
        }
    }

    private void inode(int index) {
        boolean directory = inodes.isDirectory(index);
        boolean root = inodes.ino(index) == InodeTable.ROOT_INO;
        boolean named = directory ? root || inodes.namedBy(index) != 0 : inodes.names(index) > 0;
        boolean unlinked = inodes.orphan(index) == UNLINKED;
        if (unlinked && named) {
            orphanProblem("inode " + inodes.ino(index) + " has a name");
            inodes.orphan(index, 0);
        } else if (unlinked) {
            expectLinks(index, 0);
            return;
        }
        if (inodes.orphan(index) == TRUNCATING && (inodes.mode(index) & InodeTable.S_IFMT) != InodeTable.S_IFREG) {
            orphanProblem("inode " + inodes.ino(index) + " is being truncated, but is not a file");
            inodes.orphan(index, 0);
        }
        if (!named) {
            if (orphansUnknown && inodes.linkCount(index) == 0) {
                inodes.orphan(index, UNLINKED);
            } else if (!directory) {
                unreachable(index, "has no name");
            }
            return;
        }
        expectLinks(index, directory ? 2 + inodes.names(index) : inodes.names(index));
        long parent = root ? InodeTable.ROOT_INO : inodes.namedBy(index);
        if (directory && inodes.parent(index) != parent) {
            mend(
                    index,
                    InodeLayout.PARENT,
                    "says its parent is " + inodes.parent(index) + ", named by " + parent,
                    parent);
        }
    }

    private void expectLinks(int index, int links) {
        if (inodes.linkCount(index) != links) {
            mend(
                    index,
                    InodeLayout.LINK_COUNT,
                    "says " + Integer.toUnsignedString(inodes.linkCount(index)) + " links, has " + links,
                    links);
        }
    }

    private void mend(int index, int fieldOffset, String message, long value) {
        long ino = inodes.ino(index);
        context.report(INODE, InodeOffsets.of(ino, context.superblock()), ino + ": " + message);
        if (context.areNamesKnown()) {
            context.fixes().inodeField(ino, fieldOffset, value);
        }
    }

    private void rebuildOrphans() {
        Map<Long, Integer> orphans = new TreeMap<>(unseen);
        for (int i = 0; i < inodes.size(); i++) {
            if (inodes.orphan(i) != 0) {
                orphans.put(inodes.ino(i), inodes.orphan(i));
            }
        }
        context.fixes().orphans = orphans;
    }
}
