package io.chancery.cli.start;

import io.chancery.cli.UsageException;
import io.chancery.core.chain.AbandonedIssuers;
import io.chancery.core.issuer.Issuers;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.store.IssuerMemory;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an issuer from being left out of the configuration while certificates of it are good: they could be neither
 * renewed nor listed as revoked, and nobody would notice.
 */
final class FormerIssuers {
    private static final Logger LOG = LoggerFactory.getLogger(FormerIssuers.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration AGAIN = Duration.ofSeconds(10);

    private final IssuerMemory store;
    private final Duration again;
    private final Vertx vertx;
    /** Where what is under way is known: one comparison at a time, so that none of before comes after a later one. */
    private final Context context;

    private boolean wanted;
    private boolean underWay;
    private long timer = -1;
    private String said = "";

    FormerIssuers(Vertx vertx, IssuerMemory store) {
        this(vertx, store, AGAIN);
    }

    /** @param again how long after it was in vain the store is asked once more */
    FormerIssuers(Vertx vertx, IssuerMemory store, Duration again) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.store = store;
        this.again = again;
    }

    /**
     * Blocks until the store has answered. While it is away the node starts all the same, cannot issue, and
     * {@link #remember} says later what this would have said now.
     *
     * @throws UsageException when one is left out; nothing has changed
     */
    void check(LoadedConfig config) throws UsageException {
        try {
            refuse(config);
        } catch (StartException e) {
            LOG.atWarn()
                    .addKeyValue("reason", e.getMessage())
                    .log("whether an issuer is left out whose certificates are good cannot be seen yet");
        }
    }

    /**
     * As above, of a configuration that is to take another one's place; the store is asked only if an issuer goes.
     *
     * @throws StartException when the store does not answer
     */
    void check(LoadedConfig before, LoadedConfig next) throws UsageException, StartException {
        Issuers wanted = next.issuers().with(key -> true);
        for (KeyedIssuer each : before.issuers().all()) {
            if (wanted.withKey(each.issuer().keyId()).isEmpty()) {
                refuse(next);
                return;
            }
        }
    }

    private void refuse(LoadedConfig config) throws UsageException, StartException {
        List<IssuerMemory.Missed> missed = Waiting.await(
                "the comparison with the store",
                missed(
                        config.issuers().with(key -> true),
                        config.files().chancery().abandonedIssuers()));
        if (!missed.isEmpty()) {
            throw new UsageException(words(missed));
        }
    }

    private Future<List<IssuerMemory.Missed>> missed(Issuers issuers, AbandonedIssuers abandoned) {
        Deadline deadline = Deadline.in(PATIENCE);
        return deadline.forStore(store.missed(issuers, deadline))
                .map(all -> all.stream()
                        .filter(each -> !abandoned.has(each.key(), each.certificate()))
                        .toList());
    }

    private static String words(List<IssuerMemory.Missed> missed) {
        StringBuilder text = new StringBuilder();
        for (IssuerMemory.Missed each : missed) {
            text.append(text.isEmpty() ? "" : "; ")
                    .append("the issuer ")
                    .append(each.name())
                    .append(" is left out, and certificates that it signed are good until ")
                    .append(each.until())
                    .append(": list it in chancery.json#/issuers, without \"issues\"; or give them up with"
                            + " \"abandonedIssuers\": [\"")
                    .append(each.key())
                    .append("\"]");
        }
        return text.toString();
    }

    /**
     * From now on these are what this node has, as soon as the store has seen that none is left out; asks it until it has.
     * Waits for nothing.
     *
     * @param inForce the configuration at that moment; the latest call's counts
     */
    void remember(Supplier<LoadedConfig> inForce) {
        context.runOnContext(now -> {
            wanted = true;
            compare(inForce);
        });
    }

    private void compare(Supplier<LoadedConfig> inForce) {
        if (!wanted || underWay) {
            return;
        }
        boolean unusedTimer = vertx.cancelTimer(timer);
        wanted = false;
        underWay = true;
        LoadedConfig config = inForce.get();
        Issuers issuers = config.issuers().with(key -> true);
        Future<Void> unused = missed(issuers, config.files().chancery().abandonedIssuers())
                .compose(missed -> missed.isEmpty() ? noted(issuers) : Future.failedFuture(new LeftOut(words(missed))))
                .onComplete(done -> context.runOnContext(now -> {
                    underWay = false;
                    if (done.failed()) {
                        say(done.cause());
                        timer = vertx.setTimer(again.toMillis(), tick -> {
                            wanted = true;
                            compare(inForce);
                        });
                    } else {
                        said = "";
                    }
                    compare(inForce);
                }));
    }

    private Future<Void> noted(Issuers issuers) {
        Deadline deadline = Deadline.in(PATIENCE);
        return deadline.forStore(store.remember(issuers, deadline));
    }

    private static final class LeftOut extends RuntimeException {
        private static final long serialVersionUID = 1L;

        LeftOut(String words) {
            super(words);
        }
    }

    /** Once, however often it is tried. */
    private void say(Throwable cause) {
        String reason = Waiting.reason(cause);
        if (reason.equals(said)) {
            return;
        }
        said = reason;
        if (cause instanceof LeftOut) {
            LOG.atError().addKeyValue("alarm", true).log(reason);
        } else {
            LOG.atWarn().addKeyValue("reason", reason).log("the store has not noted yet which issuers this node has");
        }
    }
}
