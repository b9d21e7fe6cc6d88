package io.chancery.core.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chancery.core.TestCa;
import io.chancery.core.TestCsr;
import io.chancery.core.TestKeys;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.certificate.ServerCertificateProfile;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.lint.Lint;
import io.chancery.core.lint.WeakModuli;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.template.TemplateSources;
import io.chancery.core.token.Audiences;
import java.math.BigInteger;
import java.security.KeyPair;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.pkcs.CertificationRequestInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is issued has been held against the rules, and who hears what of a broken one. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LintedIssuanceTest {
    private static final SerialNumber SERIAL = new SerialNumber(BigInteger.ONE.shiftLeft(100));

    private static StepIssuance issuance(IssuerCertificate issuer, Map<String, Object> x509) {
        Map<String, Object> provisioner = new HashMap<>(TestCa.provisioner());
        provisioner.put("options", Map.of("x509", x509));
        return new StepIssuance(
                Provisioners.of(List.of(provisioner), Map.of(), TestKeys.KEYS, TemplateSources.NONE),
                new Audiences(List.of("ca.example")),
                Issuers.only(issuer, NameConstraints.of(List.of(issuer.certificate()))),
                Duration.ofMinutes(1),
                TestKeys.KEYS);
    }

    private static SignCommand command(Der csr, String name) {
        String claims =
                "{\"iss\":\"admin\",\"sub\":\"" + name + "\",\"aud\":\"https://ca.example/sign\",\"jti\":\"1\"}";
        return new SignCommand(csr, TestCa.token(claims), Optional.empty(), Optional.empty());
    }

    private static CaException refusal(StepIssuance issuance, Der csr) {
        return catchThrowableOfType(
                CaException.class, () -> issuance.prepare(command(csr, "a.example"), TestCa.NOW, SERIAL));
    }

    private static Der weakCsr() throws Exception {
        KeyPair pair = WeakModuli.neighbours(new Random(5));
        SignatureScheme scheme = SignatureScheme.RSA_SHA256;
        byte[] info = new CertificationRequestInfo(
                        new X500Name("CN=a.example"),
                        SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()),
                        new DERSet())
                .getEncoded("DER");
        return TestCa.csr(info, pair.getPrivate(), scheme.jcaName(), scheme.identifier());
    }

    @Test
    void a_key_that_anyone_can_break_is_refused_by_name_whoever_s_template_it_is() throws Exception {
        Der csr = weakCsr();
        for (Map<String, Object> x509 : List.<Map<String, Object>>of(
                Map.of(), Map.of("template", "{\"subject\":\"x\",\"sans\":{{ toJson .SANs }}}"))) {
            CaException e = refusal(issuance(TestCa.ISSUER, x509), csr);
            assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN);
            assertThat(e.publicDetail()).contains("subjectPublicKeyInfo", "rule rsa-close-primes");
        }
    }

    @Test
    void the_issuer_s_own_key_is_refused() {
        CaException e = refusal(TestCa.issuance(), TestCsr.of("P-256 issuer", "a.example", List.of()));
        assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(e.publicDetail()).contains("rule key-not-issuers");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"keyUsage\":\"certSign\" | cert-sign-needs-ca",
                "\"policyIdentifiers\":[\"1.2.3\",\"1.2.3\"] | policies-distinct",
                "\"nameConstraints\":{\"critical\":true,\"permittedDNSDomains\":[\"x\"]} | name-constraints-need-ca",
                "\"extensions\":[{\"id\":\"2.5.29.14\",\"critical\":true,\"value\":\"BAEB\"}] | must-not-be-critical",
                "\"basicConstraints\":{\"isCA\":true,\"maxPathLen\":0} | ca-key-usage"
            })
    void a_template_that_breaks_a_rule_is_told_in_fixed_words_and_the_log_in_full(String member, String rule) {
        Map<String, Object> template =
                Map.of("template", "{\"subject\":\"x\",\"dnsNames\":[\"a.example\"]," + member + "}");
        CaException e = refusal(issuance(TestCa.ISSUER, template), TestCsr.of("P-256", "a.example", List.of()));
        assertThat(e.code()).isEqualTo(ErrorCode.TEMPLATE_FAILED);
        assertThat(e.publicDetail()).isEqualTo("error applying certificate template");
        assertThat(e).hasMessageContaining("rule " + rule);
    }

    @Test
    void rules_that_were_asked_for_are_held_and_those_left_out_are_not() {
        Der csr = TestCsr.of("P-256 issuer", "", List.of());
        IssuerCertificate loose = TestCa.ISSUER.withLint(Lint.of(false, List.of(), List.of("key-not-issuers")));
        assertThat(issuance(loose, Map.of())
                        .prepare(command(csr, "a_b.example"), TestCa.NOW, SERIAL)
                        .certificate()
                        .names())
                .containsExactly("a_b.example");
        IssuerCertificate strict = TestCa.ISSUER.withLint(Lint.of(false, List.of("dns-names"), List.of()));
        assertThatThrownBy(() -> issuance(strict, Map.of())
                        .prepare(command(TestCsr.of("P-256", "", List.of()), "a_b.example"), TestCa.NOW, SERIAL))
                .isInstanceOfSatisfying(
                        CaException.class,
                        e -> assertThat(e.publicDetail()).contains("\"a_b.example\"", "rule dns-names"));
    }

    @Test
    void the_server_s_own_certificate_is_held_against_the_rules_too() {
        assertThatThrownBy(() -> ServerCertificateProfile.prepare(
                        TestCa.ISSUER,
                        SERIAL,
                        "Step Online CA",
                        List.of("ca.example"),
                        NameConstraints.of(List.of()),
                        TestKeys.of("P-256 issuer").getPublic(),
                        TestCa.NOW))
                .isInstanceOf(CaException.class)
                .hasMessageContaining("rule key-not-issuers");
    }
}
