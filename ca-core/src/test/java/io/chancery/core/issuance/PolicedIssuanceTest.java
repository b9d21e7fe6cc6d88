package io.chancery.core.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chancery.core.TestCa;
import io.chancery.core.TestCertificate;
import io.chancery.core.TestCsr;
import io.chancery.core.TestKeys;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.policy.NamePolicies;
import io.chancery.core.policy.NamePolicy;
import io.chancery.core.policy.NameRules;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.template.TemplateSources;
import io.chancery.core.time.TimeOrDuration;
import io.chancery.core.token.Audiences;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PolicedIssuanceTest {
    private static final SerialNumber SERIAL = SerialNumber.parseDecimal("1267650600228229401496703205376");

    private static NamePolicy allowing(String kind, String... rules) {
        NameRules allowed = NameRules.of(k -> k.equals(kind) ? List.of(rules) : List.of(), (k, index, text, right) -> {
            throw new IllegalArgumentException(text);
        });
        return NamePolicy.of(allowed, NameRules.NONE, false).orElseThrow();
    }

    private static StepIssuance issuance(String template, NamePolicies policies) {
        return issuance(template, policies, NameConstraints.of(List.of(TestCa.ISSUER.certificate())));
    }

    private static StepIssuance issuance(String template, NamePolicies policies, NameConstraints constraints) {
        Map<String, Object> provisioner = new HashMap<>(TestCa.provisioner());
        if (!template.isEmpty()) {
            provisioner.put("options", Map.of("x509", Map.of("template", template)));
        }
        return new StepIssuance(
                        Provisioners.of(List.of(provisioner), Map.of(), TestKeys.KEYS, TemplateSources.NONE),
                        new Audiences(List.of("ca.example")),
                        Issuers.only(TestCa.ISSUER, constraints),
                        Duration.ofMinutes(1),
                        TestKeys.KEYS)
                .withPolicies(policies);
    }

    private static SignCommand command(String subject, String sans) {
        String claims = String.format(
                "{\"iss\":\"admin\",\"sub\":\"%s\",\"aud\":\"https://ca.example/1.0/sign\",\"jti\":\"1\",\"iat\":%d,"
                        + "\"exp\":%d,\"sans\":%s}",
                subject, TestCa.NOW.getEpochSecond(), TestCa.NOW.getEpochSecond() + 300, sans);
        return new SignCommand(
                TestCsr.of("Ed25519", "", List.of()), TestCa.token(claims), Optional.empty(), Optional.empty(), null);
    }

    private static CaException refusal(StepIssuance issuance, SignCommand command) {
        return catchThrowableOfType(CaException.class, () -> issuance.prepare(command, TestCa.NOW, SERIAL));
    }

    @ParameterizedTest
    @CsvSource({
        "other.example, POLICY_REFUSED, 'dns name \"other.example\" not allowed', POLICY_REFUSED, 'dns name \"other.example\" not allowed'",
        "a_b.a.example, FORBIDDEN, error validating certificate, NAME_NOT_JUDGED, error creating certificate"
    })
    void each_level_refuses_in_step_s_words(
            String name, ErrorCode ofProvisioner, String toProvisioner, ErrorCode ofAuthority, String toAuthority) {
        NamePolicy policy = allowing("dns", "*.a.example");
        SignCommand command = command("n.a.example", "[\"n.a.example\",\"" + name + "\"]");
        CaException byProvisioner =
                refusal(issuance("", new NamePolicies(Optional.empty(), Map.of("admin", policy))), command);
        assertThat(byProvisioner.code()).isEqualTo(ofProvisioner);
        assertThat(byProvisioner.publicDetail()).isEqualTo(toProvisioner);
        assertThat(byProvisioner).hasMessageContaining("provisioner").hasMessageContaining(name);
        CaException byAuthority = refusal(issuance("", new NamePolicies(Optional.of(policy), Map.of())), command);
        assertThat(byAuthority.code()).isEqualTo(ofAuthority);
        assertThat(byAuthority.publicDetail()).isEqualTo(toAuthority);
        assertThat(byAuthority).hasMessageContaining("authority.policy").hasMessageContaining(name);
    }

    @Test
    void the_log_says_which_rule_it_was() {
        CaException refusal = refusal(
                issuance("", new NamePolicies(Optional.of(allowing("dns", "*.a.example")), Map.of())),
                command("b.example", "[\"b.example\"]"));
        assertThat(refusal).hasMessage("authority.policy: dns name \"b.example\" not allowed: none of allow.dns");
    }

    @Test
    void both_levels_must_allow_a_name_and_the_policy_of_another_provisioner_is_nothing_to_it() {
        NamePolicies policies = new NamePolicies(
                Optional.of(allowing("dns", "*.a.example")),
                Map.of("admin", allowing("dns", "n.a.example", "b.example"), "other", allowing("dns", "x")));
        StepIssuance issuance = issuance("", policies);
        assertThat(refusal(issuance, command("n.a.example", "[\"n.a.example\"]")))
                .isNull();
        assertThat(refusal(issuance, command("m.a.example", "[\"m.a.example\"]")))
                .hasMessageStartingWith("the provisioner's policy");
        assertThat(refusal(issuance, command("b.example", "[\"b.example\"]")))
                .hasMessageStartingWith("authority.policy");
    }

    /** Wire contract s. 7.1: limits, the provisioner's policy, constraints, the authority's policy; webhooks come behind all. */
    @Test
    void where_several_refuse_they_answer_in_step_s_order() {
        var excluded = new org.bouncycastle.asn1.x509.NameConstraints(
                null, new GeneralSubtree[] {new GeneralSubtree(new GeneralName(GeneralName.dNSName, "b.example"))});
        NameConstraints constraints =
                NameConstraints.of(List.of(TestCertificate.x509(TestCertificate.ca("Upper", "P-521")
                        .with(Extension.nameConstraints, excluded)
                        .byTestCa())));
        NamePolicy policy = allowing("dns", "*.a.example");
        SignCommand once = command("b.example", "[\"b.example\"]");
        SignCommand tooLong = new SignCommand(
                once.csr(), once.ott(), Optional.empty(), Optional.of(new TimeOrDuration.After(Duration.ofDays(30))));
        NamePolicies both = new NamePolicies(Optional.of(policy), Map.of("admin", policy));
        NamePolicies ofAuthority = new NamePolicies(Optional.of(policy), Map.of());
        assertThat(refusal(issuance("", both, constraints), tooLong).publicDetail())
                .contains("duration");
        assertThat(refusal(issuance("", both, constraints), once)).hasMessageStartingWith("the provisioner's policy");
        CaException constrained = refusal(issuance("", ofAuthority, constraints), once);
        assertThat(constrained.code()).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(constrained.getMessage()).doesNotContain("policy");
        assertThat(refusal(issuance("", ofAuthority), once)).hasMessageStartingWith("authority.policy");
    }

    @Test
    void each_of_a_hundred_names_is_judged() {
        StepIssuance issuance = issuance("", new NamePolicies(Optional.of(allowing("dns", "*.a.example")), Map.of()));
        List<String> good =
                IntStream.range(0, 100).mapToObj(i -> "n" + i + ".a.example").toList();
        assertThat(refusal(issuance, command("n0.a.example", array(good)))).isNull();
        for (int i = 0; i < good.size(); i++) {
            List<String> names = new ArrayList<>(good);
            names.set(i, "n" + i + ".b.example");
            assertThat(refusal(issuance, command("n0.a.example", array(names))).publicDetail())
                    .isEqualTo("dns name \"n" + i + ".b.example\" not allowed");
        }
    }

    private static String array(List<String> names) {
        return "[\"" + String.join("\",\"", names) + "\"]";
    }

    @Test
    void the_subject_is_judged_too() {
        StepIssuance issuance = issuance("", new NamePolicies(Optional.of(allowing("dns", "*.a.example")), Map.of()));
        assertThat(refusal(issuance, command("boss", "[\"n.a.example\"]")).publicDetail())
                .isEqualTo("cn name \"boss\" not allowed");
    }

    /** Also where step-ca looks away: at the last common name alone, and at no extension that the template wrote itself. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"subject\":\"n.a.example\",\"dnsNames\":[\"b.example\"]} | dns name \"b.example\" not allowed",
                "{\"subject\":\"b.example\",\"dnsNames\":[\"n.a.example\"]} | cn name \"b.example\" not allowed",
                "{\"subject\":{\"commonName\":\"n.a.example\",\"extraNames\":[{\"type\":\"2.5.4.3\",\"value\":\"b.example\"}]}} | cn name \"b.example\" not allowed",
                "{\"subject\":\"n.a.example\",\"sans\":[{\"type\":\"dns\",\"value\":\"b.example\"},{\"type\":\"userPrincipalName\",\"value\":\"u\"}]} | dns name \"b.example\" not allowed",
                "{\"subject\":\"n.a.example\",\"uris\":[\"https://n.a.example\"]} | uri name \"https://n.a.example\" not allowed",
                "{\"subject\":\"n.a.example\",\"extensions\":[{\"id\":\"2.5.29.17\",\"value\":\"MAuCCWIuZXhhbXBsZQ==\"}]} | dns name \"b.example\" not allowed"
            })
    void names_that_a_template_gives_are_judged(String template, String words) {
        NamePolicies policies = new NamePolicies(Optional.of(allowing("dns", "*.a.example")), Map.of());
        CaException refusal = refusal(issuance(template, policies), command("n.a.example", "[\"n.a.example\"]"));
        assertThat(refusal.publicDetail()).isEqualTo(words);
        assertThat(refusal(issuance(template, NamePolicies.NONE), command("n.a.example", "[\"n.a.example\"]")))
                .isNull();
    }

    /** As step-ca, which judges none of them, where the policy says nothing of e-mail addresses. */
    @ParameterizedTest
    @CsvSource({
        "email, a.example, me@a.example,",
        "email, a.example, me@b.example, 'email name \"me@b.example\" not allowed'",
        "email, a.example, me, error creating certificate",
        "dns, *.a.example, me@b.example,"
    })
    void an_e_mail_address_in_the_subject_is_judged_where_rules_are_about_such(
            String kind, String rule, String address, String words) {
        NamePolicies policies = new NamePolicies(Optional.of(allowing(kind, rule)), Map.of());
        String template =
                "{\"subject\":{\"extraNames\":[{\"type\":\"1.2.840.113549.1.9.1\",\"value\":\"" + address + "\"}]}}";
        CaException refusal = refusal(issuance(template, policies), command("n.a.example", "[\"n.a.example\"]"));
        assertThat(refusal == null ? null : refusal.publicDetail()).isEqualTo(words);
    }

    private static NameConstraints permitting(GeneralName... names) {
        GeneralSubtree[] permitted = Stream.of(names).map(GeneralSubtree::new).toArray(GeneralSubtree[]::new);
        return NameConstraints.of(List.of(TestCertificate.x509(TestCertificate.ca("Upper", "P-521")
                .with(Extension.nameConstraints, new org.bouncycastle.asn1.x509.NameConstraints(permitted, null))
                .byTestCa())));
    }

    /** Also where step-ca looks away: it compares alternative names of the four common kinds alone. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"subject\":{\"organization\":\"Acme\",\"commonName\":\"x\"}} | ",
                "{\"subject\":{\"organization\":\"Other\",\"commonName\":\"x\"}} | O=Other,CN=x",
                "{\"subject\":{\"organization\":\"Acme\",\"extraNames\":[{\"type\":\"1.2.840.113549.1.9.1\",\"value\":\"me@b.example\"}]}} | me@b.example",
                "{\"sans\":[{\"type\":\"dn\",\"value\":\"{\\\"organization\\\":\\\"Other\\\"}\"}]} | O=Other",
                "{\"sans\":[{\"type\":\"registeredID\",\"value\":\"1.2.3.4\"}]} | registeredID 1.2.3.4",
                "{\"sans\":[{\"type\":\"userPrincipalName\",\"value\":\"me\"}]} | "
            })
    void name_constraints_hold_for_the_subject_and_for_names_of_every_kind(String template, String refused) {
        NameConstraints constraints = permitting(
                new GeneralName(new X500Name("O=Acme")),
                new GeneralName(GeneralName.rfc822Name, "a.example"),
                new GeneralName(GeneralName.registeredID, "1.2.3.4"));
        CaException refusal = refusal(issuance(template, NamePolicies.NONE, constraints), command("x", "[\"x\"]"));
        if (refused == null) {
            assertThat(refusal).isNull();
        } else {
            assertThat(refusal.code()).isEqualTo(ErrorCode.FORBIDDEN);
            assertThat(refusal.publicDetail()).startsWith("the name \"" + refused + "\"");
        }
    }
}
