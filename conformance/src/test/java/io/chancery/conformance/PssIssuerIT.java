package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.core.crypto.SignatureScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An issuer that OpenSSL made and signed with RSASSA-PSS, its key in a file: Go and OpenSSL judge what it signs. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class PssIssuerIT {
    @TempDir
    private Path folder;

    private StepPki pki;
    private ChanceryProcess ca;
    private ApiClient api;

    @BeforeEach
    void start() throws Exception {
        pki = StepPki.init(folder);
        pki.set("crl", Map.of("enabled", true, "generateOnRevoke", true));
        Path extensions = Files.writeString(folder.resolve("extensions"), """
                basicConstraints=critical,CA:TRUE,pathlen:0
                keyUsage=critical,keyCertSign,cRLSign
                subjectKeyIdentifier=hash
                authorityKeyIdentifier=keyid
                """);
        Path rootKey = folder.resolve("root.key");
        Path key = folder.resolve("issuer.key");
        Path csr = folder.resolve("issuer.csr");
        String root = "req -x509 -newkey rsa:2048 -nodes -sha256 -subj /CN=Root -days 3000 -addext"
                + " keyUsage=critical,keyCertSign,cRLSign -keyout " + rootKey + " -out " + pki.root();
        openssl(root + " -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest");
        openssl("req -new -newkey rsa:2048 -nodes -subj /CN=Issuer -keyout " + key + " -out " + csr);
        openssl("x509 -req -sha384 -days 1000 -in " + csr + " -CA " + pki.root() + " -CAkey " + rootKey + " -extfile "
                + extensions + " -out " + pki.intermediate()
                + " -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest");
        pki.set("key", key.toString());
        begin();
    }

    private void begin() throws Exception {
        ca = pki.start();
        ca.awaitReady();
        api = ApiClient.of(pki);
    }

    @AfterEach
    void stop() throws Exception {
        if (ca != null) {
            ca.close();
        }
    }

    private String openssl(String words) throws Exception {
        return Commands.run(folder, Map.of(), ("openssl " + words).split(" "))
                .succeeded()
                .output();
    }

    private void hangUp(String expected) throws Exception {
        int before = ca.lines().size();
        ca.signal("HUP");
        ca.awaitLine(expected, before);
    }

    private void says(String algorithm, String expected) throws Exception {
        pki.configure(Map.of("certificates", Map.of("signatureAlgorithm", algorithm)));
        hangUp(expected);
    }

    /** Signed, and good in the eyes of OpenSSL and of the step client. */
    private Optional<SignatureScheme> issued(String name) throws Exception {
        ApiClient.Answer answer = api.sign(api.csr(name), api.token(name));
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        IssuerFiles.verify(pki, List.of(IssuerFiles.chain(answer)));
        Path file = Files.writeString(folder.resolve(name), String.join("", IssuerFiles.chain(answer)));
        pki.step("certificate", "verify", file.toString(), "--roots", pki.root().toString())
                .succeeded();
        Optional<SignatureScheme> scheme = SignatureScheme.of(ApiClient.certificate(answer.member("crt")));
        assertThat(pki.step("certificate", "inspect", file.toString())
                        .succeeded()
                        .output())
                .contains("Signature Algorithm: "
                        + scheme.map(SignatureScheme::text).orElse("none"));
        return scheme;
    }

    @Test
    @Tag("long")
    void certificates_and_lists_follow_the_issuers_own_then_chancery_json_then_a_template() throws Exception {
        assertThat(issued("own.example")).contains(SignatureScheme.RSA_PSS_SHA384);
        pki.step("ca", "health", "--root", pki.root().toString()).succeeded();

        says("SHA512-RSAPSS", "needs a restart: chancery.json#/certificates/signatureAlgorithm");
        assertThat(issued("before.example")).contains(SignatureScheme.RSA_PSS_SHA384);
        ca.close();
        begin();
        ApiClient.Answer answer = api.sign(api.csr("list.example"), api.token("list.example"));
        assertThat(SignatureScheme.of(ApiClient.certificate(answer.member("crt"))))
                .contains(SignatureScheme.RSA_PSS_SHA512);
        String serial =
                ApiClient.certificate(answer.member("crt")).getSerialNumber().toString();
        assertThat(api.revoke(serial).status()).isEqualTo(200);
        ca.awaitListed(() -> list().contains("Serial Number:"));
        assertThat(list()).contains("verify OK", "rsassaPss", "Salt Length: 0x40");

        says("ECDSA-SHA256", "chancery.json#/certificates/signatureAlgorithm: found ECDSA-SHA256");
        assertThat(issued("still.example")).contains(SignatureScheme.RSA_PSS_SHA512);

        template(
                "{\"subject\":{{ toJson .Subject }},\"sans\":{{ toJson .SANs }},\"signatureAlgorithm\":\"SHA256-RSA\"}");
        says("SHA512-RSAPSS", "the new configuration is in force");
        assertThat(issued("template.example")).contains(SignatureScheme.RSA_SHA256);
    }

    /** The list that is served, as OpenSSL prints it. */
    private String list() throws Exception {
        Path list = Files.writeString(
                folder.resolve("list.pem"), api.get("/crl?pem").body());
        return openssl("crl -noout -text -in " + list + " -CAfile " + pki.intermediate());
    }

    @SuppressWarnings("unchecked") // JSON
    private void template(String text) throws Exception {
        Map<String, Object> authority = new HashMap<>((Map<String, Object>)
                JSONObjectUtils.parse(StepPki.text(pki.caJson())).get("authority"));
        for (Map<String, Object> each : (List<Map<String, Object>>) authority.get("provisioners")) {
            each.put("options", Map.of("x509", Map.of("template", text)));
        }
        pki.set("authority", authority);
    }
}
