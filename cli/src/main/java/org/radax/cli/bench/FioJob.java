package org.radax.cli.bench;

import java.util.List;

/**
 * One measurement by fio.
 *
 * @param append on a file of its own that starts empty, for a fixed amount instead of a fixed time
 */
record FioJob(String name, Unit unit, boolean append, List<String> arguments) {
    enum Unit {
        OPERATIONS("op/s"),
        MEGABYTES("MB/s");

        private final String text;

        Unit(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    /** Every job, in the order of the table. */
    static final List<FioJob> ALL = List.of(
            operations("4k random read", "--rw=randread", "--bs=4k", "--ioengine=psync", "--direct=1"),
            operations("4k random write", "--rw=randwrite", "--bs=4k", "--ioengine=psync", "--direct=1"),
            operations("4k write + fsync", "--rw=randwrite", "--bs=4k", "--ioengine=psync", "--direct=1", "--fsync=1"),
            operations(
                    "4k random read, 2 jobs",
                    "--rw=randread",
                    "--bs=4k",
                    "--ioengine=psync",
                    "--direct=1",
                    "--numjobs=2"),
            operations(
                    "4k random write, 2 jobs",
                    "--rw=randwrite",
                    "--bs=4k",
                    "--ioengine=psync",
                    "--direct=1",
                    "--numjobs=2"),
            operations(
                    "4k random read, libaio 16",
                    "--rw=randread",
                    "--bs=4k",
                    "--ioengine=libaio",
                    "--iodepth=16",
                    "--direct=1"),
            operations(
                    "4k random write, libaio 16",
                    "--rw=randwrite",
                    "--bs=4k",
                    "--ioengine=libaio",
                    "--iodepth=16",
                    "--direct=1"),
            megabytes("1M read", "--rw=read", "--bs=1M", "--ioengine=psync", "--direct=1"),
            megabytes("1M write", "--rw=write", "--bs=1M", "--ioengine=psync", "--direct=1"),
            operations(
                    "4k buffered read", "--rw=randread", "--bs=4k", "--ioengine=psync", "--direct=0", "--invalidate=0"),
            operations(
                    "4k buffered write",
                    "--rw=randwrite",
                    "--bs=4k",
                    "--ioengine=psync",
                    "--direct=0",
                    "--invalidate=0"),
            operations("4k mmap read", "--rw=randread", "--bs=4k", "--ioengine=mmap", "--invalidate=0"),
            operations("4k mmap write", "--rw=randwrite", "--bs=4k", "--ioengine=mmap", "--invalidate=0"),
            new FioJob(
                    "4k append + fsync",
                    Unit.OPERATIONS,
                    true,
                    List.of(
                            "--rw=write",
                            "--bs=4k",
                            "--ioengine=psync",
                            "--fsync=1",
                            "--file_append=1",
                            "--fallocate=none")));

    private static FioJob operations(String name, String... arguments) {
        return new FioJob(name, Unit.OPERATIONS, false, List.of(arguments));
    }

    private static FioJob megabytes(String name, String... arguments) {
        return new FioJob(name, Unit.MEGABYTES, false, List.of(arguments));
    }
}
