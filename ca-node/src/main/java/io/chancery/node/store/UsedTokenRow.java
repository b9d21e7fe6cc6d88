package io.chancery.node.store;

import io.chancery.core.der.Sha256;
import io.chancery.core.issuance.StepIssuance;
import io.chancery.core.issuance.TokenUse;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A token that is used for good, as the store remembers it, for a grid that has lost its memory.
 *
 * @param repeatKey of the request that used it, when a repeat of that request is still to be answered
 */
public record UsedTokenRow(Sha256 key, Optional<Instant> expiresAt, Optional<Sha256> repeatKey) {
    /** How it begins what a token was used for that has revoked a serial: with no certificate's serial. */
    static final String REVOKES = "revokes ";

    /** Rows that are read at once: a few milliseconds between writes. */
    static final int PAGE = 500;

    /** How long after its deadline a row may still be voided; the release itself has two seconds. */
    private static final Duration RELEASED_BY = Duration.ofSeconds(10);
    /** As long as the grid remembers one without an end. */
    private static final Duration WITHOUT_EXPIRY = Duration.ofHours(24);

    /**
     * Notes a token's use, unless there is one.
     *
     * @param serial of the certificate that it buys, or what else it was used for ({@link #REVOKES})
     * @return whether it was made: the row decides, not a count of rows
     */
    static boolean insert(SqlSession session, TokenUse token, String serial) throws SQLException {
        return session.first(
                        "INSERT INTO used_token (token_key, serial, issued_at, expires_at, provisioner)"
                                + " VALUES (?, ?, ?, ?, ?) ON CONFLICT (token_key) DO NOTHING RETURNING serial",
                        row -> row.getString(1),
                        token.key().value(),
                        serial,
                        token.issuedAt().map(Instant::getEpochSecond).orElse(null),
                        token.expiresAt().map(Instant::getEpochSecond).orElse(null),
                        token.provisioner())
                .isPresent();
    }

    /** What a token was used for, as {@link #insert} noted it. */
    static Optional<String> serial(SqlSession session, Sha256 key) throws SQLException {
        return session.first("SELECT serial FROM used_token WHERE token_key = ?", row -> row.getString(1), key.value());
    }

    /** Tokens that expired by then, an hour and the leeway ago, need not be remembered: their expiry refuses them. */
    static Instant forgotten(SqlSession session) throws SQLException {
        return session.now().minus(StepIssuance.LEEWAY).minus(SqlLedger.MEMORY).truncatedTo(ChronoUnit.SECONDS);
    }

    /**
     * The next ones after a key, in the order of their keys, whose token has not expired yet, as nobody else can use it
     * again: those whose certificate's row can never be voided any more, and those that were used for something else, a
     * revocation or at a step-ca, which nothing undoes.
     *
     * @param after empty for the first
     */
    static List<UsedTokenRow> page(SqlSession session, Optional<Sha256> after) throws SQLException {
        Instant now = session.now();
        return session.all(
                "SELECT t.token_key, t.expires_at, COALESCE(c.state, ''), COALESCE(c.repeat_key, r.repeat_key)"
                        + " FROM used_token t LEFT JOIN certificate c ON c.serial = t.serial"
                        + " LEFT JOIN revocation r ON r.serial = substr(t.serial, " + (REVOKES.length() + 1)
                        + ") AND r.token_key = t.token_key WHERE t.token_key > ?"
                        + " AND (t.expires_at > ? OR (t.expires_at IS NULL"
                        + " AND COALESCE(c.reserved_at, r.revoked_at) > ?))"
                        + " AND (c.serial IS NULL OR c.state IN ('issued', 'abandoned')"
                        + " OR (c.state = 'reserved' AND (c.taken_up = 1 OR c.pending_until < ?)))"
                        + " ORDER BY t.token_key LIMIT " + PAGE,
                row -> of(row.getBytes(1), row.getObject(2), row.getString(3), row.getBytes(4)),
                after.map(Sha256::value).orElse(new byte[0]),
                now.minus(StepIssuance.LEEWAY).getEpochSecond(),
                now.minus(WITHOUT_EXPIRY).getEpochSecond(),
                now.minus(RELEASED_BY).toEpochMilli());
    }

    private static UsedTokenRow of(byte[] key, @Nullable Object expiresAt, String state, byte @Nullable [] repeatKey) {
        Optional<Instant> end = expiresAt instanceof Number seconds
                ? Optional.of(Instant.ofEpochSecond(seconds.longValue()))
                : Optional.empty();
        Optional<Sha256> repeat = state.equals("abandoned")
                ? Optional.empty()
                : Optional.ofNullable(repeatKey).map(Sha256::ofValue);
        return new UsedTokenRow(Sha256.ofValue(key), end, repeat);
    }
}
