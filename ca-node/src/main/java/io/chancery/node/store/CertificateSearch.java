package io.chancery.node.store;

import io.chancery.core.der.Der;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.sqlite.SQLiteConfig;

/** Finds certificates in a store, for people; reads beside a running CA without hindering it. Blocks. */
public final class CertificateSearch {
    private static final int MOST = 10_000;
    private static final String COLUMNS =
            "SELECT serial, state, subject, provisioner, not_before, not_after, der FROM certificate c";

    private final Path file;

    private CertificateSearch(Path file) {
        this.file = file;
    }

    /** StoreException when there is no store. */
    public static CertificateSearch in(Path folder) throws StoreException {
        Path file = StoreFolder.database(folder);
        if (!Files.exists(file)) {
            throw new StoreException("there is no store in " + folder + " yet; it is made by the first start");
        }
        return new CertificateSearch(file);
    }

    /**
     * Newest first.
     *
     * @param name a name in the certificate, in any case
     * @param limit at most so many, and never more than 10,000
     */
    public List<Found> find(
            Optional<String> name, Optional<String> provisioner, Optional<String> state, int limit, int offset)
            throws StoreException {
        StringBuilder sql = new StringBuilder(COLUMNS).append(" WHERE 1 = 1");
        List<String> parameters = new ArrayList<>();
        name.ifPresent(n -> {
            sql.append(" AND (EXISTS (SELECT 1 FROM certificate_name n WHERE n.serial = c.serial AND n.name = ?)"
                    + " OR lower(subject) = ?)");
            parameters.add(n.toLowerCase(Locale.ROOT));
            parameters.add(n.toLowerCase(Locale.ROOT));
        });
        provisioner.ifPresent(p -> {
            sql.append(" AND provisioner = ?");
            parameters.add(p);
        });
        state.ifPresent(s -> {
            sql.append(" AND state = ?");
            parameters.add(s);
        });
        sql.append(" ORDER BY reserved_at DESC, serial LIMIT ")
                .append(Math.max(0, Math.min(limit, MOST)))
                .append(" OFFSET ")
                .append(Math.max(0, offset));
        return query(sql.toString(), parameters, false);
    }

    /** By its decimal serial, with its audit events. */
    public Optional<Found> show(String serial) throws StoreException {
        return query(COLUMNS + " WHERE serial = ?", List.of(serial), true).stream()
                .findFirst();
    }

    private List<Found> query(String sql, List<String> parameters, boolean events) throws StoreException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        try (Connection connection = new org.sqlite.JDBC().connect("jdbc:sqlite:" + file, config.toProperties())) {
            List<Found> found = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < parameters.size(); i++) {
                    statement.setString(i + 1, parameters.get(i));
                }
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        found.add(read(connection, rows, events));
                    }
                }
            }
            return found;
        } catch (SQLException e) {
            throw new StoreException("the store " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Found read(Connection connection, ResultSet row, boolean events) throws SQLException {
        String serial = row.getString(1);
        byte[] der = row.getBytes(7);
        return new Found(
                serial,
                row.getString(2),
                row.getString(3),
                row.getString(4),
                texts(connection, "SELECT name FROM certificate_name WHERE serial = ? ORDER BY name", serial),
                Instant.ofEpochSecond(row.getLong(5)),
                Instant.ofEpochSecond(row.getLong(6)),
                der == null ? Optional.empty() : Optional.of(Der.of(der)),
                events
                        ? texts(
                                connection,
                                "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch') || ' ' || event || ' request '"
                                        + " || coalesce(request_id, '') || ' ' || detail"
                                        + " FROM audit_event WHERE serial = ? ORDER BY number",
                                serial)
                        : List.of());
    }

    private static List<String> texts(Connection connection, String sql, String serial) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, serial);
            try (ResultSet rows = statement.executeQuery()) {
                List<String> texts = new ArrayList<>();
                while (rows.next()) {
                    texts.add(rows.getString(1));
                }
                return texts;
            }
        }
    }

    /**
     * One row.
     *
     * @param certificate once it is issued
     * @param events its audit events, when it was asked for alone
     */
    public record Found(
            String serial,
            String state,
            String subject,
            String provisioner,
            List<String> names,
            Instant notBefore,
            Instant notAfter,
            Optional<Der> certificate,
            List<String> events) {
        public Found {
            names = List.copyOf(names);
            events = List.copyOf(events);
        }
    }
}
