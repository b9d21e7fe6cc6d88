package io.chancery.node.status;

import io.chancery.cluster.bus.SignReply;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import io.chancery.node.issuance.BusSigningClient;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.issuance.UsableKeys;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this node can issue: one task asks store and signer every two seconds, and every question is answered from
 * its last result (issuance protocol, Health).
 */
public final class NodeHealth {
    static final Duration EVERY = Duration.ofSeconds(2);
    static final Duration TOO_OLD = Duration.ofSeconds(6);

    private static final Logger LOG = LoggerFactory.getLogger(NodeHealth.class);
    private static final Duration SIGNATURE_AGE = Duration.ofSeconds(10);
    private static final Duration CLOCKS_ALARM = Duration.ofMinutes(1);
    private static final Duration CLOCKS_APART = Duration.ofMinutes(30);
    private static final Duration CLOCK_ALARM_EVERY = Duration.ofMinutes(1);
    private static final Reason CLOCK_UNKNOWN =
            new Reason(Lack.CHECK, "clock has not been held against the store's yet");

    private final Vertx vertx;
    private final Function<Deadline, Future<Instant>> store;
    private final Supplier<Optional<String>> otherStore;
    private final BusSigningClient signers;
    private final Supplier<Issuers> issuers;
    private final UsableKeys usable;
    private final Clocks clocks;
    private volatile Result last;
    private volatile Optional<Long> lastClockAlarm = Optional.empty();
    private volatile String signingSaid = "";
    private volatile boolean draining;
    private long timer = -1;

    /**
     * @param store writes to the store and answers its clock
     * @param otherStore who else takes tokens by a store that does not know of this one; empty when nobody does
     * @param issuers those in force at this moment
     * @param usable is told of each issuer's key whether a signer has it
     */
    public NodeHealth(
            Vertx vertx,
            Function<Deadline, Future<Instant>> store,
            Supplier<Optional<String>> otherStore,
            BusSigningClient signers,
            Supplier<Issuers> issuers,
            UsableKeys usable,
            InstantSource clock) {
        this(vertx, store, otherStore, signers, issuers, usable, new Clocks(clock, System::nanoTime));
    }

    NodeHealth(
            Vertx vertx,
            Function<Deadline, Future<Instant>> store,
            Supplier<Optional<String>> otherStore,
            BusSigningClient signers,
            Supplier<Issuers> issuers,
            UsableKeys usable,
            Clocks clocks) {
        this.vertx = vertx;
        this.store = store;
        this.otherStore = otherStore;
        this.signers = signers;
        this.issuers = issuers;
        this.usable = usable;
        this.clocks = clocks;
        this.last = new Result(
                List.of(new Reason(Lack.CHECK, "not checked yet")),
                clocks.nanoTime().getAsLong());
    }

    /** Checks once, and from then on by itself; succeeds when the first check is done. */
    public Future<Void> start() {
        timer = vertx.setPeriodic(EVERY.toMillis(), tick -> check().onFailure(NodeHealth::unexpected));
        return check();
    }

    public void stop() {
        boolean unused = vertx.cancelTimer(timer);
    }

    /** From now on this node says that it cannot issue, so that balancers leave it. */
    public void drain() {
        draining = true;
    }

    /** Why this node cannot issue; empty when it can. Never waits. */
    public Optional<String> cannotIssue() {
        return refusal().map(CaException::getMessage);
    }

    /** The same for a client, who is told what is missing and no more; whose code is of that, too. Never waits. */
    public Optional<CaException> refusal() {
        Result result = last;
        if (draining) {
            return Optional.of(Lack.STOPPING.refusal("stopping"));
        }
        if (clocks.nanoTime().getAsLong() - result.nanoTime() > TOO_OLD.toNanos()) {
            return Optional.of(Lack.CHECK.refusal("the last check is older than " + TOO_OLD.toSeconds() + " s"));
        }
        return result.reasons().stream()
                .findFirst()
                .map(first -> first.lack().refusal(String.join("; ", result.texts())));
    }

    /**
     * Why nothing may be issued although it might succeed: another store takes the same tokens, or this clock says wrong
     * dates, or may do so as nobody has looked yet. Of what else is missing a request finds out itself. Never waits.
     */
    public Optional<CaException> forbids() {
        Optional<CaException> other = otherStore.get().map(Lack.ONE_STORE::refusal);
        return other.isPresent() ? other : forbidden(last);
    }

    private static Optional<CaException> forbidden(Result result) {
        return result.reasons().stream()
                .filter(reason -> reason.lack().forbids)
                .findFirst()
                .map(reason -> reason.lack().refusal(reason.text()));
    }

    /** Once, now; succeeds when the result is there. */
    Future<Void> check() {
        Deadline deadline = Deadline.in(EVERY);
        Future<List<Reason>> storeSays = store.apply(deadline)
                .timeout(EVERY.toMillis(), TimeUnit.MILLISECONDS)
                .map(this::clockReason)
                .otherwise(this::storeReasons);
        Future<Optional<String>> signerSays = askSigners(deadline);
        return Future.join(storeSays, signerSays).map(done -> {
            List<Reason> reasons = new ArrayList<>();
            otherStore.get().map(who -> new Reason(Lack.ONE_STORE, who)).ifPresent(reasons::add);
            reasons.addAll(storeSays.result());
            signerSays.result().map(why -> new Reason(Lack.SIGNER, why)).ifPresent(reasons::add);
            Result result = new Result(List.copyOf(reasons), clocks.nanoTime().getAsLong());
            announce(result.texts());
            last = result;
            return null;
        });
    }

