package io.chancery.node.step;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.concurrent.Callable;

/** Threads for rules that may take long, so that templates keep nothing else waiting for a worker. Called on an event loop. */
public final class TemplateWorkers {
    private final WorkerExecutor executor;

    public TemplateWorkers(Vertx vertx) {
        int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
        this.executor = vertx.createSharedWorkerExecutor("chancery-templates", threads);
    }

    /** What the work gives; fails as the work does, or with DEADLINE_EXCEEDED when its turn came too late: then it is not begun. */
    <T> Future<T> run(Deadline deadline, Callable<T> work) {
        return executor.executeBlocking(
                () -> {
                    if (deadline.passed()) {
                        throw CaException.hidden(ErrorCode.DEADLINE_EXCEEDED, "waited too long for a template's turn");
                    }
                    return work.call();
                },
                false);
    }

    public Future<Void> close() {
        return executor.close();
    }
}
