package org.radax.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.radax.it.harness.Environment;
import org.radax.it.harness.Run;
import org.radax.it.harness.Volume;

final class SqliteIT {
    private static final int TRANSACTIONS = 1_000;

    @BeforeEach
    void needSqlite() {
        Environment.needsProgram("sqlite3");
    }

    @ParameterizedTest
    @CsvSource({"wal,0", "wal,268435456", "delete,0", "delete,268435456"})
    @Tag("smoke")
    void shouldKeepAThousandTransactions(String journal, long mmapBytes) throws Exception {
        try (Volume volume = Volume.mounted("512M")) {
            Path database = volume.directory().resolve("test.db");
            // The shared-memory index of WAL mode is a file, mapped by every connection.
            StringBuilder script =
                    new StringBuilder("PRAGMA journal_mode=" + journal + ";\nPRAGMA mmap_size=" + mmapBytes
                            + ";\nPRAGMA synchronous=FULL;\nCREATE TABLE t(k INTEGER PRIMARY KEY, v TEXT);\n"
                            + "CREATE INDEX i ON t(v);\n");
            for (int i = 0; i < TRANSACTIONS; i++) {
                script.append("BEGIN; INSERT INTO t VALUES(" + i + ", hex(randomblob(200))); "
                        + "UPDATE t SET v=v||'x' WHERE k=" + i / 2 + "; COMMIT;\n");
            }
            Path file = volume.scratch().resolve("script.sql");
            Files.writeString(file, script);

            Run.of("sqlite3", "-bail", database.toString(), ".read " + file).ok();

            check(database);
            volume.cycle();
            check(database);
            volume.unmount();
            volume.fsckClean();
        }
    }

    private static void check(Path database) throws IOException, InterruptedException {
        assertEquals("ok", query(database, "PRAGMA integrity_check"));
        assertEquals(Integer.toString(TRANSACTIONS), query(database, "SELECT count(*) FROM t"));
    }

    private static String query(Path database, String sql) throws IOException, InterruptedException {
        return Run.of("sqlite3", "-bail", database.toString(), sql).ok().out().strip();
    }
}
