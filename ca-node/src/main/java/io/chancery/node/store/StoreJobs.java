package io.chancery.node.store;

import io.chancery.core.issuance.StepIssuance;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * What must be done now and then: forgetting what may be forgotten, and giving up what nobody will finish. In steps of
 * {@value #STEP} rows, each a write of its own, so that certificates are written between them.
 */
public final class StoreJobs {
    /** A reserved row of this age may have been signed without anyone seeing it. */
    static final Duration ABANDONED_AFTER = Duration.ofMinutes(10);

    static final int STEP = 1_000;

    private final GroupCommitWriter writer;
    private final InstantSource clock;

    StoreJobs(GroupCommitWriter writer, InstantSource clock) {
        this.writer = writer;
        this.clock = clock;
    }

    /** Forgets tokens that expired an hour and the leeway ago; answers how many. */
    public Future<Integer> forgetTokens(Deadline deadline) {
        return inSteps(
                session -> {
                    Instant end = clock.instant().minus(StepIssuance.LEEWAY).minus(SqlLedger.MEMORY);
                    int forgotten = session.update(
                            "DELETE FROM used_token WHERE token_key IN"
                                    + " (SELECT token_key FROM used_token WHERE expires_at <= ? LIMIT ?)",
                            end.getEpochSecond(),
                            STEP);
                    if (forgotten > 0) {
                        Epoch.noteForgotten(session, end);
                    }
                    return forgotten;
                },
                deadline);
    }

    /**
     * Marks rows of this epoch that have been reserved for ten minutes as abandoned, and their serials revoked; answers
     * how many. Rows of an earlier epoch are the operator's to decide.
     */
    public Future<Integer> abandon(Deadline deadline) {
        return inSteps(
                session -> {
                    Instant now = clock.instant();
                    return giveUp(
                            session,
                            "reserved_at <= ? AND pending_until <= ? AND epoch = ?",
                            "reserved too long",
                            now,
                            now.minus(ABANDONED_AFTER).getEpochSecond(),
                            now.toEpochMilli(),
                            session.epoch().number());
                },
                deadline);
    }

    private Future<Integer> inSteps(GroupCommitWriter.Work<Integer> step, Deadline deadline) {
        return writer.submit(step, deadline)
                .compose(done -> done < STEP
                        ? Future.succeededFuture(done)
                        : inSteps(step, deadline).map(more -> done + more));
    }

    /** Marks up to {@value #STEP} reserved rows as abandoned and revoked, each with its audit event; answers how many. */
    static int giveUp(SqlSession session, String which, String why, Instant now, Object... parameters)
            throws SQLException {
        // Named twice so that the index of unfinished rows serves.
        String rows = " FROM certificate WHERE state = 'reserved' AND state <> 'issued' AND " + which
                + " ORDER BY number LIMIT " + STEP;
        Object[] forEvents = new Object[parameters.length + 2];
        forEvents[0] = now.getEpochSecond();
        forEvents[1] = why;
        System.arraycopy(parameters, 0, forEvents, 2, parameters.length);
        int unused = session.update(
                "INSERT INTO audit_event (at, event, certificate, serial, request_id, detail)"
                        + " SELECT ?, 'abandoned', number, serial, request_id, ?" + rows,
                forEvents);
        Object[] forRows = new Object[parameters.length + 2];
        forRows[0] = now.getEpochSecond();
        forRows[1] = now.getEpochSecond();
        System.arraycopy(parameters, 0, forRows, 2, parameters.length);
        return session.update(
                "UPDATE certificate SET state = 'abandoned', finished_at = ?, revoked_at = ?"
                        + " WHERE number IN (SELECT number" + rows + ")",
                forRows);
    }
}
