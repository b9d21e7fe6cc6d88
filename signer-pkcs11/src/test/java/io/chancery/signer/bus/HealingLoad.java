package io.chancery.signer.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.bus.BusAddress;
import io.chancery.cluster.bus.NodeId;
import io.chancery.cluster.bus.SignCertificate;
import io.chancery.cluster.bus.SignReply;
import io.chancery.cluster.bus.SignerCodecs;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.config.ChanceryConfig.KeyRules;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.signer.TestPki;
import io.chancery.signer.guard.TbsRecipe;
import io.chancery.signer.key.KeyStatus;
import io.chancery.signer.key.LibraryFaults;
import io.chancery.testing.Answers;
import io.chancery.testing.FaultCost;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** A signer under the load of a few clients that never rest; looks at each answer, and measures what faults cost. */
final class HealingLoad {
    static final int ROUNDS = Integer.getInteger("heal.rounds", 4);
    /** Seconds from the HSM's return to the next signature; a busy machine needs its time. */
    private static final int RECOVERY_SECONDS = Integer.getInteger("heal.recovery", 10);

    private static final int CLIENTS = 4;
    private static final int SESSIONS = 4;
    /** What SunPKCS11 keeps for later of the one key; no more signatures are under way at once, so it has no others. */
    private static final int MOST_SESSIONS = 5;

    /** Within which the signer has to answer, whatever its HSM does. */
    private static final long SEND_MILLIS = 2_000;
    /** So that an answer that comes late, or never, is seen as such, and does not look like one that says no. */
    private static final long UNANSWERED_MILLIS = 60_000;
    /** What the machine adds to the two seconds that a sender waits; where recoveries are measured, it is not busy. */
    private static final long SLACK_MILLIS = RECOVERY_SECONDS <= 2 ? 500 : 3_000;

    private static final long LONGEST_SECONDS = 100;
    /** A call that hung closes its session when it ends. */
    private static final int LOOKS = 100;

    private final Vertx vertx;
    private final IssuerCertificate issuer;
    private final SignerVerticle verticle;
    private final PublicKey leaf;
    private final Random random;
    private final AtomicInteger serials = new AtomicInteger();
    private final ConcurrentLinkedQueue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicInteger resting = new AtomicInteger();
    private final AtomicInteger signatures = new AtomicInteger();
    private final Path log;
    private volatile boolean running = true;

    private record Answer(long sent, long ended, boolean signed) {}

    /** Does something to the HSM, or ends it. */
    interface Act {
        void run() throws Exception;
    }

    private HealingLoad(Vertx vertx, IssuerCertificate issuer, SignerVerticle verticle, Path log) throws Exception {
        long seed = System.nanoTime();
        this.log = log;
        this.vertx = vertx;
        this.issuer = issuer;
        this.verticle = verticle;
        this.leaf = TestPki.ec("secp256r1").getPublic();
        this.random = new Random(seed);
        System.out.println("heal: seed " + seed);
    }

    static HealingLoad start(Vertx vertx, IssuerCertificate issuer, Path folder, KeyOpener opener) throws Exception {
        SignerSettings settings = new SignerSettings(
                issuer,
                NodeId.ALONE,
                true,
                new KeyRules(Optional.empty(), false, 0, false),
                SESSIONS,
                100,
                folder.resolve("signatures.log"),
                Duration.ofSeconds(5),
                new PublicKeys(new BouncyCastleProvider()));
        SignerCodecs.register(vertx.eventBus());
        SignerVerticle verticle = new SignerVerticle(settings, opener, () -> Instant.EPOCH);
        HealingLoad load = new HealingLoad(vertx, issuer, verticle, settings.signatureLog());
        Answers.of(vertx.deployVerticle(verticle), Duration.ofMinutes(1));
        for (int i = 0; i < CLIENTS; i++) {
            load.next();
        }
        load.await("a first signature", () -> load.answers.stream().anyMatch(Answer::signed));
        return load;
    }

    KeyStatus status() {
        return verticle.status();
    }

