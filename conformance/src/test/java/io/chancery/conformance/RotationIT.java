package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** One intermediate takes another one's place while clients go on. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class RotationIT {
    private static final String FIRST = "CN=Conformance Intermediate CA,O=Conformance";
    private static final String NEXT = "CN=Issuer next";

    private Path folder;
    private StepPki pki;
    private ChanceryProcess ca;
    private ApiClient api;
    private Map<String, Object> next;

    @BeforeAll
    void start(@TempDir Path made) throws Exception {
        folder = made;
        pki = StepPki.init(folder);
        pki.set("crl", Map.of("enabled", true, "generateOnRevoke", true));
        next = IssuerFiles.make(pki, "next");
        ca = pki.start();
        ca.awaitReady();
        api = ApiClient.of(pki);
    }

    @AfterAll
    void stop() throws Exception {
        ca.close();
    }

    private void hangUp(String expected) throws Exception {
        int before = ca.lines().size();
        ca.signal("HUP");
        ca.awaitLine(expected, before);
    }

    private void issuers(Map<String, Object> entry) throws Exception {
        pki.configure(Map.of("issuers", List.of(entry)));
        hangUp("the new configuration is in force");
    }

    @Test
    void an_issuer_cannot_be_left_out_while_its_certificates_are_good_unless_they_are_given_up() throws Exception {
        issuers(IssuerFiles.issuing(next, Map.of()));
        awaitIssuer(NEXT);
        pki.configure(Map.of());
        hangUp("the issuer next is left out");
        assertThat(issuer(sign("still.example").member("crt"))).isEqualTo(NEXT);
        pki.configure(Map.of("abandonedIssuers", List.of(fingerprint(IssuerFiles.certificate(pki, "next")))));
        hangUp("the new configuration is in force");
        assertThat(issuer(sign("back.example").member("crt"))).isEqualTo(FIRST);
        assertThat(published()).containsExactly(FIRST);
    }

    private String fingerprint(Path certificate) throws Exception {
        return pki.step("certificate", "fingerprint", certificate.toString())
                .succeeded()
                .output()
                .strip();
    }

    private void refused(Map<String, Object> entry, String text) throws Exception {
        pki.configure(Map.of("issuers", List.of(entry)));
        hangUp(text);
    }

    private static String issuer(String pem) throws Exception {
        return ApiClient.certificate(pem).getIssuerX500Principal().getName();
    }

    private ApiClient.Answer sign(String name) throws Exception {
        ApiClient.Answer answer = api.sign(api.csr(name), api.token(name));
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer;
    }

    @SuppressWarnings("unchecked") // JSON arrays of texts
    private List<String> published() throws Exception {
        List<String> subjects = new java.util.ArrayList<>();
        for (String pem : (List<String>)
                JSONObjectUtils.parse(api.get("/intermediates").body()).get("crts")) {
            subjects.add(ApiClient.certificate(pem).getSubjectX500Principal().getName());
        }
        return subjects;
    }

    private void awaitIssuer(String expected) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!issuer(sign("waiting.example").member("crt")).equals(expected)) {
            assertThat(System.nanoTime() - end).isNegative();
        }
    }

    private void step(String... arguments) throws Exception {
        pki.step(arguments).succeeded();
    }

    @Test
    void the_next_issuer_is_published_then_signs_and_the_old_one_s_certificates_renew_onto_it() throws Exception {
        issuers(next);
        assertThat(published()).containsExactly(FIRST, NEXT);
        step("ca", "certificate", "old.example", "old.crt", "old.key", "--provisioner-password-file", pki.password());
        String csr = api.csr("repeat.example");
        String token = api.token("repeat.example");
        ApiClient.Answer before =
                api.sign(csr, token, Map.of("Idempotency-Key", "k")).get();
        assertThat(issuer(sign("still.example").member("crt"))).isEqualTo(FIRST);

        issuers(IssuerFiles.issuing(next, Map.of()));
        awaitIssuer(NEXT);
        assertThat(published()).containsExactly(NEXT, FIRST);
        ApiClient.Answer after = sign("new.example");
        IssuerFiles.verify(pki, List.of(IssuerFiles.chain(before), IssuerFiles.chain(after)));
        assertThat(ApiClient.certificate(after.member("ca"))
                        .getSubjectX500Principal()
                        .getName())
                .isEqualTo(NEXT);

        // What was answered once is answered again, with its own chain.
        ApiClient.Answer repeated =
                api.sign(csr, token, Map.of("Idempotency-Key", "k")).get();
        assertThat(IssuerFiles.chain(repeated)).isEqualTo(IssuerFiles.chain(before));

        step("certificate", "verify", "old.crt", "--roots", pki.root().toString());
        step("ca", "renew", "old.crt", "old.key", "--force");
        assertThat(issuer(StepPki.text(pki.file("old.crt")))).isEqualTo(NEXT);
        step("certificate", "verify", "old.crt", "--roots", pki.root().toString());

        assertRevoked(before, "/crl", pki.intermediate());
        assertRevoked(after, "/crl/next", IssuerFiles.certificate(pki, "next"));
        assertThat(api.get("/crl/nobody").status()).isEqualTo(404);
    }

    /** A list names it, and is its issuer's. */
    private void assertRevoked(ApiClient.Answer issued, String list, Path issuer) throws Exception {
        BigInteger serial = ApiClient.certificate(issued.member("crt")).getSerialNumber();
        assertThat(api.revoke(serial.toString()).status()).isEqualTo(200);
        ca.awaitListed(() -> list(list).getRevokedCertificate(serial) != null);
        X509CRL found = list(list);
        found.verify(Certificates.read(issuer).getPublicKey());
        assertThat(found.getRevokedCertificate(serial)).isNotNull();
        for (String other : List.of("/crl", "/crl/next")) {
            assertThat(list(other).getRevokedCertificate(serial) != null).isEqualTo(other.equals(list));
        }
    }

    private X509CRL list(String path) throws Exception {
        return (X509CRL) CertificateFactory.getInstance("X.509")
                .generateCRL(
                        new ByteArrayInputStream(api.get(path + "?pem").body().getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void at_the_set_time_the_next_one_signs_by_itself_and_a_kind_of_key_can_have_one_of_its_own() throws Exception {
        Instant at = Instant.now().plusSeconds(3);
        issuers(IssuerFiles.issuing(next, Map.of("from", at.toString())));
        String early = issuer(sign("early.example").member("crt"));
        assertThat(early.equals(FIRST) || !Instant.now().isBefore(at)).isTrue();
        awaitIssuer(NEXT);
        assertThat(Instant.now()).isAfterOrEqualTo(at);

        issuers(IssuerFiles.issuing(next, Map.of("keyTypes", List.of("RSA"))));
        assertThat(issuer(sign("ec.example").member("crt"))).isEqualTo(FIRST);
        String rsa = ApiClient.csr("rsa.example", ApiClient.keyPair("RSA", 2048));
        assertThat(issuer(api.sign(rsa, api.token("rsa.example")).member("crt")))
                .isEqualTo(NEXT);
    }

    @Test
    void what_does_not_fit_is_told_and_leaves_the_old_configuration_in_force() throws Exception {
        issuers(next);
        Map<String, Object> stranger = new HashMap<>(next);
        stranger.put("name", "stranger");
        stranger.put("crt", pki.root().toString());
        stranger.put("key", pki.file("next.key").toString());
        refused(stranger, "the old configuration stays in force");
        refused(IssuerFiles.issuing(next, Map.of("provisioners", List.of("nobody"))), "/issuers/0/issues/provisioners");
        assertThat(issuer(sign("still.example").member("crt"))).isEqualTo(FIRST);
        assertThat(published()).containsExactly(FIRST, NEXT);
    }
}
