package io.chancery.node.step;

import io.chancery.core.error.CaException;
import io.chancery.node.http.Answer;
import io.chancery.node.http.RequestContext;
import io.chancery.node.issuance.IssuanceFlow;
import io.chancery.node.issuance.WebhookCalls;
import io.chancery.node.revocation.RevocationFlow;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * The endpoints of the step API (wire contract s. 1.3), at {@code /} and at {@code /1.0}. Each request is served whole by
 * the authority that was in force when it came.
 */
public final class StepApi {
    private final Flows flows;
    private final ShownChains chains;
    private final RequestWorkers large;
    private final TokensInHand tokens = new TokensInHand();
    private final ForwardedCertificates forwarded;
    private final Supplier<Optional<CaException>> cannotIssue;
    private final String version;
    private volatile Endpoints endpoints;

    /** What outlives an authority. */
    public record Flows(
            IssuanceFlow issuance,
            RevocationFlow revocation,
            RequestWorkers templates,
            WebhookCalls webhooks,
            WantedKeys wantedKeys,
            InstantSource clock) {}

    /** What serves one authority. */
    private record Endpoints(
            TrustHandlers trust,
            ProvisionerHandlers provisioners,
            SignHandler sign,
            RenewHandler renew,
            RevokeHandler revoke) {
        static Endpoints of(
                Authority authority, Flows flows, ShownChains chains, RequestWorkers large, TokensInHand tokens) {
            return new Endpoints(
                    new TrustHandlers(authority, flows.clock()),
                    new ProvisionerHandlers(authority.provisioners()),
                    new SignHandler(authority, flows, large, tokens),
                    new RenewHandler(authority, flows.issuance(), chains),
                    new RevokeHandler(authority, flows, chains, large));
        }
    }

    /** @param cannotIssue why this node cannot issue at this moment, or empty; answered without waiting */
    public StepApi(
            Vertx vertx,
            Authority authority,
            Flows flows,
            Supplier<Optional<CaException>> cannotIssue,
            String version) {
        this.chains = new ShownChains(vertx);
        this.large = RequestWorkers.forLarge(vertx);
        this.endpoints = Endpoints.of(authority, flows, chains, large, tokens);
        this.flows = flows;
        this.forwarded = new ForwardedCertificates(System::nanoTime);
        this.cannotIssue = cannotIssue;
        this.version = version;
    }

    /** For requests that come from now on. Any thread. */
    public void use(Authority authority) {
        endpoints = Endpoints.of(authority, flows, chains, large, tokens);
    }

    public void mountOn(Router router) {
        for (String prefix : List.of("", "/1.0")) {
            get(router, prefix, "/health", (now, ctx) -> health(ctx));
            get(router, prefix, "/version", (now, ctx) -> version(ctx));
            get(router, prefix, "/root/:sha", (now, ctx) -> now.trust().root(ctx));
            get(router, prefix, "/roots", (now, ctx) -> now.trust().roots(ctx));
            get(router, prefix, "/roots.pem", (now, ctx) -> now.trust().rootsPem(ctx));
            get(router, prefix, "/intermediates", (now, ctx) -> now.trust().intermediates(ctx));
            get(router, prefix, "/intermediates.pem", (now, ctx) -> now.trust().intermediatesPem(ctx));
            get(router, prefix, "/federation", (now, ctx) -> now.trust().federation(ctx));
            get(
                    router,
                    prefix,
                    "/provisioners",
                    (now, ctx) -> now.provisioners().list(ctx));
            get(
                    router,
                    prefix,
                    "/provisioners/:kid/encrypted-key",
                    (now, ctx) -> now.provisioners().encryptedKey(ctx));
            post(router, prefix, "/sign", (now, ctx) -> now.sign().handle(ctx));
            post(router, prefix, "/renew", byHolder((now, ctx) -> now.renew().renew(ctx)));
            post(router, prefix, "/re-sign", byHolder((now, ctx) -> now.renew().renew(ctx)));
            post(router, prefix, "/revoke", byHolder((now, ctx) -> now.revoke().handle(ctx)));
            post(router, prefix, "/rekey", byHolder((now, ctx) -> now.renew().rekey(ctx)));
        }
    }

    /** Where a certificate may be shown. */
    private BiConsumer<Endpoints, RoutingContext> byHolder(BiConsumer<Endpoints, RoutingContext> endpoint) {
        return (now, ctx) -> {
            forwarded.notice(ctx);
            endpoint.accept(now, ctx);
        };
    }

    private void post(Router router, String prefix, String path, BiConsumer<Endpoints, RoutingContext> endpoint) {
        router.post(prefix + path).handler(by(path, endpoint));
        router.route(prefix + path).handler(ctx -> Answer.notAllowed(ctx, "POST"));
    }

    private void get(Router router, String prefix, String path, BiConsumer<Endpoints, RoutingContext> endpoint) {
        router.route(HttpMethod.GET, prefix + path).method(HttpMethod.HEAD).handler(by(path, endpoint));
        router.route(prefix + path).handler(ctx -> Answer.notAllowed(ctx, "GET, HEAD"));
    }

    private Handler<RoutingContext> by(String path, BiConsumer<Endpoints, RoutingContext> endpoint) {
        return ctx -> {
            RequestContext.of(ctx).facts().route(path);
            endpoint.accept(endpoints, ctx);
        };
    }

    private void health(RoutingContext ctx) {
        cannotIssue
                .get()
                .ifPresentOrElse(
                        refusal -> {
                            throw refusal;
                        },
                        () -> StepReply.json(ctx, 200, new JsonObject().put("status", "ok")));
    }

    private void version(RoutingContext ctx) {
        StepReply.json(ctx, 200, new JsonObject().put("version", version));
    }
}
