package io.chancery.node.store;

import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.store.QueuedWrite.Place;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one writer of a store: takes what has gathered, runs it in one transaction, commits once, and completes the
 * Futures. So the cost of an fsync is shared, and nobody is answered before it.
 *
 * <p>{@link #submit} may be called on any thread, event loops included; all SQL runs on the thread {@code store-writer}.
 */
final class GroupCommitWriter implements AutoCloseable {
    static final int LARGEST_BATCH = 256;

    private static final Logger LOG = LoggerFactory.getLogger(GroupCommitWriter.class);
    private static final long IDLE_MILLIS = 500;
    private static final Duration STOP = Duration.ofSeconds(5);

    private final BlockingDeque<QueuedWrite<?>> queue;
    private final int queueLimit;
    private final SessionFactory sessions;
    private final Thread thread;
    private volatile WriteObserver observer = WriteObserver.NONE;
    private volatile boolean stopping;
    private volatile boolean ended;
    private volatile List<QueuedWrite<?>> underWay = List.of();
    private @Nullable SqlSession session;
    /** Writes of one batch: as many as the database, as slow as it was the last time, does within a second. */
    private int largest = LARGEST_BATCH;

    private String lastReason = "";
    private long lastReasonAt;

    /**
     * @param queueLimit writes that may wait; one more is refused with OVERLOADED unless it ends what is under way
     * @param sessions opens a connection, at the start and again after a failure
     */
    GroupCommitWriter(int queueLimit, SessionFactory sessions) {
        this.queue = new LinkedBlockingDeque<>();
        this.queueLimit = queueLimit;
        this.sessions = sessions;
        this.thread = new Thread(this::run, "store-writer");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void observe(WriteObserver newObserver) {
        observer = newObserver;
    }

    int waiting() {
        return queue.size();
    }

    /**
     * Succeeds when the work is durable. Fails with OVERLOADED, DEADLINE_EXCEEDED (it was never begun),
     * STORE_UNAVAILABLE (it failed, or its commit is in doubt), or the CaException that the work threw.
     */
    <T> Future<T> submit(Work<T> work, Deadline deadline) {
        return submit(new QueuedWrite<>(work, deadline, Place.IN_TURN, Optional.empty()));
    }

    /** As {@link #submit(Work, Deadline)}; of one batch, those with a key run first and in the order of their keys. */
    <T> Future<T> submit(Work<T> work, Deadline deadline, Sha256 key) {
        return submit(new QueuedWrite<>(work, deadline, Place.IN_TURN, Optional.of(key)));
    }

    /**
     * As {@link #submit(Work, Deadline)}, for the end of what another write has begun: never refused for want of a place,
     * as that would waste a signature or a token. There are no more of these than there were begun.
     */
    <T> Future<T> submitEnd(Work<T> work, Deadline deadline) {
        return enqueue(new QueuedWrite<>(work, deadline, Place.IN_TURN, Optional.empty()), queue::addLast);
    }

    /**
     * As {@link #submit(Work, Deadline)}, before all that waits, in a transaction of its own, and whether or not
     * there is a place: for a question to the store itself, whose answer must not depend on how much there is to do. One
     * at a time.
     */
    <T> Future<T> submitFirst(Work<T> work, Deadline deadline) {
        return enqueue(new QueuedWrite<>(work, deadline, Place.FIRST, Optional.empty()), queue::addFirst);
    }

    private <T> Future<T> submit(QueuedWrite<T> write) {
        return queue.size() < queueLimit
                ? enqueue(write, queue::addLast)
                : Future.failedFuture(CaException.hidden(ErrorCode.OVERLOADED, "the store's queue is full"));
    }

    private <T> Future<T> enqueue(QueuedWrite<T> write, Consumer<QueuedWrite<?>> place) {
        if (stopping) {
            return Future.failedFuture(closing());
        }
        place.accept(write);
        if (ended) {
            // It came in while the writer went: whoever looks second sees the other.
            failWaiting();
        }
        Context context = Vertx.currentContext();
        return context == null
                ? Future.fromCompletionStage(write.outcome())
                : Future.fromCompletionStage(write.outcome(), context);
    }

    private void run() {
        while (!stopping || !queue.isEmpty()) {
            List<QueuedWrite<?>> batch = take();
            underWay = batch;
            try {
                writeBatch(batch);
            } catch (Throwable e) {
                // Errors too: whatever happens, everybody is answered.
                LOG.atError().setCause(e).log("the store's writer met an unexpected failure");
                closeSession();
                fail(batch, CaException.hidden(ErrorCode.STORE_UNAVAILABLE, "the store's writer failed", e));
            }
            underWay = List.of();
        }
        closeSession();
        ended = true;
        failWaiting();
    }

    /** In the queue's order, so nobody waits for one that came later, but for those of its own batch. */
    private List<QueuedWrite<?>> take() {
        List<QueuedWrite<?>> batch = new ArrayList<>();
        try {
            QueuedWrite<?> first = queue.poll(IDLE_MILLIS, TimeUnit.MILLISECONDS);
            if (first != null) {
                batch.add(first);
                if (!first.isFirst()) {
                    queue.drainTo(batch, largest - 1);
                }
                batch.sort(QueuedWrite.IN_BATCH);
            }
        } catch (InterruptedException e) {
            stopping = true;
        }
        return batch;
    }

    private void writeBatch(List<QueuedWrite<?>> batch) {
        List<QueuedWrite<?>> due = batch.stream().filter(QueuedWrite::isDue).toList();
        if (due.isEmpty()) {
            return;
        }
        SqlSession open;
        try {
            open = open();
            open.begin();
        } catch (SQLException | RuntimeException e) {
            closeSession();
            fail(due, unavailable("the store cannot be written", e));
            return;
        }
        List<QueuedWrite<?>> ran = new ArrayList<>();
        long begun = System.nanoTime();
        try {
            for (QueuedWrite<?> write : due) {
                if (write.isDue()) {
                    write.run(open);
                    ran.add(write);
                }
            }
            open.sendRows(); // what fails here is no commit in doubt
        } catch (SQLException | RuntimeException e) {
            rollBack();
            afterFailure(due, e);
            return;
        }
        if (!due.get(0).isFirst()) { // how long a question takes says nothing of the others
            limitNextBatch(ran.size(), System.nanoTime() - begun);
        }
        commit(open, ran);
    }

    /**
     * Far from its database a large batch would outlast the deadline of everybody in it. The commit does not count: the
     * more share it the better.
     */
    private void limitNextBatch(int writes, long nanos) {
        if (writes > 0) {
            long each = Math.max(1, nanos / writes);
            largest = (int) Math.max(1, Math.min(LARGEST_BATCH, TimeUnit.SECONDS.toNanos(1) / each));
        }
    }

    /** One bad row must not harm the others of its batch: each runs in a transaction of its own. */
    private void afterFailure(List<QueuedWrite<?>> batch, Exception cause) {
        if (batch.size() > 1 && SqlFault.ofOneWrite(cause)) {
            for (QueuedWrite<?> write : batch) {
                writeBatch(List.of(write));
            }
            return;
        }
        if (!SqlFault.ofOneWrite(cause)) {
            closeSession(); // what is wrong may be the connection
        }
        fail(batch, unavailable("the store failed", cause));
    }

    private void commit(SqlSession open, List<QueuedWrite<?>> batch) {
        if (batch.isEmpty()) {
            rollBack(); // the time of each was over before its turn
            return;
        }
        long begun = System.nanoTime();
        try {
            open.commit();
        } catch (SQLException | RuntimeException e) {
            // In doubt: the rows may be there or not. Nobody is told "done", and a new connection sees what is true.
            rollBack();
            closeSession();
            fail(batch, unavailable("a commit is in doubt", e));
            return;
        }
        long took = System.nanoTime() - begun;
        observer.committed(batch.size(), Duration.ofNanos(took));
        batch.forEach(QueuedWrite::answer);
    }

    private SqlSession open() throws SQLException {
        SqlSession open = session;
        if (open == null) {
            open = sessions.open();
            session = open;
        }
        return open;
    }

    private void rollBack() {
        try {
            if (session != null) {
                session.rollback();
            }
        } catch (SQLException e) {
            // Also when the commit that failed was one after all: there is nothing to roll back then.
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("a rollback failed; the connection is replaced");
            closeSession();
        }
    }

    private void closeSession() {
        try {
            if (session != null) {
                session.close();
            }
        } catch (SQLException e) {
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("a connection did not close");
        }
        session = null;
    }

    private void fail(List<QueuedWrite<?>> writes, CaException cause) {
        writes.forEach(write -> write.fail(cause));
        observer.failed(writes.size());
    }

    private void failWaiting() {
        List<QueuedWrite<?>> waiting = new ArrayList<>();
        int unused = queue.drainTo(waiting);
        waiting.forEach(write -> write.fail(closing()));
    }

    private static CaException closing() {
        return CaException.hidden(ErrorCode.STORE_UNAVAILABLE, "the store is closing");
    }

    private CaException unavailable(String what, Exception cause) {
        String reason = what + ": " + SqlFault.explain(cause);
        long now = System.nanoTime();
        // While a database is away each batch fails, hundreds a second: one line a second says as much.
        if (!reason.equals(lastReason) || now - lastReasonAt >= TimeUnit.SECONDS.toNanos(1)) {
            LOG.atError().addKeyValue("reason", reason).log("the store did not write");
            lastReasonAt = now;
        }
        lastReason = reason;
        return CaException.hidden(ErrorCode.STORE_UNAVAILABLE, reason, cause);
    }

    /**
     * Takes no more, writes what waits, and ends. When that takes longer than 5 s (a commit hangs), everybody who still
     * waits is told that it failed or is in doubt. Not for an event loop.
     */
    @Override
    public void close() {
        boolean unused = close(STOP);
    }

    /** As {@link #close()}; answers whether the thread has ended, so that nothing writes any more. */
    boolean close(Duration longest) {
        stopping = true;
        // Wakes the thread; nobody waits for this one, and it never runs.
        boolean unused = queue.add(
                new QueuedWrite<>(session -> false, Deadline.in(Duration.ZERO), Place.IN_TURN, Optional.empty()));
        try {
            thread.join(longest.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive() || !ended) {
            failWaiting();
            CaException doubt = CaException.hidden(ErrorCode.STORE_UNAVAILABLE, "closed before its commit was known");
            underWay.forEach(write -> write.fail(doubt));
        }
        return !thread.isAlive();
    }

    /**
     * What is written, in a transaction that others share. A CaException is its answer, given after the commit: it must
     * have written nothing then. With any other exception the transaction is rolled back.
     */
    @FunctionalInterface
    interface Work<T> {
        T run(SqlSession session) throws SQLException;
    }

    /** Opens a connection. */
    @FunctionalInterface
    interface SessionFactory {
        SqlSession open() throws SQLException;
    }
}
