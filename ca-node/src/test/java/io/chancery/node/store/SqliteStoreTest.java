package io.chancery.node.store;

import static io.chancery.node.store.LedgerContract.START;
import static io.chancery.node.store.LedgerContract.failure;
import static io.chancery.node.store.LedgerContract.get;
import static io.chancery.node.store.LedgerContract.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.error.ErrorCode;
import io.chancery.node.issuance.IssuanceLedger.Reservation;
import io.chancery.testing.MutableInstantSource;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file behind the ledger: who may open it, what is refused, and what is noticed while it is open. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class SqliteStoreTest {
    @TempDir
    private Path folder;

    private final MutableInstantSource clock = new MutableInstantSource(START);
    private LedgerFixture fixture;

    @BeforeEach
    void makeClaims() throws Exception {
        fixture = LedgerFixture.create(START);
    }

    private Store open(Path where) throws StoreException {
        return SqliteStore.open(where, new StoreSettings("n1", 100, false, "birth"), clock);
    }

    private Reservation reserve(Store store, String token) throws Exception {
        return get(store.ledger().reserve(fixture.claim(token), soon()));
    }

    private static void sql(Path database, String statement) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
            connection.createStatement().executeUpdate(statement);
        }
    }

    private void assertRefused(String... texts) {
        assertThatThrownBy(() -> open(folder))
                .isInstanceOf(StoreException.class)
                .hasMessageContainingAll(texts);
    }

    @Test
    void what_the_log_holds_is_in_the_file_once_there_is_a_connection_unless_somebody_reads_it_just_then()
            throws Exception {
        Path log = folder.resolve("chancery.db-wal");
        try (Store store = open(folder)) {
            Reservation unused = reserve(store, "t1");
            assertThat(log).isNotEmptyFile();
            try (SqlSession again = SqliteFile.in(folder).forWriting(clock)) {
                try (Connection reader = SqliteFile.forReading(SqliteFile.database(folder))) {
                    reader.setAutoCommit(false);
                    boolean read = reader.createStatement().execute("SELECT count(*) FROM certificate");
                    assertThat(read).isTrue();
                    SqliteFile.settle(again);
                    assertThat(log).isNotEmptyFile();
                }
                SqliteFile.settle(again);
                assertThat(log).isEmptyFile();
            }
        }
    }

    /** Also where a connection is still open by which nothing was written: closing the last one empties the log, too. */
    @Test
    void what_was_written_before_a_connection_was_lost_is_in_the_file_when_the_next_one_writes() throws Exception {
        try (Store store = open(folder);
                Connection idle = SqliteFile.forReading(SqliteFile.database(folder))) {
            Reservation unused = reserve(store, "t1");
            boolean read = idle.createStatement().execute("SELECT count(*) FROM certificate");
            assertThat(read).isTrue();
            loseConnection(store);
            assertThat(get(store.probe(soon())).clock()).isEqualTo(START);
            Path withoutLog = Files.createDirectory(folder.resolve("copy")).resolve("alone.db");
            Files.copy(SqliteFile.database(folder), withoutLog);
            try (Connection copy = DriverManager.getConnection("jdbc:sqlite:" + withoutLog);
                    var count = copy.createStatement().executeQuery("SELECT count(*) FROM certificate")) {
                assertThat(count.next()).isTrue();
                assertThat(count.getInt(1)).isEqualTo(1);
            }
        }
    }

    @Test
    void a_second_opening_is_told_who_has_the_store_and_does_not_break_the_first_ones_lock() throws Exception {
        try (Store first = open(folder)) {
            assertRefused("has the store open");
            assertRefused("has the store open");
            assertThat(Files.readString(folder.resolve("chancery.db.lock")).strip())
                    .isEqualTo(Long.toString(ProcessHandle.current().pid()));
            assertThat(get(first.probe(soon())).clock()).isEqualTo(START);
        }
        open(folder).close();
    }

    @Test
    void a_store_with_more_to_do_than_it_takes_is_no_store_that_cannot_be_written() throws Exception {
        try (Store store = SqliteStore.open(folder, new StoreSettings("n1", 1, false, "birth"), clock)) {
            CountDownLatch held = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            Future<Boolean> busy = store.writer()
                    .submit(
                            session -> {
                                held.countDown();
                                try {
                                    return go.await(20, TimeUnit.SECONDS);
                                } catch (InterruptedException e) {
                                    throw new SQLException(e);
                                }
                            },
                            soon());
            held.await();
            Future<Reservation> waiting = store.ledger().reserve(fixture.claim("t"), soon());
            assertThat(failure(store.ledger().reserve(fixture.claim("u"), soon())))
                    .isEqualTo(ErrorCode.OVERLOADED);
            Future<Store.Probe> probe = store.probe(soon());
            Future<Store.Probe> another = store.probe(soon());
            go.countDown();
            assertThat(get(another).number())
                    .as("one is under way")
                    .isEqualTo(get(probe).number());
            assertThat(get(probe).clock()).isEqualTo(START);
            assertThat(get(busy)).isTrue();
            assertThat(get(waiting)).isInstanceOf(Reservation.Owned.class);
            assertThat(get(store.probe(soon())).clock()).isEqualTo(START);
        }
    }

    @Test
    void the_lock_file_of_a_process_that_died_hinders_nobody() throws Exception {
        Files.writeString(folder.resolve("chancery.db.lock"), "1\n");
        open(folder).close();
    }

    @Test
    void the_files_are_their_owners_alone_and_so_is_a_folder_that_the_store_makes() throws Exception {
        Path made = folder.resolve("made");
        try (Store store = open(made)) {
            assertThat(reserve(store, "t")).isInstanceOf(Reservation.Owned.class);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                    .isEqualTo("rwx------");
            for (String name : new String[] {"chancery.db", "chancery.db-wal", "chancery.db-shm", "chancery.db.lock"}) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made.resolve(name))))
                        .as(name)
                        .isEqualTo("rw-------");
            }
        }
    }

    @Test
    void a_folder_of_step_ca_is_refused_until_told_to_start_empty() throws Exception {
        Files.createFile(folder.resolve("000000.vlog"));
        assertRefused("--start-empty");
        assertThat(folder.resolve("chancery.db")).doesNotExist();
        try (Store told = SqliteStore.open(folder, new StoreSettings("n1", 10, true, "birth"), clock)) {
            assertThat(reserve(told, "t")).isInstanceOf(Reservation.Used.class);
        }
        // Once our store is there, step's files mean nothing.
        open(folder).close();
    }

    @Test
    void a_file_in_which_a_step_ca_kept_everything_is_refused_as_well() throws Exception {
        Path bbolt = written("step.db", START.minusSeconds(60));
        StoreSettings settings = new StoreSettings("n1", 10, false, "birth", Optional.of(bbolt));
        assertThatThrownBy(() -> SqliteStore.open(folder, settings, clock).close())
                .isInstanceOf(StoreException.class)
                .hasMessageContainingAll(bbolt.toString(), "--start-empty");
        StoreSettings told = new StoreSettings("n1", 10, true, "birth", Optional.of(bbolt));
        try (Store store = SqliteStore.open(folder, told, clock)) {
            assertThat(reserve(store, "t")).isInstanceOf(Reservation.Used.class);
        }
        SqliteStore.open(folder, settings, clock).close();
        assertThat(StepFiles.writtenBeside(folder, Optional.of(bbolt))).isEmpty();
        Files.setLastModifiedTime(bbolt, FileTime.from(START.plusSeconds(60)));
        assertThat(StepFiles.writtenBeside(folder, Optional.of(bbolt))).containsExactly(bbolt);
    }

    @Test
    void a_store_that_was_made_in_the_place_of_a_bbolt_is_not_left_behind() throws Exception {
        Path made = folder.resolve("step.db");
        open(made).close();
        StoreSettings settings = new StoreSettings("n1", 10, true, "birth", Optional.of(made));
        assertThatThrownBy(() -> SqliteStore.open(folder, settings, clock).close())
                .isInstanceOf(StoreException.class)
                .hasMessageContainingAll(made.toString(), "\"sqlite\"");
    }

    @Test
    void step_s_files_are_told_from_those_that_a_step_ca_left_when_they_were_written_after_the_store_was_made()
            throws Exception {
        Instant made = START;
        Path before = written("MANIFEST", made.minusSeconds(60));
        try (Store told = SqliteStore.open(folder, new StoreSettings("n1", 10, true, "birth"), clock)) {
            assertThat(StepFiles.writtenBeside(folder, Optional.empty())).isEmpty();
            Path table = written("000002.sst", made.plusSeconds(60));
            Path log = written("000000.vlog", made.plusSeconds(2));
            written("notes.txt", made.plusSeconds(60));
            assertThat(StepFiles.writtenBeside(folder, Optional.empty())).containsExactly(log, table);
            Files.setLastModifiedTime(before, FileTime.from(made.plusSeconds(60)));
            assertThat(StepFiles.writtenBeside(folder, Optional.empty())).containsExactly(log, table, before);
        }
    }

    private Path written(String name, Instant at) throws IOException {
        return Files.setLastModifiedTime(Files.createFile(folder.resolve(name)), FileTime.from(at));
    }

    @Test
    void a_start_that_was_broken_off_before_the_first_epoch_is_asked_again_about_step_cas_files() throws Exception {
        Files.createFile(folder.resolve("000000.vlog"));
        Files.createFile(folder.resolve("chancery.db"));
        assertRefused("--start-empty");
        StoreSchema.bringUpToDate(folder.resolve("chancery.db"));
        assertRefused("--start-empty");
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            boolean unused = statement.execute(sql);
        }
    }

    @Test
    void what_a_process_had_begun_that_was_killed_while_it_made_or_changed_tables_is_undone() throws Exception {
        Store made = open(folder);
        assertThat(reserve(made, "t")).isInstanceOf(Reservation.Owned.class);
        made.close();
        Path database = folder.resolve("chancery.db");
        Path killed = Files.createDirectory(folder.resolve("killed"));
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
            // Without the write-ahead log, as Flyway writes a new file; so much that it comes to the disk before its
            // commit.
            for (String each : List.of(
                    "PRAGMA journal_mode = DELETE",
                    "PRAGMA cache_size = 10",
                    "BEGIN IMMEDIATE",
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
                            + " INSERT INTO used_token (token_key, serial, provisioner) SELECT randomblob(32), i, '' FROM n")) {
                execute(connection, each);
            }
            for (String file : List.of("chancery.db", "chancery.db-journal")) {
                Path unused = Files.copy(folder.resolve(file), killed.resolve(file));
            }
            execute(connection, "ROLLBACK");
        }
        try (Store store = open(killed)) {
            assertThat(reserve(store, "t")).isInstanceOf(Reservation.Used.class);
            assertThat((int) get(store.writer()
                            .submit(
                                    session -> session.first("SELECT count(*) FROM used_token", row -> row.getInt(1))
                                            .orElseThrow(),
                                    soon())))
                    .isEqualTo(1);
        }
    }

    @Test
    void the_memory_of_a_new_store_begins_with_the_whole_second_in_which_it_was_made() throws Exception {
        clock.advance(Duration.ofMillis(900));
        try (Store store = open(folder)) {
            assertThat(get(store.writer().submit(SqlSession::epoch, soon())).tokensNotBefore())
                    .isEqualTo(START);
            assertThat(reserve(store, "of this second")).isInstanceOf(Reservation.Owned.class);
        }
    }

    @Test
    void a_new_store_where_the_signer_has_signed_before_does_not_trust_tokens_of_its_past() throws Exception {
        Files.writeString(folder.resolve("signatures.log"), "2026-11-24T11:00:00Z 1 00 local\n");
        try (Store store = open(folder)) {
            assertThat(reserve(store, "t")).isInstanceOf(Reservation.Used.class);
        }
    }

    @Test
    void a_log_without_its_database_is_no_new_store() throws Exception {
        Files.writeString(folder.resolve("chancery.db-wal"), "x");
        assertRefused("chancery.db is gone");
    }

    @Test
    void a_damaged_file_is_refused() throws Exception {
        Files.writeString(folder.resolve("chancery.db"), "this is no database".repeat(500));
        assertRefused("damaged", "chancery store restore");
    }

    @Test
    void a_file_with_a_damaged_page_is_refused() throws Exception {
        open(folder).close();
        byte[] bytes = Files.readAllBytes(folder.resolve("chancery.db"));
        for (int i = 4096 * 3; i < 4096 * 12; i++) {
            bytes[i] = (byte) 0x5a;
        }
        Files.write(folder.resolve("chancery.db"), bytes);
        assertRefused("damaged");
    }

    @Test
    void a_store_of_a_newer_version_is_refused_and_left_as_it_is() throws Exception {
        open(folder).close();
        sql(
                folder.resolve("chancery.db"),
                "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, checksum,"
                        + " installed_by, execution_time, success) VALUES (9, '99', 'x', 'SQL', 'V99__x.sql', 1, '', 1, 1)");
        assertRefused("newer Chancery", "99");
    }

    @Test
    void a_file_in_the_place_of_the_folder_is_refused() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> open(file)).isInstanceOf(StoreException.class).hasMessageContaining(file.toString());
    }

    @Test
    void a_restart_refuses_nothing_and_a_file_with_another_birth_id_begins_a_new_epoch() throws Exception {
        try (Store store = open(folder)) {
            assertThat(reserve(store, "before")).isInstanceOf(Reservation.Owned.class);
        }
        try (Store store = open(folder)) {
            assertThat(reserve(store, "after a restart")).isInstanceOf(Reservation.Owned.class);
        }
        sql(folder.resolve("chancery.db"), "UPDATE store_identity SET birth_id = 'another'");
        try (Store store = open(folder)) {
            assertThat(reserve(store, "after a restore")).isInstanceOf(Reservation.Used.class);
            assertThat(get(store.ledger()
                            .reserve(
                                    fixture.claim("no iat", Optional.empty(), Optional.empty(), Optional.empty()),
                                    soon())))
                    .isInstanceOf(Reservation.Used.class);
            clock.advance(Duration.ofMinutes(2));
            assertThat(get(store.ledger()
                            .reserve(
                                    fixture.claim(
                                            "of this epoch",
                                            Optional.of(clock.instant()),
                                            Optional.empty(),
                                            Optional.empty()),
                                    soon())))
                    .isInstanceOf(Reservation.Owned.class);
        }
        // The epoch has begun under the new id: it is not begun again.
        try (Store store = open(folder)) {
            assertThat((int) get(store.writer().submit(SqlSession::epoch, soon()))
                            .number())
                    .isEqualTo(2);
        }
    }

    @Test
    void a_new_connection_of_a_running_store_compares_too() throws Exception {
        try (Store store = open(folder)) {
            get(store.probe(soon()));
            sql(folder.resolve("chancery.db"), "UPDATE store_identity SET birth_id = 'another'");
            assertThat((int) get(store.writer().submit(SqlSession::epoch, soon()))
                            .number())
                    .isEqualTo(1);
            loseConnection(store);
            assertThat((int) get(store.writer().submit(SqlSession::epoch, soon()))
                            .number())
                    .isEqualTo(2);
        }
    }

    private static void loseConnection(Store store) throws Exception {
        assertThat(failure(store.writer()
                        .submit(
                                session -> {
                                    session.close();
                                    return 1;
                                },
                                soon())))
                .isEqualTo(ErrorCode.STORE_UNAVAILABLE);
    }

    @Test
    void an_epochs_tokens_never_begin_earlier_than_the_last_ones_though_the_clock_was_put_back() throws Exception {
        try (Store store = open(folder)) {
            var first = SqliteLedgerTest.newEpoch(store);
            clock.advance(Duration.ofDays(-1));
            assertThat(SqliteLedgerTest.newEpoch(store)).isEqualTo(first);
        }
    }

    @Test
    void a_file_that_is_replaced_under_a_running_store_is_noticed_and_nothing_is_told_as_done() throws Exception {
        Path database = folder.resolve("chancery.db");
        try (Store store = open(folder)) {
            assertThat(reserve(store, "t")).isInstanceOf(Reservation.Owned.class);
            Files.copy(database, folder.resolve("snapshot"));
            Files.move(folder.resolve("snapshot"), database, StandardCopyOption.REPLACE_EXISTING);
            assertThatThrownBy(() -> reserve(store, "u")).hasMessageContaining("replaced or removed");
            assertThatThrownBy(() -> get(store.probe(soon()))).hasMessageContaining("store new-epoch");
        }
    }

    @Test
    void a_file_that_is_deleted_under_a_running_store_is_noticed_and_not_made_anew() throws Exception {
        Path database = folder.resolve("chancery.db");
        try (Store store = open(folder)) {
            assertThat(reserve(store, "t")).isInstanceOf(Reservation.Owned.class);
            Files.delete(database);
            assertThat(failure(store.ledger().reserve(fixture.claim("u"), soon())))
                    .isEqualTo(ErrorCode.STORE_UNAVAILABLE);
            assertThat(failure(store.probe(soon()))).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
            assertThat(database).doesNotExist();
        }
    }

    @Test
    void a_write_ahead_log_that_is_deleted_under_a_running_store_is_noticed() throws Exception {
        try (Store store = open(folder)) {
            assertThat(reserve(store, "t")).isInstanceOf(Reservation.Owned.class);
            Files.delete(folder.resolve("chancery.db-wal"));
            assertThat(failure(store.ledger().reserve(fixture.claim("u"), soon())))
                    .isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        }
    }

    @Test
    void a_full_disk_is_said_and_the_store_recovers_by_itself_when_there_is_space() throws Exception {
        try (Store store = open(folder)) {
            pages(store, 1); // as few as there are
            StringBuilder said = new StringBuilder();
            for (int i = 0; i < 100 && said.isEmpty(); i++) {
                var answer = store.ledger().reserve(fixture.claim("t" + i), soon());
                get(answer.otherwiseEmpty());
                if (answer.failed()) {
                    said.append(answer.cause().getMessage());
                }
            }
            assertThat(said).contains("the disk is full");
            // A new connection has no such limit: the disk has space again.
            assertThat(reserve(store, "when there is space")).isInstanceOf(Reservation.Owned.class);
        }
    }

    private static void pages(Store store, long most) throws Exception {
        get(store.writer()
                .submit(session -> session.first("PRAGMA max_page_count = " + most, row -> row.getLong(1)), soon()));
    }

    @Test
    void text_of_the_lock_file_that_is_no_process_is_not_repeated() throws Exception {
        Files.write(folder.resolve("chancery.db.lock"), "evil\u001b[31m".getBytes(StandardCharsets.UTF_8));
        open(folder).close();
        assertThat(Files.readString(folder.resolve("chancery.db.lock"))).doesNotContain("evil");
    }
}
