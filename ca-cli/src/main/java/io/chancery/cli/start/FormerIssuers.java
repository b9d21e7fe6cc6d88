package io.chancery.cli.start;

import io.chancery.cli.UsageException;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.issuer.Issuers;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.store.SqlIssuers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an issuer from being left out of the configuration while certificates of it are good: they could be neither
 * renewed nor listed as revoked, and nobody would notice.
 */
final class FormerIssuers {
    private static final Logger LOG = LoggerFactory.getLogger(FormerIssuers.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long AGAIN_MILLIS = 10_000;

    private final Vertx vertx;
    private final SqlIssuers store;

    FormerIssuers(Vertx vertx, SqlIssuers store) {
        this.vertx = vertx;
        this.store = store;
    }

    /**
     * Blocks until the store has answered. While it is away the node starts all the same, cannot issue, and says later
     * what it would have said now.
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
            later(config.issuers(key -> true), config.files().chancery().abandonedIssuers());
        }
    }

    /**
     * As above, of a configuration that is to take another one's place; the store is asked only if an issuer goes.
     *
     * @throws StartException when the store does not answer
     */
    void check(LoadedConfig before, LoadedConfig next) throws UsageException, StartException {
        Issuers wanted = next.issuers(key -> true);
        for (KeyedIssuer each : before.issuers().all()) {
            if (wanted.withKey(each.issuer().keyId()).isEmpty()) {
                refuse(next);
                return;
            }
        }
    }

    private void refuse(LoadedConfig config) throws UsageException, StartException {
        List<SqlIssuers.Missed> missed = Waiting.await(
                "the comparison with the store",
                missed(config.issuers(key -> true), config.files().chancery().abandonedIssuers()));
        if (!missed.isEmpty()) {
            throw new UsageException(words(missed));
        }
    }

    private Future<List<SqlIssuers.Missed>> missed(Issuers issuers, Set<Sha256> abandoned) {
        Deadline deadline = Deadline.in(PATIENCE);
        return deadline.forStore(store.missed(issuers, deadline))
                .map(all -> all.stream()
                        .filter(each -> !abandoned.contains(each.certificate()))
                        .toList());
    }

    private static String words(List<SqlIssuers.Missed> missed) {
        StringBuilder text = new StringBuilder();
        for (SqlIssuers.Missed each : missed) {
            text.append(text.isEmpty() ? "" : "; ")
                    .append("the issuer ")
                    .append(each.name())
                    .append(" is left out, and certificates that it signed are good until ")
                    .append(each.until())
                    .append(": list it in chancery.json#/issuers, without \"issues\"; or give them up with"
                            + " \"abandonedIssuers\": [\"")
                    .append(each.certificate().hex())
                    .append("\"]");
        }
        return text.toString();
    }

    /** From now on these are what this node has; once the store takes it. */
    void remember(LoadedConfig config) throws UsageException {
        remember(config.issuers(key -> true));
    }

    private void remember(Issuers issuers) {
        Deadline deadline = Deadline.in(PATIENCE);
        Future<Void> unused = deadline.forStore(store.remember(issuers, deadline))
                .onFailure(cause -> LOG.atWarn()
                        .addKeyValue("reason", cause.getMessage())
                        .log("the store has not noted which issuers this node has; the next start does"));
    }

    private void later(Issuers issuers, Set<Sha256> abandoned) {
        long unused = vertx.setTimer(
                AGAIN_MILLIS,
                tick -> missed(issuers, abandoned)
                        .onSuccess(missed -> {
                            if (missed.isEmpty()) {
                                remember(issuers);
                            } else {
                                LOG.atError().addKeyValue("alarm", true).log(words(missed));
                            }
                        })
                        .onFailure(cause -> {
                            if (cause instanceof CaException) {
                                later(issuers, abandoned);
                            }
                        }));
    }
}
