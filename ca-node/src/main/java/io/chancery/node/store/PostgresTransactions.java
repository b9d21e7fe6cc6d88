package io.chancery.node.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;

/**
 * Transactions on a PostgreSQL, timed by its clock.
 *
 * @param synchronous whether each commit must be on a standby: a server that would not wait for one is not written to
 * @param clock whose time rows get
 */
record PostgresTransactions(boolean synchronous, Clock clock) implements SqlSession.Transactions {
    /** Nothing to do: the driver begins one with the first statement. */
    @Override
    public void begin(Connection connection) {}

    @Override
    public void commit(Connection connection) throws SQLException {
        if (synchronous && !waitsForStandby(connection)) {
            throw new SQLException("replication is declared synchronous (chancery.json#/store/replication), and the"
                    + " server does not wait for a standby: set its synchronous_standby_names");
        }
        connection.commit();
    }

    private static boolean waitsForStandby(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT current_setting('synchronous_standby_names') <> ''"
                        + " AND current_setting('synchronous_commit') IN ('on', 'remote_apply')")) {
            return row.next() && row.getBoolean(1);
        }
    }

    @Override
    public void rollback(Connection connection) throws SQLException {
        connection.rollback();
    }

    @Override
    public Instant now(SqlSession session) throws SQLException {
        return clock.now(session);
    }

    /** The server's own, at this moment and not at the transaction's begin. */
    static Instant serverTime(SqlSession session) throws SQLException {
        return session.first(
                        "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint",
                        row -> Instant.ofEpochMilli(row.getLong(1)))
                .orElseThrow(() -> new SQLException("the server did not tell the time"));
    }

    /** Whoever tells the time: in a node the server, {@link #serverTime}. */
    @FunctionalInterface
    interface Clock {
        Instant now(SqlSession session) throws SQLException;
    }
}
