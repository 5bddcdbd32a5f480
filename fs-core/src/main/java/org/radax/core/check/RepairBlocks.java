package org.radax.core.check;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.radax.core.error.Errno;
import org.radax.core.error.PoolException;
import org.radax.core.format.Geometry;
import org.radax.core.pool.PoolMemory;
import org.radax.core.unit.Units;

/** Fresh blocks for what the repair writes anew: free by the bitmap and claimed by nobody. */
final class RepairBlocks {
    private final ScanContext context;
    private final BlockProvider provider;
    private final Map<Long, Set<Long>> takenByGroup = new HashMap<>();
    private final Map<Long, Set<Long>> chunksByGroup = new HashMap<>();
    private final byte[] bitmap = new byte[Units.BLOCK_BYTES];
    private long group;
    private int next;
    private boolean loaded;

    RepairBlocks(ScanContext context, BlockProvider provider) {
        this.context = context;
        this.provider = provider;
    }

    Set<Long> taken(long ofGroup) {
        return takenByGroup.getOrDefault(ofGroup, Set.of());
    }

    Set<Long> chunks(long ofGroup) {
        return chunksByGroup.getOrDefault(ofGroup, Set.of());
    }

    Set<Long> groups() {
        return takenByGroup.keySet();
    }

    /** Stores a taken block's content; durable with the next record. */
    void write(long blockNo, byte[] content) {
        PoolMemory memory = context.image().memory();
        memory.copyIn(Units.blockToBytes(blockNo), content, 0, Units.BLOCK_BYTES);
        memory.writeBack(Units.blockToBytes(blockNo), Units.BLOCK_BYTES);
    }

    long takeChunk() throws PoolException {
        long blockNo = take();
        chunksByGroup
                .computeIfAbsent(Geometry.groupOf(blockNo), key -> new HashSet<>())
                .add(blockNo);
        return blockNo;
    }

    /**
     * Takes a block.
     *
     * @throws PoolException ENOSPC when no block is free, or the host has no memory for it
     */
    long take() throws PoolException {
        while (group < context.groupsInUse()) {
            if (!loaded) {
                loaded = context.isWritable(group)
                        && context.image().readBlock(context.geometry().bitmapBlock(group), bitmap);
                next = loaded ? 0 : Geometry.GROUP_BLOCKS;
            }
            while (next < context.geometry().blocksIn(group)) {
                long blockNo = Geometry.firstBlock(group) + next;
                boolean free = (bitmap[next >>> 3] >>> (next & 7) & 1) == 0
                        && !context.claims().isClaimed(blockNo);
                next++;
                if (free) {
                    provider.provide(Units.blockToBytes(blockNo), Units.BLOCK_BYTES);
                    takenByGroup.computeIfAbsent(group, key -> new HashSet<>()).add(blockNo);
                    return blockNo;
                }
            }
            group++;
            loaded = false;
        }
        throw new PoolException(Errno.ENOSPC, "no free block for the repair");
    }
}
