package io.chancery.node.webhook;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.webhook.Webhook;
import io.chancery.core.webhook.WebhookAnswer;
import io.chancery.core.webhook.WebhookCall;
import io.chancery.core.webhook.WebhookRefusal;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.issuance.WebhookCalls;
import io.chancery.node.outbound.OutboundProxies;
import io.chancery.node.outbound.ServerTrust;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.KeyCertOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Calls webhooks as step-ca does (wire contract s. 5.1): one more attempt after a second when the first met no server or
 * an error of its own. Each webhook has so many calls under way at once and no more, so one that hangs holds up its own
 * provisioner alone. Any event loop.
 */
public final class HttpWebhooks implements WebhookCalls {
    /** Calls of one webhook under way at once, beyond which the answer is OVERLOADED. */
    static final int MOST_UNDER_WAY = 64;

    /** For both attempts and the pause between them. */
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final Duration longest;
    private final Duration pause;
    private final OutboundProxies proxies;
    private final Observer observer;
    private final Map<String, AtomicInteger> underWay = new ConcurrentHashMap<>();
    private volatile WebhookSecrets secrets = WebhookSecrets.NONE;
    private volatile @Nullable WebhookClients clients;
    private @Nullable KeyCertOptions key;

    public HttpWebhooks(Vertx vertx, OutboundProxies proxies, Observer observer) {
        this(vertx, proxies, observer, LONGEST, PAUSE);
    }

    HttpWebhooks(Vertx vertx, OutboundProxies proxies, Observer observer, Duration longest, Duration pause) {
        this.vertx = vertx;
        this.longest = longest;
        this.pause = pause;
        this.proxies = proxies;
        this.observer = observer;
    }

    /** Hears of every call. */
    @FunctionalInterface
    public interface Observer {
        /** @param outcome {@code allowed}, {@code refused}, {@code unavailable} or {@code overloaded} */
        void asked(Webhook.Kind kind, String outcome, Duration took);
    }

    /**
     * Makes ready for calls.
     *
     * @param trust whose certificates webhooks may have, from now on. Any thread.
     */
    public synchronized void open(ServerTrust trust) {
        WebhookClients before = clients;
        if (before != null) {
            before.trust(trust);
            return;
        }
        WebhookClients opened = new WebhookClients(vertx, trust, MOST_UNDER_WAY);
        if (key != null) {
            opened.use(key);
        }
        clients = opened;
    }

    /** What is shown to webhooks that ask for a certificate, from now on. Any thread. */
    public synchronized void use(KeyCertOptions next) {
        key = next;
        WebhookClients opened = clients;
        if (opened != null) {
            opened.use(next);
        }
    }

    /** For calls from now on. Any thread. */
    public void use(WebhookSecrets next) {
        secrets = next;
    }

    @Override
    public Future<WebhookAnswer> ask(String provisioner, WebhookCall call, String requestId, Deadline deadline) {
        Webhook webhook = call.webhook();
        AtomicInteger calls =
                underWay.computeIfAbsent(provisioner + "\n" + webhook.name(), name -> new AtomicInteger());
        long began = System.nanoTime();
        if (calls.incrementAndGet() > MOST_UNDER_WAY) {
            calls.decrementAndGet();
            observer.asked(webhook.kind(), "overloaded", Duration.ZERO);
            return Future.failedFuture(CaException.hidden(
                    ErrorCode.OVERLOADED,
                    "webhook " + webhook.name() + ": more than " + MOST_UNDER_WAY + " calls under way"));
        }
        Attempt attempt = new Attempt(provisioner, call, requestId, deadline, deadline.within(longest));
        return begun(attempt).onComplete(done -> {
            calls.decrementAndGet();
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            observer.asked(
                    webhook.kind(), outcome(done.succeeded() && done.result().allow(), done.cause()), took);
        });
    }

    /** What throws is a failure too: its place must be given back. The reason may have a secret in it. */
    private Future<WebhookAnswer> begun(Attempt attempt) {
        return Future.succeededFuture()
                .compose(now -> attempted(attempt, true))
                .recover(cause -> Future.failedFuture(
                        cause instanceof CaException
                                ? cause
                                : unavailable(
                                        attempt.call().webhook(),
                                        "no request can be made ("
                                                + cause.getClass().getSimpleName() + ")")));
    }

    private static String outcome(boolean allowed, @Nullable Throwable cause) {
        boolean answered = cause == null || (cause instanceof CaException e && e.code() == ErrorCode.FORBIDDEN);
        return allowed ? "allowed" : answered ? "refused" : "unavailable";
    }

