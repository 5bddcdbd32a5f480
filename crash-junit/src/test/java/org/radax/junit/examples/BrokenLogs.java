package org.radax.junit.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.radax.junit.CrashModel.CACHE_LINES;
import static org.radax.junit.CrashModel.PAGE_CACHE;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BiFunction;
import org.radax.junit.CrashPool;
import org.radax.junit.CrashTest;

/** Each of them is the log with one mistake, and its test fails; {@link BrokenLogsTest} runs them. */
final class BrokenLogs {
    /** What the test of the right log does. */
    private static void test(CrashPool pool, BiFunction<ByteBuffer, MessageLog.Sync, MessageLog> open) {
        MessageLog log = open.apply(pool.buffer(), pool::msync);
        for (String message : List.of("first", "second", "third, which is longer")) {
            pool.step(message, () -> log.append(message));
        }
        pool.checkEveryCrash(crashed -> {
            List<String> found = open.apply(crashed.buffer(), crashed::msync).messages();
            assertTrue(found.equals(crashed.completed()) || found.equals(crashed.begun()), found::toString);
        });
    }

    @CrashTest(models = {CACHE_LINES, PAGE_CACHE})
    void messageNotSynced(CrashPool pool) {
        test(pool, (bytes, sync) -> new MessageLog(bytes, sync) {
            @Override
            void syncMessage(Header now, int end) {
                // Forgotten.
            }
        });
    }

    @CrashTest(models = {CACHE_LINES, PAGE_CACHE})
    void headerNotSynced(CrashPool pool) {
        test(pool, (bytes, sync) -> new MessageLog(bytes, sync) {
            @Override
            void syncHeader(Header next) {
                // Forgotten.
            }
        });
    }

    @CrashTest(models = {CACHE_LINES, PAGE_CACHE})
    void headerSyncedFirst(CrashPool pool) {
        test(pool, (bytes, sync) -> new MessageLog(bytes, sync) {
            @Override
            void append(String message) {
                Header now = header();
                int end = storeMessage(now, message);
                Header next = now.next(end);
                storeHeader(next);
                syncHeader(next);
                syncMessage(now, end);
            }
        });
    }

    @CrashTest(models = {CACHE_LINES, PAGE_CACHE})
    void messageAndHeaderInOneSync(CrashPool pool) {
        test(pool, (bytes, sync) -> new MessageLog(bytes, sync) {
            @Override
            void append(String message) {
                Header now = header();
                storeHeader(now.next(storeMessage(now, message)));
                syncAll();
            }
        });
    }

    @CrashTest(models = {CACHE_LINES, PAGE_CACHE})
    void headerWithoutChecksum(CrashPool pool) {
        test(pool, (bytes, sync) -> new MessageLog(bytes, sync) {
            @Override
            boolean isWhole(Header found, long checksum) {
                return true;
            }
        });
    }

    @CrashTest(models = {CACHE_LINES, PAGE_CACHE})
    void oneHeader(CrashPool pool) {
        test(pool, (bytes, sync) -> new MessageLog(bytes, sync) {
            @Override
            void storeHeader(Header next) {
                super.storeHeader(new Header(next.number() + next.number() % 2, next.end()));
            }

            @Override
            void syncHeader(Header next) {
                super.syncHeader(new Header(0, next.end()));
            }
        });
    }
}
