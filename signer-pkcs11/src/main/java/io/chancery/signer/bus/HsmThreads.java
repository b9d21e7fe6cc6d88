package io.chancery.signer.bus;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
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
        this.most = threads + queue;
        AtomicInteger count = new AtomicInteger();
        this.executor =
                new ThreadPoolExecutor(threads, threads, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "hsm-" + name + "-" + count.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
    }

    /**
     * Runs the task on one of the threads; the Future completes on the context, with what the task returned or threw.
     * RejectedExecutionException, thrown and not in the Future, when the queue is full: nothing has run then.
     */
    <T> Future<T> run(Context context, Callable<T> task) throws RejectedExecutionException {
        Promise<T> promise = Promise.promise();
        admit();
        try {
            executor.execute(() -> {
                Handler<Void> end = outcome(promise, task);
                // Given back before the outcome is told, so that who hears of it finds the place free.
                admitted.decrementAndGet();
                context.runOnContext(end);
            });
        } catch (RejectedExecutionException e) {
            admitted.decrementAndGet(); // closed
            throw e;
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
