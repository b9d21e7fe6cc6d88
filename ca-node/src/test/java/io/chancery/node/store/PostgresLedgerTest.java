package io.chancery.node.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.certificate.KeyId;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.config.PostgresSource;
import io.chancery.node.issuance.IssuanceLedger.Reservation;
import io.chancery.node.revocation.CrlLedger;
import io.chancery.node.revocation.RevocationLedger.Outcome;
import java.math.BigInteger;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The same contract on a real PostgreSQL. */
@ExtendWith(SharedPostgres.class)
@SuppressWarnings("NullAway.Init")
class PostgresLedgerTest extends LedgerContract {
    @TempDir
    private Path folder;

    private PostgresSource source;
    private Store store;

    @BeforeEach
    void open() throws Exception {
        source = SharedPostgres.database();
        store = reopen();
    }

    private Store reopen() throws StoreException {
        Store opened = OpenedStore.inPostgres(source, folder, clock);
        opened.observe(batches);
        return opened;
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Override
    boolean isShared() {
        return true;
    }

    @Override
    Store store() {
        return store;
    }

    @Override
    StorePlace place() {
        return StorePlace.postgres(source);
    }

    @Override
    void restart() throws Exception {
        store.close();
        store = reopen();
    }

    @Override
    void beginEpoch(SqlSession session) throws SQLException {
        Epoch unused = Epoch.begin(session, PostgresIdentity.of(session).text(), Epoch.Reason.RESTORED);
    }

    @Test
    void what_a_node_of_an_older_version_has_revoked_is_listed_and_refused() throws Exception {
        SerialNumber serial = serial(issued());
        int unused = get(store().writer()
                .submit(
                        session -> session.update(
                                "UPDATE certificate SET revoked_at = 5 WHERE serial = ?", serial.decimal()),
                        soon()));
        assertThat(reserve(renewing(serial, Optional.empty()))).isInstanceOf(Reservation.Revoked.class);
        assertThat(entries(begin())).extracting(CrlLedger.Entry::serial).containsExactly(serial.value());
    }

    @Test
    void what_was_given_up_for_every_list_is_its_issuer_s_alone_once_the_tables_are_migrated() throws Exception {
        SerialNumber given = serial(issued());
        assertThat(revoke(given)).isInstanceOf(Outcome.Revoked.class);
        SerialNumber stranger = new SerialNumber(BigInteger.valueOf(77));
        assertThat(revoke(stranger)).isInstanceOf(Outcome.Revoked.class);
        int unused = get(store().writer()
                .submit(
                        session -> session.update("UPDATE revocation SET issuer = NULL")
                                + session.update("DELETE FROM flyway_schema_history WHERE version = '4'"),
                        soon()));
        place().migrate();
        CrlLedger.Build others = get(lists().begin(new KeyId("0".repeat(32)), BigInteger.ZERO, soon()))
                .orElseThrow();
        assertThat(entries(others)).extracting(CrlLedger.Entry::serial).containsExactly(stranger.value());
        assertThat(entries(begin()))
                .extracting(CrlLedger.Entry::serial)
                .containsExactly(given.value(), stranger.value());
    }
}
