package io.chancery.signer.bus;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads on which the key is used: a fixed number, named {@code hsm-<key>-<n>}, before a queue with a limit. */
final class HsmThreads {
    private final ThreadPoolExecutor executor;

    HsmThreads(String name, int threads, int queue) {
        AtomicInteger count = new AtomicInteger();
        this.executor =
                new ThreadPoolExecutor(threads, threads, 1, TimeUnit.MINUTES, new ArrayBlockingQueue<>(queue), task -> {
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
        executor.execute(() -> {
            try {
                T result = task.call();
                context.runOnContext(nothing -> promise.complete(result));
            } catch (Throwable e) {
                // Errors too: a request whose library broke still gets its answer.
                context.runOnContext(nothing -> promise.fail(e));
            }
        });
        return promise.future();
    }

    /** Interrupts what runs and drops what waits; a thread that hangs in the library is left behind. */
    void close() {
        var unused = executor.shutdownNow();
    }
}
