package io.chancery.node.store;

import io.chancery.core.config.CaConfig;
import io.chancery.core.config.PostgresSource;
import io.chancery.core.secret.Secret;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.util.PSQLState;

/**
 * One PostgreSQL, and the ways to connect to it. Blocks, for {@value #LOGIN_SECONDS} s at most until a connection is
 * there, and for {@value #ANSWER_SECONDS} s for each answer to one that writes (issuance protocol, Reserve, 4).
 */
final class PostgresServer {
    static final int ANSWER_SECONDS = 5;
    static final int LOGIN_SECONDS = 4;
    static final String SCHEMA = "chancery";

    private static final int CONNECT_SECONDS = 2;
    private static final String UNABLE_TO_CONNECT = PSQLState.CONNECTION_UNABLE_TO_CONNECT.getState();
    static final int READ_SECONDS = 60;
    /** Of one answer while a node's only writer makes the tables, which are empty: a server may have vanished. */
    private static final int FIRST_TABLES_SECONDS = 60;
    /** A look at a server beside the one that is used: whoever waits for that one waits for this, too. */
    private static final int LOOK_SECONDS = 1;

    /** For every client that writes: one that no longer answers, as its machine is gone, holds its locks no longer. */
    private static final String WRITING = "-c default_transaction_isolation=read\\ committed -c tcp_user_timeout=5000"
            + " -c tcp_keepalives_idle=2 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3";

    /**
     * Limits that the server holds beside those: on waiting for a lock, on a statement, and on a client that stands still in
     * a transaction. None of them cuts a commit off that waits for a standby: such a commit would be reported as done
     * without it.
     */
    private static final String LIMITS =
            " -c lock_timeout=1000 -c statement_timeout=4000 -c idle_in_transaction_session_timeout=3000";

    /**
     * Room for the largest statement, a part of a list, so that none waits to be sent: that no answer comes is noticed after
     * {@link #ANSWER_SECONDS}, and that nothing more can be sent to a machine that is gone only after a quarter of an hour.
     */
    private static final int SEND_BYTES = 512 * 1024;

    private final PostgresSource source;

    PostgresServer(PostgresSource source) {
        this.source = source;
    }

    /** For messages; without the password. */
    String place() {
        return source.place();
    }

    /** For the one writer of a node; of several hosts the one that takes writes. */
    Connection forWriting(String application) throws SQLException {
        PGSimpleDataSource data = data(application);
        data.setSocketTimeout(ANSWER_SECONDS);
        data.setSendBufferSize(SEND_BYTES);
        data.setOptions(WRITING + LIMITS);
        if (source.hosts().size() > 1) {
            // With one host, we say ourselves what is wrong with it.
            data.setTargetServerType("primary");
            data.setHostRecheckSeconds(1);
        }
        Connection connection = connect(data);
        try {
            commitDurably(connection);
            connection.setAutoCommit(false);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        return connection;
    }

    /** Of several hosts the driver tells what it met at the last one alone. */
    private Connection connect(PGSimpleDataSource data) throws SQLException {
        try {
            return data.getConnection();
        } catch (SQLException e) {
            if (source.hosts().size() > 1 && UNABLE_TO_CONNECT.equals(e.getSQLState())) {
                throw new SQLException(
                        "none of the servers that dataSource names takes writes: each is away, a standby, or read only"
                                + " (the last: " + e.getMessage() + ")",
                        e.getSQLState(),
                        e);
            }
            throw e;
        }
    }

    /**
     * A commit is on disk when it is answered, whatever the server's default is or becomes; one that waits for more
     * than that (remote_apply) is kept.
     */
    private static void commitDurably(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            boolean unused = statement.execute("SELECT set_config('synchronous_commit',"
                    + " CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END,"
                    + " false)");
        }
    }

    /** Each host alone, in their order; none where there is one only. */
    List<PostgresServer> each() {
        return source.hosts().size() < 2
                ? List.of()
                : source.hosts().stream()
                        .map(host -> new PostgresServer(source.at(host)))
                        .toList();
    }

    /** For a look at who it is, that must not take long. */
    Connection forLooking(String application) throws SQLException {
        PGSimpleDataSource data = data(application);
        data.setConnectTimeout(LOOK_SECONDS);
        data.setLoginTimeout(LOOK_SECONDS);
        data.setSocketTimeout(LOOK_SECONDS);
        Connection connection = data.getConnection();
        connection.setAutoCommit(false);
        return connection;
    }

    /** For people who search: any of the hosts, and nothing is changed. */
    Connection forReading() throws SQLException {
        PGSimpleDataSource data = data("chancery store");
        data.setSocketTimeout(READ_SECONDS);
        data.setReadOnly(true);
        data.setTargetServerType("preferPrimary"); // a standby may lack the last rows
        return data.getConnection();
    }

    /** For the first tables, made by a node that starts. */
    PGSimpleDataSource forFirstTables() {
        PGSimpleDataSource data = forMigration();
        data.setSocketTimeout(FIRST_TABLES_SECONDS);
        return data;
    }

    /** For changes to tables, which take as long as they take. */
    PGSimpleDataSource forMigration() {
        PGSimpleDataSource data = data("chancery migrate");
        data.setOptions(WRITING + " -c lock_timeout=10000");
        if (source.hosts().size() > 1) {
            data.setTargetServerType("primary");
        }
        return data;
    }

    private PGSimpleDataSource data(String application) {
        PGSimpleDataSource data = new PGSimpleDataSource();
        data.setServerNames(source.hosts().stream().map(CaConfig.HostPort::host).toArray(String[]::new));
        data.setPortNumbers(
                source.hosts().stream().mapToInt(CaConfig.HostPort::port).toArray());
        source.database().ifPresent(data::setDatabaseName);
        source.user().ifPresent(data::setUser);
        source.password().ifPresent(password -> data.setPassword(text(password)));
        data.setApplicationName(application);
        data.setCurrentSchema(SCHEMA);
        data.setConnectTimeout(CONNECT_SECONDS);
        data.setLoginTimeout(LOGIN_SECONDS);
        data.setTcpKeepAlive(true);
        Map<String, String> ssl = source.ssl();
        data.setSslMode(sslMode(source));
        set(ssl, "sslrootcert", data::setSslRootCert);
        set(ssl, "sslcert", data::setSslCert);
        set(ssl, "sslkey", data::setSslKey);
        return data;
    }

    /** As libpq has it: with a root certificate, {@code require} verifies, too, which the driver would not. */
    static String sslMode(PostgresSource source) {
        String mode = source.ssl().getOrDefault("sslmode", "prefer");
        return mode.equals("require") && source.ssl().containsKey("sslrootcert") ? "verify-ca" : mode;
    }

    private static void set(Map<String, String> values, String name, java.util.function.Consumer<String> setter) {
        String value = values.get(name);
        if (value != null) {
            setter.accept(value);
        }
    }

    /** The driver takes nothing but a String, which lives as long as it likes. */
    private static String text(Secret secret) {
        char[] chars = secret.chars();
        String text = new String(chars);
        Arrays.fill(chars, '\0');
        return text;
    }
}
