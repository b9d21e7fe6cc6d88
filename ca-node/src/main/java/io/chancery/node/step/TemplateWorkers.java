package io.chancery.node.step;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads for rules that may take long, so that templates keep nothing else waiting for a worker. Called on an event loop. */
public final class TemplateWorkers {
    /** That wait or are under way; one more is OVERLOADED. */
    static final int MOST = 256;

    private final WorkerExecutor executor;
    private final AtomicInteger underWay = new AtomicInteger();

    public TemplateWorkers(Vertx vertx) {
        int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
        this.executor = vertx.createSharedWorkerExecutor("chancery-templates", threads);
    }

    /**
     * What the work gives; fails as the work does, with OVERLOADED, or with DEADLINE_EXCEEDED when its turn came too late: then
     * it is not begun.
     */
    <T> Future<T> run(Deadline deadline, Callable<T> work) {
        if (underWay.incrementAndGet() > MOST) {
            underWay.decrementAndGet();
            return Future.failedFuture(CaException.hidden(
                    ErrorCode.OVERLOADED, "too many requests with a template or a chain are waiting for their turn"));
        }
        return executor.executeBlocking(() -> inTime(deadline, work), false)
                .onComplete(done -> underWay.decrementAndGet());
    }

    private static <T> T inTime(Deadline deadline, Callable<T> work) throws Exception {
        if (deadline.passed()) {
            throw CaException.hidden(ErrorCode.DEADLINE_EXCEEDED, "waited too long for a template's turn");
        }
        return work.call();
    }

    public Future<Void> close() {
        return executor.close();
    }
}
