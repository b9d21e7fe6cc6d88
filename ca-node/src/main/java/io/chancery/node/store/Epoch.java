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
 * @param forgottenUntil tokens that expired by then are refused: they may have been forgotten, whatever a clock says now
 */
record Epoch(long number, Instant tokensNotBefore, boolean needsIssuedAt, Instant forgottenUntil) {
    /** Why a new epoch begins, and so where its tokens begin. */
    enum Reason {
        /** Nothing was there before: every token of this second or later is known. */
        NEW,
        /** Started empty where another CA, or an earlier store of this one, had worked. */
        STARTED_EMPTY,
        /** Put back from a backup, or an operator says that something may be missing. */
        RESTORED
    }

    static Optional<Epoch> find(SqlSession session) throws SQLException {
        return session.first(
                "SELECT number, tokens_not_before, needs_issued_at, forgotten_until FROM store_epoch ORDER BY number DESC LIMIT 1",
                row -> new Epoch(
                        row.getLong(1),
                        Instant.ofEpochSecond(row.getLong(2)),
                        row.getInt(3) != 0,
                        Instant.ofEpochSecond(row.getLong(4))));
    }

    /**
     * Holds the birth id of the file against the one under which the epoch began, and begins a new epoch if they differ
     * or there is none; answers it then. For each new connection, in a transaction of its own.
     *
     * @param ifNone why the first epoch begins
     * @param newBirthId for a file that has none
     */
    static Optional<Epoch> compare(SqlSession session, Reason ifNone, String newBirthId, Instant now)
            throws SQLException {
        Optional<String> birthId =
                session.first("SELECT birth_id FROM store_identity WHERE id = 1", row -> row.getString(1));
        if (birthId.isEmpty()) {
            int unused = session.update("INSERT INTO store_identity (id, birth_id) VALUES (1, ?)", newBirthId);
        }
        Optional<String> begunUnder =
                session.first("SELECT birth_id FROM store_epoch ORDER BY number DESC LIMIT 1", row -> row.getString(1));
        if (begunUnder.isEmpty()) {
            return Optional.of(begin(session, ifNone, now));
        }
        return begunUnder.equals(birthId) ? Optional.empty() : Optional.of(begin(session, Reason.RESTORED, now));
    }

    /**
     * Notes, with the forgetting itself, up to which expiry tokens are forgotten: should the clock have been ahead, and go
     * back, they are refused all the same.
     */
    static void noteForgotten(SqlSession session, Instant until) throws SQLException {
        int unused = session.update(
                "UPDATE store_epoch SET forgotten_until = max(forgotten_until, ?)"
                        + " WHERE number = (SELECT max(number) FROM store_epoch)",
                until.getEpochSecond());
        session.forgetEpoch();
    }

    static Epoch begin(SqlSession session, Reason reason, Instant now) throws SQLException {
        Optional<Epoch> last = find(session);
        boolean fresh = reason == Reason.NEW;
        // iat has whole seconds, so a new store's first second counts whole.
        Instant start = (fresh ? now : now.plus(StepIssuance.LEEWAY)).truncatedTo(ChronoUnit.SECONDS);
        // A clock that was put back must not bring tokens back that an earlier epoch refused.
        Instant notBefore =
                last.map(Epoch::tokensNotBefore).filter(start::isBefore).orElse(start);
        Epoch epoch = new Epoch(
                last.map(Epoch::number).orElse(0L) + 1,
                notBefore,
                !fresh,
                last.map(Epoch::forgottenUntil).orElse(Instant.EPOCH));
        int unused = session.update(
                "INSERT INTO store_epoch (number, birth_id, tokens_not_before, needs_issued_at, forgotten_until, began_at,"
                        + " reason) SELECT ?, birth_id, ?, ?, ?, ?, ? FROM store_identity WHERE id = 1",
                epoch.number(),
                notBefore.getEpochSecond(),
                fresh ? 0 : 1,
                epoch.forgottenUntil().getEpochSecond(),
                now.getEpochSecond(),
                reason.name());
        int ignored = session.update(
                "INSERT INTO audit_event (at, event, detail) VALUES (?, 'epoch', ?)",
                now.getEpochSecond(),
                epoch.number() + " " + reason.name());
        session.forgetEpoch();
        return epoch;
    }
}
