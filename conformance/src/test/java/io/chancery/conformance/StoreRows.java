package io.chancery.conformance;

import io.chancery.testing.PostgresProcess;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/** Looks into the store of a CA beside it, as an auditor would. */
final class StoreRows {
    private final String url;
    private final Properties properties;

    private StoreRows(String url, Properties properties) {
        this.url = url;
        this.properties = properties;
    }

    /** For reading alone: whoever writes after a kill would do the recovery that is the CA's to do. */
    static StoreRows of(Path file) {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        return new StoreRows("jdbc:sqlite:" + file, config.toProperties());
    }

    static StoreRows of(PostgresProcess server, String database) {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("currentSchema", "chancery");
        properties.setProperty("socketTimeout", "60"); // s: a server that a test left standing still
        return new StoreRows("jdbc:postgresql://127.0.0.1:" + server.port() + "/" + database, properties);
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(url, properties);
    }

    long count(String table) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM " + table)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** Issued certificates by serial, as their DER in hex. */
    Map<String, String> issued() throws SQLException {
        return read("SELECT serial, der FROM certificate WHERE state = 'issued'");
    }

    /** How many certificates each token bought, for those that bought more than one. */
    Map<String, String> boughtTwice() throws SQLException {
        return read("SELECT token_key, count(*) FROM certificate WHERE token_key IS NOT NULL AND state <> 'voided'"
                + " GROUP BY token_key HAVING count(*) > 1");
    }

    /** What each serial's audit events say for ever: it was abandoned, or it was voided. */
    Map<String, String> ends() throws SQLException {
        return read("SELECT serial, event FROM audit_event WHERE event IN ('abandoned', 'voided')");
    }

    /** Changes with each write by which nodes look whether the store takes any. */
    String lastProbe() throws SQLException {
        return read("SELECT node, process || ' ' || number FROM store_probe").toString();
    }

    /** How many rows are in each state. */
    Map<String, String> states() throws SQLException {
        return read("SELECT state, count(*) FROM certificate WHERE token_key IS NOT NULL GROUP BY state");
    }

    /** Certificate rows by the id of the request that reserved them, but for the server's own. */
    Map<String, Row> byRequest() throws SQLException {
        Map<String, Row> found = new TreeMap<>();
        for (Row row : all()) {
            if (!row.own()) {
                found.put(row.requestId(), row);
            }
        }
        return found;
    }

    /** Every certificate row. */
    List<Row> all() throws SQLException {
        List<Row> found = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT request_id, token_key, serial, state, tbs," + " der, pending_until FROM certificate")) {
            while (rows.next()) {
                found.add(new Row(
                        rows.getString(1),
                        hex(rows.getBytes(2)),
                        rows.getString(3),
                        rows.getString(4),
                        hex(rows.getBytes(5)),
                        hex(rows.getBytes(6)),
                        rows.getLong(7)));
            }
        }
        return found;
    }

    /**
     * One certificate row.
     *
     * @param tokenKey SHA-256 of the id of the token that bought it, in hex; empty for the server's own
     * @param tbs in hex, as {@code der}, which is empty until issued
     * @param pendingUntil milliseconds since 1970
     */
    record Row(
            String requestId, String tokenKey, String serial, String state, String tbs, String der, long pendingUntil) {
        /** Whether it is the server's own, without a token. */
        boolean own() {
            return tokenKey.isEmpty();
        }
    }

    /** Keys of tokens whose rows an earlier epoch has left reserved: what becomes of those is the operator's to say. */
    Set<String> leftReserved() throws SQLException {
        return read("SELECT token_key, serial FROM certificate WHERE token_key IS NOT NULL AND state = 'reserved'"
                        + " AND epoch < (SELECT max(number) FROM store_epoch)")
                .keySet();
    }

    private Map<String, String> read(String sql) throws SQLException {
        Map<String, String> found = new TreeMap<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                found.put(text(rows, 1), text(rows, 2));
            }
        }
        return found;
    }

    private static String text(ResultSet rows, int column) throws SQLException {
        return rows.getObject(column) instanceof byte[] bytes ? hex(bytes) : rows.getString(column);
    }

    private static String hex(byte @Nullable [] bytes) {
        return bytes == null ? "" : HexFormat.of().withUpperCase().formatHex(bytes);
    }
}
