package io.chancery.node.store;

import io.chancery.core.issuance.StepIssuance;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** What must be done now and then: forgetting what may be forgotten, and giving up what nobody will finish. */
public final class StoreJobs {
    /** A reserved row of this age may have been signed without anyone seeing it. */
    static final Duration ABANDONED_AFTER = Duration.ofMinutes(10);

    private final GroupCommitWriter writer;
    private final InstantSource clock;

    StoreJobs(GroupCommitWriter writer, InstantSource clock) {
        this.writer = writer;
        this.clock = clock;
    }

    /** Forgets tokens that expired an hour and the leeway ago; answers how many. */
    public Future<Integer> forgetTokens(Deadline deadline) {
        return writer.submit(
                session -> {
                    Instant end = clock.instant().minus(StepIssuance.LEEWAY).minus(SqlLedger.MEMORY);
                    return session.update("DELETE FROM used_token WHERE expires_at <= ?", end.getEpochSecond());
                },
                deadline);
    }

    /**
     * Marks rows of this epoch that have been reserved for ten minutes as abandoned, and their serials revoked; answers
     * how many.
     */
    public Future<Integer> abandon(Deadline deadline) {
        return writer.submit(
                session -> {
                    Instant now = clock.instant();
                    long before = now.minus(ABANDONED_AFTER).getEpochSecond();
                    long epoch = Epoch.current(session).number();
                    int unused = session.update(
                            "INSERT INTO audit_event (at, event, serial, request_id, detail)"
                                    + " SELECT ?, 'abandoned', serial, request_id, 'reserved too long' FROM certificate"
                                    + " WHERE state = 'reserved' AND reserved_at <= ? AND pending_until <= ? AND epoch = ?",
                            now.getEpochSecond(),
                            before,
                            now.toEpochMilli(),
                            epoch);
                    return session.update(
                            "UPDATE certificate SET state = 'abandoned', finished_at = ?, revoked_at = ?"
                                    + " WHERE state = 'reserved' AND reserved_at <= ? AND pending_until <= ? AND epoch = ?",
                            now.getEpochSecond(),
                            now.getEpochSecond(),
                            before,
                            now.toEpochMilli(),
                            epoch);
                },
                deadline);
    }
}
