package io.chancery.node.step;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.node.issuance.IssuanceFlow;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The endpoints of the step API (wire contract s. 1.3), at {@code /} and at {@code /1.0}. */
public final class StepApi {
    private static final Logger LOG = LoggerFactory.getLogger(StepApi.class);

    private final Authority authority;
    private final IssuanceFlow flow;
    private final Supplier<Optional<String>> cannotIssue;
    private final String version;

    /** @param cannotIssue why this node cannot issue at this moment, or empty; answered without waiting */
    public StepApi(Authority authority, IssuanceFlow flow, Supplier<Optional<String>> cannotIssue, String version) {
        this.authority = authority;
        this.flow = flow;
        this.cannotIssue = cannotIssue;
        this.version = version;
    }

    public void mountOn(Router router) {
        TrustHandlers trust = new TrustHandlers(authority);
        ProvisionerHandlers provisioners = new ProvisionerHandlers(authority.provisioners());
        SignHandler sign = new SignHandler(authority, flow);
        for (String prefix : List.of("", "/1.0")) {
            get(router, prefix + "/health", this::health);
            get(router, prefix + "/version", this::version);
            get(router, prefix + "/root/:sha", trust::root);
            get(router, prefix + "/roots", trust::roots);
            get(router, prefix + "/roots.pem", trust::rootsPem);
            get(router, prefix + "/intermediates", trust::intermediates);
            get(router, prefix + "/intermediates.pem", trust::intermediatesPem);
            get(router, prefix + "/federation", trust::federation);
            get(router, prefix + "/provisioners", provisioners::list);
            get(router, prefix + "/provisioners/:kid/encrypted-key", provisioners::encryptedKey);
            router.post(prefix + "/sign").handler(sign);
            router.route(prefix + "/sign").handler(notAllowed("POST"));
        }
    }

    private static void get(Router router, String path, Handler<RoutingContext> handler) {
        router.route(HttpMethod.GET, path).method(HttpMethod.HEAD).handler(handler);
        router.route(path).handler(notAllowed("GET, HEAD"));
    }

    private static Handler<RoutingContext> notAllowed(String allowed) {
        return ctx -> ctx.response()
                .setStatusCode(405)
                .putHeader("Allow", allowed)
                .end()
                .onFailure(gone -> LOG.atDebug().log("the client went before its answer"));
    }

    private void health(RoutingContext ctx) {
        cannotIssue
                .get()
                .ifPresentOrElse(
                        why -> {
                            throw CaException.hidden(ErrorCode.SIGNER_UNAVAILABLE, why);
                        },
                        () -> StepReply.json(ctx, 200, new JsonObject().put("status", "ok")));
    }

    private void version(RoutingContext ctx) {
        StepReply.json(ctx, 200, new JsonObject().put("version", version));
    }
}
