package io.chancery.node.step;

import io.chancery.core.chain.ClientCertificate;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.renewal.RenewToken;
import io.chancery.core.renewal.StepRenewal;
import io.chancery.node.http.RequestContext;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Looks at the chains that clients show, which anybody may send: on threads of its own, few, and not more at once than
 * these get done. Any thread; the Futures fail with OVERLOADED and DEADLINE_EXCEEDED too.
 */
final class ShownChains {
    /** That wait or are looked at; one more is OVERLOADED. */
    static final int MOST = 256;

    private final WorkerExecutor workers;
    private final AtomicInteger underWay = new AtomicInteger();

    ShownChains(Vertx vertx) {
        int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
        this.workers = vertx.createSharedWorkerExecutor("chancery-renewal", threads);
    }

    /**
     * The certificate of a connection that shows one; at once where this CA's present intermediate has signed it.
     *
     * @param sent as {@link ShownCertificate} reads it, not empty
     */
    Future<ClientCertificate> shown(RoutingContext ctx, List<Der> sent, StepRenewal renewal) {
        return renewal.shownAtOnce(sent)
                .map(Future::succeededFuture)
                .orElseGet(() -> working(RequestContext.of(ctx).deadline(), () -> renewal.shown(sent)));
    }

    Future<RenewToken> token(RoutingContext ctx, StepRenewal renewal, String text) {
        return working(RequestContext.of(ctx).deadline(), () -> renewal.token(text));
    }

    <T> Future<T> working(Deadline deadline, Callable<T> work) {
        if (underWay.incrementAndGet() > MOST) {
            underWay.decrementAndGet();
            return Future.failedFuture(
                    CaException.hidden(ErrorCode.OVERLOADED, "too many clients' chains are waiting to be looked at"));
        }
        return workers.executeBlocking(() -> inTime(deadline, work), false)
                .onComplete(done -> underWay.decrementAndGet());
    }

    private static <T> T inTime(Deadline deadline, Callable<T> work) throws Exception {
        if (deadline.passed()) {
            throw CaException.hidden(ErrorCode.DEADLINE_EXCEEDED, "the client's chain waited too long for a thread");
        }
        return work.call();
    }
}
