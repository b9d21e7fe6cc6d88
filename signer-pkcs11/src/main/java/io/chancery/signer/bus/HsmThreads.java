package io.chancery.signer.bus;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads on which the key is used: a fixed number, named {@code hsm-<key>-<n>}, before a queue with a limit. The
 * limit is a count of what was admitted and has not ended: the executor's own queue would also count what an idle thread
 * is just about to take.
 */
final class HsmThreads {
    private final ThreadPoolExecutor executor;
    private final int most;
    private final AtomicInteger admitted = new AtomicInteger();

    HsmThreads(String name, int threads, int queue) {
        this(threads, queue, named(name));
    }

    /** @param factory of the threads */
    HsmThreads(int threads, int queue, ThreadFactory factory) {
        this.most = threads + queue;
        this.executor =
                new ThreadPoolExecutor(threads, threads, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(), factory);
        executor.allowCoreThreadTimeOut(true);
    }

    private static ThreadFactory named(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, "hsm-" + name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /**
     * Runs the task on one of the threads; the Future completes on the context, with what the task returned or threw.
     * RejectedExecutionException, thrown and not in the Future, when the queue is full or the system gives no thread:
     * nothing has run then, nor will.
     */
    <T> Future<T> run(Context context, Callable<T> task) throws RejectedExecutionException {
        Promise<T> promise = Promise.promise();
        AtomicBoolean taken = new AtomicBoolean();
        Runnable run = () -> {
            if (!taken.compareAndSet(false, true)) {
                return;
            }
            Handler<Void> end = outcome(promise, task);
            // Given back before the outcome is told, so that who hears of it finds the place free.
            admitted.decrementAndGet();
            context.runOnContext(end);
        };
        admit();
        try {
            executor.execute(run);
        } catch (RejectedExecutionException | Error e) { // closed, or the system has no thread left
            boolean unused = executor.remove(run); // it waits where the last thread ended just before
            if (!taken.compareAndSet(false, true)) {
                return promise.future(); // or had it been found by a new one
            }
            admitted.decrementAndGet();
            throw e instanceof RejectedExecutionException rejected
                    ? rejected
                    : new RejectedExecutionException("no thread for it", e);
        }
        return promise.future();
    }

    private static <T> Handler<Void> outcome(Promise<T> promise, Callable<T> task) {
        try {
            T result = task.call();
            return nothing -> promise.complete(result);
        } catch (Throwable e) {
            // Errors too: a request whose library broke still gets its answer.
            return nothing -> promise.fail(e);
        }
    }

    private void admit() {
        if (admitted.incrementAndGet() > most) {
            admitted.decrementAndGet();
            throw new RejectedExecutionException("all threads and the queue are taken");
        }
    }

    /** Interrupts what runs and drops what waits; a thread that hangs in the library is left behind. */
    void close() {
        var unused = executor.shutdownNow();
    }
}
