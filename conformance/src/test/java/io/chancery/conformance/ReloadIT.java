package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGHUP, as an operator sends it after the real step client has changed ca.json. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class ReloadIT {
    private static final String IN_FORCE = "the new configuration is in force";
    private static final String OLD_ONE = "the old configuration stays in force";

    @TempDir
    private Path folder;

    private StepPki pki;
    private ChanceryProcess ca;
    private ApiClient api;

    @BeforeEach
    void start() throws Exception {
        pki = StepPki.init(folder);
        ca = pki.start();
        ca.awaitReady();
        api = ApiClient.of(pki);
    }

    @AfterEach
    void stop() throws Exception {
        ca.close();
    }

    private void hangUp(String expected) throws Exception {
        int before = ca.lines().size();
        Commands.run(folder, Map.of(), "kill", "-HUP", String.valueOf(ca.pid())).succeeded();
        ca.awaitLine(expected, before);
    }

    private Map<String, Object> caJson() throws Exception {
        return JSONObjectUtils.parse(StepPki.text(pki.caJson()));
    }

    private void write(Map<String, Object> caJson) throws Exception {
        Files.writeString(pki.caJson(), JSONObjectUtils.toJSONString(caJson), StandardCharsets.UTF_8);
    }

    private ApiClient.Answer sign(String name) throws Exception {
        return api.sign(api.csr(name), api.token(name));
    }

    @Test
    void a_provisioner_that_the_step_client_adds_serves_after_it_and_used_tokens_stay_used() throws Exception {
        String csr = api.csr("used.example");
        String used = api.token("used.example");
        assertThat(api.sign(csr, used).status()).isEqualTo(201);

        pki.step(
                        "ca",
                        "provisioner",
                        "add",
                        "second",
                        "--create",
                        "--ca-config",
                        pki.caJson().toString(),
                        "--password-file",
                        pki.password())
                .succeeded();
        assertThat(api.get("/provisioners").body()).doesNotContain("\"second\"");
        hangUp(IN_FORCE);

        assertThat(api.get("/provisioners").body()).contains("\"second\"");
        pki.step(
                        "ca",
                        "certificate",
                        "new.example",
                        pki.file("new.crt").toString(),
                        pki.file("new.key").toString(),
                        "--provisioner",
                        "second",
                        "--provisioner-password-file",
                        pki.password(),
                        "--ca-url",
                        pki.url(),
                        "--root",
                        pki.root().toString())
                .succeeded();
        assertThat(pki.file("new.crt")).exists();
        assertThat(api.sign(csr, used).status()).isEqualTo(401);
        assertThat(sign("old.example").status()).isEqualTo(201);
    }

    @Test
    void a_broken_file_leaves_the_old_one_in_force_and_every_problem_is_logged() throws Exception {
        String original = StepPki.text(pki.caJson());
        Map<String, Object> broken = caJson();
        broken.put("dnsNames", List.of());
        broken.put("logger", Map.of("format", "xml"));
        write(broken);
        hangUp(OLD_ONE);
        assertThat(ca.lines()).anyMatch(line -> line.contains("#/dnsNames"));
        assertThat(ca.lines()).anyMatch(line -> line.contains("#/logger/format"));
        assertThat(sign("still.example").status()).isEqualTo(201);

        brokenBehindTheForm(original);

        Files.writeString(pki.caJson(), "{ no json", StandardCharsets.UTF_8);
        hangUp(OLD_ONE);
        Files.delete(pki.caJson());
        hangUp(OLD_ONE);
        ClusterJudge.await("health", 30, () -> api.get("/health").status() == 200);
    }

    /** What only shows when what stands in the files is made. */
    private void brokenBehindTheForm(String original) throws Exception {
        Path secret = Files.writeString(folder.resolve("no-secret"), "no Base64!\n");
        pki.configure(Map.of(
                "provisioners",
                Map.of(StepPki.PROVISIONER, Map.of("webhooks", Map.of("h", Map.of("secretFile", secret.toString()))))));
        Map<String, Object> hook = Map.of("name", "h", "url", "https://localhost:1/", "kind", "ENRICHING");
        write(changed(original, Map.of("webhooks", List.of(hook)), Map.of()));
        leavesTheOldOne("webhooks/h");
        pki.configure(Map.of());
        write(changed(original, Map.of("x509", Map.of("template", "{ {{ nobody . }} }")), Map.of()));
        leavesTheOldOne("options/x509/template: found line 1, column ");
        Map<String, Object> policy = Map.of("x509", Map.of("allow", Map.of("dns", List.of("*.*.b"))));
        write(changed(original, Map.of(), policy));
        leavesTheOldOne("#/authority/policy/x509/allow/dns");
    }

    private void leavesTheOldOne(String told) throws Exception {
        hangUp(OLD_ONE);
        assertThat(ca.lines()).anyMatch(line -> line.contains(told));
        assertThat(sign("still.example").status()).isEqualTo(201);
    }

    /** Other options of the provisioner and another policy, and with them a limit that every request would break. */
    private static Map<String, Object> changed(String original, Map<String, Object> options, Map<String, Object> policy)
            throws Exception {
        Map<String, Object> all = JSONObjectUtils.parse(original);
        Map<String, Object> authority = JSONObjectUtils.getJSONObject(all, "authority");
        Map<String, Object> provisioner =
                new HashMap<>(JSONObjectUtils.getJSONObjectArray(authority, "provisioners")[0]);
        provisioner.put("options", options);
        provisioner.put("claims", Map.of("minTLSCertDuration", "100h", "maxTLSCertDuration", "200h"));
        authority.put("provisioners", List.of(provisioner));
        authority.put("policy", policy);
        return all;
    }

    @Test
    void what_cannot_change_while_it_runs_is_named_and_nothing_else_of_the_file_is_taken() throws Exception {
        Map<String, Object> moved = caJson();
        moved.put("address", "127.0.0.1:1");
        moved.put("db", Map.of("type", "sqlite", "dataSource", folder.toString()));
        moved.put("authority", Map.of("provisioners", List.of()));
        write(moved);
        hangUp("needs a restart: ca.json#/address, ca.json#/db");
        assertThat(sign("unchanged.example").status()).isEqualTo(201);
    }

    @Test
    void federated_roots_and_the_place_of_the_list_are_served_as_the_file_names_them() throws Exception {
        pki.set("crl", Map.of("enabled", true, "idpURL", "http://one.example/crl"));
        hangUp(IN_FORCE);
        awaitListOf("http://one.example/crl");
        Path federated = ProviderTls.ofAnotherRoot(pki).root();
        String some = StepPki.text(federated).lines().skip(1).findFirst().orElseThrow(); // of its Base64
        assertThat(api.get("/federation").body()).doesNotContain(some);
        pki.set("federatedRoots", List.of(federated.toString()));
        pki.set("crl", Map.of("enabled", true, "idpURL", "http://two.example/crl"));
        hangUp(IN_FORCE);
        assertThat(api.get("/federation").body()).contains(some);
        awaitListOf("http://two.example/crl");
    }

    /** The list says where it is had, in an extension that OpenSSL holds certificates against. */
    private void awaitListOf(String url) throws Exception {
        ClusterJudge.await("the list of " + url, 20, () -> {
            ApiClient.Answer answer = api.get("/crl?pem");
            return answer.status() == 200 && extension(answer.body()).contains(url);
        });
    }

    private static String extension(String list) throws Exception {
        X509CRL read = (X509CRL) CertificateFactory.getInstance("X.509")
                .generateCRL(new ByteArrayInputStream(list.getBytes(StandardCharsets.US_ASCII)));
        return new String(read.getExtensionValue("2.5.29.28"), StandardCharsets.ISO_8859_1);
    }

    @Test
    void a_good_ca_json_beside_a_broken_chancery_json_changes_nothing() throws Exception {
        Map<String, Object> nobody = caJson();
        nobody.put("authority", Map.of("provisioners", List.of()));
        write(nobody);
        pki.configure(Map.of("limits", Map.of("inFlight", 0)));
        hangUp(OLD_ONE);
        assertThat(ca.lines()).anyMatch(line -> line.contains("#/limits/inFlight"));
        assertThat(sign("still.example").status()).isEqualTo(201);
        pki.configure(Map.of());
        hangUp(IN_FORCE);
        assertThat(sign("nobody.example").status()).isEqualTo(401);
    }

    @Test
    void claims_logger_and_limits_hold_for_the_next_request() throws Exception {
        Map<String, Object> changed = caJson();
        Map<String, Object> authority = JSONObjectUtils.parse(
                JSONObjectUtils.toJSONString(JSONObjectUtils.getJSONObject(changed, "authority")));
        authority.put("claims", Map.of("defaultTLSCertDuration", "10m", "maxTLSCertDuration", "10m"));
        authority.put("backdate", "0s");
        changed.put("authority", authority);
        changed.put("logger", Map.of("format", "json"));
        write(changed);
        hangUp(IN_FORCE);
        ApiClient.Answer answer = sign("short.example");
        assertThat(answer.status()).isEqualTo(201);
        var leaf = ApiClient.certificate(answer.member("crt"));
        assertThat(Duration.between(
                        leaf.getNotBefore().toInstant(), leaf.getNotAfter().toInstant()))
                .isEqualTo(Duration.ofMinutes(10));
        ca.awaitLine("\"path\":\"/sign\"", 0);
        assertThat(ca.lines()).anyMatch(line -> line.startsWith("{") && line.contains("\"provisioner\":\"admin\""));
    }

    /** Asks for /version, which needs neither store nor signer, on a connection and leaves it open. */
    private static String statusOn(Socket connection) throws Exception {
        String request = "GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n";
        connection.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        InputStream in = connection.getInputStream();
        StringBuilder answer = new StringBuilder();
        while (!answer.toString().endsWith("}")) { // the body is one object
            int octet = in.read();
            assertThat(octet).as("closed after: %s", answer).isNotNegative();
            answer.append((char) octet);
        }
        // A line end may be left of the answer before.
        return answer.toString().strip().lines().findFirst().orElseThrow();
    }

    @Test
    void new_names_get_a_new_server_certificate_without_a_restart() throws Exception {
        Map<String, Object> renamed = caJson();
        renamed.put("dnsNames", List.of("localhost", "127.0.0.1", "[::1]", "second-name.example"));
        renamed.put("commonName", "Renamed CA");
        write(renamed);
        try (Socket held = ApiClient.trusting(pki.root()).getSocketFactory().createSocket("127.0.0.1", pki.port())) {
            held.setSoTimeout((int) Duration.ofSeconds(30).toMillis());
            assertThat(statusOn(held)).isEqualTo("HTTP/1.1 200 OK");
            hangUp("server certificate renewed");
            assertThat(statusOn(held)).as("on a connection of before").isEqualTo("HTTP/1.1 200 OK");
        }
        String served = Commands.run(
                        folder,
                        Map.of(),
                        "openssl",
                        "s_client",
                        "-connect",
                        "127.0.0.1:" + pki.port(),
                        "-showcerts",
                        "-CAfile",
                        pki.root().toString())
                .output();
        assertThat(served).containsPattern("CN ?= ?Renamed CA").contains("Verify return code: 0 (ok)");
        String kept = StepPki.text(pki.database().resolveSibling("server-certificate.pem"));
        assertThat(ApiClient.certificate(kept).getSubjectAlternativeNames())
                .extracting(name -> String.valueOf(name.get(1)))
                .contains("second-name.example", "0:0:0:0:0:0:0:1");
    }
}
