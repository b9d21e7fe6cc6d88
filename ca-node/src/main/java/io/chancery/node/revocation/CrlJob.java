package io.chancery.node.revocation;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.issuance.SigningClient;
import io.chancery.node.revocation.CrlLedger.Published;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this node's list of revoked certificates in step with the store's, and makes the next one when it is due: of all
 * nodes one at a time does, as the store decides. Its own state is used on one context alone; calls may come from any
 * thread.
 */
public final class CrlJob {
    /** How long after another node has published a list this one serves it, at most. */
    public static final Duration EVERY = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(CrlJob.class);
    private static final Duration STEP = Duration.ofSeconds(10);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(10);
    private static final Duration WHILE_ANOTHER_BUILDS = Duration.ofMillis(200);

    private final Vertx vertx;
    private final Context context;
    private final CrlLedger ledger;
    private final IssuerCertificate issuer;
    private final CrlBuilder builder;
    private final CrlShelf shelf = new CrlShelf();
    private final BiConsumer<Boolean, Duration> observer;
    private volatile Optional<CrlSettings> settings = Optional.empty();
    private boolean looking;
    private boolean building;
    private boolean stopped;
    private long notBefore = System.nanoTime();
    /** Those who want a list that is begun from now on. */
    private Promise<Void> next = Promise.promise();

    /** How many of them there are. */
    private int waiting;

    private boolean wanted;
    private long timer = -1;

    /**
     * Whom the job asks.
     *
     * @param ledger decides which list is in force
     */
    public record Ports(CrlLedger ledger, SigningClient signers) {}

