package io.chancery.node.store;

import static io.chancery.node.store.LedgerContract.START;
import static io.chancery.node.store.LedgerContract.get;
import static io.chancery.node.store.LedgerContract.serial;
import static io.chancery.node.store.LedgerContract.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.node.issuance.IssuanceLedger.Claim;
import io.chancery.testing.MutableInstantSource;
import io.vertx.core.Future;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How often a batch goes to its database and back: each time is a network's latency in the one writer of a node. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class LedgerStatementsTest {
    private static final int CERTIFICATES = 20;

    @TempDir
    private Path folder;

    private final MutableInstantSource clock = new MutableInstantSource(START);
    private final AtomicInteger executions = new AtomicInteger();
    private final List<Claim> claims = new ArrayList<>();

    @BeforeEach
    void open() throws Exception {
        SqliteStore.open(folder, new StoreSettings("n1", 10, false, "birth"), clock)
                .close();
        LedgerFixture fixture = LedgerFixture.create(START);
        for (int i = 0; i < CERTIFICATES; i++) {
            claims.add(fixture.claim("t" + i));
        }
    }

    private SqlSession counted() throws SQLException {
        Connection connection = SqliteFile.connect(SqliteFile.database(folder).toString(), new java.util.Properties());
        Connection counting = counting(Connection.class, connection);
        return new SqlSession(counting, new CheckedTransactions(() -> {}, clock));
    }

    /** Counts what prepared statements execute; begin and commit are none. */
    private <T> T counting(Class<T> type, T counted) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, values) -> {
                    if (counted instanceof PreparedStatement && method.getName().startsWith("execute")) {
                        executions.incrementAndGet();
                    }
                    try {
                        Object result = method.invoke(counted, values);
                        return result instanceof PreparedStatement statement
                                        && method.getName().equals("prepareStatement")
                                ? counting(PreparedStatement.class, statement)
                                : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private interface Write {
        Future<?> of(SqlLedger ledger, Claim claim);
    }

    /** Executions for one write of each claim, all in one batch. */
    private int executions(Write write) throws Exception {
        GroupCommitWriter writer = new GroupCommitWriter(100, this::counted);
        try (writer) {
            SqlLedger ledger = new SqlLedger(writer);
            List<Future<?>> answers = new ArrayList<>();
            claims.forEach(claim -> answers.add(write.of(ledger, claim)));
            executions.set(0);
            writer.start();
            for (Future<?> answer : answers) {
                Object unused = get(answer);
            }
        }
        return executions.get();
    }

    @Test
    void a_reservation_is_two_statements_and_an_end_is_one_and_the_rest_is_shared_by_the_batch() throws Exception {
        assertThat(executions((ledger, claim) -> ledger.reserve(claim, soon())))
                .as("token and certificate of each; epoch, names and audit events of all")
                .isEqualTo(2 * CERTIFICATES + 3);
        assertThat(executions((ledger, claim) -> ledger.finish(serial(claim), LedgerFixture.bytes("der"), "r", soon())))
                .as("the row of each; audit events of all")
                .isEqualTo(CERTIFICATES + 1);
    }
}
