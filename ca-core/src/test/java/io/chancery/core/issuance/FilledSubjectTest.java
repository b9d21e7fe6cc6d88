package io.chancery.core.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.TestCa;
import io.chancery.core.TestCsr;
import io.chancery.core.TestKeys;
import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.policy.NamePolicies;
import io.chancery.core.policy.NamePolicy;
import io.chancery.core.policy.NameRules;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.template.SubjectDefaults;
import io.chancery.core.template.TemplateSources;
import io.chancery.core.token.Audiences;
import java.math.BigInteger;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code authority.template} adds to subjects; the expected ones are step-ca's. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class FilledSubjectTest {
    private static final SubjectDefaults ALL = new SubjectDefaults(Map.of(
            "country", "CH",
            "organization", "Acme",
            "organizationalUnit", "Ops",
            "locality", "Z\u00fcrich",
            "province", "ZH",
            "streetAddress", "Weg 1",
            "serialNumber", "7",
            "commonName", "nobody.example"));

    @Test
    void an_empty_text_is_no_default() {
        assertThatThrownBy(() -> new SubjectDefaults(Map.of("country", "")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static StepIssuance issuance(String template, SubjectDefaults defaults) {
        Map<String, Object> provisioner = new HashMap<>(TestCa.provisioner());
        if (!template.isEmpty()) {
            provisioner.put("options", Map.of("x509", Map.of("template", template)));
        }
        return new StepIssuance(
                        Provisioners.of(List.of(provisioner), Map.of(), TestKeys.KEYS, TemplateSources.NONE),
                        new Audiences(List.of("ca.example")),
                        Issuers.only(TestCa.ISSUER, NameConstraints.of(List.of(TestCa.ISSUER.certificate()))),
                        Duration.ofMinutes(1),
                        TestKeys.KEYS)
                .withSubjects(defaults);
    }

    private static PreparedCertificate made(StepIssuance issuance) {
        SignCommand command = new SignCommand(
                TestCsr.of("P-256", "", List.of()),
                TestCa.token("{\"iss\":\"admin\",\"aud\":\"https://ca.example/sign\",\"sub\":\"a.example\"}"),
                Optional.empty(),
                Optional.empty());
        return issuance.prepare(command, TestCa.NOW, new SerialNumber(BigInteger.ONE.shiftLeft(100)))
                .certificate();
    }

    private static TBSCertificate tbs(PreparedCertificate certificate) {
        return TBSCertificate.getInstance(certificate.tbs().bytes());
    }

    private static String subject(String template, SubjectDefaults defaults) {
        X500Name subject = tbs(made(issuance(template, defaults))).getSubject();
        return BCStyle.INSTANCE.toString(subject);
    }

    private static final String FILLED = "C=CH,ST=ZH,L=Z\u00fcrich,STREET=Weg 1,O=Acme,OU=Ops";

    @Test
    void step_s_default_leaf_has_them_before_its_name_in_go_s_order() {
        assertThat(subject("", ALL)).isEqualTo(FILLED + ",CN=a.example,SERIALNUMBER=7");
        assertThat(subject("", SubjectDefaults.NONE)).isEqualTo("CN=a.example");
        assertThat(made(issuance("", ALL)).subject()).isEqualTo("a.example");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"subject\":\"x\"} | C=CH,ST=ZH,L=Z\u00fcrich,STREET=Weg 1,O=Acme,OU=Ops,CN=x,SERIALNUMBER=7",
                "{\"dnsNames\":\"a.example\"} | C=CH,ST=ZH,L=Z\u00fcrich,STREET=Weg 1,O=Acme,OU=Ops,CN=nobody.example,SERIALNUMBER=7",
                "{\"subject\":{\"organization\":[\"One\",\"Two\"],\"serialNumber\":\"8\"}} | C=CH,ST=ZH,L=Z\u00fcrich,STREET=Weg 1,O=One+O=Two,OU=Ops,CN=nobody.example,SERIALNUMBER=8",
                "{\"subject\":{\"extraNames\":[{\"type\":\"2.5.4.3\",\"value\":\"late\"}]}} | C=CH,ST=ZH,L=Z\u00fcrich,STREET=Weg 1,O=Acme,OU=Ops,SERIALNUMBER=7,CN=late",
                "{\"rawSubject\":\"MAwxCjAIBgNVBAMMAXg=\"} | CN=x"
            })
    void a_template_s_subject_is_filled_where_it_is_silent(String template, String subject) {
        assertThat(subject(template, ALL)).isEqualTo(subject);
    }

    @Test
    void alternative_names_are_critical_beside_a_subject_that_is_empty_and_was_not_filled() {
        String names = "{\"dnsNames\":[\"a.example\"]}";
        for (SubjectDefaults defaults : List.of(ALL, SubjectDefaults.NONE)) {
            assertThat(tbs(made(issuance(names, defaults)))
                            .getExtensions()
                            .getExtension(Extension.subjectAlternativeName)
                            .isCritical())
                    .isEqualTo(defaults.equals(SubjectDefaults.NONE));
        }
    }

    @Test
    void names_of_special_kinds_are_critical_where_the_template_gave_no_subject_as_step_has_it() {
        String names = "{\"sans\":[{\"type\":\"dns\",\"value\":\"a.example\"},"
                + "{\"type\":\"userPrincipalName\",\"value\":\"a@b.c\"}]}";
        assertThat(tbs(made(issuance(names, ALL)))
                        .getExtensions()
                        .getExtension(Extension.subjectAlternativeName)
                        .isCritical())
                .isTrue();
    }

    @Test
    void the_policy_judges_a_common_name_that_was_filled_in() {
        NameRules allowed = NameRules.of(
                kind -> kind.equals("dns") ? List.of("*.allowed.example") : List.of(), (kind, index, text, right) -> {
                    throw new IllegalArgumentException(text);
                });
        NamePolicy onlyOurs = NamePolicy.of(allowed, NameRules.NONE, false).orElseThrow();
        StepIssuance issuance = issuance(
                        "{\"dnsNames\":[\"a.allowed.example\"]}",
                        new SubjectDefaults(Map.of("commonName", "x.other.example")))
                .withPolicies(new NamePolicies(Optional.of(onlyOurs), Map.of()));
        assertThatThrownBy(() -> made(issuance))
                .isInstanceOfSatisfying(
                        CaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.POLICY_REFUSED));
    }
}
