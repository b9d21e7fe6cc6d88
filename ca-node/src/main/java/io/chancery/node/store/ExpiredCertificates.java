package io.chancery.node.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Forgets certificates that expired long ago, with their names and audit events; one audit event a step says so. What
 * decides something later is kept: revocations, as an expired certificate may be renewed where a provisioner allows it,
 * and every certificate whose token is still remembered, as a repeat of its request is answered with it.
 */
final class ExpiredCertificates {
    private static final String EVENT = "forgotten";

    private ExpiredCertificates() {}

    /** Forgets so many at most of those that ended by then; answers how many. */
    static int forget(SqlSession session, Instant endedBy, int most) throws SQLException {
        List<Row> rows = session.all(
                // Not the newest row: SQLite would give its number to the next one.
                "DELETE FROM certificate WHERE number IN (SELECT number FROM certificate WHERE not_after <= ?"
                        + " AND state <> 'reserved' AND number < (SELECT max(number) FROM certificate)"
                        + " AND NOT EXISTS (SELECT 1 FROM used_token WHERE used_token.token_key = certificate.token_key)"
                        + " ORDER BY not_after LIMIT ?) RETURNING number, names, subject",
                row -> new Row(row.getLong(1), row.getString(2), row.getString(3)),
                endedBy.getEpochSecond(),
                most);
        for (Row row : rows) {
            CertificateRows.deleteNames(
                    session, row.number(), List.of(row.names().split("\n")), row.subject());
        }
        for (List<Row> some : CertificateRows.pieces(rows)) {
            int unused = session.update(
                    "DELETE FROM audit_event WHERE certificate IN (" + CertificateRows.marks(some.size()) + ")",
                    some.stream().map(row -> (Object) row.number()).toArray());
        }
        if (!rows.isEmpty()) {
            CertificateRows.audit(
                    session,
                    EVENT,
                    null,
                    "",
                    "",
                    Instant.ofEpochSecond(endedBy.getEpochSecond()).toString());
        }
        return rows.size();
    }

    private record Row(long number, String names, String subject) {}

    /** What somebody who reads beside a running CA must not look for. For one thread. */
    static final class Forgotten {
        /** On PostgreSQL several nodes write at once, and not in the order of the numbers that they were given. */
        private static final long ABOUT_THE_SAME_TIME = 10_000;

        private final Connection store;
        private Instant until = Instant.MIN;
        /** Of the last event that was looked at. */
        private long seen;

        Forgotten(Connection store) {
            this.store = store;
        }

        /**
         * Whether a certificate that was signed at this time, and is not in the store, may have been forgotten. Looks again
         * at what has been forgotten meanwhile.
         */
        boolean mayBe(Instant signed) throws SQLException {
            if (signed.isAfter(until)) {
                look();
            }
            return !signed.isAfter(until);
        }

        private void look() throws SQLException {
            try (PreparedStatement events = store.prepareStatement("SELECT max(number), max(CASE WHEN event = '" + EVENT
                    + "' THEN detail END) FROM audit_event WHERE number > ?")) {
                events.setLong(1, seen - ABOUT_THE_SAME_TIME);
                try (ResultSet row = events.executeQuery()) {
                    if (!row.next()) {
                        return;
                    }
                    seen = Math.max(seen, row.getLong(1));
                    Instant last = Optional.ofNullable(row.getString(2))
                            .map(Instant::parse)
                            .orElse(until);
                    until = last.isAfter(until) ? last : until;
                }
            }
        }
    }
}
