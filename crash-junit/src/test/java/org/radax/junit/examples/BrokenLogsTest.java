package org.radax.junit.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;
import org.radax.junit.CrashPool;

/** Every mistake is found, in both models, at its first consequence. */
final class BrokenLogsTest {
    @ParameterizedTest
    @CsvSource({
        "messageNotSynced, 'first: fence 1', '4096=kept 8192=lost'",
        "headerNotSynced, 'first: returned', '4096=lost'",
        "headerSyncedFirst, 'first: fence 1', '4096=kept 8192=lost'",
        "messageAndHeaderInOneSync, 'first: fence 1', '4096=kept 8192=lost'",
        "headerWithoutChecksum, 'second: fence 4', '0=1/3'",
        "oneHeader, 'second: fence 4', '0=1/3'"
    })
    void shouldFindMistake(String mistake, String where, String what) {
        Events tests = EngineTestKit.engine("junit-jupiter")
                .selectors(selectMethod(BrokenLogs.class, mistake, CrashPool.class.getName()))
                .execute()
                .testEvents();
        tests.assertStatistics(statistics -> statistics.started(2).failed(2));
        List<String> messages = tests.failed()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                .map(result -> result.getThrowable().orElseThrow().getMessage())
                .toList();
        for (String message : messages) {
            assertTrue(message.contains("(" + where + ")") && message.contains(": " + what + "\n"), message);
        }
    }
}
