package io.chancery.node.oidc;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.oidc.OpenIdEndpoint;
import io.chancery.core.oidc.OpenIdProvider;
import io.chancery.core.oidc.ProviderState;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One provider: what it last said, and when it is asked again. It is asked by one question at a time. While it is away,
 * what it said before stays good. Any thread.
 */
final class WatchedProvider {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedProvider.class);
    /** Between two questions on behalf of tokens: strangers write tokens. */
    static final Duration PAUSE = Duration.ofSeconds(10);
    /** Requests that may wait for one answer. */
    static final int MOST_WAITING = 64;

    private static final Duration LONGEST_BACK_OFF = Duration.ofMinutes(1);

    private final OpenIdEndpoint endpoint;
    private final ProviderQuestion question;
    private final LongSupplier nanos;
    private final LongUnaryOperator random;
    private volatile ProviderState state = ProviderState.unknown("its provider has not answered yet");
    private volatile boolean away;
    private int failures;
    private @Nullable Future<Void> running;
    private int waiting;
    private long askAgain;
    private boolean asked;
    private long lastWanted;
    private boolean wanted;

    /**
     * @param nanos monotonic
     * @param random from 0 to its argument, exclusive; many nodes shall not ask at one moment
     */
    WatchedProvider(OpenIdEndpoint endpoint, ProviderQuestion question, LongSupplier nanos, LongUnaryOperator random) {
        this.endpoint = endpoint;
        this.question = question;
        this.nanos = nanos;
        this.random = random;
    }

    ProviderState state() {
        return state;
    }

    /** Whether it did not answer when it was last asked. */
    boolean away() {
        return away;
    }

    /** Asks if it is time to; succeeds when nothing is under way any more. */
    synchronized Future<Void> askIfDue() {
        if (running == null && asked && nanos.getAsLong() - askAgain < 0) {
            return Future.succeededFuture();
        }
        return running == null ? ask() : running;
    }

    /**
     * Succeeds when the key is known, or there is nothing to wait for.
     *
     * @return fails with OVERLOADED when too many wait
     */
    Future<Void> wanted(String keyId) {
        if (state.provider().map(known -> !known.keys().named(keyId).isEmpty()).orElse(false)) {
            return Future.succeededFuture();
        }
        return answer();
    }

    private synchronized Future<Void> answer() {
        if (running == null && wanted && nanos.getAsLong() - lastWanted < PAUSE.toNanos()) {
            return Future.succeededFuture();
        }
        if (waiting >= MOST_WAITING) {
            return Future.failedFuture(
                    CaException.hidden(ErrorCode.OVERLOADED, "too many wait for an OpenID provider's keys"));
        }
        waiting++;
        if (running != null) {
            return running;
        }
        wanted = true;
        lastWanted = nanos.getAsLong();
        return ask();
    }

    private Future<Void> ask() {
        Promise<Void> over = Promise.promise();
        Future<Void> ending = over.future();
        running = ending;
        asked = true;
        questioned().onComplete(result -> {
            try {
                answered(result);
            } finally {
                over.complete(); // whatever happens: nobody is asked while one is under way
            }
        });
        return ending;
    }

    /** A question that throws is one that was not answered. */
    private Future<ProviderAnswer> questioned() {
        try {
            return question.ask(endpoint);
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    private synchronized void answered(AsyncResult<ProviderAnswer> result) {
        running = null;
        waiting = 0;
        if (result.succeeded()) {
            OpenIdProvider now = result.result().provider();
            // Said last: whoever reads it finds it so.
            boolean another = failures > 0 || state.provider().isEmpty();
            state = ProviderState.of(now);
            failures = 0;
            away = false;
            askAgain = nanos.getAsLong() + early(result.result().fresh());
            if (another) {
                LOG.atInfo()
                        .addKeyValue("endpoint", endpoint.url())
                        .addKeyValue("issuer", now.issuer())
                        .addKeyValue("keys", now.keys().size())
                        .log("an OpenID provider answers");
            }
            return;
        }
        failed(String.valueOf(result.cause().getMessage()));
    }

    private void failed(String reason) {
        boolean known = state.provider().isPresent();
        boolean another = failures == 0 || (!known && !state.reason().equals(reason));
        if (!known) {
            state = ProviderState.unknown(reason);
        }
        Duration pause = Duration.ofSeconds(1L << Math.min(failures, 6));
        failures++;
        away = true;
        askAgain = nanos.getAsLong() + early(pause.compareTo(LONGEST_BACK_OFF) > 0 ? LONGEST_BACK_OFF : pause);
        if (another) {
            LOG.atWarn()
                    .addKeyValue("endpoint", endpoint.url())
                    .addKeyValue("reason", reason)
                    .log(
                            known
                                    ? "an OpenID provider does not answer; the keys it had go on being believed"
                                    : "an OpenID provider does not answer; its tokens are refused");
        }
    }

    /** Up to a tenth early. */
    private long early(Duration time) {
        return time.toNanos() - random.applyAsLong(1 + time.toNanos() / 10);
    }
}
