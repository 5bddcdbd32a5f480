package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;

/**
 * Writes until the filesystem is gone: new files, each fsynced, and one record overwritten in place, fsynced each
 * time. Remembers the last of both that fsync returned for.
 */
final class FsyncingWriter {
    private static final int RECORD_BYTES = 4096;
    private static final int MAX_FILE_BYTES = 40_000;

    private final Path directory;
    private final int number;
    private final Thread thread;
    private volatile int acknowledged;
    private volatile IOException end;
    private volatile long acknowledgedRecord = -1;

    FsyncingWriter(Path directory, int number) {
        this.directory = directory;
        this.number = number;
        this.thread = new Thread(this::run, "writer-" + number);
    }

    void start() {
        thread.start();
    }

    void await() throws InterruptedException {
        thread.join(60_000);
        assertTrue(!thread.isAlive(), "a writer hangs on a mount whose daemon is gone");
    }

    /** Waits until fsync has returned once, however slow the machine is. */
    void awaitFirst() throws InterruptedException {
        for (int i = 0; i < 12_000 && acknowledged == 0 && thread.isAlive(); i++) {
            Thread.sleep(10);
        }
        assertRunning();
        assertTrue(acknowledged > 0, "a writer hangs");
    }

    /** Nothing but the death of the daemon ends the load. */
    void assertRunning() {
        assertTrue(thread.isAlive(), () -> "a writer ended early: " + end);
    }

    private void run() {
        try {
            for (int i = 0; ; i++) {
                writeRecord(i);
                acknowledgedRecord = i;
                writeNew(i);
                acknowledged = i + 1;
            }
        } catch (IOException e) {
            // The daemon is gone: that was the point.
            end = e;
        }
    }

    private void writeNew(int i) throws IOException {
        try (FileChannel file = FileChannel.open(path(i), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer content = ByteBuffer.wrap(content(i));
            while (content.hasRemaining()) {
                file.write(content);
            }
            file.force(true);
        }
    }

    private void writeRecord(long version) throws IOException {
        try (FileChannel file = FileChannel.open(
                record(), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer block = ByteBuffer.allocate(RECORD_BYTES);
            while (block.hasRemaining()) {
                block.putLong(version);
            }
            block.flip();
            while (block.hasRemaining()) {
                file.write(block, block.position());
            }
            file.force(false);
        }
    }

    /** Everything acknowledged is there, in full and unchanged. */
    void verify() throws IOException {
        for (int i = 0; i < acknowledged; i++) {
            assertArrayEquals(content(i), Files.readAllBytes(path(i)), path(i) + " after the kill");
        }
        if (acknowledgedRecord >= 0) {
            ByteBuffer block = ByteBuffer.wrap(Files.readAllBytes(record()));
            assertTrue(block.remaining() == RECORD_BYTES, record() + " has " + block.remaining() + " bytes");
            while (block.hasRemaining()) {
                long version = block.getLong();
                assertTrue(
                        version >= acknowledgedRecord && version <= acknowledgedRecord + 1,
                        record() + " holds version " + version + ", fsync returned for " + acknowledgedRecord);
            }
        }
    }

    private byte[] content(int i) {
        Random random = new Random(31L * number + i);
        byte[] content = new byte[random.nextInt(MAX_FILE_BYTES)];
        random.nextBytes(content);
        return content;
    }

    private Path path(int i) {
        return directory.resolve("w" + number + "-" + i);
    }

    private Path record() {
        return directory.resolve("record" + number);
    }
}
