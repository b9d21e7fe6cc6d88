package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.testing.FreePorts;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Under the same policies and name constraints, every name fares at Chancery as it does at step-ca: at the real one by the
 * policy of the authority, at one whose provisioners were given policies by those too.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class NamePolicyIT {
    private static final String FORBIDDEN = "The request was forbidden by the certificate authority: ";

    @TempDir
    private static Path folder;

    private static StepCaPeerPki pki;
    private static StepCaPeer stepCa;
    private static StepCaPeer stepCaWithPolicies;
    private static ChanceryProcess chancery;
    private static StepCaPeerClient client;
    private static String divergences;
    private static final int PORT_WITH_POLICIES = FreePorts.take();

    @BeforeAll
    static void start() throws Exception {
        pki = StepCaPeerPki.make(folder, "http://127.0.0.1:1"); // nobody there: no user is asked for here
        constrainedIssuer();
        addPolicies();
        chancery = ChanceryProcess.start(
                Map.of(),
                "start",
                pki.stepPath("chancery").resolve("config/ca.json").toString(),
                "--password-file",
                pki.password());
        stepCa = StepCaPeer.start(pki.stepPath("step-ca"), pki.password());
        stepCaWithPolicies =
                StepCaPeer.startWithPolicies(pki.stepPath("with-policies"), pki.password(), folder.resolve("policies"));
        chancery.awaitReady();
        client = new StepCaPeerClient(pki.root());
        divergences = Files.readString(Path.of(System.getProperty("chancery.home"), "docs/divergences.md"))
                .replaceAll("\\s+", " ");
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable each : new AutoCloseable[] {chancery, stepCa, stepCaWithPolicies}) {
            if (each != null) {
                each.close();
            }
        }
    }

    /** Another intermediate in place of the one that was made, with names that it must not vouch for. */
    private static void constrainedIssuer() throws Exception {
        Path template = folder.resolve("constrained.tpl");
        Files.writeString(
                template,
                JSONObjectUtils.toJSONString(Map.of(
                        "subject", Map.of("commonName", "Constrained"),
                        "keyUsage", List.of("certSign", "crlSign"),
                        "basicConstraints", Map.of("isCA", true, "maxPathLen", 0),
                        "nameConstraints", NamePolicyRows.CONSTRAINTS)));
        pki.step(
                        "step-ca",
                        folder,
                        ("certificate create Constrained i.crt i.key --not-before -2h --not-after 1000h --ca root.crt"
                                        + " --ca-key root.key --template constrained.tpl --ca-password-file password"
                                        + " --password-file password")
                                .split(" "))
                .succeeded();
        for (String server : List.of("step-ca", "chancery")) {
            Path path = pki.stepPath(server);
            Files.write(path.resolve("certs/intermediate_ca.crt"), Files.readAllBytes(folder.resolve("i.crt")));
            Files.write(path.resolve("secrets/intermediate_ca_key"), Files.readAllBytes(folder.resolve("i.key")));
        }
    }

    private static void addPolicies() throws Exception {
        for (String server : List.of("step-ca", "chancery")) {
            Path file = pki.stepPath(server).resolve("config/ca.json");
            Map<String, Object> ca = JSONObjectUtils.parse(Files.readString(file));
            Map<Object, Object> authority = new LinkedHashMap<>((Map<?, ?>) ca.get("authority"));
            authority.put("policy", Map.of("x509", NamePolicyRows.AUTHORITY));
            ca.put("authority", authority);
            Files.writeString(file, JSONObjectUtils.toJSONString(ca), StandardCharsets.UTF_8);
        }
        Files.writeString(folder.resolve("policies"), JSONObjectUtils.toJSONString(NamePolicyRows.PROVISIONERS));
        Map<String, Object> settings = new LinkedHashMap<>();
        NamePolicyRows.PROVISIONERS.forEach(
                (name, policy) -> settings.put(name, Map.of("policy", Map.of("x509", policy))));
        Files.writeString(
                pki.stepPath("chancery").resolve("config/chancery.json"),
                JSONObjectUtils.toJSONString(
                        Map.of("management", Map.of("address", "127.0.0.1:0"), "provisioners", settings)));
        Path copy = Files.createDirectories(pki.stepPath("with-policies").resolve("config"));
        Files.createDirectories(pki.stepPath("with-policies").resolve("db"));
        Files.writeString(
                copy.resolve("ca.json"),
                Files.readString(pki.stepPath("step-ca").resolve("config/ca.json"))
                        .replace("127.0.0.1:" + pki.stepCaPort(), "127.0.0.1:" + PORT_WITH_POLICIES)
                        .replace("step-ca\\/db", "with-policies\\/db")
                        .replace("step-ca/db", "with-policies/db"));
    }

    @TestFactory
    Stream<DynamicTest> the_policy_of_the_authority_and_the_constraints_of_its_issuer_are_kept_alike()
            throws Exception {
        return new NamePolicyRows(new StepCaPeerTokens(pki))
                .ofAuthority().stream()
                        .map(row -> DynamicTest.dynamicTest(row.name(), () -> compare(pki.stepCaPort(), row)));
    }

    @TestFactory
    Stream<DynamicTest> the_policies_of_provisioners_are_kept_alike() throws Exception {
        return new NamePolicyRows(new StepCaPeerTokens(pki))
                .ofProvisioners().stream()
                        .map(row -> DynamicTest.dynamicTest(row.name(), () -> compare(PORT_WITH_POLICIES, row)));
    }

    @TestFactory
    Stream<DynamicTest> a_renewal_is_held_against_the_constraints_and_not_against_policies() throws Exception {
        List<StepCaPeerRow> rows = NamePolicyRows.ofRenewals(pki);
        StepCaPeerRow unwanted = rows.stream()
                .filter(row -> row.name().equals("renew evil.example"))
                .findFirst()
                .orElseThrow();
        assertThat(client.send(pki.chanceryPort(), unwanted.requests().get(0)).status())
                .as("what no policy allows")
                .isEqualTo(201);
        return rows.stream().map(row -> DynamicTest.dynamicTest(row.name(), () -> compare(pki.stepCaPort(), row)));
    }

    @Test
    void a_refusal_stands_in_the_log_with_the_name_and_the_rule() throws Exception {
        StepCaPeerRow unwanted = new NamePolicyRows(new StepCaPeerTokens(pki))
                .ofAuthority().stream()
                        .filter(row -> row.name().endsWith(", xcorp.example"))
                        .findFirst()
                        .orElseThrow();
        int before = chancery.lines().size();
        assertThat(client.send(pki.chanceryPort(), unwanted.requests().get(0)).status())
                .isEqualTo(403);
        chancery.awaitLine("none of allow.dns", before);
        assertThat(chancery.lines().stream().skip(before))
                .anyMatch(line -> line.contains("none of allow.dns")
                        && line.contains("authority.policy")
                        && line.contains("xcorp.example"));
    }

    private static void compare(int port, StepCaPeerRow row) throws Exception {
        StepCaPeerAnswer theirs = client.send(port, row.requests().get(0));
        StepCaPeerAnswer ours = client.send(pki.chanceryPort(), row.requests().get(0));
        if (theirs.status() == 500 && theirs.body().startsWith("{\"Reason\":")) {
            refusedByProvisioner(theirs, ours);
            return;
        }
        if (row.divergence().isEmpty()
                && theirs.status() == 403
                && !theirs.body().contains(FORBIDDEN)) {
            outsideConstraints(ours);
            return;
        }
        List<String> differences = ours.differences(theirs);
        if (row.divergence().isEmpty()) {
            assertThat(differences).as(row.name()).isEmpty();
        } else {
            assertThat(divergences).contains(row.divergence().get());
            assertThat(differences)
                    .as("%s: docs/divergences.md names a difference, and there is none", row.name())
                    .isNotEmpty();
        }
    }

    /** step-ca gives the words of its library. */
    private static void outsideConstraints(StepCaPeerAnswer ours) {
        assertThat(divergences).contains("A refusal by name constraints has words of its own");
        assertThat(ours.status()).isEqualTo(403);
        assertThat(ours.body()).contains(FORBIDDEN, "is outside the name constraints of this CA");
    }

    /** step-ca shows the members of its own error, which say what Chancery says in words. */
    private static void refusedByProvisioner(StepCaPeerAnswer theirs, StepCaPeerAnswer ours) throws Exception {
        assertThat(divergences)
                .contains("A name that a provisioner's policy does not allow is refused with 403, in the words of the"
                        + " authority's policy; step-ca answers 500");
        Map<String, Object> members = JSONObjectUtils.parse(theirs.body());
        assertThat(members).containsEntry("Reason", 1L);
        assertThat(ours.status()).isEqualTo(403);
        assertThat((String) JSONObjectUtils.parse(ours.body()).get("message"))
                .isEqualTo(FORBIDDEN + members.get("NameType") + " name \"" + members.get("Name") + "\" not allowed");
    }
}
