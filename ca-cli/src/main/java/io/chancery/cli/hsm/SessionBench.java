package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.secret.Secret;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.hsm.TokenKey;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Signs as the running signer does, with more and more sessions at once. */
final class SessionBench {
    /** No certificate, CRL or OCSP response begins so: those are SEQUENCEs. */
    private static final byte[] TEXT = "chancery hsm bench: not a certificate".getBytes(StandardCharsets.US_ASCII);

    private final KeyPlace place;
    private final Secret pin;
    private final int seconds;
    private final Optional<SignatureScheme> configured;

    /** @param configured how the CA's issuer signs; the key's default without a configuration, or for another type of key */
    SessionBench(KeyPlace place, Secret pin, int seconds, Optional<SignatureScheme> configured) {
        this.configured = configured;
        this.place = place;
        this.pin = pin;
        this.seconds = seconds;
    }

    void run(List<Integer> sessions, boolean json, Surroundings surroundings)
            throws UsageException, InterruptedException {
        Pkcs11Uri uri = place.uri(surroundings);
        SignatureScheme scheme;
        long most;
        try (TokenSession session = place.open(pin, surroundings)) {
            PublicKey key = session.key(uri).publicKey();
            scheme = configured.filter(it -> it.fits(key)).orElseGet(() -> SignatureScheme.defaultFor(key));
            most = session.token().maxSessions();
        }
        // Where the URI has a PIN too, that one would be tried in place of the one that was said apart.
        TokenKey key = TokenKey.open(uri.withoutPin(), Optional.of(pin));
        JsonArray all = new JsonArray();
        for (int count : sessions) {
            if (most > 0 && count > most) {
                surroundings.err().println(count + " sessions: the token allows " + most);
                continue;
            }
            long rate = rate(key, scheme, count);
            all.add(new JsonObject().put("sessions", count).put("signaturesPerSecond", rate));
            if (!json) {
                surroundings.out().println(count + " session(s)\t" + rate + " signatures/s");
                surroundings.out().flush();
            }
        }
        if (json) {
            surroundings.out().println(all.encodePrettily());
        }
    }

    private long rate(TokenKey key, SignatureScheme scheme, int count) throws InterruptedException {
        long begin = System.nanoTime();
        long end = begin + TimeUnit.SECONDS.toNanos(seconds);
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            List<Future<Long>> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                all.add(threads.submit(() -> {
                    long signed = 0;
                    while (System.nanoTime() < end) {
                        Object unused = key.sign(scheme, TEXT);
                        signed++;
                    }
                    return signed;
                }));
            }
            long signed = 0;
            for (Future<Long> one : all) {
                signed += one.get();
            }
            return signed * TimeUnit.SECONDS.toNanos(1) / Math.max(1, System.nanoTime() - begin);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a session failed: " + e.getMessage(), e);
        } finally {
            threads.shutdownNow();
        }
    }
}
