package io.chancery.node.revocation;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.crl.CrlEntries;
import io.chancery.core.crl.PreparedCrl;
import io.chancery.core.crl.SignedCrl;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.issuance.SigningClient;
import io.chancery.node.revocation.CrlLedger.Build;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one list: reads what is revoked, has it signed, verifies it, and publishes it. Whatever fails on the way leaves
 * the last good one in force. Each step at the store takes some milliseconds, and what is long is done on worker threads.
 */
final class CrlBuilder {
    private static final Logger LOG = LoggerFactory.getLogger(CrlBuilder.class);
    /** Octets of a list that go into the store, or come out of it, at once. */
    static final int PART = 128 * 1024;

    private static final Duration STEP = Duration.ofSeconds(10);
    /** Well below what a process may take for one step before another takes over. */
    private static final Duration SIGNING = Duration.ofSeconds(20);

    private final Vertx vertx;
    private final CrlLedger ledger;
    private final SigningClient signers;
    private final IssuerCertificate issuer;
    private final PublicKeys keys;

    CrlBuilder(Vertx vertx, CrlLedger ledger, SigningClient signers, IssuerCertificate issuer, PublicKeys keys) {
        this.vertx = vertx;
        this.ledger = ledger;
        this.signers = signers;
        this.issuer = issuer;
        this.keys = keys;
    }

    /**
     * Empty when another process is at it; fails when there is no new list.
     *
     * @param above the list's number will be higher
     */
    Future<Optional<CrlShelf.Listed>> run(CrlSettings settings, BigInteger above) {
        return ledger.begin(issuer.keyId(), above, Deadline.in(STEP))
                .compose(begun -> begun.isEmpty()
                        ? Future.succeededFuture(Optional.empty())
                        : run(begun.get(), settings)
                                .map(Optional::of)
                                .recover(cause -> ledger.giveUp(begun.get(), Deadline.in(STEP))
                                        .transform(left -> Future.failedFuture(cause))));
    }

    private Future<CrlShelf.Listed> run(Build build, CrlSettings settings) {
        Instant now = build.now().truncatedTo(ChronoUnit.SECONDS);
        PreparedCrl.Validity validity = new PreparedCrl.Validity(now, settings.end(now));
        CrlEntries entries = new CrlEntries();
        return gather(build, entries, 0)
                .compose(last -> working(() -> PreparedCrl.prepare(
                                issuer, build.number(), validity, entries, settings.distributionPoint()))
                        .compose(plan -> signed(plan)
                                .compose(der -> publish(build, plan, der, Math.max(last, build.revocations())))));
    }

    /** Answers the place of the last entry. */
    private Future<Long> gather(Build build, CrlEntries entries, long after) {
        return ledger.entries(build, after, Deadline.in(STEP))
                .compose(page -> page.isEmpty()
                        ? Future.succeededFuture(after)
                        : working(() -> add(entries, page)).compose(last -> gather(build, entries, last)));
    }

    private static long add(CrlEntries entries, List<CrlLedger.Entry> page) {
        for (CrlLedger.Entry each : page) {
            entries.add(each.serial(), each.revokedAt(), each.reasonCode());
        }
        return page.get(page.size() - 1).place();
    }

    private Future<Der> signed(PreparedCrl plan) {
        return signers.signList(issuer, plan.number(), plan.tbs(), Deadline.in(SIGNING))
                .compose(outcome -> {
                    if (outcome instanceof SigningClient.Outcome.Signed signed) {
                        return working(() ->
                                SignedCrl.assemble(issuer, plan, signed.reply().signature(), keys));
                    }
                    return Future.failedFuture(CaException.hidden(ErrorCode.SIGNER_UNAVAILABLE, reason(outcome)));
                });
    }

    private static String reason(SigningClient.Outcome outcome) {
        if (outcome instanceof SigningClient.Outcome.Refused refused) {
            return "a signer refused the list: " + refused.reply().rule() + ": "
                    + refused.reply().detail();
        }
        return outcome instanceof SigningClient.Outcome.SurelyNotSigned not ? not.reason() : "no answer from a signer";
    }

    private Future<CrlShelf.Listed> publish(Build build, PreparedCrl plan, Der der, long covered) {
        int parts = (der.length() + PART - 1) / PART;
        return put(build, der.bytes(), 0)
                .compose(put -> ledger.publish(build, plan, parts, covered, Deadline.in(STEP)))
                .compose(published ->
                        working(() -> CrlShelf.listed(plan.number(), plan.thisUpdate(), plan.nextUpdate(), der)))
                .onSuccess(listed -> drop(plan.thisUpdate(), covered));
    }

    private Future<Void> put(Build build, byte[] der, int part) {
        int start = part * PART;
        if (start >= der.length) {
            return Future.succeededFuture();
        }
        Der octets = Der.of(Arrays.copyOfRange(der, start, Math.min(der.length, start + PART)));
        return ledger.put(build, part, octets, Deadline.in(STEP)).compose(done -> put(build, der, part + 1));
    }

    /** Nobody waits for it, and what it leaves the next list drops. */
    private void drop(Instant listed, long covered) {
        Future<Integer> unused = ledger.drop(issuer.keyId(), listed, covered, Deadline.in(STEP))
                .onSuccess(some -> {
                    if (some > 0) {
                        drop(listed, covered);
                    }
                })
                .onFailure(cause -> LOG.atInfo()
                        .addKeyValue("reason", cause.getMessage())
                        .log("what only older lists of revoked certificates needed is dropped after the next list"));
    }

    private <T> Future<T> working(java.util.concurrent.Callable<T> work) {
        return vertx.executeBlocking(work, false);
    }
}
