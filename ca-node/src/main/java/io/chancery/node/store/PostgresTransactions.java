package io.chancery.node.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * Transactions on a PostgreSQL, timed by its clock, each in the tables that the epoch was compared with.
 *
 * @param witness where each commit must be on a standby: leaves its number in every transaction, so that it shows later
 *     whether the last one that counted is there; empty where nothing is promised of standbys
 * @param clock makes of the server's time the one that rows get; in a node they are the same
 */
record PostgresTransactions(Optional<Probes> witness, UnaryOperator<Instant> clock) implements SqlSession.Transactions {
    /** Of people's commands: what they do is no node's promise, and leaves no witness. */
    static PostgresTransactions forTools() {
        return new PostgresTransactions(Optional.empty(), UnaryOperator.identity());
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

    /** The server's own, at this moment and not at the transaction's begin. */
    @Override
    public Instant now(SqlSession session) throws SQLException {
        return told(session, "NULL").now();
    }

    /**
     * As {@link #now}, in the tables of a known server. A dump can be put back under a connection that lasts, and what it
     * brings would be taken for what was there before. Nobody does so before this transaction ends: whoever takes the table
     * of epochs away waits for those that have read it.
     *
     * @throws SQLException when there are other tables: the connection is of no use any more
     */
    Instant now(SqlSession session, PostgresIdentity known) throws SQLException {
        Told told = told(session, "(SELECT tableoid::bigint FROM " + PostgresServer.SCHEMA + ".store_epoch LIMIT 1)");
        // Before the first epoch nothing is in it.
        if (told.table().orElse(known.table()) != known.table()) {
            throw new SQLException("other tables have come to the place of those that were used");
        }
        return told.now();
    }

    /** @param table object id of the table of epochs; empty when nothing is in it */
    private record Told(Instant now, OptionalLong table) {}

    private Told told(SqlSession session, String table) throws SQLException {
        return session.first(
                        "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint, " + table,
                        row -> new Told(
                                clock.apply(Instant.ofEpochMilli(row.getLong(1))),
                                row.getString(2) == null ? OptionalLong.empty() : OptionalLong.of(row.getLong(2))))
                .orElseThrow(() -> new SQLException("the server did not tell the time"));
    }
}
