package io.chancery.node.http;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Admits so many requests that make work at once and no more: beyond that a quick 503 is kinder than a slow one. Shared
 * by all event loops.
 */
public final class AdmissionGate implements Handler<RoutingContext> {
    private final Supplier<RequestRules> rules;
    private final AtomicInteger inFlight = new AtomicInteger();

    AdmissionGate(Supplier<RequestRules> rules) {
        this.rules = rules;
    }

    public int inFlight() {
        return inFlight.get();
    }

    @Override
    public void handle(RoutingContext ctx) {
        if (ComingBodies.needsNone(ctx.request().method())) {
            ctx.next(); // answered from memory at once: health and roots are had however busy the node is
            return;
        }
        int limit = rules.get().inFlight();
        if (inFlight.incrementAndGet() > limit) {
            inFlight.decrementAndGet();
            ctx.fail(CaException.hidden(ErrorCode.OVERLOADED, "more than " + limit + " requests under way"));
            return;
        }
        AtomicBoolean left = new AtomicBoolean();
        ctx.addEndHandler(done -> {
            if (left.compareAndSet(false, true)) {
                inFlight.decrementAndGet();
            }
        });
        ctx.next();
    }
}
