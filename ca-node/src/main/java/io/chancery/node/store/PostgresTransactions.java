package io.chancery.node.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Optional;

/**
 * Transactions on a PostgreSQL, timed by its clock.
 *
 * @param witness where each commit must be on a standby: leaves its number in every transaction, so that it shows later
 *     whether the last one that counted is there; empty where nothing is promised of standbys
 * @param clock whose time rows get
 */
record PostgresTransactions(Optional<Probes> witness, Clock clock) implements SqlSession.Transactions {
    /** Of people's commands: what they do is no node's promise, and leaves no witness. */
    static PostgresTransactions forTools() {
        return new PostgresTransactions(Optional.empty(), PostgresTransactions::serverTime);
    }

    boolean synchronous() {
        return witness.isPresent();
    }

    /** Nothing to do: the driver begins one with the first statement. */
    @Override
    public void begin(Connection connection) {}

    @Override
    public void commit(SqlSession session, Connection connection) throws SQLException {
        if (witness.isEmpty()) {
            connection.commit();
            return;
        }
        requireStandby(connection);
        long number = witness.get().write(session);
        connection.clearWarnings();
        connection.commit();
        // Once more: a commit that waits is let go, as done, when somebody takes the names away or cancels it.
        if (connection.getWarnings() != null) {
            throw new SQLException("the server has not waited for a standby: " + connection.getWarnings());
        }
        requireStandby(connection);
        connection.rollback();
        witness.get().acknowledged(number);
    }

    private static void requireStandby(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT current_setting('synchronous_standby_names') <> ''"
                        + " AND current_setting('synchronous_commit') IN ('on', 'remote_apply')")) {
            if (!row.next() || !row.getBoolean(1)) {
                throw new SQLException("replication is declared synchronous (chancery.json#/store/replication), and the"
                        + " server does not wait for a standby: set its synchronous_standby_names");
            }
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
