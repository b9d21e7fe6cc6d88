package io.chancery.conformance;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.sqlite.SQLiteConfig;

/** Looks into the SQLite file of a CA beside it, as an auditor would. */
final class StoreRows {
    private StoreRows() {}

    /** For reading alone: whoever writes after a kill would do the recovery that is the CA's to do. */
    private static Connection connect(Path database) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        return DriverManager.getConnection("jdbc:sqlite:" + database, config.toProperties());
    }

    static long count(Path database, String table) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM " + table)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** Issued certificates by serial, as their DER in hex. */
    static Map<String, String> issued(Path database) throws SQLException {
        return read(database, "SELECT serial, hex(der) FROM certificate WHERE state = 'issued'");
    }

    /** How many certificates each token bought, for those that bought more than one. */
    static Map<String, String> boughtTwice(Path database) throws SQLException {
        return read(
                database,
                "SELECT hex(token_key), count(*) FROM certificate WHERE token_key IS NOT NULL AND state <> 'voided'"
                        + " GROUP BY token_key HAVING count(*) > 1");
    }

    /** How many rows are in each state. */
    static Map<String, String> states(Path database) throws SQLException {
        return read(database, "SELECT state, count(*) FROM certificate WHERE token_key IS NOT NULL GROUP BY state");
    }

    /** Certificate rows by the id of the request that reserved them, but for the server's own. */
    static Map<String, Row> byRequest(Path database) throws SQLException {
        Map<String, Row> found = new TreeMap<>();
        for (Row row : all(database)) {
            if (!row.own()) {
                found.put(row.requestId(), row);
            }
        }
        return found;
    }

    /** Every certificate row. */
    static List<Row> all(Path database) throws SQLException {
        List<Row> found = new ArrayList<>();
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT request_id, token_key IS NULL, serial, state, hex(tbs),"
                        + " coalesce(hex(der), ''), pending_until FROM certificate")) {
            while (rows.next()) {
                found.add(new Row(
                        rows.getString(1),
                        rows.getBoolean(2),
                        rows.getString(3),
                        rows.getString(4),
                        rows.getString(5),
                        rows.getString(6),
                        rows.getLong(7)));
            }
        }
        return found;
    }

    /**
     * One certificate row.
     *
     * @param own whether it is the server's own, without a token
     * @param tbs in hex, as {@code der}, which is empty until issued
     * @param pendingUntil milliseconds since 1970
     */
    record Row(String requestId, boolean own, String serial, String state, String tbs, String der, long pendingUntil) {}

    private static Map<String, String> read(Path database, String sql) throws SQLException {
        Map<String, String> found = new TreeMap<>();
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                found.put(rows.getString(1), rows.getString(2));
            }
        }
        return found;
    }
}
