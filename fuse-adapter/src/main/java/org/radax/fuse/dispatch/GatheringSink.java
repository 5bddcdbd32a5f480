package org.radax.fuse.dispatch;

import org.radax.core.volume.ReadSink;
import org.radax.fuse.wire.Reply;

/** Sends file data straight out of the pool, while its range is pinned. Reused. */
final class GatheringSink implements ReadSink {
    private final Reply reply;
    private long limitBytes;

    GatheringSink(Reply reply) {
        this.reply = reply;
    }

    GatheringSink begin(long limit) {
        limitBytes = limit;
        return this;
    }

    @Override
    public void segment(long address, long lengthBytes) {
        reply.gather(address, lengthBytes);
    }

    @Override
    public void complete() {
        if (reply.gatheredBytes() > limitBytes) {
            throw new IllegalStateException(reply.gatheredBytes() + " bytes read where " + limitBytes + " were asked");
        }
        reply.sendGathered();
    }
}
