package io.chancery.node.http;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The HTTPS API, whatever event loop serves a request: its rules, its gate, and the order of its handlers. Any thread. */
public final class HttpApi {
    /** Largest body that is read, in octets. */
    public static final long BODY_LIMIT = 64 * 1024;
    /** How long a connection may do nothing, and how long a client may take to read an answer: step-ca's 15 s. */
    public static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Consumer<Router> features;
    private final List<Consumer<AnsweredRequest>> observers;
    private final InstantSource clock;
    private final AnswerDate date;
    private final ConnectionLimits limits;
    private final AdmissionGate gate = new AdmissionGate(this::rules);
    private final List<Runnable> drains = new CopyOnWriteArrayList<>();
    private volatile boolean draining;
    private volatile RequestRules rules;

    /**
     * @param features mounts the endpoints, between the handlers that come first and the 404 that comes last
     * @param observers told of each request that is over, on its event loop
     * @param patience {@link #PATIENCE}, or less for a test
     */
    public HttpApi(
            Consumer<Router> features,
            RequestRules rules,
            List<Consumer<AnsweredRequest>> observers,
            InstantSource clock,
            Duration patience) {
        this(features, rules, observers, clock, ConnectionLimits.of(patience));
    }

    HttpApi(
            Consumer<Router> features,
            RequestRules rules,
            List<Consumer<AnsweredRequest>> observers,
            InstantSource clock,
            ConnectionLimits limits) {
        this.features = features;
        this.rules = rules;
        this.observers = List.copyOf(observers);
        this.clock = clock;
        this.date = new AnswerDate(clock);
        this.limits = limits;
    }

    public AdmissionGate gate() {
        return gate;
    }

    public RequestRules rules() {
        return rules;
    }

    /** For requests that come from now on. */
    public void use(RequestRules next) {
        rules = next;
    }

    /** From now on each kept connection ends with its next answer; requests are answered as before. Any thread. */
    public void beginDrain() {
        draining = true;
        drains.forEach(Runnable::run);
    }

    AnswerDate date() {
        return date;
    }

    boolean draining() {
        return draining;
    }

    /** @param drain does on an event loop what can be done at once; hands itself to that loop */
    void onDrain(Runnable drain) {
        drains.add(drain);
    }

    ConnectionLimits limits() {
        return limits;
    }

    /**
     * The order matters: id and clock, then shape, then the body, then the gate, then the endpoints. A request whose body has not
     * come makes no work yet, and takes no place of one that does.
     */
    Router router(Vertx vertx, ConnectionWatch connections) {
        Router router = Router.router(vertx);
        router.route().handler(new RequestIds(this::rules));
        router.route().handler(date);
        router.route().handler(new RequestAccount(connections, observers, clock));
        router.route().handler(new Drain(this, connections));
        router.route().handler(HttpApi::exactPath);
        ComingBodies bodies = new ComingBodies();
        router.route().handler(bodies::begin);
        router.route().handler(bodies::read);
        router.route().handler(bodies::met);
        router.route().handler(gate);
        features.accept(router);
        router.route().handler(HttpApi::notFound);
        router.route().failureHandler(new StepErrors());
        return router;
    }

    /**
     * Trailing and double slashes, dot segments and escapes that need not be name nothing here (wire contract s. 17.11),
     * though the router would see through them.
     */
    private static void exactPath(RoutingContext ctx) {
        String path = ctx.request().path();
        if (path == null || path.contains("//") || path.endsWith("/") || !path.equals(normalized(ctx))) {
            notFound(ctx);
        } else {
            ctx.next();
        }
    }

    private static String normalized(RoutingContext ctx) {
        try {
            return ctx.normalizedPath();
        } catch (IllegalArgumentException e) {
            throw CaException.hidden(ErrorCode.MALFORMED, "a path with an escape that is none");
        }
    }

    private static void notFound(RoutingContext ctx) {
        Answer.send(ctx, 404, "text/plain; charset=utf-8", "404 page not found\n");
    }
}