    /** @param request when the whole request must be over */
    private record Attempt(
            String provisioner, WebhookCall call, String requestId, Deadline request, Deadline deadline) {}

    private Future<WebhookAnswer> attempted(Attempt attempt, boolean mayRepeat) {
        WebhookCall call = attempt.call();
        byte[] body = call.body().getBytes(StandardCharsets.UTF_8);
        Optional<HttpClient> client = opened().of(call.webhook());
        if (client.isEmpty()) {
            return Future.failedFuture(
                    unavailable(call.webhook(), "the server has no certificate of its own to show there yet"));
        }
        WebhookRequest request = new WebhookRequest(client.get());
        return request.send(options(attempt, body), Buffer.buffer(body))
                .timeout(Math.max(1, attempt.deadline().left().toMillis()), TimeUnit.MILLISECONDS)
                .onFailure(cause -> request.giveUp())
                .transform(done -> {
                    boolean again = done.succeeded()
                            ? done.result().status() >= 500
                            : !(done.cause() instanceof TimeoutException
                                    || done.cause() instanceof WebhookRequest.Unfit);
                    if (again && mayRepeat && attempt.deadline().left().compareTo(pause) > 0) {
                        return vertx.timer(pause.toMillis(), TimeUnit.MILLISECONDS)
                                .compose(over -> attempted(attempt, false));
                    }
                    return done.succeeded() ? read(call.webhook(), done.result()) : failed(attempt, done.cause());
                });
    }

    private RequestOptions options(Attempt attempt, byte[] body) {
        Webhook webhook = attempt.call().webhook();
        WebhookCredentials credentials = secrets.of(attempt.provisioner(), webhook);
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setSsl(true)
                .setHost(webhook.host())
                .setPort(webhook.port())
                .setURI(attempt.call().target())
                .setFollowRedirects(false) // what is signed for one place is sent to no other
                .putHeader("X-Request-Id", attempt.requestId())
                .putHeader("X-Smallstep-Signature", credentials.signature(body))
                .putHeader("X-Smallstep-Webhook-Id", webhook.id());
        proxies.to(true, webhook.host(), webhook.port()).ifPresent(options::setProxyOptions);
        credentials.authorization().ifPresent(value -> options.putHeader("Authorization", value));
        return options;
    }

    private static Future<WebhookAnswer> read(Webhook webhook, WebhookRequest.Answer answer) {
        if (answer.status() >= 400 && answer.status() < 500) {
            return Future.failedFuture(WebhookRefusal.ofStatus(webhook, answer.status()));
        }
        if (answer.status() < 200 || answer.status() >= 300) {
            return Future.failedFuture(unavailable(webhook, "answered with status " + answer.status()));
        }
        try {
            return Future.succeededFuture(WebhookAnswer.read(answer.body().toString(StandardCharsets.UTF_8)));
        } catch (IllegalArgumentException e) {
            return Future.failedFuture(unavailable(webhook, "not an answer: " + e.getMessage()));
        }
    }

    private Future<WebhookAnswer> failed(Attempt attempt, Throwable cause) {
        Webhook webhook = attempt.call().webhook();
        if (!(cause instanceof TimeoutException)) {
            return Future.failedFuture(unavailable(webhook, reason(cause)));
        }
        return Future.failedFuture(
                attempt.request().passed()
                        ? CaException.hidden(
                                ErrorCode.DEADLINE_EXCEEDED, "webhook " + webhook.name() + " had not answered by then")
                        : unavailable(webhook, "no answer within " + longest.toSeconds() + " s"));
    }

    /** Why a handshake failed is what lies behind its failure. */
    private static String reason(Throwable cause) {
        return cause instanceof SSLException && cause.getCause() != null
                ? cause.getMessage() + ": " + cause.getCause().getMessage()
                : String.valueOf(cause.getMessage());
    }

    private static CaException unavailable(Webhook webhook, String why) {
        return CaException.hidden(
                ErrorCode.WEBHOOK_UNAVAILABLE, String.format(Locale.ROOT, "webhook %s: %s", webhook.name(), why));
    }

    private WebhookClients opened() {
        WebhookClients opened = clients;
        if (opened == null) {
            throw new IllegalStateException("webhooks are asked, and nobody opened the way to them");
        }
        return opened;
    }

    public Future<Void> close() {
        WebhookClients opened = clients;
        return opened == null ? Future.succeededFuture() : opened.close();
    }
}
