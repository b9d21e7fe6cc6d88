package io.chancery.node.step;

import io.chancery.core.chain.ClientCertificate;
import io.chancery.core.der.Der;
import io.chancery.core.renewal.RenewToken;
import io.chancery.core.renewal.StepRenewal;
import io.chancery.node.http.RequestContext;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Looks at the chains that clients show, which anybody may send: on threads of its own, few, and not more at once than
 * these get done. Any thread; the Futures fail with OVERLOADED and DEADLINE_EXCEEDED too.
 */
final class ShownChains {
    private final RequestWorkers workers;

    ShownChains(Vertx vertx) {
        this.workers = RequestWorkers.forChains(vertx);
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
        return workers.run(deadline, work);
    }
}
