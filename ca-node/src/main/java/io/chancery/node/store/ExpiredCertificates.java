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
        session.sendRows(); // those of a certificate that goes now must go with it
        List<CertificateRows.Named> rows = session.all(
                // Not the newest row: SQLite would give its number to the next one.
                "DELETE FROM certificate WHERE number IN (SELECT number FROM certificate WHERE not_after <= ?"
                        + " AND state <> 'reserved' AND number < (SELECT max(number) FROM certificate)"
                        + " AND NOT EXISTS (SELECT 1 FROM used_token WHERE used_token.token_key = certificate.token_key)"
                        + " ORDER BY not_after LIMIT ?) RETURNING number, names, subject",
                row -> new CertificateRows.Named(
                        row.getLong(1), List.of(row.getString(2).split("\n")), row.getString(3)),
                endedBy.getEpochSecond(),
                most);
        CertificateRows.deleteNames(session, rows);
        for (List<CertificateRows.Named> some : CertificateRows.pieces(rows)) {
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

    /** What somebody who reads beside a running CA must not look for. For one thread. */
    static final class Forgotten {
        /** On PostgreSQL several nodes write at once, and not in the order of the numbers that they were given. */
        private static final long ABOUT_THE_SAME_TIME = 10_000;

        private static final long STEP = 100_000;

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

        /** In steps, each a read of its own: a long one would keep the running CA from shortening its log. */
        private void look() throws SQLException {
            long last = last();
            try (PreparedStatement events = store.prepareStatement("SELECT max(detail) FROM audit_event WHERE event = '"
                    + EVENT + "' AND number > ? AND number <= ?")) {
                for (long from = Math.max(0, seen - ABOUT_THE_SAME_TIME); from < last; from += STEP) {
                    events.setLong(1, from);
                    events.setLong(2, from + STEP);
                    try (ResultSet row = events.executeQuery()) {
                        if (row.next()) {
                            Instant found = Optional.ofNullable(row.getString(1))
                                    .map(Instant::parse)
                                    .orElse(until);
                            until = found.isAfter(until) ? found : until;
                        }
                    }
                }
            }
            seen = Math.max(seen, last);
        }

        private long last() throws SQLException {
            try (PreparedStatement newest = store.prepareStatement("SELECT max(number) FROM audit_event");
                    ResultSet row = newest.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        }
    }
}
