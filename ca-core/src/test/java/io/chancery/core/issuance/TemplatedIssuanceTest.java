package io.chancery.core.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chancery.core.TestCa;
import io.chancery.core.TestCsr;
import io.chancery.core.TestKeys;
import io.chancery.core.certificate.IssuerUrls;
import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.certificate.SignedCertificate;
import io.chancery.core.certificate.StepProvisionerExtension;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.template.TemplateSources;
import io.chancery.core.time.TimeOrDuration;
import io.chancery.core.token.Audiences;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TemplatedIssuanceTest {
    private static final SerialNumber SERIAL = SerialNumber.parseDecimal("123456789012345678901234567890");
    private static final String LEAF = "{\"subject\":{{ toJson .Subject }},\"sans\":{{ toJson .SANs }}%s}";

    private static StepIssuance issuance(Map<String, Object> x509, TemplateSources sources) {
        return issuance(TestCa.provisioner(), x509, sources);
    }

    private static StepIssuance issuance(
            Map<String, Object> without, Map<String, Object> x509, TemplateSources sources) {
        Map<String, Object> provisioner = new HashMap<>(without);
        provisioner.put("options", Map.of("x509", x509));
        return new StepIssuance(
                Provisioners.of(List.of(provisioner), Map.of(), TestKeys.KEYS, sources),
                new Audiences(List.of("ca.example")),
                Issuers.only(TestCa.ISSUER, NameConstraints.of(List.of(TestCa.ISSUER.certificate()))),
                Duration.ofMinutes(1),
                TestKeys.KEYS);
    }

    /** By an issuer whose certificates say where its list and its certificate are had. */
    private static Extensions withUrls(String template) {
        Map<String, Object> provisioner = new HashMap<>(TestCa.provisioner());
        provisioner.put("options", Map.of("x509", Map.of("template", template)));
        IssuerUrls urls = new IssuerUrls(List.of("http://ca.example/crl"), List.of("http://ca.example/crt"));
        StepIssuance issuance = new StepIssuance(
                Provisioners.of(List.of(provisioner), Map.of(), TestKeys.KEYS, TemplateSources.NONE),
                new Audiences(List.of("ca.example")),
                Issuers.only(TestCa.ISSUER.withUrls(urls), NameConstraints.of(List.of())),
                Duration.ofMinutes(1),
                TestKeys.KEYS);
        return tbs(issuance.prepare(command(Optional.empty(), null), TestCa.NOW, SERIAL)
                        .certificate())
                .getExtensions();
    }

    private static String point(Extensions extensions) {
        return GeneralNames.getInstance(
                        CRLDistPoint.getInstance(extensions.getExtensionParsedValue(Extension.cRLDistributionPoints))
                                .getDistributionPoints()[0]
                                .getDistributionPoint()
                                .getName())
                .getNames()[0]
                .getName()
                .toString();
    }

    private static List<String> places(Extensions extensions) {
        return Stream.of(AuthorityInformationAccess.fromExtensions(extensions).getAccessDescriptions())
                .map(each -> each.getAccessLocation().getName().toString())
                .toList();
    }

    @Test
    void the_issuer_s_urls_stand_in_a_templates_certificate_but_where_it_gives_its_own() {
        Extensions plain = withUrls(String.format(LEAF, ""));
        assertThat(point(plain)).isEqualTo("http://ca.example/crl");
        assertThat(places(plain)).containsExactly("http://ca.example/crt");
        Extensions ownList = withUrls(String.format(LEAF, ",\"crlDistributionPoints\":[\"http://own.example/crl\"]"));
        assertThat(point(ownList)).isEqualTo("http://own.example/crl");
        assertThat(places(ownList)).containsExactly("http://ca.example/crt");
        Extensions ownPlaces = withUrls(String.format(LEAF, ",\"ocspServer\":[\"http://own.example/ocsp\"]"));
        assertThat(point(ownPlaces)).isEqualTo("http://ca.example/crl");
        assertThat(places(ownPlaces)).containsExactly("http://own.example/ocsp");
    }

    private static SignCommand command(Optional<TimeOrDuration> notAfter, Object templateData) {
        String claims = String.format(
                "{\"iss\":\"admin\",\"sub\":\"a.example\",\"aud\":\"https://ca.example/1.0/sign\",\"jti\":\"1\",\"iat\":%d,"
                        + "\"exp\":%d,\"sans\":[\"a.example\"],\"user\":{\"role\":\"web\"}}",
                TestCa.NOW.getEpochSecond(), TestCa.NOW.getEpochSecond() + 300);
        return new SignCommand(
                TestCsr.of("Ed25519", "", List.of()), TestCa.token(claims), Optional.empty(), notAfter, templateData);
    }

    private static PreparedCertificate issue(String template) {
        return issuance(Map.of("template", template), TemplateSources.NONE)
                .prepare(command(Optional.empty(), null), TestCa.NOW, SERIAL)
                .certificate();
    }

    private static TBSCertificate tbs(PreparedCertificate certificate) {
        return TBSCertificate.getInstance(certificate.tbs().bytes());
    }

    private static CaException failure(String template) {
        return catchThrowableOfType(CaException.class, () -> issue(template));
    }

    @Test
    void the_template_decides_subject_names_and_usages() {
        PreparedCertificate made =
                issue("{\"subject\":{\"organization\":\"Acme\",\"commonName\":{{ toJson .Token.user.role }}},"
                        + "\"dnsNames\":[\"b.example\"],\"keyUsage\":\"digitalSignature\"}");
        assertThat(made.subject()).isEqualTo("web");
        assertThat(made.names()).containsExactly("b.example");
        assertThat(tbs(made).getSubject()).hasToString("O=Acme,CN=web");
        assertThat(tbs(made).getExtensions().getExtension(Extension.extendedKeyUsage))
                .isNull();
    }

    @Test
    void a_template_chooses_the_key_identifier() {
        PreparedCertificate made = issue(String.format(LEAF, ",\"subjectKeyId\":\"AQIDBA==\""));
        assertThat(SubjectKeyIdentifier.fromExtensions(tbs(made).getExtensions())
                        .getKeyIdentifier())
                .containsExactly(1, 2, 3, 4);
        PreparedCertificate inLines = issue(String.format(LEAF, ",\"subjectKeyId\":\"AQ\\r\\nIDBA==\\n\""));
        assertThat(inLines.tbs()).as("with line ends").isEqualTo(made.tbs());
    }

    @Test
    void the_default_leaf_written_as_a_template_is_the_default_leaf() {
        PreparedCertificate templated = issue(String.format(
                LEAF, ",\"keyUsage\":[\"digitalSignature\"],\"extKeyUsage\":[\"serverAuth\",\"clientAuth\"]"));
        PreparedCertificate built = TestCa.issuance()
                .prepare(command(Optional.empty(), null), TestCa.NOW, SERIAL)
                .certificate();
        assertThat(templated.tbs()).isEqualTo(built.tbs());
    }

    @Test
    void what_the_caller_sends_is_insecure_user_and_only_an_object_counts() {
        StepIssuance issuance = issuance(
                Map.of("template", "{\"subject\":{{ toJson .Insecure.User.cn }},\"sans\":{{ toJson .SANs }}}"),
                TemplateSources.NONE);
        for (Object data : Arrays.asList(null, 5, "cn", List.of(Map.of("cn", "x")))) {
            assertThat(issuance.prepare(command(Optional.empty(), data), TestCa.NOW, SERIAL)
                            .certificate()
                            .subject())
                    .isEmpty();
        }
        assertThat(issuance.prepare(command(Optional.empty(), Map.of("cn", "x")), TestCa.NOW, SERIAL)
                        .certificate()
                        .subject())
                .isEqualTo("x");
    }

    @Test
    void the_times_of_the_request_win_over_those_of_the_template_and_limits_hold_for_both() {
        String template = String.format(LEAF, ",\"notAfter\":\"" + TestCa.NOW.plusSeconds(3600) + "\"");
        assertThat(issue(template).notAfter()).isEqualTo(TestCa.NOW.plusSeconds(3600));
        Instant asked = TestCa.NOW.plusSeconds(1800);
        assertThat(issuance(Map.of("template", template), TemplateSources.NONE)
                        .prepare(command(Optional.of(new TimeOrDuration.At(asked)), null), TestCa.NOW, SERIAL)
                        .certificate()
                        .notAfter())
                .isEqualTo(asked);
        String longer = String.format(LEAF, ",\"notAfter\":\"" + TestCa.NOW.plusSeconds(30L * 86400) + "\"");
        assertThat(failure(longer).code()).isEqualTo(ErrorCode.FORBIDDEN);
    }

    @Test
    void the_provisioner_extension_is_never_the_templates() {
        PreparedCertificate made = issue(String.format(
                LEAF, ",\"extensions\":[{\"id\":\"" + StepProvisionerExtension.OID + "\",\"value\":\"BQA=\"}]"));
        Extension found = tbs(made).getExtensions().getExtension(StepProvisionerExtension.OID);
        assertThat(found.getParsedValue())
                .isEqualTo(StepProvisionerExtension.of(1, "admin", "k").toASN1Primitive());
    }

    @Test
    void where_the_provisioner_extension_is_off_a_template_cannot_write_one() {
        Map<String, Object> provisioner = new HashMap<>(TestCa.provisioner());
        provisioner.put("claims", Map.of("disableSmallstepExtensions", true));
        String forged = ",\"extensions\":[{\"id\":\"" + StepProvisionerExtension.OID + "\",\"value\":\"BQA=\"}]";
        PreparedCertificate made = issuance(
                        provisioner, Map.of("template", String.format(LEAF, forged)), TemplateSources.NONE)
                .prepare(command(Optional.empty(), null), TestCa.NOW, SERIAL)
                .certificate();
        assertThat(tbs(made).getExtensions().getExtension(StepProvisionerExtension.OID))
                .isNull();
    }

    @Test
    void members_of_the_options_are_read_in_any_case() {
        assertThat(issuance(
                                Map.of(
                                        "Template",
                                        "{\"subject\":{{ toJson .role }}}",
                                        "TEMPLATEDATA",
                                        Map.of("role", "db")),
                                TemplateSources.NONE)
                        .prepare(command(Optional.empty(), null), TestCa.NOW, SERIAL)
                        .certificate()
                        .subject())
                .isEqualTo("db");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"options\":[]}", "{\"options\":{\"x509\":\"\"}}", "{\"Options\":{\"X509\":[]}}"})
    void options_that_are_no_object_stop_the_start(String json) {
        Map<String, Object> provisioner = new HashMap<>(TestCa.provisioner());
        ((Map<?, ?>) java.util.Objects.requireNonNull(io.chancery.core.json.Json.parse(json)))
                .forEach((name, value) -> provisioner.put((String) name, value));
        assertThatThrownBy(() -> Provisioners.of(List.of(provisioner), Map.of(), TestKeys.KEYS, TemplateSources.NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("/authority/provisioners/0: options(/x509)?: not an object");
        assertThat(Provisioners.templateFiles(List.of(provisioner))).isEmpty();
    }

    @Test
    void a_request_whose_set_of_extensions_is_empty_has_none() {
        org.bouncycastle.asn1.DERSet attributes =
                new org.bouncycastle.asn1.DERSet(new org.bouncycastle.asn1.pkcs.Attribute(
                        org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers.pkcs_9_at_extensionRequest,
                        new org.bouncycastle.asn1.DERSet()));
        SignCommand asked = command(Optional.empty(), null);
        SignCommand command = new SignCommand(
                TestCsr.of("Ed25519", new org.bouncycastle.asn1.x500.X500Name("O=Smith\\, Sons"), attributes),
                asked.ott(),
                Optional.empty(),
                Optional.empty(),
                null);
        assertThat(issuance(
                                Map.of(
                                        "template",
                                        "{\"subject\":{{ index .Insecure.CR.Subject.Organization 0 | toJson }},"
                                                + "\"sans\":{{ if not .Insecure.CR.Extensions }}{{ toJson .SANs }}{{ end }}}"),
                                TemplateSources.NONE)
                        .prepare(command, TestCa.NOW, SERIAL)
                        .certificate()
                        .subject())
                .isEqualTo("Smith, Sons");
    }

    @Test
    void a_template_that_gives_up_is_answered_in_its_own_words() {
        CaException e = failure("{ {{ if ne .Token.user.role \"db\" }}{{ fail \"only databases\" }}{{ end }} }");
        assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED);
        assertThat(e.publicDetail()).isEqualTo("only databases");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"subject\":}",
                "{\"subject\":5}",
                "{\"subject\":\"x\",\"keyUsage\":[\"fly\"]}",
                "{\"subject\":\"x\",\"signatureAlgorithm\":\"SHA256-RSA\"}",
                "{\"subject\":\"x\",\"signatureAlgorithm\":\"ECDSA-SHA1\"}",
                "{\"subject\":\"x\",\"signatureAlgorithm\":512}",
                "{\"subject\":\"x\",\"extensions\":[{\"id\":\"1.2.3\",\"value\":\"AAAA\"}]}",
                "{\"subject\":\"x\",\"SANs\":[],\"sans\":[{\"type\":\"dns\",\"value\":\"b.example\"}]}",
                "{\"subject\":{\"commonName\":\"x\",\"CommonName\":\"y\"}}",
                "{\"keyUsage\":[\"digitalSignature\"]}"
            })
    void what_describes_no_certificate_is_told_the_caller_in_fixed_words_and_the_log_in_full(String template) {
        CaException e = failure(template);
        assertThat(e.code()).isEqualTo(ErrorCode.TEMPLATE_FAILED);
        assertThat(e.publicDetail()).isEqualTo("error applying certificate template");
        assertThat(e.getMessage()).isNotEqualTo(e.publicDetail()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ECDSA-SHA256", "ecdsa-sha384", "ECDSA-SHA512", ""})
    void a_template_may_choose_how_the_issuers_key_signs(String name) {
        PreparedCertificate made = issue("{\"subject\":\"x\",\"signatureAlgorithm\":\"" + name + "\"}");
        assertThat(SignedCertificate.schemeOf(made.tbs()))
                .isEqualTo(SignatureScheme.named(name).orElse(SignatureScheme.ECDSA_SHA256));
        assertThat(made.issuer()).isSameAs(TestCa.ISSUER);
    }

    @Test
    void an_algorithm_that_does_not_fit_the_issuers_key_is_told_to_the_log_with_those_that_do() {
        assertThat(failure("{\"subject\":\"x\",\"signatureAlgorithm\":\"SHA256-RSAPSS\"}"))
                .hasMessageContaining("signatureAlgorithm: SHA256-RSAPSS does not fit")
                .hasMessageContaining("ECDSA-SHA256, ECDSA-SHA384, ECDSA-SHA512");
    }

    @Test
    void a_template_that_breaks_off_or_runs_too_long_is_hidden_from_the_caller() {
        assertThat(failure("{ {{ upper 1 }} }"))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.TEMPLATE_FAILED))
                .satisfies(e -> assertThat(e.publicDetail()).isEmpty())
                .hasMessageStartingWith("template: template:1:11: executing");
        long[] nanos = {0};
        TemplateSources slow = new TemplateSources(Map.of(), () -> nanos[0] += 60_000_000, bound -> 0);
        StepIssuance issuance = issuance(Map.of("template", "{ {{ range 100000 }}{{ end }} }"), slow);
        assertThatThrownBy(() -> issuance.prepare(command(Optional.empty(), null), TestCa.NOW, SERIAL))
                .isInstanceOf(CaException.class)
                .hasMessageEndingWith("the template ran for longer than 100 ms");
    }

    @Test
    void a_template_may_come_from_a_file_or_as_base64() {
        TemplateSources sources = new TemplateSources(
                Map.of("templates/leaf.tpl", "{\"subject\":\"file\",\"sans\":{{ toJson .SANs }}}"), () -> 0, b -> 0);
        assertThat(issuance(Map.of("templateFile", "templates/leaf.tpl"), sources)
                        .prepare(command(Optional.empty(), null), TestCa.NOW, SERIAL)
                        .certificate()
                        .subject())
                .isEqualTo("file");
        String encoded = java.util.Base64.getEncoder()
                .encodeToString("{\"subject\":\"b64\",\"dnsNames\":\"a.example\"}"
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(issue(encoded).subject()).isEqualTo("b64");
        String inLines = encoded.substring(0, 5) + "\r\n" + encoded.substring(5, 11) + "\n" + encoded.substring(11);
        assertThat(issue(inLines).subject()).as("with line ends").isEqualTo("b64");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\n  {{ nofunc }}", "{ {{ env \"HOME\" }}", "{ {{ if }}", "%%%"})
    void a_template_that_does_not_compile_stops_the_start_with_its_place(String template) {
        assertThatThrownBy(() -> issuance(Map.of("template", template), TemplateSources.NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching(
                        "(?s)/authority/provisioners/0: options/x509/template(, line \\d, column \\d+)?: .*");
    }

    @Test
    void a_template_chooses_no_serial_number_and_is_told_so() {
        CaException refused = failure("{\"subject\":\"x\",\"serialNumber\":1}");
        assertThat(refused.code()).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(refused.publicDetail()).contains("serialNumber");
    }

    @Test
    void only_requests_of_a_provisioner_with_a_template_may_take_long() {
        Map<String, Object> templated = new HashMap<>(TestCa.provisioner());
        templated.put("options", Map.of("x509", Map.of("template", "{}")));
        Map<String, Object> plain = new HashMap<>(TestCa.provisioner());
        Map<String, Object> key = new HashMap<>();
        ((Map<?, ?>) plain.get("key")).forEach((name, value) -> key.put((String) name, value));
        key.put("kid", "another");
        plain.put("name", "plain");
        plain.put("key", key);
        StepIssuance both = TestCa.issuance(List.of(templated, plain), Map.of());
        assertThat(both.mayTakeLong(command("admin", "k"))).isTrue();
        assertThat(both.mayTakeLong(command("plain", "another"))).isFalse();
        assertThat(both.mayTakeLong(command("nobody", "k"))).isFalse();
        assertThat(both.mayTakeLong(new SignCommand(
                        TestCsr.of("Ed25519", "", List.of()), "no.token.atall", Optional.empty(), Optional.empty())))
                .isFalse();
        assertThat(TestCa.issuance().mayTakeLong(command("admin", "k"))).isFalse();
    }

    private static SignCommand command(String provisioner, String kid) {
        String token = TestCa.token(
                "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"" + kid + "\"}",
                "{\"iss\":\"" + provisioner + "\",\"aud\":\"https://ca.example/sign\",\"sub\":\"a\"}");
        return new SignCommand(TestCsr.of("Ed25519", "", List.of()), token, Optional.empty(), Optional.empty());
    }

    @Test
    void a_file_that_was_not_read_or_data_of_another_type_stops_the_start() {
        for (Map<String, Object> bad : List.<Map<String, Object>>of(
                Map.of("templateFile", "x.tpl"),
                Map.of("template", 5),
                Map.of("template", "{}", "templateData", List.of()))) {
            assertThatThrownBy(() -> issuance(bad, TemplateSources.NONE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("/authority/provisioners/0: options/x509/template");
        }
    }
}
