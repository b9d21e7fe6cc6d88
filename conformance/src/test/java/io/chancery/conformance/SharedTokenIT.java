package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.conformance.ApiClient.Answer;
import io.chancery.softhsm.Pkcs11Shim;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes with signers, one of them with the API, whose keys are on one token that locks after three wrong PINs. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class SharedTokenIT {
    private static final String NAME = "shared.example";
    private static final int RESTARTS = Integer.getInteger("heal.restarts", 20);
    private static final int REPLACEMENTS = Integer.getInteger("heal.replacements", 20);
    private static final int FRESH_FOR_HSM = 4;
    private static final long DEVICE_ERROR = 0x30;
    private static final long PIN_INCORRECT = 0xA0;
    private static final int REPLACED_SECONDS = 15;

    private StepPki pki;
    private Pkcs11Shim shim;
    private String library;
    private ClusterPki cluster;
    private ChanceryProcess api;
    private ChanceryProcess signer;
    private ChanceryProcess third;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        pki = TokenPki.init(folder);
        Map<String, Object> ca = JSONObjectUtils.parse(StepPki.text(pki.caJson()));
        Map<String, Object> kms = new HashMap<>(JSONObjectUtils.getJSONObject(ca, "kms"));
        String uri = String.valueOf(kms.get("uri"));
        library = uri.substring("pkcs11:module-path=".length(), uri.indexOf(';'));
        shim = Pkcs11Shim.around(Path.of(library));
        shim.lockAfter(3);
        kms.put("uri", uri.replace(library, shim.modulePath().toString()));
        ca.put("kms", kms);
        Files.writeString(pki.caJson(), JSONObjectUtils.toJSONString(ca), StandardCharsets.UTF_8);
        cluster = ClusterPki.make(pki, "cluster", Map.of());
        signer = cluster.startReady("signer");
        third = startThird();
        api = cluster.start("api", "all");
        api.awaitReady();
    }

    private ChanceryProcess startThird() throws Exception {
        ChanceryProcess process = cluster.start("third", "signer");
        String unused = process.awaitReady();
        return process;
    }

    @AfterAll
    void end() throws Exception {
        if (cluster != null) {
            cluster.close();
        }
        shim.close();
    }

    private Answer issue() throws Exception {
        ApiClient client = ApiClient.of(pki);
        return client.sign(client.csr(NAME), client.token(NAME));
    }

    private long wrongLogins() throws Exception {
        return shim.logins().stream()
                .filter(login -> login.returned() == PIN_INCORRECT)
                .count();
    }

    private static long millisSince(long began) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    }

    /** The most that any one process has had. */
    private long wrongLoginsOfOne() throws Exception {
        return shim.logins().stream()
                .filter(login -> login.returned() == PIN_INCORRECT)
                .collect(Collectors.groupingBy(Pkcs11Shim.Login::process, Collectors.counting()))
                .values()
                .stream()
                .max(Long::compare)
                .orElse(0L);
    }

    private void awaitIssued() throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        Answer last;
        do {
            last = issue();
        } while (last.status() != 201 && System.nanoTime() - end < 0);
        assertThat(last.status()).as(last.body()).isEqualTo(201);
    }

    @Test
    void an_HSM_that_works_for_all_but_one_signer_has_that_one_replaced_while_the_others_serve() throws Exception {
        long slowest = 0;
        for (int round = 1; round <= REPLACEMENTS; round++) {
            awaitIssued();
            long took = replaceThird();
            assertThat(took).as("round %d", round).isLessThanOrEqualTo(TimeUnit.SECONDS.toMillis(REPLACED_SECONDS));
            assertThat(issue().status()).isEqualTo(201);
            slowest = Math.max(slowest, took);
        }
        System.out.println("heal: " + REPLACEMENTS + " signers replaced, the slowest within " + slowest + " ms");
    }

    /** Milliseconds from the fault to the readiness of the process that is started for the one that ended. */
    private long replaceThird() throws Exception {
        int lines = third.lines().size();
        shim.onlyIn(third.pid());
        shim.failAll(DEVICE_ERROR);
        long began = System.nanoTime();
        third.awaitLine("signing key lost", lines);
        long lost = millisSince(began);
        third.awaitLine("a fresh process can use the signing key", lines);
        long known = millisSince(began);
        assertThat(third.awaitEnd()).isEqualTo(FRESH_FOR_HSM);
        long ended = millisSince(began);
        shim.well();
        third = startThird();
        long ready = millisSince(began);
        System.out.println("heal: a signer was replaced within " + ready + " ms: its loss was felt after " + lost
                + ", a fresh process known to help after " + known + ", it had ended after " + ended);
        return ready;
    }

    @Test
    void a_node_with_the_API_is_not_replaced_while_other_signers_answer() throws Exception {
        awaitIssued();
        shim.onlyIn(api.pid());
        shim.failAll(DEVICE_ERROR);
        int lines = api.lines().size();
        assertThat(issue().status()).as("by the others").isEqualTo(201);
        api.awaitLine("a fresh process can use the signing key", lines);
        assertThat(issue().status()).as("by the others").isEqualTo(201);
        assertThat(api.isAlive()).isTrue();
        shim.well();
        api.awaitLine("signing key healed", lines);
    }

    @Test
    void another_PIN_on_the_token_costs_two_wrong_logins_at_most_whatever_is_started_again() throws Exception {
        awaitIssued();
        String pin = Files.readString(TokenPki.pinFile(pki)).strip();
        String next = "98765432";
        changePin(pin, next);
        long before = wrongLogins();
        shim.once(Pkcs11Shim.Act.RESTART); // every signer has to log in anew
        Answer last = issue();
        for (ChanceryProcess process : List.of(api, signer, third)) {
            process.awaitLine("PIN_REFUSED");
        }
        System.out.println("heal: three nodes and a PIN that was changed: " + (wrongLogins() - before)
                + " wrong logins, then " + RESTARTS + " restarts; last answer " + last.status());
        for (int i = 0; i < RESTARTS; i++) {
            third.kill();
            third = startThird();
            third.awaitLine("hsm retry");
        }
        assertThat(wrongLogins() - before).as("wrong logins").isBetween(1L, 2L);
        assertThat(issue().status()).as("without a signer").isEqualTo(503);
        Files.writeString(TokenPki.pinFile(pki), next);
        awaitIssued();
        for (ChanceryProcess process : List.of(api, signer, third)) {
            process.awaitLine("signing key healed");
        }
        assertThat(wrongLogins() - before).as("wrong logins").isLessThanOrEqualTo(2);
        assertThat(wrongLoginsOfOne()).as("wrong logins of one process").isEqualTo(1);
        changePin(next, pin);
        Files.writeString(TokenPki.pinFile(pki), pin);
    }

    private void changePin(String old, String next) throws Exception {
        Commands.run(
                        pki.folder(),
                        pki.environment(),
                        "pkcs11-tool",
                        "--module",
                        library,
                        "--token-label",
                        "issuing",
                        "--login",
                        "--pin",
                        old,
                        "--change-pin",
                        "--new-pin",
                        next)
                .succeeded();
    }
}
