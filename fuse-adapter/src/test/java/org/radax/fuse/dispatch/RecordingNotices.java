package org.radax.fuse.dispatch;

import java.util.ArrayList;
import java.util.List;
import org.radax.fuse.wire.Notice;

/** Keeps what would go to the kernel, and the steps that wait for it until {@link #runSteps}. */
final class RecordingNotices implements Notices {
    private final List<Notice> sent = new ArrayList<>();
    private final List<Runnable> steps = new ArrayList<>();

    @Override
    public void enqueue(Notice notice) {
        sent.add(notice);
    }

    @Override
    public void afterwards(Runnable step) {
        steps.add(step);
    }

    List<Notice> sent() {
        return sent;
    }

    void runSteps() {
        steps.forEach(Runnable::run);
        steps.clear();
    }
}
