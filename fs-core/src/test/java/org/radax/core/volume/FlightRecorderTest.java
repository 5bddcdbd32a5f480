package org.radax.core.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.radax.core.volume.FileSystem.ROOT_INO;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.radax.core.pool.NoDomain;

/** What Java Flight Recorder is told. */
final class FlightRecorderTest {
    private static final VolumeOptions LAZY =
            new VolumeOptions(false, VolumeOptions.Dax.INODE, VolumeOptions.Access.NOATIME, "auto", false, true);
    private static final int PAGE = 4096;

    private static List<RecordedEvent> recorded(CrashWorkload.Step step, TestVolume v) throws Exception {
        Path file = Files.createTempFile("radax", ".jfr");
        try (Recording recording = new Recording()) {
            recording.enable("org.radax.Sync").withoutThreshold();
            recording.enable("org.radax.LayoutBreak").withoutThreshold();
            recording.start();
            step.run(v);
            recording.stop();
            recording.dump(file);
            return RecordingFile.readAllEvents(file);
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void shouldTellOfSyncsAndBrokenLayouts() throws Exception {
        long bytes = 64L << 20;
        try (TestVolume v = new TestVolume(TestVolume.map(bytes), bytes, new NoDomain(), null, LAZY)) {
            long file = v.create(ROOT_INO, "file");
            v.write(file, 0, new byte[8 * PAGE]);
            v.write(file, 2 * PAGE, new byte[PAGE], FileSystem.WRITE_CACHE);
            List<RecordedEvent> events = recorded(
                    volume -> {
                        volume.volume.sync(file);
                        volume.truncate(file, 4 * PAGE);
                    },
                    v);
            assertEquals(
                    List.of("org.radax.Sync", "org.radax.LayoutBreak"),
                    events.stream().map(event -> event.getEventType().getName()).toList());
            RecordedEvent sync = events.get(0);
            assertEquals(file, sync.getLong("inode"));
            assertEquals(1, sync.getLong("pages"));
            assertEquals(64, sync.getLong("lines"));
            RecordedEvent broken = events.get(1);
            assertEquals(file, broken.getLong("inode"));
            assertEquals(4, broken.getLong("firstPage"));
        }
    }
}
