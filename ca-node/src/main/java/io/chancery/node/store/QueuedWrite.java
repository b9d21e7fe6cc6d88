package io.chancery.node.store;

import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.node.issuance.Deadline;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One write on its way through the {@link GroupCommitWriter}: waits, runs (again after a rollback), is answered once. */
final class QueuedWrite<T> {
    /**
     * Two nodes that take the same token rows in opposite order would lock each other out. A question to the store
     * itself goes before them; those without a key come last, in the order they had.
     */
    static final Comparator<QueuedWrite<?>> IN_BATCH = Comparator.comparing((QueuedWrite<?> write) -> !write.isFirst())
            .thenComparing(write -> write.key, Comparator.nullsLast(Arrays::compareUnsigned));

    private final GroupCommitWriter.Work<T> work;
    private final Deadline deadline;
    private final byte @Nullable [] key;
    private final Place place;
    private final CompletableFuture<T> outcome = new CompletableFuture<>();
    private @Nullable T result;
    private @Nullable CaException refusal;

    QueuedWrite(GroupCommitWriter.Work<T> work, Deadline deadline, Place place, Optional<Sha256> key) {
        this.work = work;
        this.deadline = deadline;
        this.place = place;
        this.key = key.map(Sha256::value).orElse(null);
    }

    /** Whether it goes before all others, and waits for none of them. */
    boolean isFirst() {
        return place == Place.FIRST;
    }

    CompletableFuture<T> outcome() {
        return outcome;
    }

    /** Whether it is still to run; one that waited past its deadline is told so and never runs. */
    boolean isDue() {
        if (deadline.passed()) {
            fail(CaException.hidden(ErrorCode.DEADLINE_EXCEEDED, "waited too long for the store"));
        }
        return !outcome.isDone();
    }

    void run(SqlSession session) throws SQLException {
        refusal = null;
        try {
            result = work.run(session);
        } catch (CaException e) {
            refusal = e;
        }
    }

    /** What the run came to; to be called when its transaction is durable. */
    @SuppressWarnings("NullAway") // a Work<Void> answers null
    void answer() {
        boolean unused = refusal == null ? outcome.complete(result) : outcome.completeExceptionally(refusal);
    }

    /** Does nothing when it has been answered. */
    void fail(CaException cause) {
        boolean unused = outcome.completeExceptionally(cause);
    }

    /** Where in the queue it stands. */
    enum Place {
        /** Before all others, with a commit of its own. */
        FIRST,
        /** Behind those that came before it. */
        IN_TURN
    }
}
