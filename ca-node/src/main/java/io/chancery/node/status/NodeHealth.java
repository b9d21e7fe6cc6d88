package io.chancery.node.status;

import io.chancery.cluster.bus.SignReply;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.node.issuance.BusSigningClient;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
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

    private final Vertx vertx;
    private final Function<Deadline, Future<Instant>> store;
    private final BusSigningClient signers;
    private final IssuerCertificate issuer;
    private final InstantSource clock;
    private volatile Result last = new Result(List.of("not checked yet"), System.nanoTime());
    private volatile boolean draining;
    private long timer = -1;

    /** @param store writes to the store and answers its clock */
    public NodeHealth(
            Vertx vertx,
            Function<Deadline, Future<Instant>> store,
            BusSigningClient signers,
            IssuerCertificate issuer,
            InstantSource clock) {
        this.vertx = vertx;
        this.store = store;
        this.signers = signers;
        this.issuer = issuer;
        this.clock = clock;
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
        Result result = last;
        if (draining) {
            return Optional.of("stopping");
        }
        if (System.nanoTime() - result.nanoTime() > TOO_OLD.toNanos()) {
            return Optional.of("the last check is older than " + TOO_OLD.toSeconds() + " s");
        }
        return result.reasons().isEmpty() ? Optional.empty() : Optional.of(String.join("; ", result.reasons()));
    }

    private Future<Void> check() {
        Deadline deadline = Deadline.in(EVERY);
        Future<Optional<String>> storeSays = store.apply(deadline)
                .timeout(EVERY.toMillis(), TimeUnit.MILLISECONDS)
                .map(this::clockReason)
                .otherwise(cause -> Optional.of("the store cannot be written: " + cause.getMessage()));
        Future<Optional<String>> signerSays =
                signers.probe(issuer.keyId(), SIGNATURE_AGE, deadline).map(this::signerReason);
        return Future.join(storeSays, signerSays).map(done -> {
            List<String> reasons = new ArrayList<>();
            storeSays.result().ifPresent(reasons::add);
            signerSays.result().ifPresent(reasons::add);
            announce(reasons);
            last = new Result(List.copyOf(reasons), System.nanoTime());
            return null;
        });
    }

    private void announce(List<String> reasons) {
        if (!reasons.equals(last.reasons())) {
            if (reasons.isEmpty()) {
                LOG.atInfo().log("this node can issue");
            } else {
                LOG.atWarn().addKeyValue("reasons", reasons).log("this node cannot issue");
            }
        }
    }

    private Optional<String> clockReason(Instant storeTime) {
        Duration apart = Duration.between(storeTime, clock.instant()).abs();
        if (apart.compareTo(CLOCKS_ALARM) > 0) {
            LOG.atError()
                    .addKeyValue("alarm", true)
                    .addKeyValue("seconds", apart.toSeconds())
                    .log("this machine's clock and the store's are far apart");
        }
        return apart.compareTo(CLOCKS_APART) > 0
                ? Optional.of("clock is " + apart.toMinutes() + " minutes from the store's")
                : Optional.empty();
    }

    private Optional<String> signerReason(SignReply.State state) {
        if (!state.canSign()) {
            return Optional.of("no signer: " + state.detail());
        }
        return state.issuerHash().equals(issuer.hash())
                ? Optional.empty()
                : Optional.of("the signer holds another issuer certificate");
    }

    private static void unexpected(Throwable cause) {
        LOG.atError().setCause(cause).log("a health check failed unexpectedly");
    }

    private record Result(List<String> reasons, long nanoTime) {}
}
