package io.chancery.node.oidc;

import io.chancery.core.chain.AbandonedIssuers;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.oidc.OpenIdEndpoint;
import io.chancery.core.oidc.OpenIdProviders;
import io.chancery.core.oidc.ProviderState;
import io.chancery.core.oidc.WantedKey;
import io.chancery.node.outbound.OutboundProxies;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The OpenID providers of the configuration in force, asked in the background. One that does not answer stops nothing:
 * its tokens are refused until it does, or its last keys go on being believed. Any thread; nothing here waits.
 */
public final class OidcProviders implements OpenIdProviders {
    private static final Logger LOG = LoggerFactory.getLogger(OidcProviders.class);
    private static final long TICK_MILLIS = 1_000;

    private final Vertx vertx;
    private final ProviderQuestion question;
    private final ProviderQuestion observed;
    private final LongSupplier nanos;
    private final LongUnaryOperator random;
    private final Map<OpenIdEndpoint, WatchedProvider> watched = new ConcurrentHashMap<>();
    private volatile Consumer<Boolean> observer = answered -> {};
    private long timer = -1;

    /** How a provider is, for metrics. */
    public enum Condition {
        /** It answered when it was last asked. */
        READY,
        /** It does not answer; its last keys are believed. */
        AWAY,
        /** It has never answered; its tokens are refused. */
        UNKNOWN
    }

    /** @param random from 0 to its argument, exclusive */
    public OidcProviders(Vertx vertx, PublicKeys keys, OutboundProxies proxies, LongUnaryOperator random) {
        this(vertx, new HttpQuestion(vertx, keys, proxies), System::nanoTime, random);
    }

    OidcProviders(Vertx vertx, ProviderQuestion question, LongSupplier nanos, LongUnaryOperator random) {
        this.vertx = vertx;
        this.question = question;
        this.observed = endpoint -> question.ask(endpoint).onComplete(result -> observer.accept(result.succeeded()));
        this.nanos = nanos;
        this.random = random;
    }

    /** Hears at the end of every question whether it was answered; on any thread. */
    public void observe(Consumer<Boolean> by) {
        observer = by;
    }

    /**
     * Watches these from now on, and no others; those that were watched before keep what is known of them.
     *
     * @param roots whose certificates they may have, besides those that the platform trusts
     * @param abandoned whose they may not have
     * @return succeeds when each new one has answered or failed to, which takes seconds at most
     */
    public Future<Void> use(Set<OpenIdEndpoint> endpoints, List<X509Certificate> roots, AbandonedIssuers abandoned) {
        // Whoever is asked meanwhile waits for it. Without providers the platform's need not be read.
        Future<Void> trusted = endpoints.isEmpty() ? Future.succeededFuture() : question.trust(roots, abandoned);
        boolean unusedChange = watched.keySet().retainAll(endpoints);
        for (OpenIdEndpoint each : endpoints) {
            WatchedProvider unused = watched.computeIfAbsent(each, this::watch);
        }
        return here(trusted).transform(done -> tick()); // what failed, the questions say
    }

    private WatchedProvider watch(OpenIdEndpoint endpoint) {
        if (!endpoint.secure()) {
            LOG.atWarn()
                    .addKeyValue("endpoint", endpoint.url())
                    .log("an OpenID provider is asked over plain HTTP: whoever is on the way can make its tokens");
        }
        return new WatchedProvider(endpoint, observed, nanos, random);
    }

    /** Asks from now on whom it is time to ask. */
    public synchronized void start() {
        timer = vertx.setPeriodic(TICK_MILLIS, every -> tick().onComplete(done -> {}));
    }

    public synchronized void stop() {
        boolean unused = vertx.cancelTimer(timer);
    }

    /** Asks whom it is time to ask; succeeds when all of them have answered or failed to. */
    Future<Void> tick() {
        List<Future<Void>> all =
                watched.values().stream().map(WatchedProvider::askIfDue).toList();
        return here(Future.join(all).mapEmpty());
    }

    @Override
    public ProviderState state(OpenIdEndpoint endpoint) {
        WatchedProvider known = watched.get(endpoint);
        return known == null ? ProviderState.unknown("its provider has not been asked yet") : known.state();
    }

    /**
     * Asks the provider for a key that it may have made since, unless it was asked just now.
     *
     * @return succeeds, on the caller's context, when the token can be looked at; fails with OVERLOADED when too many wait
     */
    public Future<Void> wanted(WantedKey key) {
        WatchedProvider known = watched.get(key.endpoint());
        return known == null ? Future.succeededFuture() : here(known.wanted(key.keyId()));
    }

    /** The question may have been asked for somebody else, on another loop. */
    private Future<Void> here(Future<Void> elsewhere) {
        return elsewhere.isComplete()
                ? elsewhere
                : Future.fromCompletionStage(elsewhere.toCompletionStage(), vertx.getOrCreateContext());
    }

    /** How many are so. */
    public long count(Condition condition) {
        return watched.values().stream()
                .filter(each -> condition(each) == condition)
                .count();
    }

    private static Condition condition(WatchedProvider each) {
        if (each.state().provider().isEmpty()) {
            return Condition.UNKNOWN;
        }
        return each.away() ? Condition.AWAY : Condition.READY;
    }
}
