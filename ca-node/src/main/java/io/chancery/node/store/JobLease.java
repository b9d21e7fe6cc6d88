package io.chancery.node.store;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Which node does the store's jobs: one of all, chosen by the store and timed by its clock. Taken in the transaction of
 * each step, so a node that has lost it changes nothing.
 */
record JobLease(String node, Instant until) {
    /** Longer than the pause between two rounds of jobs; another node takes over when it has passed. */
    static final Duration TIME = Duration.ofMinutes(3);

    /** Takes or keeps it; answers whether it is this holder's now. */
    static boolean take(SqlSession session, String holder) throws SQLException {
        long now = session.now().getEpochSecond();
        return session.update(
                        "UPDATE store_job SET node = ?, until = ? WHERE id = 1 AND (node = ? OR until <= ? OR until > ?)",
                        holder,
                        now + TIME.toSeconds(),
                        holder,
                        now,
                        now + TIME.toSeconds()) // taken while the clock was ahead
                > 0;
    }

    /** Whose it is; empty before anybody has taken it. */
    static Optional<JobLease> find(SqlSession session) throws SQLException {
        return session.first(
                        "SELECT node, until FROM store_job WHERE id = 1",
                        row -> new JobLease(Probes.nodeOf(row.getString(1)), Instant.ofEpochSecond(row.getLong(2))))
                .filter(lease -> !lease.node().isEmpty());
    }
}
