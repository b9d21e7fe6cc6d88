package io.chancery.node.store;

import static io.chancery.node.store.LedgerContract.START;
import static io.chancery.node.store.LedgerContract.get;
import static io.chancery.node.store.LedgerContract.serial;
import static io.chancery.node.store.LedgerContract.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.node.issuance.IssuanceLedger.Claim;
import io.chancery.node.issuance.IssuanceLedger.Reservation;
import io.chancery.testing.MutableInstantSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backup, restore, new epoch, and what is done about rows of an earlier one. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class StoreBackupTest {
    @TempDir
    private Path temporary;

    private final MutableInstantSource clock = new MutableInstantSource(START);
    private LedgerFixture fixture;
    private Path folder;
    private Path backup;

    @BeforeEach
    void makeClaims() throws Exception {
        fixture = LedgerFixture.create(START);
        folder = temporary.resolve("db");
        backup = temporary.resolve("backup.db");
    }

    private Store open() throws StoreException {
        return SqliteStore.open(folder, new StoreSettings("n1", 100, false, "birth"), clock);
    }

    private Claim reserved(Store store, String token) throws Exception {
        Claim claim = fixture.claim(token);
        assertThat(get(store.ledger().reserve(claim, soon()))).isInstanceOf(Reservation.Owned.class);
        return claim;
    }

    private Optional<CertificateSearch.Found> row(Claim claim) throws Exception {
        return CertificateSearch.in(StorePlace.sqlite(folder)).show(serial(claim));
    }

    private List<Path> kept() throws Exception {
        List<Path> kept = new ArrayList<>();
        try (var files = Files.newDirectoryStream(folder, "chancery.db.before-restore-*")) {
            files.forEach(kept::add);
        }
        return kept;
    }

    @Test
    void a_backup_of_an_open_store_has_what_was_durable_and_is_its_owners_alone() throws Exception {
        try (Store store = open()) {
            Claim before = reserved(store, "before");
            StoreBackup.write(folder, backup, "of the backup");
            Claim after = reserved(store, "after");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(backup)))
                    .isEqualTo("rw-------");
            store.close();
            Optional<Path> old = StoreBackup.restore(folder, backup, "restored", clock.instant());
            assertThat(kept()).hasSize(1);
            assertThat(old).contains(kept().get(0).toRealPath());
            assertThat(row(before)).isPresent();
            assertThat(row(after)).isEmpty();
        }
    }

    @Test
    void a_backup_never_writes_over_a_file() throws Exception {
        open().close();
        Files.writeString(backup, "precious");
        assertThatThrownBy(() -> StoreBackup.write(folder, backup, "x")).isInstanceOf(StoreException.class);
        assertThat(Files.readString(backup)).isEqualTo("precious");
    }

    @Test
    void after_a_restore_older_tokens_and_those_without_iat_are_refused() throws Exception {
        try (Store store = open()) {
            StoreBackup.write(folder, backup, "of the backup");
            reserved(store, "forgotten");
        }
        Optional<Path> unused = StoreBackup.restore(folder, backup, "restored", clock.instant());
        refusesOldTokens();
    }

    @Test
    void a_backup_that_was_copied_into_place_by_hand_begins_a_new_epoch_too() throws Exception {
        try (Store store = open()) {
            StoreBackup.write(folder, backup, "of the backup");
            reserved(store, "forgotten");
        }
        Files.copy(backup, folder.resolve("chancery.db"), StandardCopyOption.REPLACE_EXISTING);
        refusesOldTokens();
    }

    @Test
    void a_new_epoch_by_command_refuses_what_a_snapshot_may_have_forgotten() throws Exception {
        open().close();
        assertThat(StorePlace.sqlite(folder).newEpoch(clock.instant())).isEqualTo(START.plusSeconds(60));
        refusesOldTokens();
    }

    private void refusesOldTokens() throws Exception {
        try (Store store = open()) {
            assertThat(get(store.ledger().reserve(fixture.claim("forgotten"), soon())))
                    .isInstanceOf(Reservation.Used.class);
            clock.advance(Duration.ofDays(30));
            assertThat(get(store.ledger()
                            .reserve(
                                    fixture.claim("no iat", Optional.empty(), Optional.empty(), Optional.empty()),
                                    soon())))
                    .isInstanceOf(Reservation.Used.class);
            assertThat(get(store.ledger()
                            .reserve(
                                    fixture.claim(
                                            "new", Optional.of(clock.instant()), Optional.empty(), Optional.empty()),
                                    soon())))
                    .isInstanceOf(Reservation.Owned.class);
        }
    }

    @Test
    void nothing_is_put_in_the_place_of_an_open_store() throws Exception {
        try (Store store = open()) {
            StoreBackup.write(folder, backup, "of the backup");
            assertThatThrownBy(() -> StoreBackup.restore(folder, backup, "restored", clock.instant()))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("open");
            assertThatThrownBy(() -> StorePlace.sqlite(folder).newEpoch(clock.instant()))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("open");
            reserved(store, "t");
        }
    }

    @Test
    void a_damaged_backup_leaves_the_store_as_it_is() throws Exception {
        Claim claim;
        try (Store store = open()) {
            claim = reserved(store, "t");
            StoreBackup.write(folder, backup, "of the backup");
        }
        byte[] bytes = Files.readAllBytes(backup);
        java.util.Arrays.fill(bytes, 4096 * 2, 4096 * 8, (byte) 0x5a);
        Files.write(backup, bytes);
        assertThatThrownBy(() -> StoreBackup.restore(folder, backup, "restored", clock.instant()))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("damaged");
        assertThat(kept()).isEmpty();
        assertThat(row(claim)).isPresent();
    }

    @Test
    void a_database_of_something_else_is_no_backup() throws Exception {
        open().close();
        try (var connection = java.sql.DriverManager.getConnection("jdbc:sqlite:" + backup)) {
            connection.createStatement().executeUpdate("CREATE TABLE t (v TEXT)");
        }
        assertThatThrownBy(() -> StoreBackup.restore(folder, backup, "restored", clock.instant()))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("no backup of a store");
    }

    @Test
    void a_restore_that_was_broken_off_is_no_start_and_can_be_repeated() throws Exception {
        try (Store store = open()) {
            reserved(store, "t");
            StoreBackup.write(folder, backup, "of the backup");
        }
        // Broken off after the old store was taken away.
        Files.createFile(folder.resolve("chancery.db.restoring"));
        Files.move(folder.resolve("chancery.db"), folder.resolve("chancery.db.before-restore-1"));
        assertThatThrownBy(this::open).hasMessageContaining("restore was broken off");
        Files.delete(folder.resolve("chancery.db.restoring"));
        assertThatThrownBy(this::open).hasMessageContaining("chancery.db is gone");
        Optional<Path> unused = StoreBackup.restore(folder, backup, "restored", clock.instant());
        open().close();
    }

    @Test
    void a_restore_broken_off_between_the_store_and_its_log_parts_them_neither_there_nor_when_it_is_repeated()
            throws Exception {
        Path database = folder.resolve("chancery.db");
        Path log = folder.resolve("chancery.db-wal");
        Claim inLog;
        try (Store store = open()) {
            StoreBackup.write(folder, backup, "of the backup");
            inLog = reserved(store, "in the log");
            Path unused = Files.copy(database, temporary.resolve("database"));
            unused = Files.copy(log, temporary.resolve("log")); // as a kill would leave them
        }
        Path kept = folder.resolve("chancery.db.before-restore-20260101T000000.000Z");
        Path unused = Files.move(temporary.resolve("database"), kept);
        unused = Files.move(temporary.resolve("log"), log, StandardCopyOption.REPLACE_EXISTING);
        unused = Files.createFile(folder.resolve("chancery.db.restoring"));
        Files.delete(database);
        assertThatThrownBy(this::open).hasMessageContaining("restore was broken off");

        // Once more it comes to nothing, and then is repeated.
        assertThatThrownBy(() -> StoreBackup.restore(folder, temporary, "restored", clock.instant()))
                .isInstanceOf(StoreException.class);
        assertThat(StoreBackup.restore(folder, backup, "restored", clock.instant()))
                .contains(kept.toRealPath());
        assertThat(row(inLog)).as("of the log beside a new store").isEmpty();

        Optional<Path> ignored = StoreBackup.restore(folder, kept, "restored again", clock.instant());
        assertThat(row(inLog)).as("of the old store with its log").isPresent();
    }

    @Test
    void a_restore_that_broke_off_is_repeated_beside_copies_and_stores_that_were_taken_when_the_clock_was_ahead()
            throws Exception {
        Path log = folder.resolve("chancery.db-wal");
        Claim inLog;
        open().close();
        StoreBackup.write(folder, backup, "of the backup");
        Path ahead = Files.copy(backup, folder.resolve("chancery.db.before-restore-20990101T000000.000Z"));
        try (Store store = open()) {
            inLog = reserved(store, "in the log");
            Path unused = Files.copy(folder.resolve("chancery.db"), temporary.resolve("database"));
            unused = Files.copy(log, temporary.resolve("log"));
        }
        Path half = StoreBackup.restore(folder, backup, "restored again", clock.instant())
                .orElseThrow();
        assertThat(half).as("named after the one that is there").isGreaterThan(ahead);
        // As if that one had been broken off, and somebody had copied what was there.
        Path unused = Files.move(temporary.resolve("database"), half, StandardCopyOption.REPLACE_EXISTING);
        unused = Files.copy(half, half.resolveSibling(half.getFileName() + ".bak"));
        unused = Files.move(temporary.resolve("log"), log, StandardCopyOption.REPLACE_EXISTING);
        unused = Files.createFile(folder.resolve("chancery.db.restoring"));
        Files.delete(folder.resolve("chancery.db"));

        assertThat(StoreBackup.restore(folder, backup, "restored", clock.instant()))
                .contains(half);
        Optional<Path> ignored = StoreBackup.restore(folder, half, "restored once more", clock.instant());
        assertThat(row(inLog)).as("of the old store with its log").isPresent();
    }

    @Test
    void a_log_whose_store_is_gone_goes_to_no_store_that_was_kept() throws Exception {
        Path log = folder.resolve("chancery.db-wal");
        try (Store store = open()) {
            StoreBackup.write(folder, backup, "of the backup");
            reserved(store, "in the log");
            Path unused = Files.copy(log, temporary.resolve("log"));
        }
        Path kept =
                StoreBackup.restore(folder, backup, "restored", clock.instant()).orElseThrow();
        Files.delete(folder.resolve("chancery.db"));
        Path unused = Files.move(temporary.resolve("log"), log);
        clock.advance(Duration.ofSeconds(1));
        assertThat(StoreBackup.restore(folder, backup, "restored again", clock.instant()))
                .isEmpty();
        assertThat(kept.resolveSibling(kept.getFileName() + "-wal")).doesNotExist();
        assertThat(log).doesNotExist();
    }

    @Test
    void rows_reserved_in_an_earlier_epoch_are_marked_left_alone_by_the_job_and_revoked_by_command() throws Exception {
        try (Store store = open()) {
            Claim earlier = reserved(store, "earlier");
            SqliteLedgerTest.newEpoch(store);
            clock.advance(Duration.ofDays(1));
            Claim present = fixture.claim("present", Optional.of(clock.instant()), Optional.empty(), Optional.empty());
            get(store.ledger().reserve(present, soon()));
            assertThat(row(earlier).orElseThrow().history().earlierEpoch()).isTrue();
            assertThat(row(present).orElseThrow().history().earlierEpoch()).isFalse();
            assertThat(get(store.jobs().abandon(soon()))).isZero();
            assertThat(CertificateSearch.in(StorePlace.sqlite(folder)).reservedEarlier())
                    .extracting(CertificateSearch.Found::serial)
                    .containsExactly(serial(earlier));

            // Beside the running store.
            assertThat(StorePlace.sqlite(folder).revokeReserved(clock.instant()))
                    .isEqualTo(1);
            var revoked = row(earlier).orElseThrow();
            assertThat(revoked.state()).isEqualTo(CertificateState.abandoned);
            assertThat(revoked.history().revokedAt()).contains(clock.instant());
            assertThat(revoked.history().events())
                    .extracting(CertificateSearch.Event::name)
                    .containsExactly("intent", "abandoned");
            assertThat(row(present).orElseThrow().state()).isEqualTo(CertificateState.reserved);
            assertThat(StorePlace.sqlite(folder).revokeReserved(clock.instant()))
                    .isZero();
        }
    }
}