    int random(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    private void next() {
        if (!running) {
            int unused = resting.incrementAndGet();
            return;
        }
        long sent = System.nanoTime();
        TbsRecipe recipe = new TbsRecipe(issuer, leaf);
        recipe.serial = BigInteger.ONE.shiftLeft(90).add(BigInteger.valueOf(serials.incrementAndGet()));
        Der tbs = recipe.der();
        SignCertificate request = new SignCertificate(
                new SerialNumber(recipe.serial),
                issuer.keyId(),
                SEND_MILLIS,
                tbs,
                issuer.hash(),
                Sha256.digest(new byte[0]),
                NodeId.ALONE);
        Future<Boolean> signed = vertx.eventBus()
                .<SignReply>request(
                        BusAddress.signer(issuer.keyId(), NodeId.ALONE),
                        request,
                        new DeliveryOptions().setSendTimeout(UNANSWERED_MILLIS).setLocalOnly(true))
                .map(reply -> signed(tbs, reply.body()))
                .otherwise(failure -> {
                    wrong.add("a request got no answer of the signer: " + failure);
                    return false;
                });
        signed.onComplete(done -> {
            answers.add(new Answer(sent, System.nanoTime(), done.result()));
            long unused = vertx.setTimer(done.result() ? 1 : 10, rested -> next());
        });
    }

    private boolean signed(Der tbs, SignReply reply) {
        if (!(reply instanceof SignReply.Signed one)) {
            return false;
        }
        int unused = signatures.incrementAndGet();
        try {
            if (!TestPki.verifies(issuer, tbs, one.signature())) {
                wrong.add("a wrong signature left the signer");
            }
        } catch (java.security.GeneralSecurityException e) {
            wrong.add(e.toString());
        }
        return true;
    }

    static void pause(long millis) throws InterruptedException {
        boolean unused = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
    }

    void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end)
                    .as("waiting for %s; the key is %s", what, status())
                    .isNegative();
            pause(2);
        }
    }

    /**
     * Rounds of one fault at random moments; prints a {@link FaultCost} of them, and checks every answer.
     *
     * @param fault done to the HSM; must be felt by itself
     * @param end makes the HSM well again
     */
    void rounds(String name, int rounds, Act fault, Act end) throws Exception {
        rounds(name, rounds, () -> {}, fault, end);
    }

    /** @param before each fault; takes time that is not counted */
    void rounds(String name, int rounds, Act before, Act fault, Act end) throws Exception {
        FaultCost cost = new FaultCost(name);
        try {
            for (int i = 0; i < rounds; i++) {
                before.run();
                round(cost, fault, end);
            }
        } finally {
            System.out.println(cost.line()); // of the rounds before one that failed, too
        }
    }

    /** One of {@link #rounds}; fails before the cost knows of it. */
    void round(FaultCost cost, Act fault, Act end) throws Exception {
        pause(random(0, 200));
        answers.clear();
        KeyStatus before = status();
        long began = System.nanoTime();
        fault.run();
        await("the fault to be felt", () -> status().losses() > before.losses());
        long detected = System.nanoTime() - began;
        pause(random(0, 300));
        end.run();
        long well = System.nanoTime();
        await("a signature after the fault", () -> answers.stream().anyMatch(a -> a.signed() && a.sent() - well >= 0));
        long back = answers.stream()
                .filter(a -> a.signed() && a.sent() - well >= 0)
                .mapToLong(Answer::ended)
                .min()
                .orElseThrow();
        cost.round(detected, back - well);
        cost.requests(answers.stream().filter(a -> !a.signed()).count(), status().retried() - before.retried());
        assertThat(TimeUnit.NANOSECONDS.toMillis(back - well))
                .as("ms from the HSM's return to a signature, after: %s", cost.fault())
                .isLessThanOrEqualTo(TimeUnit.SECONDS.toMillis(RECOVERY_SECONDS));
        everyAnswerIsGood();
        await("the healing to end", () -> status().canSign());
    }

    /** Nothing wrong has left, and nobody has waited longer than a sender does. */
    private void everyAnswerIsGood() {
        assertThat(wrong).isEmpty();
        for (Answer answer : answers) {
            assertThat(TimeUnit.NANOSECONDS.toMillis(answer.ended() - answer.sent()))
                    .as("ms that a request took")
                    .isLessThanOrEqualTo(SEND_MILLIS + SLACK_MILLIS);
        }
    }

    /** Ends the load, when the last request has its answer; each signature that left stands in the signer's log. */
    void stop() throws Exception {
        running = false;
        await("the last answers", () -> resting.get() == CLIENTS);
        everyAnswerIsGood();
        try (Stream<String> lines = Files.lines(log)) {
            assertThat(lines.count()).as("logged signatures").isGreaterThanOrEqualTo(signatures.get());
        }
    }

    /** After {@link #stop()}: no thread and no session is left over, and nobody was told that a fresh process helps. */
    void mustHaveHealed(Semaphore freshProcessHelps, LibraryFaults library) throws Exception {
        assertThat(status().abandonedCalls()).as("threads left behind").isZero();
        assertThat(freshProcessHelps.availablePermits())
                .as("fresh processes asked for while the HSM was away for all")
                .isZero();
        mustHaveClosed(library, status().recoveries() + " recoveries");
    }

    /** No session is open but those of the key in use; no other key of this process may have any. */
    static void mustHaveClosed(LibraryFaults library, String after) throws Exception {
        int open = library.sessions();
        for (int looks = 0; open > MOST_SESSIONS && looks < LOOKS; looks++) {
            pause(50);
            open = library.sessions();
        }
        assertThat(open).as("sessions that are open after: %s", after).isBetween(1, MOST_SESSIONS);
    }
}
