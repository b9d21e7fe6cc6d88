package io.chancery.cluster.join;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Threads on which calls wait for the grid: of their own, and few, as a grid that hangs must not take those that others wait for. */
final class GridWorkers {
    private final WorkerExecutor threads;

    GridWorkers(Vertx vertx, String name, int threads) {
        this.threads = vertx.createSharedWorkerExecutor(name, threads);
    }

    /** Fails, and never throws: timers go on for a moment after a Vert.x that closes has ended its threads. */
    <T extends @Nullable Object> Future<T> run(Callable<T> call) {
        try {
            return threads.executeBlocking(call, false);
        } catch (RejectedExecutionException e) {
            return Future.failedFuture(e);
        }
    }

    /** Whether a call failed because this process is leaving: nothing to write down. */
    static boolean closing(Throwable cause) {
        return cause instanceof RejectedExecutionException;
    }
}
