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
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.output.MigrateResult;
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

    @Override
    void bringUpToDate(Change change) throws Exception {
        store.close();
        source = SharedPostgres.empty();
        PostgresServer server = new PostgresServer(source);
        MigrateResult unused = Flyway.configure(PostgresSchema.class.getClassLoader())
                .dataSource(server.forMigration())
                .schemas(PostgresServer.SCHEMA)
                .locations("classpath:db/postgresql")
                .target("1")
                .load()
                .migrate();
        try (SqlSession session = new SqlSession(
                server.forWriting("test"), new PostgresTransactions(Optional.empty(), now -> clock.instant()))) {
            session.begin();
            change.in(session);
            session.commit();
        }
        place().migrate();
        store = reopen();
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

    @Test
    void a_promotion_keeps_what_the_epoch_before_it_refused_and_refuses_no_more() throws Exception {
        Optional<Instant> never = Optional.empty();
        reserve(fixture.claim("forgotten"));
        clock.advance(Duration.ofMinutes(5 + 1 + 60));
        assertThat(get(store.jobs().forgetTokens(soon()))).isEqualTo(1);
        clock.advance(Duration.ofMinutes(-(5 + 1 + 60)));
        assertThat(epoch(PostgresLedgerTest::goOn)).isEqualTo(2);
        assertThat(reserve(fixture.claim("forgotten"))).isInstanceOf(Reservation.Used.class);
        assertThat(reserve(fixture.claim("unused", Optional.of(START), never, Optional.empty())))
                .isInstanceOf(Reservation.Owned.class);
        assertThat(epoch(this::beginEpoch)).isEqualTo(3);
        assertThat(epoch(PostgresLedgerTest::goOn)).isEqualTo(4);
        assertThat(reserve(fixture.claim("without iat", Optional.empty(), never, Optional.empty())))
                .isInstanceOf(Reservation.Used.class);
        assertThat(reserve(fixture.claim("old", Optional.of(START.plusSeconds(59)), never, Optional.empty())))
                .isInstanceOf(Reservation.Used.class);
        assertThat(reserve(fixture.claim("new", Optional.of(START.plusSeconds(60)), never, Optional.empty())))
                .isInstanceOf(Reservation.Owned.class);
    }

    private static void goOn(SqlSession session) throws SQLException {
        Epoch unused = Epoch.goOn(session, PostgresIdentity.of(session).text());
    }

    /** The number of the epoch after a change of it. */
    private long epoch(Change change) throws Exception {
        return get(store.writer()
                .submit(
                        session -> {
                            change.in(session);
                            return session.epoch().number();
                        },
                        soon()));
    }
}
