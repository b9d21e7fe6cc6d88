package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a ceremony made, in use: a CA issues with it, and step, which knows the root's fingerprint alone, believes it. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class CeremonyPkiIT {
    private static final String ROOT = "root-2026";
    private static final String ISSUING = "issuing-2026";
    private static final String PERMITTED = "[\"dns:example.com\", \"dns:localhost\", \"ip:127.0.0.0/8\"]";

    @TempDir
    private Path folder;

    private StepPki pki;
    private HsmTokens tokens;

    @BeforeEach
    void people() throws Exception {
        pki = StepPki.init(folder);
        tokens = HsmTokens.beside(pki);
        tokens.init("roots");
        tokens.init("issuing");
        for (String name : List.of("alice", "bob")) {
            pki.step("crypto", "keypair", name + ".pub", name + ".key", "--no-password", "--insecure")
                    .succeeded();
        }
    }

    /** Of the plan in docs/hsm.md, with names of this machine among those that are permitted. */
    private String root() {
        return """
                - name: root
                  kms: %s
                  algorithm: ec-p384
                  backup: shares 2 of 3
                  subject: CN=Example Root CA,O=Example
                  validity: 7300d
                  pathLength: 1
                """.formatted(tokens.kms("roots", ROOT));
    }

    private String issuing() {
        return """
                - name: issuing
                  issuer: root
                  kms: %s
                  algorithm: ec-p256
                  backup: none
                  subject: CN=Example Issuing CA,O=Example
                  validity: 3650d
                  permit: %s
                """.formatted(tokens.kms("issuing", ISSUING), PERMITTED);
    }

    /** Follows the plan and proves its transcript; answers the folder with what was made. */
    private Path ceremony(String name, String authorities) throws Exception {
        Path plan = Files.writeString(pki.file(name + ".yaml"), """
                title: Example PKI 2026
                people:
                - {name: alice, key: alice.pub}
                - {name: bob, key: bob.pub}
                authorities:
                """ + authorities);
        Path made = pki.file(name);
        tokens.confirmed(
                        "ceremony",
                        plan.toString(),
                        "--out=" + made,
                        "--confirm=alice=" + pki.file("alice.key"),
                        "--confirm=bob=" + pki.file("bob.key"))
                .succeeded();
        return made;
    }

    private void proves(Path made, String token, String object) throws Exception {
        tokens.hsm(
                        "verify",
                        made.resolve("transcript.json").toString(),
                        "--person=alice=" + pki.file("alice.pub"),
                        "--person=bob=" + pki.file("bob.pub"),
                        "--kms=" + tokens.kms(token, object))
                .succeeded();
    }

    private void believes(Path certificate, Path root) throws Exception {
        pki.step("certificate", "verify", certificate.toString(), "--roots", root.toString())
                .succeeded();
    }

    /** As on a client's machine: the root comes by its fingerprint, and a certificate by the provisioner's password. */
    private void servesStep(Path root, Path issuing) throws Exception {
        believes(issuing, root);
        pki.set("root", root.toString());
        tokens.issueWith("issuing", ISSUING, issuing);
        tokens.hsm("doctor", "--config", pki.caJson().toString()).succeeded();
        Path client = Files.createDirectories(pki.file("client"));
        String fingerprint = pki.step("certificate", "fingerprint", root.toString())
                .succeeded()
                .output()
                .strip();
        try (ChanceryProcess ca = pki.start()) {
            ca.awaitReady();
            pki.stepElsewhere(client, "ca", "bootstrap", "--ca-url", pki.url(), "--fingerprint", fingerprint)
                    .succeeded();
            issue(client, "a.example.com").succeeded();
            believes(pki.file("a.example.com.crt"), root);
            assertThat(StepPki.text(pki.file("a.example.com.crt")).split("BEGIN CERTIFICATE", -1))
                    .as("the certificate and its issuer's")
                    .hasSize(3);
            pki.step("certificate", "verify", pki.url(), "--roots", root.toString())
                    .succeeded();
            pki.stepElsewhere(client, "ca", "renew", "--force", "a.example.com.crt", "a.example.com.key")
                    .succeeded();
            believes(pki.file("a.example.com.crt"), root);
            Commands.Result outside = issue(client, "a.example.org");
            assertThat(outside.exitCode())
                    .as("a name that the plan does not permit")
                    .isNotZero();
            assertThat(outside.output()).contains("a.example.org");
        }
    }

    private Commands.Result issue(Path client, String name) throws Exception {
        return pki.stepElsewhere(
                client,
                "ca",
                "certificate",
                name,
                name + ".crt",
                name + ".key",
                "--provisioner",
                StepPki.PROVISIONER,
                "--provisioner-password-file",
                pki.password());
    }

    @Test
    void a_root_and_an_issuer_of_one_ceremony() throws Exception {
        Path made = ceremony("made", root() + issuing());
        proves(made, "roots", ROOT);
        proves(made, "issuing", ISSUING);
        servesStep(made.resolve("root.crt"), made.resolve("issuing.crt"));
    }

    @Test
    void an_issuer_whose_request_went_to_an_offline_root() throws Exception {
        ceremony("online", issuing().replace("issuer: root", "issuer: elsewhere"));
        Path offline = ceremony("offline", root() + """
                - name: issuing
                  issuer: root
                  request: online/issuing.csr
                  subject: CN=Example Issuing CA,O=Example
                  validity: 3650d
                  permit: %s
                """.formatted(PERMITTED));
        Path issuing = offline.resolve("issuing.crt");
        tokens.hsm("import-cert", "--kms", tokens.kms("issuing", ISSUING), issuing.toString())
                .succeeded();
        proves(offline, "roots", ROOT);
        servesStep(offline.resolve("root.crt"), issuing);
    }
}
