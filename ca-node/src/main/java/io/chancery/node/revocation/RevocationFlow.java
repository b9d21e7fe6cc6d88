package io.chancery.node.revocation;

import io.chancery.cluster.replay.ReplayFilter;
import io.chancery.cluster.replay.UsedToken;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.TokenUse;
import io.chancery.core.revocation.PreparedRevocation;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way of every revocation: rules, then record, then tell the grid, then have it listed, then answer. Never waits. */
public final class RevocationFlow {
    private static final Logger LOG = LoggerFactory.getLogger(RevocationFlow.class);
    /** How long an answer waits for the list that names the revocation; it is in force whether or not that is made. */
    private static final Duration LISTED = Duration.ofSeconds(3);

    private final RevocationLedger ledger;
    private final ReplayFilter replay;
    private final CrlJobs lists;
    private final InstantSource clock;
    private final SecureRandom random;

    public RevocationFlow(
            RevocationLedger ledger, ReplayFilter replay, CrlJobs lists, InstantSource clock, SecureRandom random) {
        this.ledger = ledger;
        this.replay = replay;
        this.lists = lists;
        this.clock = clock;
        this.random = random;
    }

    /**
     * What {@link #revoke} begins with, for any thread.
     *
     * @param rules checks the request; called once, on the caller's thread, with the moment of the request
     */
    public PreparedRevocation prepare(Function<Instant, PreparedRevocation> rules) {
        return rules.apply(clock.instant());
    }

    /**
     * Revokes.
     *
     * @return succeeds when it is durable; fails with TOKEN_USED, FORBIDDEN, ALREADY_REVOKED, STORE_UNAVAILABLE, OVERLOADED,
     *     DEADLINE_EXCEEDED
     */
    public Future<PreparedRevocation> revoke(
            PreparedRevocation prepared, Optional<String> idempotencyKey, String requestId, Deadline deadline) {
        RevocationLedger.Claim claim =
                new RevocationLedger.Claim(prepared, idempotencyKey.map(key -> repeatKey(prepared, key)), requestId);
        Future<ReplayFilter.Answer> known = prepared.token()
                .map(token -> replay.ask(token.key(), claim.repeatKey()))
                .orElseGet(() -> Future.succeededFuture(ReplayFilter.Answer.MISS));
        return known.compose(answer -> answer.refuses()
                        ? Future.failedFuture(CaException.hidden(ErrorCode.TOKEN_USED, "the grid remembers its use"))
                        : record(claim, deadline))
                .map(done -> prepared);
    }

    private static Sha256 repeatKey(PreparedRevocation prepared, String key) {
        String request = "revocation " + prepared.serial() + " " + prepared.reasonCode();
        return Sha256.digest(
                prepared.token().map(token -> token.key().value()).orElse(new byte[0]),
                key.getBytes(StandardCharsets.UTF_8),
                request.getBytes(StandardCharsets.UTF_8));
    }

    private Future<Void> record(RevocationLedger.Claim claim, Deadline deadline) {
        return deadline.forStore(ledger.revoke(claim, deadline)).compose(outcome -> {
            if (outcome instanceof RevocationLedger.Outcome.Revoked revoked) {
                return told(claim).compose(heard -> listed(revoked.issuer()));
            }
            if (outcome instanceof RevocationLedger.Outcome.Used used) {
                return Future.failedFuture(CaException.hidden(ErrorCode.TOKEN_USED, used.privateReason()));
            }
            if (outcome instanceof RevocationLedger.Outcome.NotOurs) {
                return Future.failedFuture(CaException.of(
                        ErrorCode.FORBIDDEN,
                        "the certificate shown was not issued by this CA: it cannot revoke itself here"));
            }
            return Future.failedFuture(CaException.of(
                    ErrorCode.ALREADY_REVOKED,
                    "certificate with serial number '" + claim.revocation().serial() + "' is already revoked"));
        });
    }

    private Future<?> told(RevocationLedger.Claim claim) {
        Optional<TokenUse> token = claim.revocation().token();
        return token.isEmpty()
                ? Future.succeededFuture()
                : replay.tell(UsedToken.of(
                        token.get().key(), token.get().expiresAt(), claim.repeatKey(), clock.instant(), random));
    }

    /** A client that looks at the list right after the answer should find it there; one that fails is made again later. */
    private Future<Void> listed(Optional<KeyId> issuer) {
        return lists.wanted(issuer)
                .timeout(LISTED.toMillis(), TimeUnit.MILLISECONDS)
                .transform(done -> {
                    if (done.failed()) {
                        LOG.atInfo()
                                .addKeyValue("reason", done.cause().getMessage())
                                .log("a revocation was answered before a list names it");
                    }
                    return Future.<Void>succeededFuture();
                });
    }
}
