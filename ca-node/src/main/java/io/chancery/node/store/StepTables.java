package io.chancery.node.store;

import io.chancery.core.config.PostgresSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What a step-ca keeps in a PostgreSQL: tables of a key and a value each. One moment's state, read as a stream. Blocks. */
final class StepTables implements AutoCloseable {
    private static final int ROWS_AT_ONCE = 500;
    private static final int FIRST_ROW_MILLIS = 3_600_000;
    private static final int LATER_ROWS_MILLIS = PostgresServer.READ_SECONDS * 1_000;

    private final Connection connection;

    private StepTables(Connection connection) {
        this.connection = connection;
    }

    /** SQLException when the server is away; StoreException when no step-ca has worked there. */
    static StepTables open(PostgresSource source) throws SQLException, StoreException {
        Connection connection = new PostgresServer(source).forReading();
        StepTables tables = new StepTables(connection);
        try {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            if (!tables.has("x509_certs") || !tables.has("used_ott")) {
                throw new StoreException("no step-ca has kept its tables in " + source.place()
                        + " (x509_certs and used_ott in schema public); name its database with --from");
            }
            return tables;
        } catch (SQLException | StoreException | RuntimeException e) {
            tables.close();
            throw e;
        }
    }

    private boolean has(String table) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
            statement.setString(1, "public." + table);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    /** Serial, DER, and the provisioner's JSON or null; about in the order in which they were issued. */
    void certificates(Reader reader) throws SQLException {
        String data = has("x509_certs_data")
                ? "d.nvalue FROM public.x509_certs c LEFT JOIN public.x509_certs_data d ON d.nkey = c.nkey"
                : "NULL::bytea FROM public.x509_certs c";
        each("SELECT c.nkey, c.nvalue, " + data + " ORDER BY c.ctid", reader);
    }

    /** Serial and JSON. */
    void revocations(Reader reader) throws SQLException {
        if (has("revoked_x509_certs")) {
            each("SELECT nkey, nvalue, NULL::bytea FROM public.revoked_x509_certs", reader);
        }
    }

    /** Token id and token. */
    void tokens(Reader reader) throws SQLException {
        each("SELECT nkey, nvalue, NULL::bytea FROM public.used_ott", reader);
    }

    private void each(String sql, Reader reader) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setFetchSize(ROWS_AT_ONCE);
            // The first of many millions of rows comes when all are sorted; those after it come soon, or the server is
            // gone.
            connection.setNetworkTimeout(Runnable::run, FIRST_ROW_MILLIS);
            try (ResultSet rows = statement.executeQuery()) {
                connection.setNetworkTimeout(Runnable::run, LATER_ROWS_MILLIS);
                while (rows.next()) {
                    byte[] value = rows.getBytes(2);
                    reader.read(rows.getBytes(1), value == null ? new byte[0] : value, rows.getBytes(3));
                }
            }
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    /** Takes one row. */
    @FunctionalInterface
    interface Reader {
        void read(byte[] key, byte[] value, byte @Nullable [] more) throws SQLException;
    }
}
