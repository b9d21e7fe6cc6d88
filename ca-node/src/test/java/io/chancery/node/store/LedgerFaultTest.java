package io.chancery.node.store;

import static io.chancery.node.store.LedgerContract.START;
import static io.chancery.node.store.LedgerContract.failure;
import static io.chancery.node.store.LedgerContract.get;
import static io.chancery.node.store.LedgerContract.serial;
import static io.chancery.node.store.LedgerContract.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.error.ErrorCode;
import io.chancery.node.issuance.IssuanceLedger.Claim;
import io.chancery.node.issuance.IssuanceLedger.Reservation;
import io.chancery.testing.MutableInstantSource;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each write of the ledger, its commit failing in two ways, and what is true afterwards. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class LedgerFaultTest {
    @TempDir
    private Path folder;

    private final MutableInstantSource clock = new MutableInstantSource(START);
    private final AtomicInteger checks = new AtomicInteger();
    private volatile int failAt = -1;
    private LedgerFixture fixture;
    private GroupCommitWriter writer;
    private SqlLedger ledger;

    private enum Write {
        RESERVE,
        RESERVE_OWN,
        FINISH,
        RELEASE,
        TAKE_UP
    }

    private enum Fault {
        NOT_PERSISTED,
        PERSISTED
    }

    @BeforeEach
    void open() throws Exception {
        fixture = LedgerFixture.create(START);
        SqliteStore.open(folder, new StoreSettings("n1", 10, false, "birth"), clock)
                .close();
        writer = new GroupCommitWriter(100, this::session);
        writer.start();
        ledger = new SqlLedger(writer);
    }

    @AfterEach
    void close() {
        writer.close();
    }

    /** Two checks are made with each commit: before it and after it. */
    private SqlSession session() throws SQLException {
        return new SqlSession(
                SqliteFile.connect(SqliteFile.database(folder).toString(), new java.util.Properties()),
                new CheckedTransactions(
                        () -> {
                            if (checks.getAndIncrement() == failAt) {
                                throw new SQLException("the connection was lost");
                            }
                        },
                        clock));
    }

    private void nextCommitFails(Fault fault) {
        checks.set(0);
        failAt = fault == Fault.NOT_PERSISTED ? 0 : 1;
    }

    @ParameterizedTest
    @CsvSource({
        "RESERVE,     NOT_PERSISTED, none",
        "RESERVE,     PERSISTED,     reserved",
        "RESERVE_OWN, NOT_PERSISTED, none",
        "RESERVE_OWN, PERSISTED,     reserved",
        "FINISH,      NOT_PERSISTED, reserved",
        "FINISH,      PERSISTED,     issued",
        "RELEASE,     NOT_PERSISTED, reserved",
        "RELEASE,     PERSISTED,     voided",
        "TAKE_UP,     NOT_PERSISTED, reserved",
        "TAKE_UP,     PERSISTED,     reserved",
    })
    void a_write_whose_commit_fails_is_unavailable_and_the_row_then_decides(Write write, Fault fault, String state)
            throws Exception {
        Claim claim = fixture.repeatable("t", "k");
        if (write != Write.RESERVE && write != Write.RESERVE_OWN) {
            get(ledger.reserve(claim, soon()));
        }
        nextCommitFails(fault);
        assertThat(failure(run(write, claim))).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        assertThat(CertificateSearch.in(StorePlace.sqlite(folder))
                        .show(serial(claim))
                        .map(found -> found.state().name())
                        .orElse("none"))
                .isEqualTo(state);
        afterwards(write, fault, claim);
    }

    private Future<?> run(Write write, Claim claim) {
        return switch (write) {
            case RESERVE -> ledger.reserve(claim, soon());
            case RESERVE_OWN -> ledger.reserveOwn(claim.issuance().certificate(), "own", soon());
            case FINISH -> ledger.finish(serial(claim), LedgerFixture.bytes("first"), "r", soon());
            case RELEASE -> ledger.release(serial(claim), "r", "nobody", soon());
            case TAKE_UP -> {
                clock.advance(java.time.Duration.ofSeconds(21));
                yield ledger.reserve(repeat(), soon());
            }
        };
    }

    private Claim repeat() {
        return LedgerFixture.claim(fixture.repeatable("t", "k").issuance(), Optional.of(LedgerFixture.key("k")), "r2");
    }

    private void afterwards(Write write, Fault fault, Claim claim) throws Exception {
        boolean persisted = fault == Fault.PERSISTED;
        switch (write) {
            case RESERVE ->
                assertThat(get(ledger.reserve(fixture.claim("t"), soon())))
                        .isInstanceOf(persisted ? Reservation.Used.class : Reservation.Owned.class);
            case RESERVE_OWN ->
                assertThat(get(ledger.reserveOwn(fixture.certificate(), "own", soon())))
                        .isNull();
            case FINISH ->
                assertThat(get(ledger.finish(serial(claim), LedgerFixture.bytes("second"), "r", soon())))
                        .isEqualTo(LedgerFixture.bytes(persisted ? "first" : "second"));
            case RELEASE -> {
                assertThat(get(ledger.release(serial(claim), "r", "again", soon())))
                        .isEqualTo(!persisted);
                assertThat(get(ledger.reserve(fixture.claim("t"), soon()))).isInstanceOf(Reservation.Owned.class);
            }
            case TAKE_UP -> {
                // Taken up or not, nobody signs meanwhile; once it was, the first request may no longer void it.
                assertThat(get(ledger.release(serial(claim), "r", "late", soon())))
                        .isEqualTo(!persisted);
                assertThat(get(ledger.reserve(repeat(), soon())))
                        .isInstanceOf(persisted ? Reservation.StillRunning.class : Reservation.Owned.class);
            }
        }
    }
}
