package io.chancery.core.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.TestCa;
import io.chancery.core.TestCertificate;
import io.chancery.core.TestCsr;
import io.chancery.core.TestKeys;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.token.Audiences;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which templates may make certificates that speak for their issuer, and of what length of path. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class KeyLimitsTest {
    private static final String GOOD =
            "\"keyUsage\":[\"certSign\",\"crlSign\"],\"basicConstraints\":{\"isCA\":true," + "\"maxPathLen\":%s}";

    /** @param pathLength of the issuer; none when negative */
    private static Issuance rules(String members, int pathLength, boolean allowCa, int maxPathLength) {
        return rules(members, pathLength, new KeyLimits(allowCa, maxPathLength, false));
    }

    private static Issuance rules(String members, int pathLength, KeyLimits limits) {
        return rules(members, pathLength, limits, List.of());
    }

    /** @param above CAs that stand above the issuer, whose root is called "Root" */
    private static Issuance rules(String members, int pathLength, KeyLimits limits, List<X509Certificate> above) {
        Map<String, Object> provisioner = new HashMap<>(TestCa.provisioner());
        provisioner.put("options", Map.of("x509", Map.of("template", "{\"subject\":\"Sub\"," + members + "}")));
        X509Certificate issuer = TestCertificate.x509(TestCertificate.bare("Issuer", "P-256 issuer")
                .with(
                        Extension.basicConstraints,
                        pathLength < 0 ? new BasicConstraints(true) : new BasicConstraints(pathLength))
                .by("Root", "P-384"));
        return new StepIssuance(
                        Provisioners.of(List.of(provisioner), Map.of(), TestKeys.KEYS),
                        new Audiences(List.of("ca.example")),
                        Issuers.only(IssuerCertificate.of(issuer).below(above), NameConstraints.of(List.of(issuer))),
                        Duration.ofMinutes(1),
                        TestKeys.KEYS)
                .within(limits);
    }

    private static PreparedIssuance prepare(Issuance rules) {
        SignCommand command = new SignCommand(
                TestCsr.of("P-256", "", List.of()),
                TestCa.token("{\"iss\":\"admin\",\"aud\":\"https://ca.example/sign\",\"sub\":\"sub\"}"),
                Optional.empty(),
                Optional.empty());
        return rules.prepare(command, TestCa.NOW, new SerialNumber(BigInteger.ONE.shiftLeft(100)));
    }

    private static void forbidden(String reason, Issuance rules) {
        assertThatThrownBy(() -> prepare(rules)).isInstanceOfSatisfying(CaException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN);
            assertThat(e.publicDetail())
                    .startsWith("the certificate would be one of a CA: ")
                    .contains(reason);
        });
    }

    @Test
    void a_ca_certificate_is_made_where_the_rules_for_the_key_allow_it() {
        PreparedIssuance prepared = prepare(rules(String.format(GOOD, 0), 1, true, 0));
        TBSCertificate made =
                TBSCertificate.getInstance(prepared.certificate().tbs().bytes());
        assertThat(BasicConstraints.fromExtensions(made.getExtensions()).getPathLenConstraint())
                .isEqualTo(BigInteger.ZERO);
    }

    @Test
    void nothing_of_a_ca_is_made_where_they_do_not() {
        forbidden("keyRules.allowCa", rules(String.format(GOOD, 0), 1, false, 0));
        forbidden("keyRules.allowCa", rules("\"basicConstraints\":{\"isCA\":true,\"maxPathLen\":0}", 1, false, 0));
        forbidden("keyRules.allowCa", rules("\"keyUsage\":[\"certSign\"]", 1, false, 0));
        forbidden("keyRules.allowCa", rules("\"keyUsage\":[\"crlSign\"]", 1, false, 0));
        String netscapeCa = "\"extensions\":[{\"id\":\"2.16.840.1.113730.1.1\",\"value\":\"AwICBA==\"}]";
        forbidden("keyRules.allowCa", rules(netscapeCa, 1, false, 0));
        forbidden("both basicConstraints.isCA", rules(netscapeCa, 1, true, 0));
    }

    @Test
    void a_leaf_needs_no_leave() {
        assertThat(prepare(rules(
                        "\"extensions\":[{\"id\":\"2.16.840.1.113730.1.1\",\"value\":\"AwIGwA==\"}]", 0, false, 0)))
                .isNotNull();
        assertThat(prepare(rules(
                        "\"keyUsage\":[\"digitalSignature\"],\"basicConstraints\":{\"isCA\":false}", 0, false, 0)))
                .isNotNull();
        assertThat(prepare(rules("\"extKeyUsage\":[\"serverAuth\"]", 0, false, 0))
                        .certificate())
                .isNotNull();
    }

    @Test
    void one_that_signs_ocsp_responses_needs_leave_however_its_template_says_so() {
        for (String member :
                List.of("\"extKeyUsage\":[\"ocspSigning\"]", "\"unknownExtKeyUsage\":[\"1.3.6.1.5.5.7.3.9\"]")) {
            assertThatThrownBy(() -> prepare(rules(member, 1, true, 0)))
                    .isInstanceOfSatisfying(CaException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN);
                        assertThat(e.publicDetail()).contains("OCSP", "keyRules.allowOcspSigning");
                    });
            assertThat(prepare(rules(member, 1, new KeyLimits(false, 0, true)))).isNotNull();
        }
    }

    @Test
    void any_other_purpose_and_any_critical_extension_needs_none() {
        assertThat(prepare(rules("\"extKeyUsage\":[\"any\"]", 1, false, 0))).isNotNull();
        assertThat(prepare(rules(
                        "\"extensions\":[{\"id\":\"1.2.3.4\",\"critical\":true,\"value\":\"BQA=\"}]", 1, false, 0)))
                .isNotNull();
    }

    @Test
    void an_extension_of_a_known_kind_that_is_not_of_its_form_is_the_template_s_fault_and_named() {
        for (String id : List.of("2.5.29.37", "2.5.29.15", "2.5.29.19")) {
            assertThatThrownBy(() ->
                            prepare(rules("\"extensions\":[{\"id\":\"" + id + "\",\"value\":\"DAF4\"}]", 1, false, 0)))
                    .isInstanceOfSatisfying(CaException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.TEMPLATE_FAILED);
                        assertThat(e.getMessage()).contains(id);
                    });
        }
    }

    @ParameterizedTest(name = "{0} under {1}, at most {2}: {3}")
    @CsvSource({
        "0, 1, 0, ''",
        "1, 2, 1, ''",
        "1, -1, 1, ''",
        "0, 0, 0, allows 0 CA certificate(s)",
        "1, 1, 1, allows 1 CA certificate(s)",
        "1, 3, 0, keyRules.maxPathLength",
        "-1, 3, 0, maxPathLen"
    })
    void its_path_is_shorter_than_the_issuer_s_and_no_longer_than_is_allowed(
            int length, int issuer, int most, String reason) {
        Issuance rules = rules(String.format(GOOD, length), issuer, true, most);
        if (reason.isEmpty()) {
            assertThat(prepare(rules)).isNotNull();
        } else {
            forbidden(reason, rules);
        }
    }

    private static X509Certificate root(BasicConstraints constraints) {
        return TestCertificate.x509(TestCertificate.bare("Root", "P-384")
                .with(Extension.basicConstraints, constraints)
                .by("Root", "P-384"));
    }

    @Test
    void its_path_is_as_short_as_a_ca_above_the_issuer_wants_it() {
        KeyLimits wide = new KeyLimits(true, 5, false);
        String shortest = String.format(GOOD, 0);
        List<X509Certificate> tight = List.of(root(new BasicConstraints(1)));
        forbidden("allows 0 CA certificate(s)", rules(shortest, -1, wide, tight));
        forbidden("allows 0 CA certificate(s)", rules(shortest, 3, wide, tight));
        List<X509Certificate> wider = List.of(root(new BasicConstraints(2)));
        assertThat(prepare(rules(shortest, -1, wide, wider))).isNotNull();
        forbidden("allows 1 CA certificate(s)", rules(String.format(GOOD, 1), -1, wide, wider));
        forbidden("allows 1 CA certificate(s)", rules(String.format(GOOD, 1), 1, wide, wider));
        assertThat(prepare(rules(String.format(GOOD, 5), -1, wide, List.of(root(new BasicConstraints(true))))))
                .isNotNull();
    }

    @Test
    void the_flag_and_the_usage_of_a_ca_go_together() {
        forbidden("certSign", rules("\"basicConstraints\":{\"isCA\":true,\"maxPathLen\":0}", 1, true, 0));
        forbidden(
                "certSign",
                rules("\"keyUsage\":[\"crlSign\"],\"basicConstraints\":{\"isCA\":true,\"maxPathLen\":0}", 1, true, 0));
        forbidden("isCA", rules("\"keyUsage\":[\"certSign\"]", 1, true, 0));
    }
}
