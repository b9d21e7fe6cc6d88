package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The unmodified step client, and programs on step's Go SDK, against Chancery on the files that the real {@code step ca init} wrote. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class StepClientIT {
    private static final long SDK_SECONDS = 30;

    @TempDir
    private static Path folder;

    private static StepPki pki;
    private static ChanceryProcess ca;
    private static StepCaPeerMachine cluster;

    @BeforeAll
    static void start() throws Exception {
        pki = StepPki.init(folder);
        cluster = StepCaPeerMachine.Plan.ca("cluster").keyKind("RSA").signedByItself();
        Files.writeString(pki.file("cluster.pem"), cluster.pem());
        provisioner("machines", "--type", "X5C", "--x5c-roots", pki.root().toString());
        provisioner(
                "pods",
                "--type",
                "K8sSA",
                "--public-key",
                pki.file("cluster.pem").toString());
        ca = pki.start();
        ca.awaitReady();
    }

    @AfterAll
    static void stop() throws Exception {
        ca.close();
        ca.assertNeverBlocked();
    }

    /** As an operator adds one to {@code ca.json}. */
    private static void provisioner(String name, String... more) throws Exception {
        String[] command = new String[more.length + 6];
        String[] first = {
            "ca", "provisioner", "add", name, "--ca-config", pki.caJson().toString()
        };
        System.arraycopy(first, 0, command, 0, first.length);
        System.arraycopy(more, 0, command, first.length, more.length);
        pki.step(command).succeeded();
    }

    private static Commands.Result certificate(String name, String... more) throws Exception {
        String[] command = new String[more.length + 9];
        String[] first = {
            "ca",
            "certificate",
            name,
            pki.file(file(name) + ".crt").toString(),
            pki.file(file(name) + ".key").toString(),
            "--provisioner",
            StepPki.PROVISIONER,
            "--provisioner-password-file",
            pki.password()
        };
        System.arraycopy(first, 0, command, 0, first.length);
        System.arraycopy(more, 0, command, first.length, more.length);
        return pki.step(command);
    }

    private static String file(String name) {
        return name.replaceAll("[^A-Za-z0-9.-]", "_");
    }

    private static String inspect(String name) throws Exception {
        return pki.step("certificate", "inspect", pki.file(file(name) + ".crt").toString())
                .succeeded()
                .output();
    }

    @Test
    void health_is_ok() throws Exception {
        StepPki.awaitOk(() -> pki.step("ca", "health"));
    }

    @Test
    void a_client_elsewhere_bootstraps_by_fingerprint() throws Exception {
        Path elsewhere = folder.resolve("elsewhere");
        pki.stepElsewhere(elsewhere, "ca", "bootstrap", "--ca-url", pki.url(), "--fingerprint", pki.fingerprint())
                .succeeded();
        assertThat(elsewhere.resolve("certs/root_ca.crt")).hasSameTextualContentAs(pki.root());
    }

    @Test
    void root_roots_and_federation_give_the_root() throws Exception {
        String root = StepPki.text(pki.root()).strip();
        for (String command : new String[] {"root", "roots", "federation"}) {
            assertThat(pki.step("ca", command).succeeded().output().strip())
                    .as(command)
                    .isEqualTo(root);
        }
    }

    @Test
    void provisioners_are_listed() throws Exception {
        assertThat(pki.step("ca", "provisioner", "list").succeeded().output())
                .contains("\"type\": \"JWK\"", "\"name\": \"admin\"", "\"encryptedKey\"");
    }

    @ParameterizedTest
    @CsvSource({"EC,P-256", "EC,P-384", "EC,P-521", "OKP,Ed25519", "RSA,2048"})
    void keys_of_every_type_get_a_certificate_that_verifies(String type, String size) throws Exception {
        String name =
                type.toLowerCase(java.util.Locale.ROOT) + "-" + size.toLowerCase(java.util.Locale.ROOT) + ".example";
        certificate(name, "--kty", type, type.equals("RSA") ? "--size" : "--curve", size)
                .succeeded();
        pki.step(
                        "certificate",
                        "verify",
                        pki.file(name + ".crt").toString(),
                        "--roots",
                        pki.root().toString())
                .succeeded();
        String keyUsage = type.equals("RSA") ? "Digital Signature, Key Encipherment" : "Digital Signature";
        assertThat(inspect(name)).contains("X509v3 Key Usage: critical\n                " + keyUsage + "\n");
    }

    @Test
    void names_of_every_kind_are_in_the_certificate_in_order() throws Exception {
        certificate(
                        "names.example",
                        "--san",
                        "spiffe://a.example/b",
                        "--san",
                        "10.1.2.3",
                        "--san",
                        "me@a.example",
                        "--san",
                        "names.example",
                        "--san",
                        "2001:db8::1")
                .succeeded();
        assertThat(inspect("names.example"))
                .containsPattern(
                        "DNS:names.example\\s+email:me@a.example\\s+IP Address:10.1.2.3, IP Address:2001:db8::1"
                                + "\\s+URI:spiffe://a.example/b")
                .contains("X509v3 Extended Key Usage")
                .contains("X509v3 Subject Key Identifier")
                .contains("X509v3 Authority Key Identifier")
                .contains("X509v3 Step Provisioner")
                .contains("Type: JWK")
                .contains("Name: admin");
    }

    @Test
    void a_shorter_validity_is_granted_and_one_too_long_is_refused() throws Exception {
        certificate("short.example", "--not-after", "10m").succeeded();
        Commands.Result tooLong = certificate("long.example", "--not-after", "25h");
        assertThat(tooLong.exitCode()).isNotZero();
        // The backdate is shorter than a minute while the PKI is younger than that.
        assertThat(tooLong.output())
                .containsPattern("requested duration of 25h[01]m\\d+s is more than the authorized maximum certificate"
                        + " duration of 24h1m0s\\.");
    }

    @Test
    void a_token_made_online_or_offline_buys_one_certificate() throws Exception {
        for (String offline : new String[] {"false", "true"}) {
            String name = "token-" + offline + ".example";
            String[] command = {
                "ca",
                "token",
                name,
                "--provisioner",
                StepPki.PROVISIONER,
                "--provisioner-password-file",
                pki.password(),
                "--password-file",
                pki.password(),
                "--offline=" + offline,
                "--output-file",
                pki.file(name).toString()
            };
            pki.step(command).succeeded();
            String token = StepPki.text(pki.file(name)).strip();
            String crt = pki.file(name + ".crt").toString();
            String key = pki.file(name + ".key").toString();
            pki.step("ca", "certificate", name, crt, key, "--token", token).succeeded();
            Commands.Result again = pki.step("ca", "certificate", name, crt, key, "--token", token, "--force");
            assertThat(again.exitCode()).isNotZero();
            assertThat(again.output()).contains("The request lacked necessary authorization to be completed.");
        }
    }

    private static Commands.Result byMachine(String name, String certificate) throws Exception {
        return pki.step(
                "ca",
                "certificate",
                name,
                pki.file(name + ".crt").toString(),
                pki.file(name + ".key").toString(),
                "--provisioner",
                "machines",
                "--x5c-cert",
                pki.file(certificate + ".crt").toString(),
                "--x5c-key",
                pki.file(certificate + ".key").toString());
    }

    @Test
    void the_holder_of_a_certificate_gets_others_until_it_is_revoked() throws Exception {
        certificate("machine.example", "--not-after", "1h").succeeded();
        byMachine("service.example", "machine.example").succeeded();
        assertThat(inspect("service.example")).contains("Type: X5C", "Name: machines", "DNS:service.example");
        byMachine("third.example", "service.example").succeeded();
        String machine = pki.file("machine.example.crt").toString();
        pki.step(
                        "ca",
                        "revoke",
                        "--cert",
                        machine,
                        "--key",
                        pki.file("machine.example.key").toString())
                .succeeded();
        Commands.Result refused = byMachine("fourth.example", "machine.example");
        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.output()).contains("The request lacked necessary authorization to be completed.");
    }

    @Test
    void the_holder_of_a_certificate_revokes_others() throws Exception {
        certificate("guard.example").succeeded();
        certificate("stray.example").succeeded();
        String serial = ApiClient.certificate(StepPki.text(pki.file("stray.example.crt")))
                .getSerialNumber()
                .toString();
        String token = pki.step(
                        "ca",
                        "token",
                        serial,
                        "--revoke=true",
                        "--provisioner",
                        "machines",
                        "--x5c-cert",
                        pki.file("guard.example.crt").toString(),
                        "--x5c-key",
                        pki.file("guard.example.key").toString())
                .succeeded()
                .output()
                .strip();
        pki.step("ca", "revoke", serial, "--token", token.substring(token.lastIndexOf('\n') + 1))
                .succeeded();
        Commands.Result renewed = pki.step(
                "ca",
                "renew",
                "--force",
                pki.file("stray.example.crt").toString(),
                pki.file("stray.example.key").toString());
        assertThat(renewed.exitCode()).isNotZero();
    }

    @Test
    void a_provisioner_whose_tokens_can_be_used_again_is_warned_of_at_the_start() {
        assertThat(ca.lines()).anyMatch(line -> line.contains("any number of times") && line.contains("pods"));
    }

    @Test
    void a_pod_gets_certificates_by_the_token_that_is_mounted_into_it() throws Exception {
        String token = cluster.jws(
                "{\"alg\":\"RS256\",\"kid\":\"\"}",
                "{\"iss\":\"kubernetes/serviceaccount\",\"sub\":\"system:serviceaccount:shop:web\","
                        + "\"kubernetes.io/serviceaccount/namespace\":\"shop\","
                        + "\"kubernetes.io/serviceaccount/service-account.name\":\"web\"}");
        Files.writeString(pki.file("pod.token"), token);
        for (String name : new String[] {"web.shop.svc", "web2.shop.svc"}) {
            pki.step(
                            "ca",
                            "certificate",
                            name,
                            pki.file(name + ".crt").toString(),
                            pki.file(name + ".key").toString(),
                            "--provisioner",
                            "pods",
                            "--k8ssa-token-path",
                            pki.file("pod.token").toString())
                    .succeeded();
            assertThat(inspect(name)).contains("Type: K8sSA", "Name: pods", "CN=" + name);
        }
    }

    @Test
    void a_request_made_elsewhere_is_signed() throws Exception {
        String csr = pki.file("made.csr").toString();
        pki.step(
                        "certificate",
                        "create",
                        "made.example",
                        csr,
                        pki.file("made.key").toString(),
                        "--csr",
                        "--no-password",
                        "--insecure")
                .succeeded();
        pki.step(
                        "ca",
                        "sign",
                        csr,
                        pki.file("made.crt").toString(),
                        "--provisioner",
                        StepPki.PROVISIONER,
                        "--provisioner-password-file",
                        pki.password())
                .succeeded();
        assertThat(Commands.run(
                                folder,
                                java.util.Map.of(),
                                "openssl",
                                "verify",
                                "-CAfile",
                                pki.root().toString(),
                                "-untrusted",
                                pki.file("made.crt").toString(),
                                pki.file("made.crt").toString())
                        .succeeded()
                        .output())
                .endsWith("OK\n");
    }

    @Test
    void chancery_names_the_certificate_in_its_store() throws Exception {
        certificate("stored.example").succeeded();
        String chancery =
                Path.of(System.getProperty("chancery.home"), "bin/chancery").toString();
        String listed = Commands.run(
                        folder,
                        java.util.Map.of(),
                        chancery,
                        "store",
                        "list",
                        pki.caJson().toString(),
                        "--name",
                        "Stored.Example",
                        "--no-header")
                .succeeded()
                .output();
        assertThat(listed).contains("\tissued\t").contains("\tadmin\tstored.example");
        String serial = listed.substring(0, listed.indexOf('\t'));
        assertThat(Commands.run(
                                folder,
                                java.util.Map.of(),
                                chancery,
                                "store",
                                "show",
                                pki.caJson().toString(),
                                serial)
                        .succeeded()
                        .output())
                .contains("state: issued", " intent ", " issued ", "-----BEGIN CERTIFICATE-----");
    }

    @Test
    void a_provisioner_added_by_step_is_served_after_a_restart_and_nothing_else_changed() throws Exception {
        Path other = folder.resolve("other");
        Files.createDirectories(other);
        StepPki second = StepPki.init(other);
        String chanceryJson = StepPki.text(other.resolve("step/config/chancery.json"));
        second.step(
                        "ca",
                        "provisioner",
                        "add",
                        "second",
                        "--create",
                        "--ca-config",
                        second.caJson().toString(),
                        "--password-file",
                        second.password())
                .succeeded();
        assertThat(StepPki.text(other.resolve("step/config/chancery.json"))).isEqualTo(chanceryJson);
        try (ChanceryProcess restarted = second.start()) {
            restarted.awaitReady();
            second.step(
                            "ca",
                            "certificate",
                            "x.example",
                            other.resolve("x.crt").toString(),
                            other.resolve("x.key").toString(),
                            "--provisioner",
                            "second",
                            "--provisioner-password-file",
                            second.password())
                    .succeeded();
        }
    }

    @Test
    void a_service_and_its_caller_on_the_go_sdk_speak_mutual_tls_and_renew() throws Exception {
        int before = ca.lines().size();
        try (GoProgram service = GoProgram.start(pki.bootstrapToken("service.example"), "sdk", "server")) {
            String url = "https://localhost:" + service.await("listening", 1, SDK_SECONDS);
            // What Go would do by itself: any suite, and no highest version.
            assertThat(service.events("settings"))
                    .containsExactly("TLS 1.2 to TLS 1.3 TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
                            + " TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
            try (GoProgram caller = GoProgram.start(pki.bootstrapToken("caller.example"), "sdk", "client", url)) {
                String renewed = caller.await("renewed", 1, SDK_SECONDS);
                assertThat(renewed).endsWith(" 2");
                assertThat(caller.events("shown"))
                        .singleElement()
                        .satisfies(shown -> assertThat(shown)
                                .endsWith(" caller.example")
                                .doesNotContain(renewed.substring(0, renewed.indexOf(' '))));
                assertThat(caller.events("met"))
                        .singleElement()
                        .satisfies(met -> assertThat(met).contains(" service.example "));
            }
            ca.awaitLine("path=/sign protocol=HTTP/2.0", before);
            Commands.Result stranger = curl(url);
            assertThat(stranger.exitCode()).isNotZero();
            assertThat(stranger.output()).contains("alert");
        }
    }

    @Test
    void an_ordinary_go_server_with_the_files_that_step_wrote_is_trusted_by_curl() throws Exception {
        certificate("localhost").succeeded();
        try (GoProgram server = GoProgram.start(
                "",
                "httpsserver",
                pki.file("localhost.crt").toString(),
                pki.file("localhost.key").toString())) {
            String port = server.await("listening", 1, SDK_SECONDS);
            assertThat(curl("https://localhost:" + port).succeeded().output()).endsWith("hello from Go");
            assertThat(curl("https://127.0.0.1:" + port).exitCode())
                    .as("a name that the certificate does not have")
                    .isEqualTo(60);
        }
    }

    private static Commands.Result curl(String url) throws Exception {
        return Commands.run(
                folder,
                java.util.Map.of(),
                "curl",
                "--silent",
                "--show-error",
                "--max-time",
                "20",
                "--cacert",
                pki.root().toString(),
                url);
    }
}
