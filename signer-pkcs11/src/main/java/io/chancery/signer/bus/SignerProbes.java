package io.chancery.signer.bus;

import io.chancery.cluster.bus.SignReply;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.der.Sha256;
import io.chancery.signer.key.KeyStatus;
import io.chancery.signer.key.LastSignature;
import io.chancery.signer.key.SigningKey;
import io.chancery.signer.key.SigningKeyException;
import io.chancery.signer.key.SigningProbe;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says whether a key signs, from the last signature or from a probe made to see. Used on the verticle's context alone;
 * the probe runs on an {@code hsm} thread.
 */
final class SignerProbes {
    private static final Logger LOG = LoggerFactory.getLogger(SignerProbes.class);
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(2);
    /** A token that signs and yet seems to be gone, whatever it is, signs no more probes for that than for its own. */
    private static final long DOUBT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Context context;
    private final HsmThreads threads;
    private final IssuerCertificate issuer;
    private final Supplier<Sha256> rulesHash;
    private @Nullable Future<SignReply> probing;
    private long probingSince;
    private Optional<Long> lastSuccess = Optional.empty();
    /** Any thread reads it. */
    private volatile Optional<Proof> proof = Optional.empty();

    private boolean looking;
    private Optional<Doubt> lastDoubt = Optional.empty();

    /** @param recoveries of the key by then: after one more of them the doubt was right, and it is another key now */
    private record Doubt(long since, long recoveries) {}

    /**
     * What came of a signature.
     *
     * @param recoveries of the key before it: after one more of them it is another key
     */
    private record Proof(boolean verified, long at, long recoveries, String why) {}

    SignerProbes(Context context, HsmThreads threads, IssuerCertificate issuer, Supplier<Sha256> rulesHash) {
        this.context = context;
        this.threads = threads;
        this.issuer = issuer;
        this.rulesHash = rulesHash;
    }

    /**
     * Something has just been signed.
     *
     * @param recoveries of the key by then
     */
    void signed(long recoveries) {
        long now = System.nanoTime();
        lastSuccess = Optional.of(now);
        proof = Optional.of(new Proof(true, now, recoveries, ""));
    }

    /**
     * What came of the last signature that verified, or of the last probe; empty when there was none since the key was
     * opened or brought back, which is done with a signature that verifies. Any thread; never waits.
     */
    Optional<LastSignature> last(KeyStatus status) {
        return proof.filter(last -> last.recoveries() == status.recoveries())
                .map(last -> new LastSignature(
                        last.verified(), Duration.ofNanos(System.nanoTime() - last.at()), last.why()));
    }

    /**
     * Answers {@link SignReply.State}.
     *
     * @param maxAgeMillis how old the last signature may be before a probe is made
     * @throws RejectedExecutionException when all threads and their queue are taken
     */
    Future<SignReply> ask(SigningKey key, long maxAgeMillis) {
        long now = System.nanoTime();
        boolean fresh =
                lastSuccess.isPresent() && TimeUnit.NANOSECONDS.toMillis(now - lastSuccess.get()) <= maxAgeMillis;
        if (fresh) {
            return Future.succeededFuture(state(true, ""));
        }
        Future<SignReply> running = probing;
        if (running != null) {
            // One probe at a time, or a key that hangs would fill the queue, and memory with who waits for it.
            return now - probingSince < LONGEST_NANOS
                    ? running
                    : Future.succeededFuture(state(false, "the HSM has not answered a probe"));
        }
        probingSince = now;
        long recoveries = key.status().recoveries();
        Future<SignReply> started = threads.run(context, () -> probe(key));
        probing = started;
        return started.onComplete(done -> {
            probing = null;
            if (done.succeeded() && done.result() instanceof SignReply.State state && state.canSign()) {
                signed(recoveries);
            } else {
                proof = Optional.of(new Proof(false, System.nanoTime(), recoveries, why(done)));
            }
        });
    }

    private static String why(AsyncResult<SignReply> done) {
        return done.succeeded() && done.result() instanceof SignReply.State state
                ? state.detail()
                : String.valueOf(done.cause());
    }

    /** Has a probe made when the key seems to be gone, which shows without a signature. Never fails. */
    void look(SigningKey key) {
        if (looking) {
            return;
        }
        try {
            looking = true;
            var unused = threads.run(context, key::answers).onComplete(done -> {
                looking = false;
                if (done.succeeded() && !done.result()) {
                    doubt(key);
                }
            });
        } catch (RejectedExecutionException e) {
            looking = false; // requests that wait for threads tell how it is
        }
    }

    private void doubt(SigningKey key) {
        Doubt doubt = new Doubt(System.nanoTime(), key.status().recoveries());
        if (lastDoubt
                .filter(last -> last.recoveries() == doubt.recoveries() && doubt.since() - last.since() < DOUBT_NANOS)
                .isPresent()) {
            return;
        }
        lastDoubt = Optional.of(doubt);
        lastSuccess = Optional.empty();
        try {
            var unused = ask(key, 0).onFailure(SignerProbes::unmade);
        } catch (RejectedExecutionException e) {
            lastDoubt = Optional.empty();
        }
    }

    /** A key that does not sign is an answer; this is a probe that could not say how it is. */
    static void unmade(Throwable cause) {
        LOG.atWarn().setCause(cause).log("a probe of the signer's own failed");
    }

    private SignReply probe(SigningKey key) {
        try {
            SigningProbe.run(key, issuer);
            return state(true, "");
        } catch (SigningKeyException e) {
            if (e.kind() == SigningKeyException.Kind.MISCONFIGURED) {
                key.distrust(String.valueOf(e.getMessage())); // it was the issuer's when it was opened
            }
            return state(false, String.valueOf(e.getMessage()));
        }
    }

    SignReply state(boolean canSign, String detail) {
        return new SignReply.State(canSign, issuer.hash(), rulesHash.get(), detail);
    }
}
