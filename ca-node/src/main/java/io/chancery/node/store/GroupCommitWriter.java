package io.chancery.node.store;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one writer of a store: takes what has gathered, runs it in one transaction, commits once, and completes the
 * Futures. So the cost of an fsync is shared, and nobody is answered before it.
 *
 * <p>{@link #submit} may be called on any thread, event loops included; all SQL runs on the thread {@code store-writer}.
 */
final class GroupCommitWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GroupCommitWriter.class);
    private static final int LARGEST_BATCH = 256;
    private static final long IDLE_MILLIS = 500;
    private static final long STOP_MILLIS = 5_000;

    private final BlockingQueue<Write<?>> queue;
    private final SessionFactory sessions;
    private final Thread thread;
    private volatile boolean stopping;
    private @org.jspecify.annotations.Nullable SqlSession session;

    /**
     * @param queueLimit writes that may wait; one more is refused with OVERLOADED
     * @param sessions opens a connection without auto-commit, at the start and again after a failure
     */
    GroupCommitWriter(int queueLimit, SessionFactory sessions) {
        this.queue = new ArrayBlockingQueue<>(queueLimit);
        this.sessions = sessions;
        this.thread = new Thread(this::run, "store-writer");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    int waiting() {
        return queue.size();
    }

    /**
     * Succeeds when the work is durable. Fails with OVERLOADED, DEADLINE_EXCEEDED (it was never begun),
     * STORE_UNAVAILABLE (it failed, or its commit is in doubt), or the CaException that the work threw.
     */
    <T> Future<T> submit(Work<T> work, Deadline deadline) {
        Write<T> write = new Write<>(work, deadline);
        if (stopping) {
            return Future.failedFuture(CaException.hidden(ErrorCode.STORE_UNAVAILABLE, "the store is closing"));
        }
        if (!queue.offer(write)) {
            return Future.failedFuture(CaException.hidden(ErrorCode.OVERLOADED, "the store's queue is full"));
        }
        Context context = Vertx.currentContext();
        return context == null
                ? Future.fromCompletionStage(write.outcome)
                : Future.fromCompletionStage(write.outcome, context);
    }

    private void run() {
        while (!stopping || !queue.isEmpty()) {
            try {
                Write<?> first = queue.poll(IDLE_MILLIS, TimeUnit.MILLISECONDS);
                if (first != null) {
                    List<Write<?>> batch = new ArrayList<>();
                    batch.add(first);
                    queue.drainTo(batch, LARGEST_BATCH - 1);
                    writeBatch(batch);
                }
            } catch (InterruptedException e) {
                stopping = true;
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("the store's writer met an unexpected failure");
            }
        }
        closeSession();
    }

    private void writeBatch(List<Write<?>> batch) {
        List<Write<?>> due = new ArrayList<>();
        for (Write<?> write : batch) {
            if (write.deadline.passed()) {
                write.fail(CaException.hidden(ErrorCode.DEADLINE_EXCEEDED, "waited too long for the store"));
            } else {
                due.add(write);
            }
        }
        if (due.isEmpty()) {
            return;
        }
        try {
            SqlSession open = open();
            for (Write<?> write : due) {
                write.run(open);
            }
        } catch (SQLException | RuntimeException e) {
            rollBack();
            retryAlone(due, e);
            return;
        }
        commit(due);
    }

    /** One bad row must not harm the others of its batch: each runs in a transaction of its own. */
    private void retryAlone(List<Write<?>> batch, Exception cause) {
        if (batch.size() == 1) {
            batch.get(0).fail(unavailable("the store failed", cause));
            return;
        }
        for (Write<?> write : batch) {
            writeBatch(List.of(write));
        }
    }

    private void commit(List<Write<?>> batch) {
        try {
            open().commit();
        } catch (SQLException | RuntimeException e) {
            // In doubt: the rows may be there or not. Nobody is told "done", and a new connection sees what is true.
            rollBack();
            closeSession();
            batch.forEach(write -> write.fail(unavailable("a commit is in doubt", e)));
            return;
        }
        batch.forEach(Write::succeed);
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

    private static CaException unavailable(String what, Exception cause) {
        if (cause instanceof CaException known) {
            return known;
        }
        LOG.atError().addKeyValue("reason", cause.getMessage()).log(what);
        return CaException.hidden(ErrorCode.STORE_UNAVAILABLE, what, cause);
    }

    /** Takes no more, writes what waits, and ends; waits at most 5 s. Not for an event loop. */
    @Override
    public void close() {
        stopping = true;
        try {
            thread.join(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What is written, in a transaction that others share. */
    @FunctionalInterface
    interface Work<T> {
        T run(SqlSession session) throws SQLException;
    }

    /** Opens a connection. */
    @FunctionalInterface
    interface SessionFactory {
        SqlSession open() throws SQLException;
    }

    private static final class Write<T> {
        private final Work<T> work;
        private final Deadline deadline;
        private final CompletableFuture<T> outcome = new CompletableFuture<>();
        private @org.jspecify.annotations.Nullable T result;

        Write(Work<T> work, Deadline deadline) {
            this.work = work;
            this.deadline = deadline;
        }

        void run(SqlSession session) throws SQLException {
            result = work.run(session);
        }

        @SuppressWarnings("NullAway") // a Work<Void> answers null
        void succeed() {
            boolean unused = outcome.complete(result);
        }

        void fail(CaException cause) {
            boolean unused = outcome.completeExceptionally(cause);
        }
    }
}
