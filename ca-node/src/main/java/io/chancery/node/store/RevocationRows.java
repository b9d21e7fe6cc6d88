package io.chancery.node.store;

import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads and writes what is revoked. The row in {@code revocation} decides; the certificate's own column is for people. */
final class RevocationRows {
    private RevocationRows() {}

    /**
     * A revocation to be noted.
     *
     * @param serial decimal
     * @param endsAt of the certificate, seconds since 1970; null when it is not known
     */
    @SuppressWarnings("ArrayRecordComponent") // lives for one statement
    record NewRow(
            String serial,
            long revokedAt,
            int reasonCode,
            String reason,
            @Nullable Long endsAt,
            String provisioner,
            byte @Nullable [] tokenKey,
            byte @Nullable [] repeatKey) {
        /** One that no request asked for. */
        static NewRow byJob(String serial, long revokedAt, long endsAt) {
            return new NewRow(serial, revokedAt, 0, "", endsAt, "", null, null);
        }
    }

    /** Whether a serial is revoked, by whatever way it came to be. */
    static boolean isRevoked(SqlSession session, String serial) throws SQLException {
        return session.first("SELECT 1 FROM revocation WHERE serial = ?", row -> row.getInt(1), serial)
                .isPresent();
    }

    /** As {@link #isRevoked}, of several. */
    static boolean isAnyRevoked(SqlSession session, List<SerialNumber> serials) throws SQLException {
        for (SerialNumber serial : serials) {
            if (isRevoked(session, serial.decimal())) {
                return true;
            }
        }
        return false;
    }

    /** Answers whether it is new; nothing changes when it is not. */
    static boolean insert(SqlSession session, NewRow row) throws SQLException {
        return session.first(
                        "INSERT INTO revocation (serial, revoked_at, reason_code, reason, ends_at, provisioner,"
                                + " token_key, repeat_key, issuer) VALUES (?, ?, ?, ?, ?, ?, ?, ?,"
                                + " (SELECT issuer FROM certificate WHERE serial = ?))"
                                + " ON CONFLICT (serial) DO NOTHING RETURNING number",
                        inserted -> inserted.getLong(1),
                        row.serial(),
                        row.revokedAt(),
                        row.reasonCode(),
                        row.reason(),
                        row.endsAt(),
                        row.provisioner(),
                        row.tokenKey(),
                        row.repeatKey(),
                        row.serial())
                .isPresent();
    }

    /** The certificate that was issued with a serial, if one was here. */
    static Optional<Der> der(SqlSession session, String serial) throws SQLException {
        return session.first(
                "SELECT der FROM certificate WHERE serial = ? AND der IS NOT NULL",
                row -> Der.of(row.getBytes(1)),
                serial);
    }

    /** A certificate of ours, as far as its revocation needs it. */
    record Known(long number, long endsAt) {}

    static Optional<Known> certificate(SqlSession session, String serial) throws SQLException {
        return session.first(
                "SELECT number, not_after FROM certificate WHERE serial = ?",
                row -> new Known(row.getLong(1), row.getLong(2)),
                serial);
    }
}
