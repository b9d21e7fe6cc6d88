package io.chancery.node.issuance;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.certificate.SignedCertificate;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.Issuance;
import io.chancery.core.issuance.PreparedIssuance;
import io.chancery.core.issuance.SignCommand;
import io.chancery.node.issuance.IssuanceLedger.Claim;
import io.chancery.node.issuance.IssuanceLedger.Reservation;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of every certificate: rules, then record, then sign, then record again, then answer. The one place where the
 * issuance protocol's outcomes are decided; called on an event loop, never waits.
 */
public final class IssuanceFlow {
    private static final Logger LOG = LoggerFactory.getLogger(IssuanceFlow.class);
    /** What a release may take when the request's own time is already over. */
    private static final Duration RELEASE = Duration.ofSeconds(2);

    private final IssuerCertificate issuer;
    private final IssuanceLedger ledger;
    private final SigningClient signers;
    private final PublicKeys keys;
    private final InstantSource clock;
    private final SecureRandom random;

    public IssuanceFlow(
            IssuerCertificate issuer,
            IssuanceLedger ledger,
            SigningClient signers,
            PublicKeys keys,
            InstantSource clock,
            SecureRandom random) {
        this.issuer = issuer;
        this.ledger = ledger;
        this.signers = signers;
        this.keys = keys;
        this.clock = clock;
        this.random = random;
    }

    /**
     * A certificate for a token.
     *
     * @param idempotencyKey the client's, when it sent one
     * @return DER of the certificate; fails with any CaException of {@link Issuance#prepare}, TOKEN_USED,
     *     STORE_UNAVAILABLE, SIGNER_UNAVAILABLE, SIGNER_REFUSED, OVERLOADED, DEADLINE_EXCEEDED, INTERNAL
     */
    public Future<Der> issue(
            Issuance rules, SignCommand command, Optional<String> idempotencyKey, String requestId, Deadline deadline) {
        PreparedIssuance prepared = rules.prepare(command, clock.instant(), serial());
        Claim claim = new Claim(prepared, idempotencyKey.map(key -> repeatKey(prepared, key)), requestId);
        return within(deadline, ledger.reserve(claim, deadline))
                .compose(reservation -> follow(reservation, prepared.certificate(), requestId, deadline));
    }

    /** The server's own certificate: recorded and signed as any other, without a token. */
    public Future<Der> issueOwn(PreparedCertificate certificate, String requestId, Deadline deadline) {
        return within(deadline, ledger.reserveOwn(certificate, requestId, deadline))
                .compose(done -> sign(certificate.serial(), certificate.tbs(), true, requestId, deadline));
    }

    /** 128 bits that nobody can guess. */
    public SerialNumber serial() {
        byte[] entropy = new byte[SerialNumber.ENTROPY_BYTES];
        random.nextBytes(entropy);
        return SerialNumber.fromEntropy(entropy);
    }

    private static Sha256 repeatKey(PreparedIssuance prepared, String key) {
        return Sha256.digest(
                prepared.token().key().value(),
                key.getBytes(StandardCharsets.UTF_8),
                prepared.csrHash().value());
    }

    private Future<Der> follow(
            Reservation reservation, PreparedCertificate certificate, String requestId, Deadline deadline) {
        if (reservation instanceof Reservation.Owned) {
            return sign(certificate.serial(), certificate.tbs(), true, requestId, deadline);
        }
        if (reservation instanceof Reservation.AlreadyIssued issued) {
            return Future.succeededFuture(issued.certificate());
        }
        if (reservation instanceof Reservation.TakenUp taken) {
            return sign(taken.serial(), taken.tbs(), false, requestId, deadline);
        }
        if (reservation instanceof Reservation.Used used) {
            return Future.failedFuture(CaException.hidden(ErrorCode.TOKEN_USED, used.privateReason()));
        }
        return Future.failedFuture(CaException.hidden(
                ErrorCode.DEADLINE_EXCEEDED, "the first request with this token is still under way"));
    }

    /** @param mayRelease whether this request reserved the row: a repeat never voids */
    private Future<Der> sign(SerialNumber serial, Der tbs, boolean mayRelease, String requestId, Deadline deadline) {
        return signers.sign(issuer, serial, tbs, deadline).compose(outcome -> {
            if (outcome instanceof SigningClient.Outcome.Signed signed) {
                return finish(serial, tbs, signed.reply().signature(), requestId, deadline);
            }
            if (outcome instanceof SigningClient.Outcome.Refused refused) {
                alarm(
                        "a signer refused what this node asked",
                        serial,
                        refused.reply().rule());
                CaException answer = CaException.hidden(
                        ErrorCode.SIGNER_REFUSED,
                        refused.reply().rule() + ": " + refused.reply().detail());
                return refused.othersMayHaveSigned() || !mayRelease
                        ? Future.failedFuture(answer)
                        : release(
                                serial, requestId, "refused: " + refused.reply().rule(), answer);
            }
            if (outcome instanceof SigningClient.Outcome.SurelyNotSigned not) {
                CaException answer = CaException.hidden(ErrorCode.SIGNER_UNAVAILABLE, not.reason());
                return mayRelease ? release(serial, requestId, not.reason(), answer) : Future.failedFuture(answer);
            }
            // May have been signed: the row stays reserved and the token used.
            return Future.failedFuture(CaException.hidden(ErrorCode.SIGNER_UNAVAILABLE, "no answer from a signer"));
        });
    }

    private Future<Der> finish(SerialNumber serial, Der tbs, Der signature, String requestId, Deadline deadline) {
        Optional<Der> certificate = SignedCertificate.assemble(issuer, tbs, signature, keys);
        if (certificate.isEmpty()) {
            alarm("a signature does not verify with the issuer's key", serial, "");
            return Future.failedFuture(CaException.hidden(ErrorCode.INTERNAL, "a signature that does not verify"));
        }
        return within(deadline, ledger.finish(serial, certificate.get(), requestId, deadline));
    }

    /** Frees the token, and answers as before whether or not that worked. */
    private Future<Der> release(SerialNumber serial, String requestId, String reason, CaException answer) {
        Deadline deadline = Deadline.in(RELEASE);
        return within(deadline, ledger.release(serial, requestId, reason, deadline))
                .transform(done -> {
                    if (done.failed()) {
                        LOG.atWarn()
                                .addKeyValue("serial", serial)
                                .log("a reservation could not be released; its token stays used");
                    }
                    return Future.failedFuture(answer);
                });
    }

    private static <T> Future<T> within(Deadline deadline, Future<T> future) {
        long millis = Math.max(1, deadline.left().toMillis());
        return future.timeout(millis, TimeUnit.MILLISECONDS)
                .recover(cause -> cause instanceof java.util.concurrent.TimeoutException
                        ? Future.failedFuture(
                                CaException.hidden(ErrorCode.STORE_UNAVAILABLE, "the store did not answer in time"))
                        : Future.failedFuture(cause));
    }

    private static void alarm(String what, SerialNumber serial, String rule) {
        LOG.atError()
                .addKeyValue("alarm", true)
                .addKeyValue("serial", serial)
                .addKeyValue("rule", rule)
                .log(what);
    }
}
