package org.radax.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a failure says, what it leaves, and that it comes again. */
final class ReportTest {
    private static final String CASES = Cases.class.getName();

    private static int checks;
    private static boolean mended;

    static final class Cases {
        /** The second word is worth something with the first alone, and in a line of its own. */
        @CrashTest(
                models = {CrashModel.CACHE_LINES, CrashModel.PAGE_CACHE},
                seed = 3)
        void wrongOrder(CrashPool pool) {
            pool.step("nothing", () -> {});
            pool.step("both", () -> {
                pool.putLong(64, 1);
                pool.putLong(4096, 2);
                pool.msync(0, 8192);
            });
            pool.checkEveryCrash(crashed -> {
                checks++;
                boolean two = crashed.getLong(4096) == 2;
                crashed.putLong(4096, 99);
                if (two && crashed.getLong(64) != 1 && !mended) {
                    throw new IllegalStateException("two without one");
                }
            });
        }

        @CrashTest
        void right(CrashPool pool) {
            pool.step("one", () -> pool.putLong(0, 1));
            pool.checkEveryCrash(crashed -> checks++);
        }

        @CrashTest
        void overflowing(CrashPool pool) {
            pool.step("one", () -> pool.putLong(0, 1));
            pool.checkEveryCrash(crashed -> {
                throw new StackOverflowError();
            });
        }
    }

    @TempDir
    private Path images;

    @BeforeEach
    void forget() {
        checks = 0;
        mended = false;
    }

    private Engine run(String method, String... parameters) {
        return Engine.run(Cases.class, method, with(parameters));
    }

    private String[] with(String... parameters) {
        String[] all = new String[parameters.length + 1];
        all[0] = "radax.crash.images=" + images.resolve("left");
        System.arraycopy(parameters, 0, all, 1, parameters.length);
        return all;
    }

    private static String replay(String choice) {
        return "radax.crash.replay=" + CASES + ".wrongOrder/CACHE_LINES@" + choice;
    }

    @Test
    void shouldSayWhatWasLostAndHowToSeeItAgain() {
        List<Throwable> failures = run("wrongOrder").failures();
        assertEquals(2, failures.size());
        assertEquals(
                expected("CACHE_LINES", "lines: 64=lost 4096=kept"),
                failures.get(0).getMessage());
        assertEquals(
                expected("PAGE_CACHE", "pages: 0=lost 4096=kept"),
                failures.get(1).getMessage());
        assertInstanceOf(AssertionError.class, failures.get(0));
        assertEquals(
                "two without one",
                assertInstanceOf(IllegalStateException.class, failures.get(0).getCause())
                        .getMessage());
    }

    private String expected(String model, String pending) {
        return "java.lang.IllegalStateException: two without one"
                + "\n  after a crash at point 1 of 4 (both: fence 1), image 5"
                + "\n  completed: [nothing], interrupted: [both]"
                + "\n  " + pending
                + "\n  seed: 3"
                + "\n  the image: " + images.resolve("left").resolve(CASES + ".wrongOrder_" + model + "_1_2.pool")
                + "\n  again: -Dradax.crash.replay='" + CASES + ".wrongOrder/" + model + "@1:#2'";
    }

    /** Not as the check left it. */
    @Test
    void shouldLeaveImageAsTheCrashLeftIt() throws IOException {
        String message = run("wrongOrder").failures().get(0).getMessage();
        Matcher image = Pattern.compile("the image: (.*)").matcher(message);
        assertTrue(image.find(), message);
        byte[] left = Files.readAllBytes(Path.of(image.group(1)));
        assertEquals(1 << 16, left.length);
        assertEquals(0, left[64]);
        assertEquals(2, left[4096]);
    }

    @Test
    void shouldSayThatImageCouldNotBeSaved() throws IOException {
        Files.writeString(images.resolve("left"), "a file in the directory's place");
        String message = run("wrongOrder").failures().get(0).getMessage();
        assertTrue(message.contains("two without one") && message.contains("the image: not saved: "), message);
    }

    @Test
    void shouldReportWhateverCheckThrows() {
        assertInstanceOf(StackOverflowError.class, run("overflowing").failure().getCause());
    }

    @Test
    void shouldReplayOneImageOfOneTest() {
        Engine replayed = Engine.runAll(Cases.class, with(replay("1:#2")));
        assertEquals(1, checks);
        assertEquals(List.of("cache lines"), replayed.started());
        assertEquals(
                List.of("right(CrashPool)", "overflowing(CrashPool)"),
                replayed.skipped().stream().sorted((a, b) -> b.compareTo(a)).toList());
        assertEquals(
                expected("CACHE_LINES", "lines: 64=lost 4096=kept").replace("image 5", "image 1"),
                replayed.failure().getMessage());
    }

    @Test
    void shouldPassReplayOfWhatWasMended() {
        mended = true;
        assertEquals(List.of(), run("wrongOrder", replay("1:#2")).failures());
        assertEquals(1, checks);
    }

    @ParameterizedTest
    @CsvSource({
        "4:none, the test has changed, '4 crash points'",
        "1:#x, the test has changed, 'For input string'",
        "1:none+2=1, the test has changed, 'has no state 2=1'",
        "1:some, the test has changed, 'no such choice: some'"
    })
    void shouldRefuseTokenThatDoesNotFit(String choice, String first, String second) {
        String message = run("wrongOrder", replay(choice)).failure().getMessage();
        assertTrue(message.contains(first) && message.contains(second), message);
        assertEquals(0, checks);
    }

    @ParameterizedTest
    @CsvSource({"nonsense, 'nonsense: Class.method/MODEL@point:choice expected'", "A.b/PAGES@1:all, 'no model PAGES'"})
    void shouldRefuseTokenOfOtherForm(String token, String expected) {
        String message =
                run("wrongOrder", "radax.crash.replay=" + token).failure().getMessage();
        assertTrue(String.valueOf(message).contains(expected), message);
    }

    @Test
    void shouldRefuseTokenOfModelThatTestIsNotRunWith() {
        String token = "radax.crash.replay=" + CASES + ".right/PAGE_CACHE@0:all";
        String message = run("right", token).failure().getMessage();
        assertTrue(message.contains("is not run with page cache"), message);
    }
}
