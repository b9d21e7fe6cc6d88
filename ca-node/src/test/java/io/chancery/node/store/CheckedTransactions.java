package io.chancery.node.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;

/** Transactions of SQLite whose every commit is asked about twice, before it and after it, so that either can fail. */
record CheckedTransactions(Check check, InstantSource clock) implements SqlSession.Transactions {
    interface Check {
        void run() throws SQLException;
    }

    @Override
    public void begin(Connection connection) throws SQLException {
        control(connection, "BEGIN IMMEDIATE");
    }

    @Override
    public void commit(SqlSession session, Connection connection) throws SQLException {
        check.run();
        control(connection, "COMMIT");
        check.run();
    }

    @Override
    public void rollback(Connection connection) throws SQLException {
        control(connection, "ROLLBACK");
    }

    @Override
    public Instant now(SqlSession session) {
        return clock.instant();
    }

    private static void control(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            boolean unused = statement.execute(sql);
        }
    }
}
