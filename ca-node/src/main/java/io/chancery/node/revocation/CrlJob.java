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
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
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
    private final KeptList kept;
    private final BiConsumer<Boolean, Duration> observer;
    private volatile Optional<CrlSettings> settings = Optional.empty();
    /**
     * Whether the list in force was found to be one that the settings make, with all that was revoked when they were put into
     * use here. Until then others are made; from then on another node's list counts whatever it is.
     */
    private boolean fits;

    /** How often settings were put into use: what was begun under others says nothing about these. */
    private int uses;

    /** Place of the last revocation when the store was first asked since; none before. */
    private OptionalLong toCover = OptionalLong.empty();

    /** Whether the list that was kept was looked for. */
    private boolean loaded;

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

    /** Whether it looks again in a moment, as another process is at it. */
    private boolean soonAgain;

    /**
     * Whom the job asks.
     *
     * @param ledger decides which list is in force
     * @param place where this node keeps the list that it serves
     */
    public record Ports(CrlLedger ledger, SigningClient signers, KeptList.Place place) {}

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
        this.kept = new KeptList(vertx, ports.place(), issuer, keys);
        this.observer = observer;
    }

    /**
     * From now on lists are made so; not at all when empty. Soon there is one that is made so and has what was revoked before
     * this, unless the one in force is.
     */
    public void use(Optional<CrlSettings> newSettings) {
        settings = newSettings;
        context.runOnContext(now -> {
            uses++;
            fits = false;
            toCover = OptionalLong.empty();
        });
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
        start(EVERY);
    }

    /** Looks at once, and then so often. */
    void start(Duration every) {
        context.runOnContext(now -> {
            look();
            timer = vertx.setPeriodic(every.toMillis(), tick -> look());
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
     * Succeeds when a list that was begun after this call is served here; at once when none is wanted on each revocation,
     * and when none is begun any more.
     * Fails when it cannot be made: the next look tries again.
     */
    public Future<Void> wanted() {
        if (!settings.map(CrlSettings::onRevoke).orElse(false)) {
            return Future.succeededFuture();
        }
        Promise<Void> served = Promise.promise();
        context.runOnContext(now -> {
            if (stopped) {
                served.complete();
                return;
            }
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
        int use = uses;
        Future<Void> unused = kept().compose(any -> compare(in.get(), use, shelf.number()))
                .onComplete(done -> {
                    looking = false;
                    buildIfWanted();
                })
                .onFailure(cause ->
                        LOG.atDebug().addKeyValue("reason", cause.getMessage()).log("the lists were not looked at"));
    }

    /** Before the store is asked for the first time, as it may be away. */
    private Future<Void> kept() {
        if (loaded) {
            return Future.succeededFuture();
        }
        loaded = true;
        return kept.load()
                .onSuccess(found -> found.ifPresent(list -> {
                    boolean unused = shelf.put(list);
                }))
                .mapEmpty();
    }

    /** @param served the number of the list that was served before the store was asked */
    private Future<Void> compare(CrlSettings in, int use, BigInteger served) {
        return ledger.state(issuer.keyId(), Deadline.in(STEP)).compose(state -> {
            if (use == uses && toCover.isEmpty()) {
                toCover = OptionalLong.of(state.revocations());
            }
            if (building) {
                return takeUp(state.published()); // what is due may be what is being made
            }
            boolean behind = state.isBehind(served);
            if (behind && !wanted) {
                LOG.atWarn()
                        .addKeyValue("served", served)
                        .log("the store has an older list of revoked certificates than was served, as after it was put"
                                + " back: the next list lacks what was revoked since");
            }
            // Whether or not the last one can be read.
            wanted |= behind || state.isDue(in);
            return takeUp(state.published()).compose(taken -> fit(in, use, state.covered()));
        });
    }

    /** @param covered place of the last revocation that the list in force has seen */
    private Future<Void> fit(CrlSettings in, int use, long covered) {
        Optional<CrlShelf.Listed> served = shelf.current();
        if (fits || wanted || building || use != uses || served.isEmpty()) {
            return Future.succeededFuture();
        }
        long all = toCover.orElse(0);
        return vertx.executeBlocking(() -> covered >= all && in.make(served.get()), false)
                .otherwise(false) // it cannot be read
                .onSuccess(good -> {
                    if (use == uses) {
                        fits = good;
                        wanted |= !good;
                    }
                })
                .mapEmpty();
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
        int use = uses;
        Promise<Void> served = next;
        next = Promise.promise();
        long began = System.nanoTime();
        var unused = builder.run(in.get(), shelf.number())
                .onComplete(done -> context.runOnContext(now -> {
                    building = false;
                    if (done.failed()) {
                        failed(done.cause(), served, Duration.ofNanos(System.nanoTime() - began));
                    } else if (done.result().isEmpty()) {
                        afterAnother(served, waited);
                    } else {
                        observer.accept(true, Duration.ofNanos(System.nanoTime() - began));
                        fits = use == uses && settings.equals(in);
                        serve(done.result().get());
                        boolean unusedFirst = served.tryComplete();
                        buildIfWanted();
                    }
                }));
    }

    /**
     * Another process is at it, and may have begun before what is to be listed: it is asked for again when that ends, unless
     * only the clock asked, for which the other's will do. A node that serves none yet, as those of a new cluster, looks for
     * it without waiting for its next look: until then it answers 503.
     */
    private void afterAnother(Promise<Void> served, int waited) {
        if (waited > 0) {
            wanted = true;
            waiting += waited;
            next.future().onComplete(served);
        }
        if (!soonAgain) {
            soonAgain = true;
            long unused = vertx.setTimer(WHILE_ANOTHER_BUILDS.toMillis(), fired -> {
                soonAgain = false;
                buildIfWanted();
                if (shelf.current().isEmpty()) {
                    look();
                }
            });
        }
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
        boolean known =
                published.isEmpty() || shelf.number().compareTo(published.get().number()) >= 0;
        return known ? Future.succeededFuture() : read(published.get());
    }

    private Future<Void> read(Published list) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream(list.parts() * CrlBuilder.PART);
        return read(list, whole, 0)
                .compose(all -> vertx.executeBlocking(
                        () -> CrlShelf.listed(
                                list.number(), list.thisUpdate(), list.nextUpdate(), Der.of(whole.toByteArray())),
                        false))
                .onSuccess(this::serve)
                .mapEmpty();
    }

    private void serve(CrlShelf.Listed list) {
        if (shelf.put(list)) {
            kept.keep(list);
        }
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
