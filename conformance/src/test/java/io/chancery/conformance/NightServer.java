package io.chancery.conformance;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.softhsm.P11KitServer;
import io.chancery.softhsm.Pkcs11Shim;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Chancery or step-ca with its key on a SoftHSM token of its own, behind a library that misbehaves on command. One thread. */
final class NightServer implements AutoCloseable {
    static final String CHANCERY = "chancery";
    private static final String NAME = "night.example";
    /** Longer than either server's own limit would be a poor answer; a request without an answer by then counts as none. */
    private static final long ANSWER_SECONDS = 8;

    private static final int NO_ANSWER = 0;
    private static final long START_SECONDS = 120;

    private final String name;
    private final StepPki pki;
    private final Starter starter;
    private final ApiClient api;
    private final Pkcs11Shim shim;
    private Optional<P11KitServer> p11Kit = Optional.empty();
    private Optional<Running> running = Optional.empty();

    private interface Starter {
        Running start(StepPki pki) throws Exception;
    }

    private interface Running {
        void kill() throws InterruptedException;
    }

    private NightServer(String name, Path folder, Starter starter) throws Exception {
        this.name = name;
        this.pki = TokenPki.init(Files.createDirectories(folder.resolve(name)));
        this.starter = starter;
        this.api = ApiClient.of(pki);
        this.shim = Pkcs11Shim.around(TokenPki.library());
    }

    static NightServer chancery(Path folder) throws Exception {
        return new NightServer(CHANCERY, folder, pki -> {
            ChanceryProcess process = pki.start();
            String unused = process.awaitReady();
            return process::kill;
        });
    }

    static NightServer stepCa(Path folder) throws Exception {
        return new NightServer("step-ca", folder, pki -> {
            StepCaPeer peer = StepCaPeer.start(pki.folder().resolve("step"), pki.password(), pki.environment());
            return peer::kill;
        });
    }

    /** Its library is the shim from its next start on. */
    void behindTheShim() throws Exception {
        uses(shim.modulePath());
    }

    /** As above, p11-kit's client, with a server of p11-kit before the token. */
    void behindP11Kit() throws Exception {
        String address = "unix:path=" + pki.file("s"); // a socket's path is short
        p11Kit = Optional.of(P11KitServer.start("issuing", pki.environment(), TokenPki.library(), address));
        pki.environment("P11_KIT_SERVER_ADDRESS", address);
        uses(P11KitServer.clientLibrary());
    }

    private void uses(Path library) throws Exception {
        Map<String, Object> ca = JSONObjectUtils.parse(StepPki.text(pki.caJson()));
        Map<String, Object> kms = new HashMap<>(JSONObjectUtils.getJSONObject(ca, "kms"));
        kms.put("uri", String.valueOf(kms.get("uri")).replace(TokenPki.library().toString(), library.toString()));
        ca.put("kms", kms);
        Files.writeString(pki.caJson(), JSONObjectUtils.toJSONString(ca), StandardCharsets.UTF_8);
    }

    String name() {
        return name;
    }

    Pkcs11Shim shim() {
        return shim;
    }

    P11KitServer p11Kit() {
        return p11Kit.orElseThrow();
    }

    Path tokens() {
        return TokenPki.tokens(pki);
    }

    Path pinFile() {
        return TokenPki.pinFile(pki);
    }

    void changePin(String next) throws Exception {
        Commands.run(
                        pki.folder(),
                        pki.environment(),
                        "pkcs11-tool",
                        "--module",
                        TokenPki.library().toString(),
                        "--token-label",
                        "issuing",
                        "--login",
                        "--pin",
                        StepPki.text(pinFile()).strip(),
                        "--change-pin",
                        "--new-pin",
                        next)
                .succeeded();
    }

    void kill() throws InterruptedException {
        if (running.isPresent()) {
            running.get().kill();
        }
        running = Optional.empty();
    }

    /** Ends it if it runs, and starts it; answers the milliseconds until it has issued. */
    long startAndIssue() throws Exception {
        kill();
        long began = System.nanoTime();
        running = Optional.of(starter.start(pki));
        if (issuesWithin(Duration.ofSeconds(START_SECONDS)).isEmpty()) {
            throw new AssertionError(name + " was started again and does not issue");
        }
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    }

    /** Milliseconds until it issues, or empty when it does not within this time. */
    OptionalLong issuesWithin(Duration longest) throws Exception {
        long began = System.nanoTime();
        do {
            if (ask() == 201) {
                return OptionalLong.of(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
            }
        } while (System.nanoTime() - began < longest.toNanos());
        return OptionalLong.empty();
    }

    /** What it answers in this time, each status with how often; one request after the other. */
    Map<String, Integer> answersDuring(Duration time) throws Exception {
        Map<String, Integer> answers = new TreeMap<>();
        long began = System.nanoTime();
        do {
            int status = ask();
            Integer unused = answers.merge(status == NO_ANSWER ? "none" : String.valueOf(status), 1, Integer::sum);
        } while (System.nanoTime() - began < time.toNanos());
        return answers;
    }

    private int ask() throws Exception {
        // step-ca refuses tokens that are older than its process, to the second.
        String token = api.token(NAME, Duration.ofSeconds(1));
        int status;
        try {
            status = api.sign(api.csr(NAME), token, Map.of())
                    .get(ANSWER_SECONDS, TimeUnit.SECONDS)
                    .status();
        } catch (TimeoutException | ExecutionException e) {
            status = NO_ANSWER;
        }
        if (status != 201) {
            boolean unused = new CountDownLatch(1).await(50, TimeUnit.MILLISECONDS);
        }
        return status;
    }

    @Override
    public void close() throws Exception {
        kill();
        if (p11Kit.isPresent()) {
            p11Kit.get().close();
        }
        shim.close();
    }
}
