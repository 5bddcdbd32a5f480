package org.radax.cli.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.radax.cli.console.CommandFailure;
import org.radax.cli.console.ErrorLines;
import org.radax.cli.console.ExitCodes;
import org.radax.cli.console.LauncherScript;
import org.radax.cli.console.Sizes;
import org.radax.cli.console.Trees;
import org.radax.cli.console.Version;
import org.radax.core.os.LibC;
import org.radax.fuse.control.ControlException;
import org.radax.fuse.mount.MountException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code radax bench}. */
@Command(
        name = "bench",
        description = "Measures Radax beside tmpfs, ext4 on a loop device, fuse2fs, and any directory; in alternation.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeOnInvalidInput = ExitCodes.USAGE,
        exitCodeOnExecutionException = 1)
public final class BenchCommand implements Callable<Integer> {
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final int QUICK_FILES = 2_000;

    @Spec
    private CommandSpec spec;

    @Option(names = "--against", paramLabel = "DIR", description = "Measure this directory too; repeatable.")
    private List<Path> against = new ArrayList<>();

    @Option(names = "--against-fuse2fs", description = "Fail if fuse2fs is not there; else it is used where found.")
    private boolean againstFuse2fs;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(names = "--quick", description = "One round of short jobs: whether it works, not how fast.")
    private boolean quick;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "3",
            description = "Per job. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            defaultValue = "256M",
            converter = Sizes.class,
            description = "Of the file. Default: ${DEFAULT-VALUE}.")
    private long fileBytes;

    @Option(names = "--files", paramLabel = "N", defaultValue = "20000", description = "Default: ${DEFAULT-VALUE}.")
    private int files;

    @Option(names = "--memory-files", paramLabel = "N", description = "Files made before the daemon's memory is read.")
    private Integer memoryFiles;

    @Override
    public Integer call() throws CommandFailure, IOException, InterruptedException, ControlException, MountException {
        if (!Shell.has("fio")) {
            throw new CommandFailure("fio is not installed; apt-get install fio");
        }
        if (quick) {
            rounds = 1;
            seconds = 1;
            files = Math.min(files, QUICK_FILES);
            fileBytes = Math.min(fileBytes, 64L << 20);
        }
        PrintWriter out = spec.commandLine().getOut();
        BenchReport report;
        try (Cleanups cleanups = new Cleanups()) {
            report = measure(cleanups);
        }
        out.print(json ? Trees.json(report.tree()) + "\n" : report.table() + facts(report));
        out.flush();
        return ExitCodes.OK;
    }

    private static String facts(BenchReport report) {
        Map<String, Object> tree = report.tree();
        tree.remove("rows");
        tree.remove("targets");
        return "\n" + Trees.text(tree);
    }

    private BenchReport measure(Cleanups cleanups)
            throws CommandFailure, IOException, InterruptedException, ControlException, MountException {
        LauncherScript radax = LauncherScript.ofProcess();
        Path base = Files.createTempDirectory(SHARED_MEMORY, "radax-bench");
        cleanups.add(() -> Files.deleteIfExists(base));
        List<Target> targets = makeTargets(new Targets(base, poolBytes(), radax, cleanups));
        Fio fio = new Fio(fileBytes, seconds);
        Samples samples = new Samples();
        for (Target target : targets) {
            fio.lay(target);
        }
        try (ProgressBar bar = progress(rounds * targets.size() * (FioJob.ALL.size() + 1))) {
            for (int round = 0; round < rounds; round++) {
                measureRound(round, targets, fio, samples, bar);
            }
        }
        for (Target target : targets) {
            fio.removeData(target);
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        StartUp startUp = new StartUp(base, radax, cleanups);
        facts.put("daemonMemory", startUp.memory(targets.get(0), memoryFiles == null ? files : memoryFiles));
        facts.put("readyMillis", startUp.readyMillis(rounds));
        return new BenchReport(targets.stream().map(Target::name).toList(), samples, facts);
    }

    /** Room for the file, the appended one, and the many small ones. */
    private long poolBytes() {
        return Math.max(1L << 30, 2 * fileBytes);
    }

    private List<Target> makeTargets(Targets maker) throws CommandFailure, IOException, InterruptedException {
        List<Target> targets = new ArrayList<>();
        targets.add(maker.radax());
        targets.add(maker.tmpfs());
        if (LibC.INSTANCE.geteuid() == 0) {
            targets.add(maker.ext4OnLoop());
        } else {
            spec.commandLine()
                    .getErr()
                    .println("radax bench: ext4 on a loop device is left out: only root can mount it");
        }
        if (againstFuse2fs || Shell.has("fuse2fs")) {
            targets.add(maker.fuse2fs());
        }
        for (Path directory : against) {
            targets.add(maker.directory(directory.toString(), directory));
        }
        return targets;
    }

    /** Each job runs on every target before the next one starts, each time in another order. */
    private void measureRound(int round, List<Target> targets, Fio fio, Samples samples, ProgressBar bar)
            throws IOException, InterruptedException {
        List<Target> order = new ArrayList<>(targets);
        Collections.rotate(order, round);
        for (FioJob job : FioJob.ALL) {
            Samples.Row row = new Samples.Row(job.name(), job.unit().text());
            for (Target target : order) {
                try {
                    samples.add(row, target, fio.run(job, target));
                } catch (CommandFailure e) {
                    samples.fail(row, target, ErrorLines.describe(e));
                }
                bar.step();
            }
        }
        for (Target target : order) {
            FileOperations.run(target, files)
                    .forEach((name, rate) ->
                            samples.add(new Samples.Row(files + " files: " + name, "op/s"), target, rate));
            bar.step();
        }
    }

    private static ProgressBar progress(int steps) {
        ProgressBarBuilder builder = new ProgressBarBuilder()
                .setTaskName("measuring")
                .setInitialMax(steps)
                .setUpdateIntervalMillis(1_000);
        if (!Boolean.getBoolean("radax.tty")) {
            // Nobody watches: no bar in a file.
            builder.setConsumer(new DelegatingProgressBarConsumer(line -> {}));
        }
        return builder.build();
    }
}
