package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One Chancery makes the certificate of a CA below it, and another runs as that CA, three certificates below a root of step's. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SubordinateIT {
    private static final String CA = "{\"subject\": {{ toJson .Subject }}, \"issuer\": {{ toJson .Subject }}, "
            + "\"keyUsage\": [\"certSign\", \"crlSign\"], \"basicConstraints\": {\"isCA\": true, \"maxPathLen\": %d}}";

    @TempDir
    Path folder;

    /** A PKI of step's whose intermediate may have CAs below it, and whose provisioner makes them. */
    private StepPki upper() throws Exception {
        StepPki pki = StepPki.init(Files.createDirectories(folder.resolve("upper")));
        Files.writeString(pki.file("root.tpl"), String.format(CA, 2));
        Files.writeString(pki.file("intermediate.tpl"), String.format(CA, 1));
        String root = pki.root().toString();
        String rootKey = pki.file("root.key").toString();
        String intermediate = pki.intermediate().toString();
        pki.step(words("certificate create Root " + root + " " + rootKey + " --template " + pki.file("root.tpl")
                        + " --no-password --insecure --force --not-before -1h --not-after 9000h"))
                .succeeded();
        pki.step(words("certificate create Upper " + intermediate + " "
                        + pki.file("step/secrets/intermediate_ca_key") + " --template " + pki.file("intermediate.tpl")
                        + " --ca " + root + " --ca-key " + rootKey
                        + " --force --not-before -1h --not-after 8000h --password-file " + pki.password()))
                .succeeded();
        Map<String, Object> ca = JSONObjectUtils.parse(StepPki.text(pki.caJson()));
        Map<String, Object> authority = JSONObjectUtils.getJSONObject(ca, "authority");
        Map<String, Object> admin =
                new LinkedHashMap<>(JSONObjectUtils.getJSONObjectArray(authority, "provisioners")[0]);
        admin.put("options", Map.of("x509", Map.of("template", documented())));
        admin.put("claims", Map.of("maxTLSCertDuration", "5000h", "defaultTLSCertDuration", "4000h"));
        authority.put("provisioners", List.of(admin));
        pki.set("authority", authority);
        return pki;
    }

    private static String[] words(String text) {
        return text.split(" ");
    }

    /** The template of docs/provisioners.md; the new CA's own server needs a certificate, too. */
    private static String documented() throws Exception {
        String page = Files.readString(Path.of(System.getProperty("chancery.home"), "docs/provisioners.md"));
        return Stream.of(page.split("```"))
                .filter(block -> block.contains("permittedDNSDomains"))
                .findFirst()
                .orElseThrow()
                .replace("\"shop.example\"", "\"shop.example\", \"localhost\"");
    }

    /** A PKI whose issuer is the new CA, with the chain above it, and which trusts another root besides. */
    private StepPki lower(StepPki upper, List<?> chain, Path key) throws Exception {
        StepPki pki = StepPki.init(Files.createDirectories(folder.resolve("lower")));
        Files.copy(pki.root(), pki.file("federated.crt"));
        Files.copy(upper.root(), pki.root(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(
                pki.intermediate(),
                String.join("", chain.stream().map(String.class::cast).toList()));
        pki.set("key", key.toString());
        pki.set("federatedRoots", List.of(pki.file("federated.crt").toString()));
        return pki;
    }

    @Test
    void a_ca_below_this_one_is_made_by_leave_alone_and_serves_under_the_same_root() throws Exception {
        StepPki upper = upper();
        Path subKey = upper.file("sub.key");
        upper.step(words("certificate create Sub " + upper.file("sub.csr") + " " + subKey
                        + " --csr --no-password --insecure"))
                .succeeded();
        List<?> chain;
        try (ChanceryProcess node = upper.start()) {
            node.awaitReady();
            ApiClient client = ApiClient.of(upper);
            String token = client.token("Sub");
            ApiClient.Answer refused = client.sign(StepPki.text(upper.file("sub.csr")), token);
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.body()).contains("the certificate would be one of a CA: keyRules.allowCa");
            upper.configure(Map.of("keyRules", Map.of("allowCa", true)));
            int before = node.lines().size();
            node.signal("HUP");
            node.awaitLine("the new configuration is in force", before);
            ApiClient.Answer made = client.sign(StepPki.text(upper.file("sub.csr")), token);
            assertThat(made.status()).as(made.body()).isEqualTo(201);
            chain = (List<?>) JSONObjectUtils.parse(made.body()).get("certChain");
            assertThat(chain).hasSize(2);
        }
        StepPki lower = lower(upper, chain, subKey);
        try (ChanceryProcess node = lower.start()) {
            node.awaitReady();
            serves(lower);
        }
    }

    private void serves(StepPki lower) throws Exception {
        ApiClient client = ApiClient.of(lower);
        KeyPair key = ApiClient.keyPair("EC", 256);
        ApiClient.Answer leaf = client.sign(ApiClient.csr("a.shop.example", key), client.token("a.shop.example"));
        assertThat(leaf.status()).as(leaf.body()).isEqualTo(201);
        List<?> chain = (List<?>) JSONObjectUtils.parse(leaf.body()).get("certChain");
        assertThat(chain).hasSize(3);
        Path file = lower.file("leaf.crt");
        Files.writeString(
                file, String.join("", chain.stream().map(String.class::cast).toList()));
        String root = lower.root().toString();
        Commands.Result verified = Commands.run(
                folder,
                Map.of(),
                "openssl",
                "verify",
                "-x509_strict",
                "-CAfile",
                root,
                "-untrusted",
                file.toString(),
                file.toString());
        assertThat(verified.succeeded().output()).endsWith("OK\n");
        ApiClient.Answer outside = client.sign(ApiClient.csr("a.bank.example", key), client.token("a.bank.example"));
        assertThat(outside.status()).isEqualTo(403);
        assertThat(outside.body()).contains("a.bank.example", "name constraints");
        assertThat(lower.step("ca", "roots").succeeded().output().strip())
                .isEqualTo(StepPki.text(lower.root()).strip());
        assertThat(lower.step("ca", "federation").succeeded().output())
                .contains(
                        StepPki.text(lower.file("federated.crt")).strip(),
                        StepPki.text(lower.root()).strip());
        assertThat(shownInTls(lower)).containsExactly("CN=Sub", "CN=Upper");
    }

    /** Subjects of the certificates above the server's own. */
    private static List<String> shownInTls(StepPki pki) throws Exception {
        HttpClient http = HttpClient.newBuilder()
                .sslContext(ApiClient.trusting(pki.root()))
                .build();
        HttpResponse<String> health = http.send(
                HttpRequest.newBuilder(URI.create(pki.url() + "/health")).build(),
                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        SSLSession session = health.sslSession().orElseThrow();
        return Stream.of(session.getPeerCertificates())
                .skip(1)
                .map(each -> ((X509Certificate) each).getSubjectX500Principal().getName())
                .toList();
    }
}
