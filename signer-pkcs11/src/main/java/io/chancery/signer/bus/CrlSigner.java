package io.chancery.signer.bus;

import io.chancery.cluster.bus.SignCrl;
import io.chancery.cluster.bus.SignReply;
import io.chancery.core.crl.TbsCrl;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.signer.guard.CrlGuard;
import io.chancery.signer.guard.SigningRule;
import io.chancery.signer.key.SigningKeyException;
import java.math.BigInteger;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One list of revoked certificates on an {@code hsm} thread: rules, numbers, signature, log line, in this order. Numbers
 * only rise for as long as the process lives; the store sees to that beyond. Blocks.
 */
final class CrlSigner {
    private final CrlGuard guard;
    private final Supplier<Sha256> rulesHash;
    private final SignatureLog log;
    private final InstantSource clock;
    private BigInteger highest = BigInteger.valueOf(-1);
    private Optional<Sha256> tbsOfHighest = Optional.empty();

    CrlSigner(CrlGuard guard, Supplier<Sha256> rulesHash, SignatureLog log, InstantSource clock) {
        this.guard = guard;
        this.rulesHash = rulesHash;
        this.log = log;
        this.clock = clock;
    }

    /**
     * Answers a value for all that is expected; an exception means that something may have been signed.
     *
     * @param arrived when the message did, by {@link System#nanoTime()}
     */
    SignReply sign(ProvenKey key, SignCrl request, long arrived) {
        TimeLeft time = TimeLeft.of(arrived, System.nanoTime(), request.millisLeft());
        if (time.tooLate().isPresent()) {
            return time.tooLate().get();
        }
        Instant now = clock.instant();
        byte[] tbs = request.tbs().bytes();
        Optional<SignReply.Refused> refused = guard.check(request.number(), tbs, now);
        if (refused.isPresent()) {
            return refused.get();
        }
        Sha256 hash = Sha256.digest(tbs);
        Optional<BigInteger> taken = claim(request.number(), hash);
        if (taken.isPresent()) {
            return new SignReply.Refused(
                    SigningRule.CRL_NUMBER.text(),
                    "not higher than the last one that was taken up here, " + taken.get());
        }
        Der signature;
        try {
            signature = key.sign(TbsCrl.schemeOf(tbs), request.tbs(), time.left());
        } catch (SigningKeyException e) {
            return CertificateSigner.unsigned(e);
        }
        log.appendList(now, request.number(), hash, request.callerNode());
        return new SignReply.Signed(signature, rulesHash.get());
    }

    /** Binds the number to the bytes before they are signed; the number that is in its way when they must not be. */
    private synchronized Optional<BigInteger> claim(BigInteger number, Sha256 tbs) {
        if (number.compareTo(highest) > 0) {
            highest = number;
            tbsOfHighest = Optional.of(tbs);
        }
        boolean claimed =
                number.equals(highest) && tbsOfHighest.filter(tbs::equals).isPresent();
        return claimed ? Optional.empty() : Optional.of(highest);
    }
}
