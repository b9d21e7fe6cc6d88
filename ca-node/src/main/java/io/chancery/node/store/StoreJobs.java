package io.chancery.node.store;

import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What must be done now and then: forgetting what may be forgotten, and giving up what nobody will finish. In steps of
 * {@value #STEP} rows, each a write of its own, so that certificates are written between them.
 */
public final class StoreJobs {
    /** A reserved row of this age may have been signed without anyone seeing it. */
    static final Duration ABANDONED_AFTER = Duration.ofMinutes(10);

    static final int STEP = 1_000;

    /** Of certificates, which go with their names and events. */
    private static final int CERTIFICATES_STEP = 100;
    /** A first run over years of certificates must not go on for ever: the rest is for the next round. */
    private static final int LONGEST_SECONDS = 20;

    private static final Duration STEP_DEADLINE = Duration.ofSeconds(10);

    private final GroupCommitWriter writer;
    private final String holder;

    /** @param holder what no other node of the store is called: of all of them, one does the jobs */
    StoreJobs(GroupCommitWriter writer, String holder) {
        this.writer = writer;
        this.holder = holder;
    }

    /** Forgets tokens that expired an hour and the leeway ago; answers how many. */
    public Future<Integer> forgetTokens(Deadline deadline) {
        return inSteps(
                session -> {
                    Instant end = UsedTokenRow.forgotten(session);
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
                    Instant now = session.now();
                    return giveUp(
                            session,
                            "reserved_at <= ? AND pending_until <= ? AND epoch = ?",
                            "reserved too long",
                            now.minus(ABANDONED_AFTER).getEpochSecond(),
                            now.toEpochMilli(),
                            session.epoch().number());
                },
                deadline);
    }

    /**
     * Forgets certificates that expired so long ago, {@value #CERTIFICATES_STEP} a write; some for {@value #LONGEST_SECONDS} s
     * and no more. Answers how many.
     *
     * @param kept how long after its end each is kept
     */
    public Future<Integer> forgetCertificates(Duration kept) {
        return forgetCertificates(kept, System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS));
    }

    private Future<Integer> forgetCertificates(Duration kept, long end) {
        return once(
                        session -> ExpiredCertificates.forget(
                                session, session.now().minus(kept), CERTIFICATES_STEP),
                        Deadline.in(STEP_DEADLINE))
                .compose(done -> done < CERTIFICATES_STEP || System.nanoTime() - end >= 0
                        ? Future.succeededFuture(done)
                        : forgetCertificates(kept, end).map(more -> done + more));
    }

    /** One step, if the jobs are this node's; else it changes nothing, and answers 0. */
    private Future<Integer> once(GroupCommitWriter.Work<Integer> step, Deadline deadline) {
        return writer.submit(session -> JobLease.take(session, holder) ? step.run(session) : 0, deadline);
    }

    private Future<Integer> inSteps(GroupCommitWriter.Work<Integer> step, Deadline deadline) {
        return once(step, deadline)
                .compose(done -> done < STEP
                        ? Future.succeededFuture(done)
                        : inSteps(step, deadline).map(more -> done + more));
    }

    /** Marks up to {@value #STEP} reserved rows as abandoned and revoked, each with its audit event; answers how many. */
    static int giveUp(SqlSession session, String which, String why, Object... parameters) throws SQLException {
        long now = session.now().getEpochSecond();
        List<Object> values = new ArrayList<>(List.of(now, now));
        values.addAll(List.of(parameters));
        values.addAll(List.of(parameters));
        List<Abandoned> rows = session.all(
                // Named twice so that the index of unfinished rows serves; and all once more outside, as another node
                // may have finished a row, or taken it up, between the choice and the change.
                "UPDATE certificate SET state = 'abandoned', finished_at = ?, revoked_at = ? WHERE state = 'reserved'"
                        + " AND number IN (SELECT number FROM certificate WHERE state = 'reserved' AND state <> 'issued'"
                        + " AND " + which + " ORDER BY number LIMIT " + STEP
                        + ") AND " + which + " RETURNING number, serial, request_id, not_after",
                row -> new Abandoned(row.getLong(1), row.getString(2), row.getString(3), row.getLong(4)),
                values.toArray());
        for (Abandoned row : rows) {
            CertificateRows.audit(
                    session, new CertificateRows.Event("abandoned", row.number(), row.serial(), row.requestId(), why));
            boolean unused =
                    RevocationRows.insert(session, RevocationRows.NewRow.byJob(row.serial(), now, row.endsAt()));
        }
        return rows.size();
    }

    private record Abandoned(long number, String serial, String requestId, long endsAt) {}

    /** Gives up what was reserved in an earlier epoch, in steps; answers how many. For a session of its own. */
    static int revokeReservedEarlier(SqlSession session) throws SQLException {
        int all = 0;
        for (int some = STEP; some == STEP; all += some) {
            session.begin();
            some = giveUp(
                    session, "epoch < ?", "revoked by command", session.epoch().number());
            session.commit();
        }
        return all;
    }
}
