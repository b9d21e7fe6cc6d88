package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.testing.PostgresProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Three API nodes and one signer whose configuration changes node by node, in either order, while clients ask. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.Random.class)
@SuppressWarnings("NullAway.Init")
class RollingChangeIT {
    private static final String SIGNER = "n4";
    private static final int CLIENTS = 4;
    private static final int BETWEEN = 10;
    private static final int EITHER_ORDER = 2;
    private static final String SERVERS_ALONE = """
            {"subject": {{ toJson .Subject }}, "sans": {{ toJson .SANs }},
             "keyUsage": ["digitalSignature"], "extKeyUsage": ["serverAuth"]}
            """;

    private PostgresProcess server;
    private EqualNodes nodes;
    private List<String> apis;
    private final List<String> held = new ArrayList<>();

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        server = PostgresProcess.start();
        nodes = EqualNodes.make(StepPki.init(folder), server, 4, Map.of());
        apis = nodes.names().subList(0, 3);
        for (String api : apis) {
            assertThat(nodes.start(api, "api").pid()).isPositive();
        }
        nodes.start(SIGNER, "signer").awaitReady();
        for (String api : apis) {
            assertThat(nodes.process(api).awaitReady()).isNotEmpty();
        }
    }

    @AfterAll
    void everythingIsTrue() throws Exception {
        try (PostgresProcess stopped = server;
                EqualNodes killed = nodes) {
            StoreTruth.check(nodes.store(), nodes.signatures(), nodes.pki().intermediate(), held);
        }
    }

    /** As below, for a change that no certificate of the load shows. */
    private void roll(Change there, Change back) throws Exception {
        roll(there, back, Optional.empty(), EITHER_ORDER);
    }

    private void roll(Change there, Change back, Predicate<X509Certificate> shown) throws Exception {
        roll(there, back, Optional.of(shown), EITHER_ORDER);
    }

    /**
     * Each change takes hold on one node after the other, under load, and is then taken back in the opposite order: with
     * the signer last, and once more with the signer first.
     *
     * @param shown what a certificate is like where the change is in force, and is not where it is not
     * @param times once, where the signer must be last, or {@link #EITHER_ORDER}
     */
    private void roll(Change there, Change back, Optional<Predicate<X509Certificate>> shown, int times)
            throws Exception {
        ClusterLoad load = ClusterLoad.start(nodes, CLIENTS);
        List<String> order = new ArrayList<>(nodes.names());
        try (load) {
            for (int i = 0; i < times; i++) {
                apply(there, order, load);
                List<X509Certificate> with = oneOfEach();
                Collections.reverse(order);
                apply(back, order, load);
                List<X509Certificate> without = oneOfEach();
                shown.ifPresent(like -> {
                    assertThat(with).as("with the change").allMatch(like);
                    assertThat(without).as("without it").noneMatch(like);
                });
            }
            load.awaitMore(BETWEEN, load.issued(), 60);
        }
        held.addAll(load.held());
        assertThat(load.failures())
                .as("%s%s", load.requests(), nodes.lastWords())
                .isEqualTo(new ClusterLoad.Failures(load.requests().size(), 0, 0));
        assertThat(load.requests()).allMatch(request -> request.statuses().equals(List.of(201)));
    }

    private void apply(Change change, List<String> order, ClusterLoad load) throws Exception {
        for (String node : order) {
            load.awaitMore(BETWEEN, load.issued(), 60);
            int lines = nodes.process(node).lines().size();
            change.on(node);
            nodes.process(node).signal("HUP");
            nodes.process(node).awaitLine("the new configuration is in force", lines);
        }
    }

    /** A certificate from each node with the API. */
    private List<X509Certificate> oneOfEach() throws Exception {
        List<X509Certificate> issued = new ArrayList<>();
        for (String name : apis) {
            ApiClient api = nodes.api(name);
            ApiClient.Answer answer = api.sign(api.csr("change.example"), api.token("change.example"));
            assertThat(answer.status()).as(answer.body()).isEqualTo(201);
            String der = Certificates.hex(answer.member("crt"));
            held.add(der);
            issued.add(Certificates.ofHex(der));
        }
        return issued;
    }

    private static long minutes(X509Certificate certificate) {
        return Duration.between(
                        certificate.getNotBefore().toInstant(),
                        certificate.getNotAfter().toInstant())
                .toMinutes();
    }

    private static boolean forServersAlone(X509Certificate certificate) {
        try {
            return certificate.getExtendedKeyUsage().equals(List.of("1.3.6.1.5.5.7.3.1"));
        } catch (CertificateParsingException e) {
            throw new AssertionError(e);
        }
    }

    private interface Change {
        void on(String node) throws Exception;
    }

    @SuppressWarnings("unchecked") // JSON objects have string keys
    private void authority(String node, AuthorityChange change) throws Exception {
        Map<String, Object> ca = JSONObjectUtils.parse(StepPki.text(nodes.file(node, "ca.json")));
        change.in((Map<String, Object>) ca.get("authority"));
        nodes.changeCaJson(node, ca);
    }

    private interface AuthorityChange {
        void in(Map<String, Object> authority) throws Exception;
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> provisioners(Map<String, Object> authority) {
        return (List<Map<String, Object>>) authority.get("provisioners");
    }

    @Test
    void a_provisioner_that_is_added_and_taken_away_costs_no_request() throws Exception {
        roll(
                node -> authority(node, authority -> {
                    Map<String, Object> added =
                            new HashMap<>(provisioners(authority).get(0));
                    added.put("name", "another");
                    provisioners(authority).add(added);
                }),
                node -> authority(
                        node,
                        authority ->
                                assertThat(provisioners(authority).remove(1)).containsEntry("name", "another")));
    }

    @Test
    void a_claim_that_changes_costs_no_request() throws Exception {
        roll(
                node -> authority(node, authority -> authority.put("claims", Map.of("defaultTLSCertDuration", "2h"))),
                node -> authority(node, authority -> authority.remove("claims")),
                certificate -> minutes(certificate) < 3 * 60);
    }

    @Test
    void a_template_that_is_added_and_taken_away_costs_no_request() throws Exception {
        roll(
                node -> authority(node, authority -> {
                    Path file = nodes.file(node, "leaf.tpl");
                    Files.writeString(file, SERVERS_ALONE, StandardCharsets.UTF_8);
                    provisioners(authority)
                            .get(0)
                            .put("options", Map.of("x509", Map.of("templateFile", file.toString())));
                }),
                node -> authority(
                        node, authority -> provisioners(authority).get(0).remove("options")),
                RollingChangeIT::forServersAlone);
    }

    /** To just above what every certificate has that names no other end: 24 hours, and a minute of backdating. */
    @Test
    void a_longest_validity_of_the_signer_that_gets_tighter_costs_no_request() throws Exception {
        roll(
                node -> nodes.set(node, Map.of("keyRules", Map.of("maxValidity", "24h2m"))),
                node -> nodes.set(node, Map.of("keyRules", Map.of())));
    }

    /** The nodes with the API cut them before the signer would refuse them, as the handbook has it. */
    @Test
    void a_longest_validity_that_certificates_run_into_costs_no_request_when_the_signer_is_last() throws Exception {
        roll(
                node -> nodes.set(node, Map.of("keyRules", Map.of("maxValidity", "12h"))),
                node -> nodes.set(node, Map.of("keyRules", Map.of())),
                Optional.of(certificate -> minutes(certificate) <= 12 * 60),
                1);
    }

    @Test
    void a_signer_refuses_by_its_new_rules_from_the_reload_on() throws Exception {
        ApiClient api = nodes.api(apis.get(0));
        String csr = api.csr("rules.example");
        ApiClient.Answer before = api.sign(csr, api.token("rules.example"));
        assertThat(before.status()).isEqualTo(201);
        held.add(Certificates.hex(before.member("crt")));
        int lines = nodes.process(SIGNER).lines().size();
        nodes.set(SIGNER, Map.of("keyRules", Map.of("maxValidity", "1h")));
        nodes.process(SIGNER).signal("HUP");
        nodes.process(SIGNER).awaitLine("the new configuration is in force", lines);
        String token = api.token("rules.example");
        assertThat(api.sign(csr, token).status()).isEqualTo(500);
        ClusterJudge.await(
                "the status shows the signer's new file, and who does the jobs, which begin after a minute",
                90,
                () -> status().contains(brief(nodes.file(SIGNER, "chancery.json")))
                        && !status().contains("jobs run on: not known"));
        assertThatTheStatusShowsWhatEachHasInForce(status());
        lines = nodes.process(SIGNER).lines().size();
        nodes.set(SIGNER, Map.of("keyRules", Map.of()));
        nodes.process(SIGNER).signal("HUP");
        nodes.process(SIGNER).awaitLine("the new configuration is in force", lines);
        // What was refused was surely not signed: the token is free.
        ApiClient.Answer after = api.sign(csr, token);
        assertThat(after.status()).as(after.body()).isEqualTo(201);
        held.add(Certificates.hex(after.member("crt")));
    }

    private String status() throws Exception {
        return Commands.run(
                        nodes.pki().folder(),
                        Map.of(),
                        Path.of(System.getProperty("chancery.home"), "bin/chancery")
                                .toString(),
                        "cluster",
                        "status",
                        "--config",
                        nodes.file(apis.get(0), "ca.json").toString(),
                        "--management",
                        nodes.process(apis.get(0)).awaitManagement().substring("http://".length()))
                .succeeded()
                .output();
    }

    private void assertThatTheStatusShowsWhatEachHasInForce(String status) throws Exception {
        for (String node : nodes.names()) {
            String role = node.equals(SIGNER) ? "signer" : "api";
            String key = node.equals(SIGNER) ? "[0-9a-f]{12}" : "-";
            assertThat(status)
                    .containsPattern("(?m)^" + node + " +" + role + " +\\d\\S+ +" + key
                            + " +(-|[0-9.]+ ms) +[0-9a-f]{12} +"
                            + brief(nodes.file(node, "ca.json")) + " +" + brief(nodes.file(node, "chancery.json"))
                            + "( |$)");
        }
        assertThat(status)
                .containsPattern("(?m)^the store's jobs run on: (" + String.join("|", apis) + ")$")
                .containsPattern("(?m)^the store's epoch: 1, last answer within [0-9.]+ ms$");
    }

    /** As the status shows the hash of a file. */
    private static String brief(Path file) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)))
                .substring(0, 12);
    }
}
