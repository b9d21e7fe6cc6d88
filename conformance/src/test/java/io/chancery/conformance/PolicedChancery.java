package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A Chancery with name policies, below a CA with name constraints, and how names fare at it and at a step-ca with the same. */
final class PolicedChancery implements AutoCloseable {
    private static final String FORBIDDEN = "The request was forbidden by the certificate authority: ";

    private final StepCaPeerPki pki;
    private final ChanceryProcess process;
    private final StepCaPeerClient client;
    private final String divergences;

    private PolicedChancery(StepCaPeerPki pki, ChanceryProcess process) throws Exception {
        this.pki = pki;
        this.process = process;
        client = new StepCaPeerClient(pki.root());
        divergences = Files.readString(Path.of(System.getProperty("chancery.home"), "docs/divergences.md"))
                .replaceAll("\\s+", " ");
    }

    /** A PKI for it: the intermediate that was made gives way to another, with names that it must not vouch for. */
    static StepCaPeerPki pki(Path folder) throws Exception {
        StepCaPeerPki pki = StepCaPeerPki.make(folder, "http://127.0.0.1:1"); // nobody there: no user is asked for here
        Files.writeString(
                folder.resolve("constrained.tpl"),
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
        return pki;
    }

    /**
     * Starts it; {@link #awaitReady} returns when it serves.
     *
     * @param authority the policy of all certificates
     * @param provisioners those of provisioners, by their names
     */
    static PolicedChancery start(
            StepCaPeerPki pki, Map<String, Object> authority, Map<String, Map<String, Object>> provisioners)
            throws Exception {
        pki.setInAuthority("chancery", "policy", Map.of("x509", authority));
        Map<String, Object> settings = new LinkedHashMap<>();
        provisioners.forEach((name, policy) -> settings.put(name, Map.of("policy", Map.of("x509", policy))));
        Path config = pki.stepPath("chancery").resolve("config");
        Files.writeString(
                config.resolve("chancery.json"),
                JSONObjectUtils.toJSONString(
                        Map.of("management", Map.of("address", "127.0.0.1:0"), "provisioners", settings)));
        return new PolicedChancery(
                pki,
                ChanceryProcess.start(
                        Map.of(), "start", config.resolve("ca.json").toString(), "--password-file", pki.password()));
    }

    void awaitReady() throws InterruptedException {
        process.awaitReady();
    }

    ChanceryProcess process() {
        return process;
    }

    /** What it answers to the row. */
    StepCaPeerAnswer answer(StepCaPeerRow row) throws Exception {
        return answer(pki.chanceryPort(), row);
    }

    /** What the server at this port answers to the row. */
    StepCaPeerAnswer answer(int port, StepCaPeerRow row) throws Exception {
        return client.send(port, row.requests().get(0));
    }

    /** Fails unless the row fares here as at the step-ca of this port, or otherwise in a way that docs/divergences.md has. */
    void compare(int port, StepCaPeerRow row) throws Exception {
        StepCaPeerAnswer theirs = answer(port, row);
        StepCaPeerAnswer ours = answer(row);
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
    private void outsideConstraints(StepCaPeerAnswer ours) {
        assertThat(divergences).contains("A refusal by name constraints has words of its own");
        assertThat(ours.status()).isEqualTo(403);
        assertThat(ours.body()).contains(FORBIDDEN, "is outside the name constraints of this CA");
    }

    /** step-ca shows the members of its own error, which say what Chancery says in words. */
    private void refusedByProvisioner(StepCaPeerAnswer theirs, StepCaPeerAnswer ours) throws Exception {
        assertThat(divergences)
                .contains("A name that a provisioner's policy does not allow is refused with 403, in the words of the"
                        + " authority's policy; step-ca answers 500");
        Map<String, Object> members = JSONObjectUtils.parse(theirs.body());
        assertThat(members).containsEntry("Reason", 1L);
        assertThat(ours.status()).isEqualTo(403);
        assertThat((String) JSONObjectUtils.parse(ours.body()).get("message"))
                .isEqualTo(FORBIDDEN + members.get("NameType") + " name \"" + members.get("Name") + "\" not allowed");
    }

    @Override
    public void close() throws Exception {
        process.close();
    }
}
