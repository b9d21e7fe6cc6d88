package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kill -9 at random moments under load: no certificate that a client holds is lost, no token buys two. The number of
 * rounds is the system property {@code kill.rounds}.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class KillNineIT {
    private static final int CLIENTS = 16;
    private static final int LEAST_IN_FLIGHT = 8;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /** token → the certificate that its client holds */
    private final Map<String, String> held = new ConcurrentHashMap<>();

    private final List<String> sent = java.util.Collections.synchronizedList(new ArrayList<>());

    @Test
    void what_clients_hold_is_in_the_store_and_no_token_buys_twice() throws Exception {
        int rounds = Integer.getInteger("kill.rounds", 10);
        long seed = Long.getLong("kill.seed", System.nanoTime());
        Random random = new Random(seed);
        System.out.println("kill -9: " + rounds + " rounds, seed " + seed);
        StepPki pki = StepPki.init(folder);
        int counted = 0;
        for (int attempt = 0; counted < rounds; attempt++) {
            assertThat(attempt).as("attempts for %d rounds", rounds).isLessThan(rounds * 3);
            if (round(pki, random)) {
                counted++;
            }
        }
        try (ChanceryProcess last = pki.start()) {
            last.awaitReady();
            everythingHeldIsStored(pki);
            assertThat(StoreRows.boughtTwice(pki.database())).isEmpty();
            usedTokensStayUsed(pki);
        }
        assertThat(StoreRows.boughtTwice(pki.database())).isEmpty();
    }

    /** One life of the process; whether enough was in flight when it was killed. */
    private boolean round(StepPki pki, Random random) throws Exception {
        ChanceryProcess ca = pki.start();
        ca.awaitReady();
        ApiClient api = ApiClient.of(pki);
        String csr = api.csr("kill.example");
        int before = held.size();
        int target = 20 + random.nextInt(180);
        AtomicInteger inFlight = new AtomicInteger();
        CountDownLatch reached = new CountDownLatch(target);
        Semaphore clients = new Semaphore(CLIENTS);
        List<CompletableFuture<?>> requests = java.util.Collections.synchronizedList(new ArrayList<>());
        Thread load = new Thread(
                () -> {
                    try {
                        while (ca.isAlive()) {
                            clients.acquire();
                            String token = api.token("kill.example");
                            sent.add(token);
                            inFlight.incrementAndGet();
                            requests.add(api.sign(csr, token, Map.of()).handle((answer, failure) -> {
                                inFlight.decrementAndGet();
                                if (answer != null && answer.status() == 201) {
                                    held.put(token, answer.member("crt"));
                                    reached.countDown();
                                }
                                clients.release();
                                return answer;
                            }));
                        }
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                "load");
        load.start();
        assertThat(reached.await(60, TimeUnit.SECONDS))
                .as("the load gets certificates")
                .isTrue();
        int flying = inFlight.get();
        ca.kill();
        load.join();
        CompletableFuture.allOf(requests.toArray(CompletableFuture[]::new)).join();
        System.out.printf(
                Locale.ROOT,
                "kill -9 after %d answers of this life, %d in flight; rows now: %s%n",
                held.size() - before,
                flying,
                StoreRows.states(pki.database()));
        return flying >= LEAST_IN_FLIGHT;
    }

    private void everythingHeldIsStored(StepPki pki) throws Exception {
        Map<String, String> issued = StoreRows.issued(pki.database());
        for (String pem : held.values()) {
            X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
            assertThat(issued.get(certificate.getSerialNumber().toString()))
                    .as("certificate %s, held by a client", certificate.getSerialNumber())
                    .isEqualTo(HexFormat.of().withUpperCase().formatHex(certificate.getEncoded()));
        }
        System.out.println("kill -9: " + held.size() + " certificates held, " + issued.size() + " issued in the store");
    }

    /** Every token that any client got a certificate for is refused; of the others, each buys one at most. */
    private void usedTokensStayUsed(StepPki pki) throws Exception {
        ApiClient api = ApiClient.of(pki);
        String csr = api.csr("kill.example");
        for (String token : held.keySet().stream().limit(200).toList()) {
            assertThat(api.sign(csr, token).status()).isEqualTo(401);
        }
        List<String> unanswered =
                sent.stream().filter(token -> !held.containsKey(token)).toList();
        for (String token : unanswered) {
            int first = api.sign(csr, token).status();
            assertThat(first).isIn(201, 401);
            assertThat(api.sign(csr, token).status()).isEqualTo(401);
        }
    }
}
