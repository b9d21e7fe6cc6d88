package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ApiClient.Answer;
import io.chancery.conformance.ClientLoad.Sent;
import io.chancery.softhsm.Pkcs11Shim;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The token with the key is taken from under a working process and put back, and its HSM hangs and is well again. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class HsmGoneIT {
    private static final String NAME = "gone.example";
    /** Label of every metric of a signer: its only one is that of ca.json. */
    private static final String ISSUER = "issuer=\"ca.json\"";

    private static final int REQUESTS = 3;
    /** The deadline of a request, which is 10 s, and what an answer takes on a busy machine. */
    private static final int PATIENCE_SECONDS = 15;
    /** After this a node takes no answer of a signer any more, which may sign all the same. */
    private static final Duration GIVEN_UP = Duration.ofSeconds(2);

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final long DEVICE_ERROR = 0x30; // CKR_DEVICE_ERROR
    private static final int FRESH_FOR_HSM = 4;

    @TempDir
    private Path folder;

    private StepPki pki;
    private Pkcs11Shim shim;
    private final List<String> held = new ArrayList<>();
    /** Until each request was refused, by its id. */
    private final Map<String, Duration> took = new HashMap<>();

    @BeforeEach
    void hsm() throws Exception {
        pki = TokenPki.init(folder);
        shim = Pkcs11Shim.around(TokenPki.library());
        Files.writeString(
                pki.caJson(),
                StepPki.text(pki.caJson())
                        .replace(
                                TokenPki.library().toString(), shim.modulePath().toString()));
    }

    @AfterEach
    void closed() throws Exception {
        shim.close();
    }

    @Test
    void
            without_its_token_or_while_its_HSM_hangs_it_answers_503_in_time_and_spends_no_token_and_then_each_buys_its_one_certificate_without_a_restart()
                    throws Exception {
        try (ChanceryProcess ca = pki.start()) {
            ca.awaitReady();
            ApiClient api = ApiClient.of(pki);
            held.add(Certificates.hex(api.sign(api.csr(NAME), api.token(NAME)).member("crt")));
            Path elsewhere = pki.file("elsewhere");
            Files.move(TokenPki.tokens(pki), elsewhere);
            List<Sent> refused = refused(api);
            assertThat(api.get("/roots").status()).as("what needs no key").isEqualTo(201);
            Files.move(elsewhere, TokenPki.tokens(pki));
            ca.awaitLine("signing key healed");
            eachBuysItsOne(api, refused);
            hangs(ca, api);
        }
        StoreTruth.check(StoreRows.of(pki.database()), List.of(pki.signatures()), pki.intermediate(), held);
    }

    private void hangs(ChanceryProcess ca, ApiClient api) throws Exception {
        String management = ca.awaitManagement();
        int lines = ca.lines().size();
        int losses = losses(management);
        shim.hangAll();
        List<Sent> refused = refused(api);
        awaitAnswer(management + "/can-issue", 503, "no signer: ", "hang");
        awaitAnswer(
                management + "/metrics",
                200,
                "chancery_can_issue 0.0",
                "chancery_signer_state{" + ISSUER + ",state=\"hung\"} 1.0",
                "chancery_signer_key_losses_total{" + ISSUER + "} " + (losses + 1) + ".0");
        assertThat(get(management + "/metrics").body())
                .containsPattern("chancery_signer_abandoned_calls\\{" + ISSUER + "\\} [1-9]");
        shim.well();
        ca.awaitLine("signing key healed", lines);
        eachBuysItsOne(api, refused);
        awaitAnswer(management + "/can-issue", 200, "ok");
        awaitAnswer(management + "/metrics", 200, "chancery_signer_abandoned_calls{" + ISSUER + "} 0.0");
    }

    private static int losses(String management) throws Exception {
        String name = "chancery_signer_key_losses_total{" + ISSUER + "} ";
        return get(management + "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(name.length())))
                .findFirst()
                .orElseThrow();
    }

    private static HttpResponse<String> get(String url) throws Exception {
        return HTTP.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Each within the deadline of a request. */
    private List<Sent> refused(ApiClient api) throws Exception {
        List<Sent> refused = new ArrayList<>();
        String csr = api.csr(NAME);
        for (int i = 0; i < REQUESTS; i++) {
            String token = api.token(NAME);
            long began = System.nanoTime();
            Sent request = ClientLoad.send(api, csr, token);
            Answer answer = request.answer().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            took.put(request.id(), Duration.ofNanos(System.nanoTime() - began));
            assertThat(answer.status()).as(answer.body()).isEqualTo(503);
            assertThat(answer.header("Retry-After")).isNotEmpty();
            refused.add(request);
        }
        return refused;
    }

    private void eachBuysOne(ApiClient api, List<Sent> refused) throws Exception {
        for (Sent request : refused) {
            Answer answer = request.again(api, false);
            assertThat(answer.status()).as(answer.body()).isEqualTo(201);
            held.add(Certificates.hex(answer.member("crt")));
            ClusterJudge.awaitRefused(() -> request.again(api, false));
        }
    }

    /**
     * Of a call that hangs, or is slow, the signer says so half a second before its node gives it up. Where that was
     * not enough, the signer may still sign: the row stays reserved, and its repeat finishes it.
     */
    private void eachBuysItsOne(ApiClient api, List<Sent> refused) throws Exception {
        Map<String, StoreRows.Row> rows = StoreRows.of(pki.database()).byRequest();
        List<Sent> kept = refused.stream()
                .filter(request -> rows.containsKey(request.id())
                        && rows.get(request.id()).state().equals("reserved"))
                .toList();
        assertThat(kept).as("requests that nobody knew the end of").hasSizeLessThanOrEqualTo(1);
        for (Sent request : kept) {
            assertThat(took.get(request.id())).as("until its node gave it up").isGreaterThanOrEqualTo(GIVEN_UP);
            Answer repeat = ClusterJudge.decided(60, () -> request.again(api, true));
            assertThat(repeat.status()).as(repeat.body()).isEqualTo(201);
            String der = Certificates.hex(repeat.member("crt"));
            assertThat(Certificates.tbs(Certificates.ofHex(der)))
                    .isEqualTo(rows.get(request.id()).tbs());
            held.add(der);
            ClusterJudge.awaitRefused(() -> request.again(api, false));
        }
        eachBuysOne(api, refused.stream().filter(each -> !kept.contains(each)).toList());
    }

    /** The node looks at itself every two seconds. */
    private static void awaitAnswer(String url, int status, String... texts) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        HttpResponse<String> last;
        do {
            last = get(url);
            assertThat(System.nanoTime() - end)
                    .as("%d and %s, not %s", status, List.of(texts), last.body())
                    .isNegative();
        } while (last.statusCode() != status || !Stream.of(texts).allMatch(last.body()::contains));
    }

    @Test
    @Tag("long")
    void a_lone_node_that_alone_cannot_reach_its_HSM_ends_for_its_supervisor_and_the_next_one_issues()
            throws Exception {
        try (ChanceryProcess ca = pki.start()) {
            ca.awaitReady();
            shim.onlyIn(ca.pid());
            shim.failAll(DEVICE_ERROR);
            assertThat(ca.awaitEnd()).isEqualTo(FRESH_FOR_HSM);
        }
        try (ChanceryProcess next = pki.start()) {
            next.awaitReady();
            ApiClient api = ApiClient.of(pki);
            assertThat(api.sign(api.csr(NAME), api.token(NAME)).status()).isEqualTo(201);
        }
    }
}
