package io.chancery.node.store;

import io.chancery.core.issuance.StepIssuance;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The time that this store's memory of tokens covers (issuance protocol, The epoch of the store).
 *
 * @param tokensNotBefore tokens issued earlier are refused: their use may have been forgotten
 * @param needsIssuedAt whether tokens that do not say when they were issued are refused too
 */
record Epoch(long number, Instant tokensNotBefore, boolean needsIssuedAt) {
    /** Why a new epoch begins, and so where its tokens begin. */
    enum Reason {
        /** Nothing was there before: every token of this second or later is known. */
        NEW,
        /** Started empty where another CA had worked. */
        STARTED_EMPTY,
        /** Put back from a backup, or an operator says that something may be missing. */
        RESTORED
    }

    static Epoch current(SqlSession session) throws SQLException {
        return find(session).orElseThrow(() -> new SQLException("the store has no epoch"));
    }

    static Optional<Epoch> find(SqlSession session) throws SQLException {
        return session.first(
                "SELECT number, tokens_not_before, needs_issued_at FROM store_epoch ORDER BY number DESC LIMIT 1",
                row -> new Epoch(row.getLong(1), Instant.ofEpochSecond(row.getLong(2)), row.getInt(3) != 0));
    }

    static Epoch begin(SqlSession session, Reason reason, String birthId, Instant now) throws SQLException {
        long number = find(session).map(Epoch::number).orElse(0L) + 1;
        boolean fresh = reason == Reason.NEW;
        // iat has whole seconds, so a new store's first second counts whole.
        Instant start = (fresh ? now : now.plus(StepIssuance.LEEWAY)).truncatedTo(ChronoUnit.SECONDS);
        int unused = session.update(
                "INSERT INTO store_epoch (number, birth_id, tokens_not_before, needs_issued_at, began_at, reason)"
                        + " VALUES (?, ?, ?, ?, ?, ?)",
                number,
                birthId,
                start.getEpochSecond(),
                fresh ? 0L : 1L,
                now.getEpochSecond(),
                reason.name());
        int ignored = session.update(
                "INSERT INTO audit_event (at, event, detail) VALUES (?, 'epoch', ?)",
                now.getEpochSecond(),
                number + " " + reason.name());
        return new Epoch(number, start, !fresh);
    }
}
