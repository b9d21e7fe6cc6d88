package io.chancery.node.store;

import java.sql.SQLException;

/** Reads and writes what is revoked. */
final class RevocationRows {
    private RevocationRows() {}

    /** Whether a serial is revoked, by whatever way it came to be. */
    static boolean isRevoked(SqlSession session, String serial) throws SQLException {
        return session.first(
                        "SELECT 1 FROM certificate WHERE serial = ? AND revoked_at IS NOT NULL",
                        row -> row.getInt(1),
                        serial)
                .isPresent();
    }
}
