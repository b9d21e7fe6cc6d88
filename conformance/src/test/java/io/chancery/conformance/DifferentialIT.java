package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.testing.IssuerKey;
import io.chancery.testing.LocalIssuer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same bytes go to the real step-ca and to Chancery, on one PKI. No client may be able to tell the answers apart,
 * except where docs/divergences.md says so; and what it says there must be so.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class DifferentialIT {
    private static final Set<String> READING = Set.of("GET", "HEAD");

    @TempDir
    private static Path folder;

    private static LocalIssuer issuer;
    private static StepCaPeerPki pki;
    private static StepCaPeer stepCa;
    private static ChanceryProcess chancery;
    private static StepCaPeerHook hook;
    private static StepCaPeerClient client;
    private static String fingerprint;
    private static String divergences;

    @BeforeAll
    static void start() throws Exception {
        issuer = LocalIssuer.start(IssuerKey.rsa("rsa"), IssuerKey.ec("ec"), IssuerKey.ed25519("ed"));
        pki = StepCaPeerPki.make(folder, issuer.url());
        StepCaPeerPlatform platform = StepCaPeerPlatform.make(folder);
        hook = StepCaPeerHook.start(
                pki.hookPorts(),
                pki.identity("localhost", "", "-1h", "24h", "serverAuth"),
                platform.localhost(),
                ApiClient.certificate(StepPki.text(pki.root())));
        stepCa = StepCaPeer.start(pki.stepPath("step-ca"), pki.password(), platform.ofStepCa());
        chancery = ChanceryProcess.start(
                platform.ofChancery(),
                "start",
                pki.stepPath("chancery").resolve("config/ca.json").toString(),
                "--password-file",
                pki.password());
        chancery.awaitReady();
        client = new StepCaPeerClient(pki.root());
        fingerprint = pki.step(
                        "chancery",
                        folder,
                        "certificate",
                        "fingerprint",
                        pki.root().toString())
                .succeeded()
                .output()
                .strip();
        divergences = Files.readString(Path.of(System.getProperty("chancery.home"), "docs/divergences.md"))
                .replaceAll("\\s+", " ");
    }

    @AfterAll
    static void stop() throws Exception {
        if (chancery != null) {
            chancery.close();
        }
        if (stepCa != null) {
            stepCa.close();
        }
        if (issuer != null) {
            issuer.close();
        }
        if (hook != null) {
            hook.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> what_is_published_is_published_alike() throws Exception {
        String firstPage = client.send(pki.stepCaPort(), StepCaPeerRequest.get("/provisioners?limit=2"))
                .body();
        String cursor = (String) JSONObjectUtils.parse(firstPage).get("nextCursor");
        return tests(new StepCaPeerReads(pki, fingerprint, cursor).rows());
    }

    @TestFactory
    Stream<DynamicTest> a_request_for_a_certificate_is_answered_alike() throws Exception {
        List<StepCaPeerRow> rows = new ArrayList<>();
        StepCaPeerTokens tokens = new StepCaPeerTokens(pki);
        StepCaPeerCsr csrs = new StepCaPeerCsr();
        rows.addAll(new StepCaPeerTokenRows(tokens, csrs).rows());
        rows.addAll(new StepCaPeerNameRows(tokens, csrs).rows());
        rows.addAll(new StepCaPeerRequestRows(tokens, csrs).rows());
        rows.addAll(new StepCaPeerTemplateRows(tokens, csrs).rows());
        return tests(rows);
    }

    @TestFactory
    Stream<DynamicTest> an_id_token_is_answered_alike() throws Exception {
        StepCaPeerOidcRows rows = new StepCaPeerOidcRows(issuer, new StepCaPeerCsr());
        for (int port : new int[] {pki.stepCaPort(), pki.chanceryPort()}) { // two that refuse everything are alike, too
            assertThat(client.send(port, rows.good()).status()).isEqualTo(201);
        }
        return tests(rows.rows());
    }

    @TestFactory
    Stream<DynamicTest> a_token_of_a_machine_or_a_pod_is_answered_alike() throws Exception {
        List<StepCaPeerRow> rows = new ArrayList<>();
        StepCaPeerCsr csrs = new StepCaPeerCsr();
        rows.addAll(new StepCaPeerX5cRows(pki.machines(), csrs).rows());
        rows.addAll(new StepCaPeerPodRows(pki.machines(), csrs).rows());
        return tests(rows);
    }

    @TestFactory
    Stream<DynamicTest> renewal_and_revocation_are_answered_alike() throws Exception {
        return tests(new StepCaPeerLifecycleRows(pki, new StepCaPeerTokens(pki)).rows());
    }

    @TestFactory
    Stream<DynamicTest> what_is_endless_spoilt_or_not_asked_for_is_answered_alike() throws Exception {
        List<StepCaPeerRow> rows = new ArrayList<>();
        StepCaPeerTokens tokens = new StepCaPeerTokens(pki);
        rows.addAll(new StepCaPeerHostileRows(tokens, new StepCaPeerCsr())
                .rows(pki.identity("signing.example", StepCaPeerPki.PLAIN, "-30m", "1h", "clientAuth")));
        rows.addAll(new StepCaPeerRevokeRows(tokens).rows());
        rows.addAll(new StepCaPeerShownRows(pki).rows());
        return tests(rows);
    }

    @TestFactory
    Stream<DynamicTest> webhooks_are_told_alike_and_their_answers_count_alike() throws Exception {
        return new StepCaPeerWebhookRows(new StepCaPeerTokens(pki), new StepCaPeerCsr())
                .rows().stream()
                        .map(row -> DynamicTest.dynamicTest(row.name(), () -> {
                            List<String> unused = hook.drain();
                            StepCaPeerAnswer theirs = lastAnswer(pki.stepCaPort(), row);
                            List<String> toldByThem = hook.drain();
                            compare(row, theirs);
                            if (row.divergence().isEmpty()) {
                                assertThat(hook.drain()).isNotEmpty().isEqualTo(toldByThem);
                            }
                        }));
    }

    @Test
    void a_token_that_a_webhook_refused_is_not_used_and_the_webhook_knows_who_asks() throws Exception {
        List<String> unused = hook.drain();
        StepCaPeerRequest request = new StepCaPeerWebhookRows(new StepCaPeerTokens(pki), new StepCaPeerCsr()).once();
        assertThat(client.send(pki.chanceryPort(), request).status()).isEqualTo(403);
        assertThat(client.send(pki.chanceryPort(), request).status()).isEqualTo(201);
        assertThat(hook.drain())
                .hasSize(2)
                .allSatisfy(told ->
                        assertThat(told).contains("\"authorization\"", "\"signed by\":\"who knows the secret\""));
        assertThat(client.send(pki.chanceryPort(), request).status()).isEqualTo(401);
    }

    /** Where it shows one, the same door lets both in: a row of the table. */
    @Test
    void a_webhook_that_shows_no_certificate_is_turned_away_where_one_is_demanded() throws Exception {
        List<String> unused = hook.drain();
        StepCaPeerRequest request =
                new StepCaPeerWebhookRows(new StepCaPeerTokens(pki), new StepCaPeerCsr()).turnedAway();
        StepCaPeerAnswer theirs = client.send(pki.stepCaPort(), request);
        assertThat(theirs.status()).isEqualTo(403);
        assertThat(theirs.body()).as("it trusts the server").doesNotContain("x509");
        assertThat(client.send(pki.chanceryPort(), request).status()).isEqualTo(503);
        assertThat(client.send(pki.chanceryPort(), request).status())
                .as("the token is not used")
                .isEqualTo(503);
        assertThat(hook.drain()).isEmpty();
    }

    @Test
    void a_token_that_a_template_refused_is_not_used() throws Exception {
        List<StepCaPeerRequest> requests =
                new StepCaPeerTemplateRows(new StepCaPeerTokens(pki), new StepCaPeerCsr()).withoutTicketAndWith();
        StepCaPeerAnswer refused = client.send(pki.chanceryPort(), requests.get(0));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).contains("a ticket is needed");
        assertThat(client.send(pki.chanceryPort(), requests.get(1)).status()).isEqualTo(201);
        assertThat(client.send(pki.chanceryPort(), requests.get(1)).status()).isEqualTo(401);
    }

    /** Not of step-ca, which the first would keep busy for minutes. */
    @ParameterizedTest
    @CsvSource({
        "endless, ran for longer than 100 ms",
        "large, 1048576",
        "broken, wrong type for value",
        "lint, key-usage-bits"
    })
    void a_token_whose_template_is_spoilt_is_not_used_and_the_log_says_why(String how, String why) throws Exception {
        List<StepCaPeerRequest> requests =
                new StepCaPeerTemplateRows(new StepCaPeerTokens(pki), new StepCaPeerCsr()).spoiltAndNot(how);
        int before = chancery.lines().size();
        StepCaPeerAnswer refused = client.send(pki.chanceryPort(), requests.get(0));
        assertThat(refused.status()).isEqualTo(500);
        chancery.awaitLine(why, before);
        assertThat(client.send(pki.chanceryPort(), requests.get(1)).status()).isEqualTo(201);
        assertThat(client.send(pki.chanceryPort(), requests.get(1)).status()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ca root",
                "ca roots",
                "ca federation",
                "ca provisioner list",
                "ca certificate a.example a.crt a.key",
                "ca certificate b.example b.crt b.key --kty RSA --size 2048 --not-after 1h",
                "ca certificate c.example c.crt c.key --san c.example --san 10.1.2.3 --san me@c.example --san https://c/",
                "ca certificate d.example d.crt d.key --not-after 25h",
                "ca certificate e.example e.crt e.key --not-before 2h --not-after 1h",
                "ca certificate f.example f.crt f.key --curve P-521",
                "ca certificate g.example g.crt g.key --kty OKP --curve Ed25519"
            })
    void step_itself_says_the_same_of_both(String words) throws Exception {
        assertThat(stepSays("chancery", pki.chanceryPort(), words))
                .isEqualTo(stepSays("step-ca", pki.stepCaPort(), words));
    }

    @Test
    void step_itself_finds_both_alike_in_good_health() throws Exception {
        String theirs = stepSays("step-ca", pki.stepCaPort(), "ca health");
        // A slow moment, as any machine has, makes Chancery's red until it looks again.
        ClusterJudge.await(
                "of Chancery as of step-ca: " + theirs,
                30,
                () -> stepSays("chancery", pki.chanceryPort(), "ca health").equals(theirs));
    }

    @Test
    void the_servers_own_certificates_say_the_same() throws Exception {
        assertThat(fieldsOf(client.serverCertificate(pki.chanceryPort())))
                .isEqualTo(fieldsOf(client.serverCertificate(pki.stepCaPort())));
    }

    /** All but serial number, key and what follows from it, times and signature. */
    private static List<String> fieldsOf(X509Certificate certificate) throws Exception {
        TBSCertificate tbs = Certificate.getInstance(certificate.getEncoded()).getTBSCertificate();
        List<String> fields = new ArrayList<>(List.of(
                tbs.getIssuer().toString(),
                tbs.getSubject().toString(),
                certificate.getPublicKey().getAlgorithm(),
                certificate.getSigAlgName()));
        for (ASN1ObjectIdentifier oid : tbs.getExtensions().getExtensionOIDs()) {
            fields.add(
                    oid.equals(Extension.subjectKeyIdentifier)
                            ? oid.getId()
                            : HexFormat.of()
                                    .formatHex(tbs.getExtensions()
                                            .getExtension(oid)
                                            .getEncoded()));
        }
        return fields;
    }

    /** Its certificates do not name it, so only what each server has recorded can tell that it renews none. */
    @Test
    void a_certificate_without_extension_is_renewed_by_what_the_store_recorded() throws Exception {
        StepCaPeerTokens tokens = new StepCaPeerTokens(pki);
        List<StepCaPeerAnswer> answers = new ArrayList<>();
        for (int port : new int[] {pki.stepCaPort(), pki.chanceryPort()}) {
            for (String provisioner : List.of(StepCaPeerPki.NAMELESS, StepCaPeerPki.NO_EXTENSION)) {
                KeyPair key = ApiClient.keyPair("EC", 256);
                String body = client.send(
                                port,
                                StepCaPeerRequest.sign(
                                        ApiClient.csr("r.example", key), tokens.of(provisioner, "r.example")))
                        .body();
                List<X509Certificate> chain = new ArrayList<>();
                for (Object each : (List<?>) JSONObjectUtils.parse(body).get("certChain")) {
                    chain.add(ApiClient.certificate((String) each));
                }
                answers.add(client.send(
                        port,
                        StepCaPeerRequest.of("POST", "/renew").by(new StepCaPeerIdentity(chain, key.getPrivate()))));
            }
        }
        assertThat(answers).extracting(StepCaPeerAnswer::status).containsExactly(401, 201, 401, 201);
        assertThat(answers.get(2).differences(answers.get(0))).isEmpty();
    }

    private static String stepSays(String server, int port, String words) throws Exception {
        Path work = Files.createDirectories(folder.resolve("work-" + server));
        List<String> arguments = new ArrayList<>(List.of(words.split(" ")));
        if (words.startsWith("ca certificate")) {
            arguments.addAll(
                    List.of("--provisioner", StepCaPeerPki.PLAIN, "--provisioner-password-file", pki.password()));
        }
        Commands.Result result = pki.step(server, work, arguments.toArray(String[]::new));
        return result.exitCode()
                + "\n"
                + result.output()
                        .replace("localhost:" + port, "localhost:PORT")
                        .replaceAll("\"[0-9a-f-]{36}\"", "REQUEST");
    }

    private static Stream<DynamicTest> tests(List<StepCaPeerRow> rows) {
        return rows.stream().map(row -> DynamicTest.dynamicTest(row.name(), () -> compare(row)));
    }

    private static void compare(StepCaPeerRow row) throws Exception {
        compare(row, lastAnswer(pki.stepCaPort(), row));
    }

    private static void compare(StepCaPeerRow row, StepCaPeerAnswer theirs) throws Exception {
        StepCaPeerAnswer ours = ours(row, theirs);
        List<String> differences = ours.differences(theirs);
        if (row.divergence().isEmpty()) {
            assertThat(differences)
                    .as("%s; the end of step-ca's log: %s", row.name(), stepCa.lastLines(2))
                    .isEmpty();
        } else {
            assertThat(divergences).contains(row.divergence().get());
            assertThat(differences)
                    .as("%s: docs/divergences.md names a difference, and there is none", row.name())
                    .isNotEmpty();
        }
    }

    /** A slow moment, as any machine has, makes Chancery's health red until it looks again: then so does the client. */
    private static StepCaPeerAnswer ours(StepCaPeerRow row, StepCaPeerAnswer theirs) throws Exception {
        StepCaPeerAnswer ours = lastAnswer(pki.chanceryPort(), row);
        if (ours.status() != 503
                || theirs.status() == 503
                || row.divergence().isPresent()
                || !row.requests().stream().allMatch(request -> READING.contains(request.method()))) {
            return ours;
        }
        ClusterJudge.await(
                row.name(), 30, () -> lastAnswer(pki.chanceryPort(), row).status() != 503);
        return lastAnswer(pki.chanceryPort(), row);
    }

    private static StepCaPeerAnswer lastAnswer(int port, StepCaPeerRow row) throws Exception {
        StepCaPeerAnswer answer = null;
        for (StepCaPeerRequest each : row.requests()) {
            answer = client.send(port, each);
        }
        if (answer == null) {
            throw new AssertionError("a row without a request: " + row.name());
        }
        return answer;
    }
}
