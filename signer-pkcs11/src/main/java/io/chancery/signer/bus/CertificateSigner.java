package io.chancery.signer.bus;

import io.chancery.cluster.bus.SignCertificate;
import io.chancery.cluster.bus.SignReply;
import io.chancery.core.certificate.SignedCertificate;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.signer.guard.SigningGuard;
import io.chancery.signer.guard.SigningRule;
import io.chancery.signer.key.SigningKeyException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** One request on an {@code hsm} thread: time left, rules, memory, signature and its proof, log line, in this order. Blocks. */
final class CertificateSigner {
    private final Supplier<SigningGuard> guards;
    private final SignedSerials serials;
    private final SignatureLog log;
    private final InstantSource clock;
    private final LongSupplier nanoTime;

    CertificateSigner(
            Supplier<SigningGuard> guards,
            SignedSerials serials,
            SignatureLog log,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.guards = guards;
        this.serials = serials;
        this.log = log;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /**
     * Answers a value for all that is expected. An exception (the log cannot be written, a fault of ours) means that
     * something may have been signed, and must reach the sender as a failure, never as Declined.
     *
     * @param arrived when the message did, by the same monotonic clock
     */
    SignReply sign(ProvenKey key, SignCertificate request, long arrived) {
        TimeLeft time = TimeLeft.of(arrived, nanoTime.getAsLong(), request.millisLeft());
        if (time.tooLate().isPresent()) {
            return time.tooLate().get();
        }
        SigningGuard guard = guards.get();
        Optional<SignReply.Refused> refused = guard.check(request.serial(), request.tbs());
        if (refused.isPresent()) {
            return refused.get();
        }
        Sha256 hash = Sha256.digest(request.tbs().bytes());
        SignedSerials.Known known = serials.claim(request.serial(), hash);
        if (known instanceof SignedSerials.Known.OtherBytes) {
            return new SignReply.Refused("serial-reused", "other bytes were taken up under serial " + request.serial());
        }
        if (known instanceof SignedSerials.Known.SignedBefore before) {
            return new SignReply.Signed(before.signature(), guard.rulesHash());
        }
        return signNew(key, request, time.left(), new Bound(hash, guard));
    }

    private record Bound(Sha256 tbs, SigningGuard guard) {}

    private SignReply signNew(ProvenKey key, SignCertificate request, Duration left, Bound bound) {
        Der signature;
        try {
            signature = key.sign(SignedCertificate.schemeOf(request.tbs()), request.tbs(), left);
        } catch (SigningKeyException e) {
            // Even if the token did sign, the signature has left this signer for nobody: surely not signed.
            return unsigned(e);
        }
        log.append(clock.instant(), request.serial(), bound.tbs(), request.callerNode());
        serials.signed(request.serial(), bound.tbs(), signature);
        return new SignReply.Signed(signature, bound.guard().rulesHash());
    }

    /** A key that is well and cannot sign so is not away: other signers have the same, and an operator has to hear of it. */
    static SignReply unsigned(SigningKeyException e) {
        String why = String.valueOf(e.getMessage());
        return e.kind() == SigningKeyException.Kind.MISCONFIGURED
                ? new SignReply.Refused(SigningRule.ALGORITHM.text(), why)
                : new SignReply.Declined(SignReply.Reason.HEALING, why);
    }
}
