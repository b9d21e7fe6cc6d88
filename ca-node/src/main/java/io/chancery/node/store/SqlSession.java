package io.chancery.node.store;

import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One connection and its prepared statements, the last {@value #MOST_STATEMENTS} used of them. For one thread at a time.
 */
final class SqlSession implements AutoCloseable {
    static final int MOST_STATEMENTS = 64;
    /** Of one statement; a takeover has millions in one transaction. */
    static final int MOST_ROWS = 1_000;

    private final Connection connection;
    private final Transactions transactions;
    /** Least recently used first. */
    private final Map<String, PreparedStatement> statements = new LinkedHashMap<>(MOST_STATEMENTS, 0.75f, true);
    /** What {@link #insertLater} was given, by statement. */
    private final Map<String, List<@Nullable Object[]>> rows = new LinkedHashMap<>();

    private @Nullable Epoch epoch;
    private @Nullable Instant now;

    SqlSession(Connection connection, Transactions transactions) {
        this.connection = connection;
        this.transactions = transactions;
    }

    /** The number of rows changed. */
    int update(String sql, @Nullable Object... parameters) throws SQLException {
        return run(sql, PreparedStatement::executeUpdate, parameters);
    }

    /**
     * One more row that this transaction inserts, and that nobody in it reads. It goes to the database at the latest
     * before the commit, with all others of its statement: PostgreSQL's driver sends some 250 in one way there and back.
     */
    void insertLater(String sql, @Nullable Object... row) throws SQLException {
        List<@Nullable Object[]> some = rows.computeIfAbsent(sql, each -> new ArrayList<>());
        some.add(row);
        if (some.size() == MOST_ROWS) {
            sendRows();
        }
    }

    /** Inserts what waits for that. When it fails, nothing has been committed. */
    void sendRows() throws SQLException {
        for (Map.Entry<String, List<@Nullable Object[]>> each : rows.entrySet()) {
            int[] unused = run(each.getKey(), statement -> insert(statement, each.getValue()));
        }
        rows.clear();
    }

    private static int[] insert(PreparedStatement statement, List<@Nullable Object[]> rows) throws SQLException {
        for (@Nullable Object[] row : rows) {
            bind(statement, row);
            statement.addBatch();
        }
        try {
            return statement.executeBatch();
        } catch (BatchUpdateException e) {
            // What the server said, as of a single statement: whom it concerns is decided by that.
            throw e.getCause() instanceof SQLException cause ? cause : e;
        }
    }

    /** The first row read by the reader, or empty. */
    <T> Optional<T> first(String sql, RowReader<T> reader, @Nullable Object... parameters) throws SQLException {
        return run(
                sql,
                statement -> {
                    try (ResultSet rows = statement.executeQuery()) {
                        return rows.next() ? Optional.of(reader.read(rows)) : Optional.empty();
                    }
                },
                parameters);
    }

    /** Every row read by the reader. */
    <T> List<T> all(String sql, RowReader<T> reader, @Nullable Object... parameters) throws SQLException {
        return run(
                sql,
                statement -> {
                    List<T> all = new ArrayList<>();
                    try (ResultSet rows = statement.executeQuery()) {
                        while (rows.next()) {
                            all.add(reader.read(rows));
                        }
                    }
                    return all;
                },
                parameters);
    }

    /** The store's clock, read once in each transaction: on a server it is the server's, not this machine's. */
    Instant now() throws SQLException {
        Instant known = now;
        if (known == null) {
            known = transactions.now(this);
            now = known;
        }
        return known;
    }

    /** The store's epoch, read once in each transaction. */
    Epoch epoch() throws SQLException {
        Epoch known = epoch;
        if (known == null) {
            known = Epoch.find(this).orElseThrow(() -> new SQLException("the store has no epoch"));
            epoch = known;
        }
        return known;
    }

    /** From now on the epoch is read again: it has been changed. */
    void forgetEpoch() {
        epoch = null;
    }

    /** From now on the clock is read again: the transaction has lasted long. */
    void forgetNow() {
        now = null;
    }

    /** Begins a transaction that may write. */
    void begin() throws SQLException {
        forget();
        transactions.begin(connection);
    }

    /** When it fails, the transaction may have been committed or not, unless {@link #sendRows} failed. */
    void commit() throws SQLException {
        sendRows();
        transactions.commit(this, connection);
        forget();
    }

    /** Also fails when there is no transaction. */
    void rollback() throws SQLException {
        forget();
        transactions.rollback(connection);
    }

    private void forget() {
        epoch = null;
        now = null;
        rows.clear();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    private <T> T run(String sql, Execution<T> execution, @Nullable Object... parameters) throws SQLException {
        PreparedStatement statement = prepared(sql);
        try {
            bind(statement, parameters);
            return execution.on(statement);
        } catch (SQLException | RuntimeException e) {
            // A statement that failed may stand in the middle of its rows and hold a lock.
            PreparedStatement unused = statements.remove(sql);
            closeAfter(e, statement);
            throw e;
        }
    }

    private static void closeAfter(Exception cause, PreparedStatement statement) {
        try {
            statement.close();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private PreparedStatement prepared(String sql) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            if (statements.size() == MOST_STATEMENTS) {
                String eldest = statements.keySet().iterator().next();
                try (PreparedStatement dropped = statements.remove(eldest)) {
                    java.util.Objects.requireNonNull(dropped);
                }
            }
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
        }
        return statement;
    }

    private static void bind(PreparedStatement statement, @Nullable Object... parameters) throws SQLException {
        for (int i = 0; i < parameters.length; i++) {
            Object value = parameters[i];
            if (value == null) {
                statement.setNull(i + 1, Types.NULL);
            } else if (value instanceof byte[] bytes) {
                statement.setBytes(i + 1, bytes);
            } else if (value instanceof Long number) {
                statement.setLong(i + 1, number);
            } else if (value instanceof Integer number) {
                statement.setInt(i + 1, number);
            } else {
                statement.setString(i + 1, value.toString());
            }
        }
    }

    /** Reads one row. */
    @FunctionalInterface
    interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** What each kind of database does in its own way. */
    interface Transactions {
        void begin(Connection connection) throws SQLException;

        /** When it fails, the transaction may have been committed or not. */
        void commit(SqlSession session, Connection connection) throws SQLException;

        void rollback(Connection connection) throws SQLException;

        /** The clock that rows are timed by. */
        Instant now(SqlSession session) throws SQLException;
    }

    @FunctionalInterface
    private interface Execution<T> {
        T on(PreparedStatement statement) throws SQLException;
    }
}
