package io.chancery.node.step;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Few threads for what requests need computed and no loop may do, with a bound on how much waits for them: anybody may send
 * such requests. Each has threads of its own, so that one kind of work keeps nothing else waiting. Any thread.
 */
public final class RequestWorkers {
    /** That wait or are under way; one more is OVERLOADED. */
    static final int MOST = 256;

    private final WorkerExecutor executor;
    private final String tooMany;
    private final String tooLate;
    private final AtomicInteger underWay = new AtomicInteger();

    private RequestWorkers(Vertx vertx, String threads, String tooMany, String tooLate) {
        int count = Math.max(2, Runtime.getRuntime().availableProcessors());
        this.executor = vertx.createSharedWorkerExecutor(threads, count);
        this.tooMany = tooMany;
        this.tooLate = tooLate;
    }

    /** For rules that may take long. */
    public static RequestWorkers forTemplates(Vertx vertx) {
        return new RequestWorkers(
                vertx,
                "chancery-templates",
                "too many requests with a template or a chain are waiting for their turn",
                "waited too long for a template's turn");
    }

    /** For what is large, before anybody is known to have sent it. */
    static RequestWorkers forLarge(Vertx vertx) {
        return new RequestWorkers(
                vertx,
                "chancery-large",
                "too many large requests are waiting to be read",
                "a large request waited too long for a thread");
    }

    /** For the chains of certificates that clients show. */
    static RequestWorkers forChains(Vertx vertx) {
        return new RequestWorkers(
                vertx,
                "chancery-renewal",
                "too many clients' chains are waiting to be looked at",
                "the client's chain waited too long for a thread");
    }

    /**
     * What the work gives; fails as the work does, with OVERLOADED, or with DEADLINE_EXCEEDED when its turn came too late: then
     * it is not begun.
     */
    <T> Future<T> run(Deadline deadline, Callable<T> work) {
        if (underWay.incrementAndGet() > MOST) {
            underWay.decrementAndGet();
            return Future.failedFuture(CaException.hidden(ErrorCode.OVERLOADED, tooMany));
        }
        return executor.executeBlocking(() -> inTime(deadline, work), false)
                .onComplete(done -> underWay.decrementAndGet());
    }

    /** As {@link #run} where it is long; else at once on this thread, and throws what the work throws. */
    <T> Future<T> runIf(boolean isLong, Deadline deadline, Supplier<T> work) {
        return isLong ? run(deadline, work::get) : Future.succeededFuture(work.get());
    }

    private <T> T inTime(Deadline deadline, Callable<T> work) throws Exception {
        if (deadline.passed()) {
            throw CaException.hidden(ErrorCode.DEADLINE_EXCEEDED, tooLate);
        }
        return work.call();
    }

    public Future<Void> close() {
        return executor.close();
    }
}