    /** Why the issuer that signs at this moment has no signer; empty when it has one. */
    private Future<Optional<String>> askSigners(Deadline deadline) {
        Issuers all = issuers.get();
        Map<KeyId, String> without = new ConcurrentHashMap<>();
        List<Future<SignReply.State>> asked = all.all().stream()
                .map(issuer -> signers.probe(issuer.certificate(), SIGNATURE_AGE, deadline)
                        .onSuccess(state ->
                                signerReason(issuer, state).ifPresent(reason -> without.put(issuer.keyId(), reason))))
                .toList();
        return Future.join(asked).map(answered -> {
            List<KeyId> found = all.all().stream()
                    .map(Issuer::keyId)
                    .filter(key -> !without.containsKey(key))
                    .toList();
            usable.are(found);
            Issuer signing = all.issuing(clocks.wall().instant());
            announce(signing, without);
            return Optional.ofNullable(without.get(signing.keyId()));
        });
    }

    /** A time that was set, or a signer that has come, changes it without anybody being there. */
    private void announce(Issuer signing, Map<KeyId, String> without) {
        Map<String, String> lacking = names(without);
        String text = signing.name() + " " + lacking.keySet();
        if (!text.equals(signingSaid)) {
            signingSaid = text;
            LOG.atInfo()
                    .addKeyValue("issuer", signing.name())
                    .addKeyValue("withoutSigner", lacking)
                    .log("which issuer signs from now on");
        }
    }

    private Map<String, String> names(Map<KeyId, String> without) {
        Map<String, String> named = new TreeMap<>();
        issuers.get().all().forEach(issuer -> {
            String reason = without.get(issuer.keyId());
            if (reason != null) {
                named.put(issuer.name(), reason);
            }
        });
        return named;
    }

    private void announce(List<String> reasons) {
        if (!reasons.equals(last.texts())) {
            if (reasons.isEmpty()) {
                LOG.atInfo().log("this node can issue");
            } else {
                LOG.atWarn().addKeyValue("reasons", reasons).log("this node cannot issue");
            }
        }
    }

    /** A store that does not say what time it is mends no clock: what was seen of that last stays, as does that nothing was. */
    private List<Reason> storeReasons(Throwable cause) {
        String why =
                cause instanceof TimeoutException ? "no answer within " + EVERY.toSeconds() + " s" : cause.getMessage();
        Reason away = new Reason(Lack.STORE, "the store cannot be written: " + why);
        Stream<Reason> clock = last.reasons().stream()
                .filter(reason -> reason.lack() == Lack.CLOCK || reason.lack() == Lack.CHECK)
                .map(reason -> reason.lack() == Lack.CLOCK ? reason : CLOCK_UNKNOWN);
        return Stream.concat(Stream.of(away), clock).toList();
    }

    private List<Reason> clockReason(Instant storeTime) {
        Duration apart = Duration.between(storeTime, clocks.wall().instant()).abs();
        if (apart.compareTo(CLOCKS_ALARM) > 0) {
            clockAlarm(apart);
        }
        return apart.compareTo(CLOCKS_APART) > 0
                ? List.of(new Reason(Lack.CLOCK, "clock is " + apart.toMinutes() + " minutes from the store's"))
                : List.of();
    }

    private void clockAlarm(Duration apart) {
        long now = clocks.nanoTime().getAsLong();
        if (lastClockAlarm.isEmpty() || now - lastClockAlarm.get() >= CLOCK_ALARM_EVERY.toNanos()) {
            lastClockAlarm = Optional.of(now);
            LOG.atError()
                    .addKeyValue("alarm", true)
                    .addKeyValue("seconds", apart.toSeconds())
                    .log("this machine's clock and the store's are far apart");
        }
    }

    private static Optional<String> signerReason(Issuer issuer, SignReply.State state) {
        if (!state.canSign()) {
            return Optional.of("no signer: " + state.detail());
        }
        return state.issuerHash().equals(issuer.certificate().hash())
                ? Optional.empty()
                : Optional.of("the signer holds another issuer certificate");
    }

    private static void unexpected(Throwable cause) {
        LOG.atError().setCause(cause).log("a health check failed unexpectedly");
    }

    /**
     * @param wall this machine's, which is compared with the store's
     * @param nanoTime as {@link System#nanoTime()}
     */
    record Clocks(InstantSource wall, LongSupplier nanoTime) {}

    /** What a node that cannot issue lacks. */
    private enum Lack {
        STOPPING(ErrorCode.OVERLOADED, "this node is stopping", false),
        CHECK(ErrorCode.STORE_UNAVAILABLE, "this node is looking how it is", true),
        ONE_STORE(ErrorCode.STORE_UNAVAILABLE, "another node has a store of its own", true),
        STORE(ErrorCode.STORE_UNAVAILABLE, "the store is not available", false),
        CLOCK(ErrorCode.STORE_UNAVAILABLE, "this node's clock is far from the store's", true),
        SIGNER(ErrorCode.SIGNER_UNAVAILABLE, "no signer is available", false);

        private final ErrorCode code;
        private final String told;
        private final boolean forbids;

        Lack(ErrorCode code, String told, boolean forbids) {
            this.code = code;
            this.told = told;
            this.forbids = forbids;
        }

        CaException refusal(String why) {
            return CaException.of(
                    code, "The certificate authority cannot issue at the moment: " + told + ". Please try again.", why);
        }
    }

    private record Reason(Lack lack, String text) {}

    private record Result(List<Reason> reasons, long nanoTime) {
        List<String> texts() {
            return reasons.stream().map(Reason::text).toList();
        }
    }
}
