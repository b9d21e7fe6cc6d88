package io.chancery.node.issuance;

import io.chancery.cluster.replay.ReplayFilter;
import io.chancery.cluster.replay.UsedToken;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.certificate.SignedCertificate;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.PreparedIssuance;
import io.chancery.core.issuance.TokenUse;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import io.chancery.node.issuance.IssuanceLedger.Claim;
import io.chancery.node.issuance.IssuanceLedger.Reservation;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
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

    private final Supplier<Issuers> issuers;
    private final Ports ports;
    private final PublicKeys keys;
    private final InstantSource clock;
    private final SecureRandom random;

    /** @param issuers those in force at this moment */
    public IssuanceFlow(
            Supplier<Issuers> issuers, Ports ports, PublicKeys keys, InstantSource clock, SecureRandom random) {
        this.issuers = issuers;
        this.ports = ports;
        this.keys = keys;
        this.clock = clock;
        this.random = random;
    }

    /**
     * Whom the flow asks.
     *
     * @param ledger decides what is used and what is issued
     * @param replay may refuse before the ledger is asked, and is told what is used for good
     * @param forbidden why no client may have a certificate at this moment; answered without waiting
     */
    public record Ports(
            IssuanceLedger ledger,
            ReplayFilter replay,
            SigningClient signers,
            Supplier<Optional<CaException>> forbidden) {}

    /** The rules over one request, whatever it is granted by; called once, on the caller's thread. */
    @FunctionalInterface
    public interface Preparation {
        /**
         * Checks the request and fixes every byte to be signed.
         *
         * @param serial to be used for this certificate alone
         */
        PreparedIssuance prepare(Instant now, SerialNumber serial);
    }

    /**
     * A certificate for a token, or for another certificate that is to be renewed.
     *
     * @param idempotencyKey the client's, when it sent one
     * @return DER of the certificate; fails with any CaException of the rules, TOKEN_USED, RENEWAL_REFUSED (revoked),
     *     STORE_UNAVAILABLE, SIGNER_UNAVAILABLE, SIGNER_REFUSED, OVERLOADED, DEADLINE_EXCEEDED, INTERNAL
     */
    public Future<Der> issue(Preparation rules, Optional<String> idempotencyKey, String requestId, Deadline deadline) {
        Claim claim = claim(rules.prepare(clock.instant(), serial()), idempotencyKey, requestId);
        return claim.use().isEmpty()
                ? reserve(claim, deadline)
                : ask(claim.use().get().key(), claim.repeatKey()).compose(fresh -> reserve(claim, deadline));
    }

    /** The same of what is prepared already, for those who have asked about a token by {@link #notKnownAsUsed}. */
    public Future<Der> issueNotKnownAsUsed(
            PreparedIssuance prepared, Optional<String> idempotencyKey, String requestId, Deadline deadline) {
        return reserve(claim(prepared, idempotencyKey, requestId), deadline);
    }

    private Claim claim(PreparedIssuance prepared, Optional<String> idempotencyKey, String requestId) {
        return new Claim(prepared, idempotencyKey.map(key -> repeatKey(prepared, key)), requestId, clock.instant());
    }

    /**
     * Name of the provisioner that a certificate was recorded with; empty when the store does not know it. Fails with
     * STORE_UNAVAILABLE, OVERLOADED, DEADLINE_EXCEEDED.
     */
    public Future<Optional<String>> recordedProvisioner(SerialNumber serial, Deadline deadline) {
        return deadline.forStore(ports.ledger().recordedProvisioner(serial, deadline));
    }

    /** The server's own certificate: recorded and signed as any other, without a token. */
    public Future<Der> issueOwn(PreparedCertificate certificate, String requestId, Deadline deadline) {
        return deadline.forStore(ports.ledger().reserveOwn(certificate, requestId, deadline))
                .compose(done -> sign(new Row(certificate, true, Optional.empty(), requestId, deadline)));
    }

    /** The moment that rules are held to. */
    public Instant now() {
        return clock.instant();
    }

    /** 128 bits that nobody can guess. */
    public SerialNumber serial() {
        byte[] entropy = new byte[SerialNumber.ENTROPY_BYTES];
        random.nextBytes(entropy);
        return SerialNumber.fromEntropy(entropy);
    }

    /**
     * Fails with TOKEN_USED when the grid remembers that the token was used, and not by this request itself. To be asked as
     * soon as the token is verified: a replay need be no more work, and nobody asked about it. What the grid misses the
     * store knows.
     *
     * @param token empty where none is used up
     * @param requestHash as {@link PreparedIssuance#requestHash} will have it
     */
    public Future<Void> notKnownAsUsed(Optional<TokenUse> token, Sha256 requestHash, Optional<String> idempotencyKey) {
        if (token.isEmpty()) {
            return Future.succeededFuture();
        }
        Sha256 used = token.get().key();
        return ask(used, idempotencyKey.map(key -> repeatKey(used.value(), key, requestHash)));
    }

    private Future<Void> ask(Sha256 tokenKey, Optional<Sha256> repeatKey) {
        return ports.replay()
                .ask(tokenKey, repeatKey)
                .compose(answer -> answer.refuses()
                        ? Future.failedFuture(CaException.hidden(ErrorCode.TOKEN_USED, "the grid remembers its use"))
                        : Future.succeededFuture());
    }

    private static Sha256 repeatKey(PreparedIssuance prepared, String key) {
        byte[] entitled = prepared.grant()
                .token()
                .map(token -> token.key().value())
                // Nothing here is used once: the key itself, with what is renewed, makes the request known again.
                .orElseGet(() -> ("renewal " + prepared.grant().renews()).getBytes(StandardCharsets.UTF_8));
        return repeatKey(entitled, key, prepared.requestHash());
    }

    private static Sha256 repeatKey(byte[] entitled, String key, Sha256 requestHash) {
        return Sha256.digest(entitled, key.getBytes(StandardCharsets.UTF_8), requestHash.value());
    }

    private Future<Der> reserve(Claim claim, Deadline deadline) {
        Optional<CaException> forbidden = ports.forbidden().get();
        if (forbidden.isPresent()) {
            return Future.failedFuture(forbidden.get());
        }
        return deadline.forStore(ports.ledger().reserve(claim, deadline))
                .compose(reservation -> follow(reservation, claim, deadline));
    }

    private Future<Der> follow(Reservation reservation, Claim claim, Deadline deadline) {
        if (reservation instanceof Reservation.Owned) {
            Optional<UsedToken> token = used(claim, claim.repeatKey());
            return sign(new Row(claim.issuance().certificate(), true, token, claim.requestId(), deadline));
        }
        if (reservation instanceof Reservation.AlreadyIssued issued) {
            return Future.succeededFuture(issued.certificate());
        }
        if (reservation instanceof Reservation.TakenUp taken) {
            return takenUp(taken, claim, deadline);
        }
        if (reservation instanceof Reservation.Used used) {
            // A replay that the grid did not know of: the next one need not come as far as this.
            return told(
                    used.spent().flatMap(spent -> used(claim, spent.repeatKey())),
                    Future.failedFuture(CaException.hidden(ErrorCode.TOKEN_USED, used.privateReason())));
        }
        if (reservation instanceof Reservation.Revoked) {
            return Future.failedFuture(
                    CaException.hidden(ErrorCode.RENEWAL_REFUSED, "the certificate to be renewed is revoked"));
        }
        return Future.failedFuture(CaException.hidden(
                ErrorCode.DEADLINE_EXCEEDED, "the first request with this token is still under way"));
    }

    /** Another node may have recorded it, which knows an issuer that this one does not know yet. */
    private Future<Der> takenUp(Reservation.TakenUp taken, Claim claim, Deadline deadline) {
        Optional<Issuer> issuer = issuers.get().ofRecorded(taken.tbs());
        return issuer.isEmpty()
                ? Future.failedFuture(CaException.hidden(
                        ErrorCode.SIGNER_UNAVAILABLE, "what was recorded names an issuer that is not known here"))
                : sign(new Row(
                        taken.serial(),
                        issuer.get().certificate(),
                        taken.tbs(),
                        false,
                        used(claim, claim.repeatKey()),
                        claim.requestId(),
                        deadline));
    }

    private Optional<UsedToken> used(Claim claim, Optional<Sha256> repeatKey) {
        return claim.use()
                .map(token -> UsedToken.of(token.key(), token.expiresAt(), repeatKey, clock.instant(), random));
    }

    /** The answer, when the grid has heard of the token or some milliseconds are over. */
    private Future<Der> told(Optional<UsedToken> token, Future<Der> answer) {
        return token.isEmpty() ? answer : ports.replay().tell(token.get()).compose(heard -> answer);
    }

    private Future<Der> sign(Row row) {
        return ports.signers()
                .sign(row.issuer(), row.serial(), row.tbs(), row.deadline())
                .compose(outcome -> {
                    if (outcome instanceof SigningClient.Outcome.Signed signed) {
                        return finish(row, signed.reply().signature());
                    }
                    if (outcome instanceof SigningClient.Outcome.Refused refused) {
                        return refused(row, refused);
                    }
                    if (outcome instanceof SigningClient.Outcome.SurelyNotSigned not) {
                        CaException answer = CaException.hidden(ErrorCode.SIGNER_UNAVAILABLE, not.reason());
                        return row.mayRelease() ? release(row, not.reason(), answer) : stays(row, answer);
                    }
                    return stays(row, CaException.hidden(ErrorCode.SIGNER_UNAVAILABLE, "no answer from a signer"));
                });
    }

    private Future<Der> refused(Row row, SigningClient.Outcome.Refused refused) {
        String rule = refused.reply().rule();
        alarm("a signer refused what this node asked", row.serial(), rule);
        CaException answer = CaException.hidden(
                ErrorCode.SIGNER_REFUSED, rule + ": " + refused.reply().detail());
        return refused.othersMayHaveSigned() || !row.mayRelease()
                ? stays(row, answer)
                : release(row, "refused: " + rule, answer);
    }

    /** It may have been signed: the row stays reserved, the token used, and no other node need ask the store. */
    private Future<Der> stays(Row row, Throwable answer) {
        return told(row.token(), Future.failedFuture(answer));
    }

    private Future<Der> finish(Row row, Der signature) {
        Optional<Der> certificate = SignedCertificate.assemble(row.issuer(), row.tbs(), signature, keys);
        if (certificate.isEmpty()) {
            alarm("a signature does not verify with the issuer's key", row.serial(), "");
            return stays(row, CaException.hidden(ErrorCode.INTERNAL, "a signature that does not verify"));
        }
        return row.deadline()
                .forStore(ports.ledger().finish(row.serial(), certificate.get(), row.requestId(), row.deadline()))
                // Whether or not the store has noted it: the row is this request's, and nobody releases it any more.
                .transform(done -> told(
                        row.token(),
                        done.succeeded() ? Future.succeededFuture(done.result()) : Future.failedFuture(done.cause())));
    }

    /**
     * Frees the token, and answers as before whether or not that worked. The grid is not told when it did not: the store
     * may have freed it all the same.
     */
    private Future<Der> release(Row row, String reason, CaException answer) {
        Deadline deadline = Deadline.in(RELEASE);
        return deadline.forStore(ports.ledger().release(row.serial(), row.requestId(), reason, deadline))
                .transform(done -> {
                    if (done.failed()) {
                        LOG.atWarn()
                                .addKeyValue("serial", row.serial())
                                .log("a reservation could not be released; its token stays used");
                    }
                    return Future.failedFuture(answer);
                });
    }

    private static void alarm(String what, SerialNumber serial, String rule) {
        LOG.atError()
                .addKeyValue("alarm", true)
                .addKeyValue("serial", serial)
                .addKeyValue("rule", rule)
                .log(what);
    }

    /**
     * A certificate's row that waits for its signature.
     *
     * @param issuer whose key is to sign
     * @param mayRelease whether this request reserved it: a repeat never voids
     * @param token as the grid is to remember it; empty for the server's own certificate
     */
    private record Row(
            SerialNumber serial,
            IssuerCertificate issuer,
            Der tbs,
            boolean mayRelease,
            Optional<UsedToken> token,
            String requestId,
            Deadline deadline) {
        Row(
                PreparedCertificate prepared,
                boolean mayRelease,
                Optional<UsedToken> token,
                String requestId,
                Deadline deadline) {
            this(prepared.serial(), prepared.issuer(), prepared.tbs(), mayRelease, token, requestId, deadline);
        }
    }
}
