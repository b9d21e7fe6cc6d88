package io.chancery.node.store;

import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds certificates in a store, for people; reads beside a running CA without hindering it. Blocks. */
public final class CertificateSearch {
    private static final String COLUMNS =
            "SELECT number, serial, state, subject, names, provisioner, not_before, not_after, der, reserved_at,"
                    + " finished_at, revoked_at, epoch, epoch < (SELECT max(number) FROM store_epoch) FROM certificate";

    private final StorePlace place;

    private CertificateSearch(StorePlace place) {
        this.place = place;
    }

    public static CertificateSearch in(StorePlace place) {
        return new CertificateSearch(place);
    }

    /** Rows that were reserved in an earlier epoch: their certificates may be out there. At most 10,000, newest first. */
    public List<Found> reservedEarlier() throws StoreException {
        return find(CertificateQuery.reserved()).stream()
                .filter(one -> one.history().earlierEpoch())
                .toList();
    }

    /** Newest first. StoreException when the store cannot be read. */
    public List<Found> find(CertificateQuery query) throws StoreException {
        CertificateQuery.Where where = query.where();
        return query(COLUMNS + where.sql(), where.values(), false);
    }

    /** By its serial, with its audit events. StoreException when the store cannot be read. */
    public Optional<Found> show(SerialNumber serial) throws StoreException {
        return query(COLUMNS + " WHERE serial = ?", List.of(serial.decimal()), true).stream()
                .findFirst();
    }

    private List<Found> query(String sql, List<Object> values, boolean events) throws StoreException {
        try (Connection connection = place.forReading();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.size(); i++) {
                statement.setObject(i + 1, values.get(i));
            }
            List<Found> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(read(rows, events ? events(connection, rows.getLong(1)) : List.of()));
                }
            }
            return found;
        } catch (SQLException e) {
            throw new StoreException("the store cannot be read: " + SqlFault.explain(e), e);
        }
    }

    private static Found read(ResultSet row, List<Event> events) throws SQLException {
        byte[] der = row.getBytes(9);
        String names = row.getString(5);
        return new Found(
                SerialNumber.parseDecimal(row.getString(2)),
                CertificateState.valueOf(row.getString(3)),
                row.getString(4),
                names.isEmpty() ? List.of() : List.of(names.split("\n")),
                row.getString(6),
                new Validity(time(row, 7).orElseThrow(), time(row, 8).orElseThrow()),
                new History(
                        row.getLong(13),
                        row.getBoolean(14),
                        time(row, 10).orElseThrow(),
                        time(row, 11),
                        time(row, 12),
                        events),
                der == null ? Optional.empty() : Optional.of(Der.of(der)));
    }

    private static Optional<Instant> time(ResultSet row, int column) throws SQLException {
        long seconds = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochSecond(seconds));
    }

    private static List<Event> events(Connection connection, long number) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT at, event, coalesce(request_id, ''), detail FROM audit_event WHERE certificate = ? ORDER BY number")) {
            statement.setLong(1, number);
            try (ResultSet rows = statement.executeQuery()) {
                List<Event> events = new ArrayList<>();
                while (rows.next()) {
                    events.add(new Event(
                            Instant.ofEpochSecond(rows.getLong(1)),
                            rows.getString(2),
                            rows.getString(3),
                            rows.getString(4)));
                }
                return events;
            }
        }
    }

    /**
     * One row.
     *
     * @param subject the subject's common name, or empty
     * @param provisioner empty for the server's own certificates
     * @param certificate once it is issued
     */
    public record Found(
            SerialNumber serial,
            CertificateState state,
            String subject,
            List<String> names,
            String provisioner,
            Validity validity,
            History history,
            Optional<Der> certificate) {
        public Found {
            names = List.copyOf(names);
        }
    }

    /** When a certificate is valid, both ends included. */
    public record Validity(Instant notBefore, Instant notAfter) {}

    /**
     * What became of a row.
     *
     * @param epoch the store's epoch in which it was reserved
     * @param earlierEpoch whether the store is in a later one now
     * @param finishedAt when it left the state <i>reserved</i>
     * @param events its audit events, when it was asked for alone
     */
    public record History(
            long epoch,
            boolean earlierEpoch,
            Instant reservedAt,
            Optional<Instant> finishedAt,
            Optional<Instant> revokedAt,
            List<Event> events) {
        public History {
            events = List.copyOf(events);
        }
    }

    /** One audit event. */
    public record Event(Instant at, String name, String requestId, String detail) {}
}