    /** @param observer told of each build: whether it was published, and how long it took */
    public CrlJob(
            Vertx vertx,
            Ports ports,
            IssuerCertificate issuer,
            PublicKeys keys,
            BiConsumer<Boolean, Duration> observer) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.ledger = ports.ledger();
        this.issuer = issuer;
        this.builder = new CrlBuilder(vertx, ports.ledger(), ports.signers(), issuer, keys);
        this.observer = observer;
    }

    /** From now on lists are made so; not at all when empty. */
    public void use(Optional<CrlSettings> newSettings) {
        settings = newSettings;
    }

    /** Whether it makes the lists of this issuer. */
    boolean isOf(KeyId key) {
        return issuer.keyId().equals(key);
    }

    /** Whether lists are made. */
    public boolean enabled() {
        return settings.isPresent();
    }

    /** The list that this node serves. */
    public CrlShelf shelf() {
        return shelf;
    }

    /** Looks at once, and then every two seconds. */
    public void start() {
        context.runOnContext(now -> {
            look();
            timer = vertx.setPeriodic(EVERY.toMillis(), tick -> look());
        });
    }

    /** Begins nothing any more. */
    public void stop() {
        context.runOnContext(now -> {
            stopped = true;
            boolean unused = vertx.cancelTimer(timer);
        });
    }

    /**
     * Succeeds when a list that was begun after this call is served here; at once when none is wanted on each revocation.
     * Fails when it cannot be made: the next look tries again.
     */
    public Future<Void> wanted() {
        if (!settings.map(CrlSettings::onRevoke).orElse(false)) {
            return Future.succeededFuture();
        }
        Promise<Void> served = Promise.promise();
        context.runOnContext(now -> {
            next.future().onComplete(served);
            waiting++;
            wanted = true;
            buildIfWanted();
        });
        return served.future();
    }

    private void look() {
        Optional<CrlSettings> in = settings;
        if (looking || stopped || in.isEmpty()) {
            return;
        }
        looking = true;
        Future<Void> unused = ledger.state(issuer.keyId(), Deadline.in(STEP))
                .compose(state -> {
                    // Whether or not the last one can be read.
                    if (isDue(state, in.get())) {
                        wanted = true;
                    }
                    return takeUp(state.published());
                })
                .onComplete(done -> {
                    looking = false;
                    buildIfWanted();
                })
                .onFailure(cause ->
                        LOG.atDebug().addKeyValue("reason", cause.getMessage()).log("the lists were not looked at"))
                .mapEmpty();
    }

    private static boolean isDue(CrlLedger.State state, CrlSettings in) {
        return state.published()
                .map(list -> !state.now().isBefore(list.thisUpdate().plus(in.every()))
                        || (in.onRevoke() && (state.revocations() > state.covered() || mayLack(state, list))))
                .orElse(true);
    }

    /**
     * Whether a revocation may have come in sight behind the list though its place is lower than one that the list names,
     * with nobody to ask for another list: the node that recorded it may be gone.
     */
    private static boolean mayLack(CrlLedger.State state, Published list) {
        return state.settled()
                .filter(moment ->
                        list.thisUpdate().isBefore(moment) && !state.now().isBefore(moment))
                .isPresent();
    }

    private void buildIfWanted() {
        Optional<CrlSettings> in = settings;
        boolean tooSoon = waiting == 0 && System.nanoTime() - notBefore < 0;
        if (!wanted || building || stopped || in.isEmpty() || tooSoon) {
            return;
        }
        wanted = false;
        int waited = waiting;
        waiting = 0;
        building = true;
        Promise<Void> served = next;
        next = Promise.promise();
        long began = System.nanoTime();
        Future<Void> unused = builder.run(in.get())
                .onComplete(done -> context.runOnContext(now -> {
                    building = false;
                    if (done.failed()) {
                        failed(done.cause(), served, Duration.ofNanos(System.nanoTime() - began));
                    } else if (done.result().isEmpty()) {
                        afterAnother(served, waited);
                    } else {
                        observer.accept(true, Duration.ofNanos(System.nanoTime() - began));
                        shelf.put(done.result().get());
                        boolean unusedFirst = served.tryComplete();
                        buildIfWanted();
                    }
                }))
                .mapEmpty();
    }

    /**
     * Another process is at it, and may have begun before what is to be listed: it is asked for again when that ends, unless
     * only the clock asked, for which the other's will do.
     */
    private void afterAnother(Promise<Void> served, int waited) {
        wanted |= waited > 0;
        waiting += waited;
        next.future().onComplete(served);
        long unused = vertx.setTimer(WHILE_ANOTHER_BUILDS.toMillis(), fired -> buildIfWanted());
    }

    private void failed(Throwable cause, Promise<Void> served, Duration took) {
        observer.accept(false, took);
        LOG.atError()
                .addKeyValue("alarm", true)
                .addKeyValue("issuer", issuer.certificate().getSubjectX500Principal())
                .addKeyValue("reason", cause.getMessage())
                .log("no new list of revoked certificates; the last one stays in force");
        boolean byOthersMeanwhile = wanted;
        wanted = true;
        notBefore = System.nanoTime() + AFTER_FAILURE.toNanos();
        boolean unused = served.tryFail(cause);
        if (byOthersMeanwhile) {
            buildIfWanted(); // once: what failed may be past
        }
    }

    /** Has the published list in memory, whichever node made it. */
    private Future<Void> takeUp(Optional<Published> published) {
        boolean known = published.isEmpty()
                || shelf.current()
                        .filter(list -> list.number().compareTo(published.get().number()) >= 0)
                        .isPresent();
        return known ? Future.succeededFuture() : read(published.get());
    }

    private Future<Void> read(Published list) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream(list.parts() * CrlBuilder.PART);
        return read(list, whole, 0)
                .compose(all -> vertx.executeBlocking(
                        () -> CrlShelf.listed(
                                list.number(), list.thisUpdate(), list.nextUpdate(), Der.of(whole.toByteArray())),
                        false))
                .onSuccess(shelf::put)
                .mapEmpty();
    }

    private Future<Void> read(Published list, ByteArrayOutputStream whole, int part) {
        if (part == list.parts()) {
            return Future.succeededFuture();
        }
        return ledger.part(issuer.keyId(), list.number(), part, Deadline.in(STEP))
                .compose(octets -> {
                    if (octets.isEmpty()) {
                        return Future.failedFuture(
                                CaException.hidden(ErrorCode.STORE_UNAVAILABLE, "a newer list took its place"));
                    }
                    whole.writeBytes(octets.get().bytes());
                    return read(list, whole, part + 1);
                });
    }

    /** When the list that this node serves ends; empty before the first. */
    public Optional<Instant> servedUntil() {
        return shelf.current().map(CrlShelf.Listed::nextUpdate);
    }
}
