package io.chancery.core.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.TestCa;
import io.chancery.core.TestCsr;
import io.chancery.core.TestKeys;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.csr.CertificateRequest;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.json.Json;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.name.SubjectName;
import io.chancery.core.template.RequestDescription;
import io.chancery.core.webhook.WebhookCall;
import io.chancery.core.webhook.WebhookDescription;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Boolean;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.pkcs.Attribute;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code /sign} where a provisioner has webhooks: what they are asked, and what their answers do. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class WebhookedIssuanceTest {
    private static final SerialNumber SERIAL = new SerialNumber(new BigInteger("f0".repeat(16), 16));

    private static StepIssuance issuance(String template, String... hooks) {
        List<Object> all = new ArrayList<>();
        for (String hook : hooks) {
            all.add(Json.parse(hook));
        }
        Map<String, Object> options = new HashMap<>(Map.of("webhooks", all));
        if (!template.isEmpty()) {
            options.put("x509", Map.of("template", template, "templateData", Map.of("Site", "north")));
        }
        Map<String, Object> provisioner = new HashMap<>(TestCa.provisioner());
        provisioner.put("options", options);
        return TestCa.issuance(List.of(provisioner), Map.of());
    }

    private static String hook(String name, String kind, String path) {
        return "{\"id\":\"1\",\"name\":\"" + name + "\",\"kind\":\"" + kind + "\",\"url\":\"https://hook.example" + path
                + "\"}";
    }

    private static SignCommand command(String kind) {
        long now = TestCa.NOW.getEpochSecond();
        String claims =
                "{\"iss\":\"admin\",\"aud\":\"https://ca.example/1.0/sign\",\"sub\":\"a b.example\",\"jti\":\"id\",\"iat\":"
                        + now + ",\"nbf\":" + now + ",\"exp\":" + (now + 300)
                        + ",\"sans\":[\"u@a.example\",\"10.0.0.1\",\"a.example\"]}";
        return new SignCommand(
                TestCsr.of(kind, "", List.of(SubjectAltName.guess("a.example"))),
                TestCa.token(claims),
                Optional.empty(),
                Optional.empty());
    }

    private static Map<?, ?> body(WebhookCall call, String member) {
        Map<?, ?> body = (Map<?, ?>) Json.parse(call.body());
        assertThat(body.get("timestamp")).isEqualTo(TestCa.NOW.toString());
        assertThat(body).hasSize(2);
        return (Map<?, ?>) body.get(member);
    }

    @Test
    void an_enriching_webhook_is_told_of_the_request_and_its_url_is_made_of_it() {
        StepIssuance issuance =
                issuance("", hook("one", "ENRICHING", "/for/{{ .Token.sub }}?cn={{ .Subject.CommonName }}#no"));
        VerifiedRequest verified = issuance.verify(command("P-256"), TestCa.NOW);
        WebhookCall call = verified.enrichment(verified.enriching().get(0), TestCa.NOW);
        assertThat(call.target()).isEqualTo("/for/a%20b.example?cn=a%20b.example");
        assertThat(body(call, "x509CertificateRequest").get("dnsNames")).isEqualTo(List.of("a.example"));
        assertThat(call.body()).doesNotContain(verified.token().keyId() + "\"").doesNotContain("jti");
    }

    /** What step-ca said of this request, as a webhook received it. */
    @Test
    void a_request_is_described_as_step_describes_it() throws Exception {
        Map<?, ?> recorded =
                (Map<?, ?>) Json.parse(Files.readString(Path.of("src/test/resources/go/webhook-request.json"))
                        .strip());
        Der csr = Der.of(Base64.getDecoder().decode((String) recorded.get("raw")));
        assertThat(plain(WebhookDescription.of(CertificateRequest.read(csr, TestKeys.KEYS))))
                .isEqualTo(recorded);
    }

    private static Object plain(Map<String, Object> description) {
        return Json.parse(com.nimbusds.jose.util.JSONObjectUtils.toJSONString(description));
    }

    @Test
    void a_request_with_a_path_length_that_is_no_int_is_described_without_its_constraints() throws Exception {
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        extensions.addExtension(Extension.basicConstraints, true, new DERSequence(new ASN1Encodable[] {
            ASN1Boolean.TRUE, new ASN1Integer(1L << 31)
        }));
        Der csr = TestCsr.of(
                "P-256",
                SubjectName.ofCommonName("a.example"),
                new DERSet(new Attribute(
                        PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, new DERSet(extensions.generate()))));
        Map<String, Object> described = RequestDescription.of(CertificateRequest.read(csr, TestKeys.KEYS));
        assertThat(described.get("basicConstraints")).isNull();
        assertThat((List<?>) described.get("extensions")).hasSize(1);
    }

    @Test
    void names_of_a_request_without_a_subject_are_told_as_critical_as_step_tells_them() {
        for (String subject : List.of("", "a.example")) {
            Der csr = TestCsr.of("P-256", subject, List.of(SubjectAltName.guess("a.example")));
            Map<String, Object> described = RequestDescription.of(CertificateRequest.read(csr, TestKeys.KEYS));
            assertThat((List<?>) described.get("extensions"))
                    .singleElement()
                    .satisfies(each ->
                            assertThat(((Map<?, ?>) each).get("critical")).isEqualTo(subject.isEmpty()));
        }
    }

    @Test
    void the_template_and_the_next_url_learn_what_was_answered() {
        StepIssuance issuance = issuance(
                "{\"subject\": {{ toJson .Webhooks.one.name }}, \"dnsNames\": {{ toJson .Webhooks.two }}}",
                hook("one", "ENRICHING", "/1"),
                hook("two", "ENRICHING", "/{{ .Site }}/{{ .Webhooks.one.name }}"));
        VerifiedRequest verified = issuance.verify(command("P-256"), TestCa.NOW);
        verified = verified.answered(verified.enriching().get(0), Map.of("name", "given"));
        assertThat(verified.enrichment(verified.enriching().get(1), TestCa.NOW).target())
                .isEqualTo("/north/given");
        verified = verified.answered(verified.enriching().get(1), List.of("x.example"));
        UnapprovedIssuance prepared = issuance.prepare(verified, TestCa.NOW, SERIAL);
        assertThat(prepared.approvals()).isEmpty();
        assertThat(prepared.issuance().certificate().subject()).isEqualTo("given");
        assertThat(prepared.issuance().certificate().names()).containsExactly("x.example");
    }

    @Test
    void an_authorizing_webhook_is_told_of_the_default_leaf_as_step_would_write_it() {
        StepIssuance issuance = issuance("", hook("a", "AUTHORIZING", "/{{ .Token.iss }}"));
        VerifiedRequest verified = issuance.verify(command("RSA-2048"), TestCa.NOW);
        WebhookCall call =
                issuance.prepare(verified, TestCa.NOW, SERIAL).approvals().get(0);
        assertThat(call.target()).isEqualTo("/admin");
        Map<?, ?> certificate = body(call, "x509Certificate");
        assertThat(certificate.get("subject")).isEqualTo(Map.of("commonName", "a b.example"));
        assertThat(certificate.get("sans"))
                .isEqualTo(List.of(
                        Map.of("type", "dns", "value", "a.example"),
                        Map.of("type", "ip", "value", "10.0.0.1"),
                        Map.of("type", "email", "value", "u@a.example")));
        assertThat(certificate.get("keyUsage")).isEqualTo(List.of("digitalSignature", "keyEncipherment"));
        assertThat(certificate.get("extKeyUsage")).isEqualTo(List.of("serverAuth", "clientAuth"));
        assertThat(certificate.get("publicKeyAlgorithm")).isEqualTo("RSA");
        assertThat(certificate.get("notBefore")).isEqualTo("2026-11-24T11:59:00Z");
        assertThat(certificate.get("notAfter")).isEqualTo("2026-11-25T12:00:00Z");
        assertThat(Arrays.asList(
                        certificate.get("dnsNames"),
                        certificate.get("extensions"),
                        certificate.get("basicConstraints")))
                .containsOnlyNulls();
    }

    @Test
    void an_authorizing_webhook_is_told_what_a_template_wrote_under_step_s_own_names() {
        StepIssuance issuance = issuance(
                "{\"SUBJECT\":{\"organization\":\"O\",\"commonName\":\"c\"},\"uris\":\"spiffe://x/y\",\"keyUsage\":[\"key_Agreement\",\"DigitalSignature\"],"
                        + "\"extKeyUsage\":\"OCSPSigning\",\"basicConstraints\":{\"isCA\":false},\"signatureAlgorithm\":\"ecdsa-sha512\",\"extensions\":[{\"id\":\"1.2.3\",\"value\":\"BQA=\"}]}",
                hook("a", "AUTHORIZING", "/"));
        VerifiedRequest verified = issuance.verify(command("P-256"), TestCa.NOW);
        Map<?, ?> certificate =
                body(issuance.prepare(verified, TestCa.NOW, SERIAL).approvals().get(0), "x509Certificate");
        assertThat(certificate.get("subject")).isEqualTo(Map.of("organization", List.of("O"), "commonName", "c"));
        assertThat(certificate.get("uris")).isEqualTo(List.of("spiffe://x/y"));
        assertThat(certificate.get("keyUsage")).isEqualTo(List.of("digitalSignature", "keyAgreement"));
        assertThat(certificate.get("extKeyUsage")).isEqualTo(List.of("ocspSigning"));
        assertThat(certificate.get("signatureAlgorithm")).isEqualTo("ECDSA-SHA512");
        assertThat(certificate.get("basicConstraints")).isEqualTo(Map.of("isCA", false, "maxPathLen", BigDecimal.ZERO));
        assertThat(certificate.get("extensions"))
                .isEqualTo(List.of(Map.of("id", "1.2.3", "critical", false, "value", "BQA=")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"version\":\"3\"",
                "\"issuer\":[]",
                "\"issuer\":{\"country\":1}",
                "\"authorityKeyId\":1",
                "\"unknownExtKeyUsage\":{}"
            })
    void a_member_of_another_type_that_makes_nothing_fails_as_one_that_does(String member) {
        String template = "{\"subject\":\"a.example\"," + member + "}";
        for (StepIssuance issuance : List.of(issuance(template), issuance(template, hook("a", "AUTHORIZING", "/")))) {
            VerifiedRequest verified = issuance.verify(command("P-256"), TestCa.NOW);
            assertThatThrownBy(() -> issuance.prepare(verified, TestCa.NOW, SERIAL))
                    .isInstanceOfSatisfying(
                            CaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TEMPLATE_FAILED));
        }
    }

    @Test
    void webhooks_cannot_be_passed_by() {
        StepIssuance issuance = issuance("", hook("a", "AUTHORIZING", "/"));
        assertThat(issuance.mayTakeLong(command("P-256"))).isTrue();
        assertThatThrownBy(() -> issuance.prepare(command("P-256"), TestCa.NOW, SERIAL))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_url_that_refuses_does_so_in_its_own_words_and_one_that_breaks_is_the_ca_s_fault() {
        for (Map.Entry<String, ErrorCode> each : Map.of(
                        "/{{ fail `not here` }}", ErrorCode.FORBIDDEN,
                        "/{{ index .SANs 9 }}", ErrorCode.TEMPLATE_FAILED,
                        "/{{ b64dec `Cg==` }}", ErrorCode.TEMPLATE_FAILED)
                .entrySet()) {
            StepIssuance issuance = issuance("", hook("a", "ENRICHING", each.getKey()));
            VerifiedRequest verified = issuance.verify(command("P-256"), TestCa.NOW);
            assertThatThrownBy(() -> verified.enrichment(verified.enriching().get(0), TestCa.NOW))
                    .as(each.getKey())
                    .isInstanceOfSatisfying(CaException.class, e -> {
                        assertThat(e.code()).isEqualTo(each.getValue());
                        assertThat(e.publicDetail())
                                .isEqualTo(each.getValue() == ErrorCode.FORBIDDEN ? "not here" : "");
                    });
        }
    }

    @Test
    void a_webhook_that_cannot_be_used_stops_the_start() {
        assertThatThrownBy(() -> issuance("", "{\"name\":\"a\"}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("/authority/provisioners/0: options/webhooks/0/");
    }
}
