package io.chancery.node.store;

import io.chancery.core.issuance.StepIssuance;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The time that this store's memory of tokens covers (issuance protocol, The epoch of the store).
 *
 * @param tokensNotBefore tokens issued earlier are refused: their use may have been forgotten
 * @param needsIssuedAt whether tokens that do not say when they were issued are refused too
 * @param forgottenUntil tokens that expired by then are refused: they may have been forgotten, whatever a clock says now
 */
record Epoch(long number, Instant tokensNotBefore, boolean needsIssuedAt, Instant forgottenUntil) {
    private static final Logger LOG = LoggerFactory.getLogger(Epoch.class);
    private static final long ONE_SECOND = 1_000_000_000; // ns

    /** Why a new epoch begins, and so where its tokens begin. */
    enum Reason {
        /** Nothing was there before: every token of this second or later is known. */
        NEW,
        /** Started empty where another CA, or an earlier store of this one, had worked. */
        STARTED_EMPTY,
        /** Put back from a backup, or an operator says that something may be missing. */
        RESTORED,
        /** A standby has taken over that had every write. */
        PROMOTED
    }

    /** Tells people that older tokens are refused from now on. */
    void announce() {
        LOG.atLevel(needsIssuedAt ? Level.WARN : Level.INFO)
                .addKeyValue("epoch", number)
                .addKeyValue("tokensNotBefore", tokensNotBefore)
                .addKeyValue("needsIssuedAt", needsIssuedAt)
                .log("the store begins a new epoch: older tokens are refused");
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
     * Holds the birth id of the database against the one under which the epoch began, and begins a new epoch if they
     * differ or there is none; answers it then. For each new connection, in a transaction of its own.
     *
     * @param ifNone why the first epoch begins
     */
    static Optional<Epoch> compare(SqlSession session, String birthId, Reason ifNone) throws SQLException {
        Optional<String> begunUnder = begunUnder(session);
        if (begunUnder.isEmpty()) {
            return Optional.of(begin(session, birthId, ifNone));
        }
        return begunUnder.get().equals(birthId)
                ? Optional.empty()
                : Optional.of(begin(session, birthId, Reason.RESTORED));
    }

    /** The birth id of the database when the epoch began; empty when none has begun yet. */
    static Optional<String> begunUnder(SqlSession session) throws SQLException {
        return session.first("SELECT birth_id FROM store_epoch ORDER BY number DESC LIMIT 1", row -> row.getString(1));
    }

    /**
     * Notes, with the forgetting itself, up to which expiry tokens are forgotten: should the clock have been ahead, and go
     * back, they are refused all the same.
     */
    static void noteForgotten(SqlSession session, Instant until) throws SQLException {
        int unused = session.update(
                "UPDATE store_epoch SET forgotten_until = ?"
                        + " WHERE number = (SELECT max(number) FROM store_epoch) AND forgotten_until < ?",
                until.getEpochSecond(),
                until.getEpochSecond());
        session.forgetEpoch();
    }

    static Epoch begin(SqlSession session, String birthId, Reason reason) throws SQLException {
        Instant now = session.now();
        Optional<Epoch> last = find(session);
        boolean fresh = reason == Reason.NEW;
        // iat has whole seconds: of a new store the first one counts whole, of a later epoch only those after the one
        // that it begins in.
        Instant start =
                (fresh ? now : now.plus(StepIssuance.LEEWAY).plusNanos(ONE_SECOND - 1)).truncatedTo(ChronoUnit.SECONDS);
        // A clock that was put back must not bring tokens back that an earlier epoch refused.
        Instant notBefore =
                last.map(Epoch::tokensNotBefore).filter(start::isBefore).orElse(start);
        Epoch epoch = new Epoch(
                last.map(Epoch::number).orElse(0L) + 1,
                notBefore,
                !fresh,
                last.map(Epoch::forgottenUntil).orElse(Instant.EPOCH));
        store(session, epoch, birthId, reason);
        return epoch;
    }

    /**
     * A new epoch that refuses no more than the last one: nothing can have been forgotten.
     *
     * @throws SQLException when there is no last one
     */
    static Epoch goOn(SqlSession session, String birthId) throws SQLException {
        Epoch last = session.epoch();
        Epoch epoch = new Epoch(last.number() + 1, last.tokensNotBefore(), last.needsIssuedAt(), last.forgottenUntil());
        store(session, epoch, birthId, Reason.PROMOTED);
        return epoch;
    }

    private static void store(SqlSession session, Epoch epoch, String birthId, Reason reason) throws SQLException {
        long now = session.now().getEpochSecond();
        int unused = session.update(
                "INSERT INTO store_epoch (number, birth_id, tokens_not_before, needs_issued_at, forgotten_until, began_at,"
                        + " reason) VALUES (?, ?, ?, ?, ?, ?, ?)",
                epoch.number(),
                birthId,
                epoch.tokensNotBefore().getEpochSecond(),
                epoch.needsIssuedAt() ? 1 : 0,
                epoch.forgottenUntil().getEpochSecond(),
                now,
                reason.name());
        int ignored = session.update(
                "INSERT INTO audit_event (at, event, detail) VALUES (?, 'epoch', ?)",
                now,
                epoch.number() + " " + reason.name());
        session.forgetEpoch();
    }
}
