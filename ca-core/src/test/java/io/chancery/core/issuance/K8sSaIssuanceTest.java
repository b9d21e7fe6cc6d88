package io.chancery.core.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.TestCa;
import io.chancery.core.TestCertificate;
import io.chancery.core.TestCsr;
import io.chancery.core.TestKeys;
import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.certificate.StepProvisionerExtension;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.pem.PemBlock;
import io.chancery.core.policy.NamePolicies;
import io.chancery.core.policy.NamePolicy;
import io.chancery.core.policy.NameRules;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.revocation.RevokeCommand;
import io.chancery.core.revocation.StepRevocation;
import io.chancery.core.token.Audiences;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokens that Kubernetes mounts into pods, and what they buy (wire contract s. 5.2, K8sSA). */
@DisplayNameGeneration(ReplaceUnderscores.class)
class K8sSaIssuanceTest {
    private static final SerialNumber SERIAL = SerialNumber.parseDecimal("123456789012345678901234567890");
    private static final String ACCOUNT = "kubernetes.io/serviceaccount/";
    private static final Map<String, Object> PROVISIONER = provisioner(publicKey("Ed25519"), "");

    private static String publicKey(String kind) {
        return new PemBlock(
                        "PUBLIC KEY",
                        Map.of(),
                        Der.of(TestKeys.of(kind).getPublic().getEncoded()))
                .encode();
    }

    private static Map<String, Object> provisioner(String pem, String template) {
        return Map.of(
                "type",
                "K8sSA",
                "name",
                "pods",
                "publicKeys",
                Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)),
                "options",
                Map.of("x509", Map.of("template", template)));
    }

    /** As a legacy token is: without a time, an id or an audience. Signed by the Ed25519 key. */
    private static String token(String... changes) {
        Map<String, String> claims = new HashMap<>(Map.of(
                "iss",
                "\"kubernetes/serviceaccount\"",
                "sub",
                "\"system:serviceaccount:shop:web\"",
                ACCOUNT + "namespace",
                "\"shop\"",
                ACCOUNT + "secret.name",
                "\"web-token\"",
                ACCOUNT + "service-account.name",
                "\"web\"",
                ACCOUNT + "service-account.uid",
                "\"1-2\""));
        for (int i = 0; i < changes.length; i += 2) {
            claims.put(changes[i], changes[i + 1]);
        }
        return TestCa.token(
                "{\"alg\":\"EdDSA\",\"kid\":\"\"}",
                claims.entrySet().stream()
                        .filter(each -> !each.getValue().isEmpty())
                        .map(each -> "\"" + each.getKey() + "\":" + each.getValue())
                        .collect(Collectors.joining(",", "{", "}")));
    }

    private static PreparedIssuance prepare(Map<String, Object> provisioner, Der csr, String token) {
        return TestCa.issuance(List.of(provisioner), Map.of())
                .prepare(new SignCommand(csr, token, Optional.empty(), Optional.empty()), TestCa.NOW, SERIAL);
    }

    private static PreparedIssuance prepare(String token) {
        return prepare(PROVISIONER, csr("a.example"), token);
    }

    private static Der csr(String commonName, String... names) {
        return TestCsr.of(
                "P-256", commonName, Stream.of(names).map(SubjectAltName::guess).toList());
    }

    private static void refused(ErrorCode code, Runnable attempt) {
        assertThatThrownBy(attempt::run)
                .isInstanceOfSatisfying(
                        CaException.class,
                        e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
    }

    private static Extensions extensions(PreparedCertificate certificate) {
        return TBSCertificate.getInstance(certificate.tbs().bytes()).getExtensions();
    }

    @Test
    void the_certificate_has_the_subject_and_names_that_the_request_asks_for() {
        Der csr = TestCsr.of(
                "P-256",
                new X500Name("CN=any.example,O=Acme"),
                attributes("z.example", "a.example", "a@b.c", "10.1.2.3", "spiffe://x/y"));
        PreparedCertificate made = prepare(PROVISIONER, csr, token()).certificate();
        assertThat(TBSCertificate.getInstance(made.tbs().bytes()).getSubject()).hasToString("O=Acme,CN=any.example");
        assertThat(made.names()).containsExactly("z.example", "a.example", "a@b.c", "10.1.2.3", "spiffe://x/y");
        assertThat(extensions(made).getExtensionParsedValue(StepProvisionerExtension.OID))
                .isEqualTo(StepProvisionerExtension.of(8, "pods", ""));
        assertThat(extensions(made).getExtensionParsedValue(Extension.keyUsage))
                .isEqualTo(new KeyUsage(KeyUsage.digitalSignature).toASN1Primitive());
        assertThat(ExtendedKeyUsage.fromExtensions(extensions(made)).getUsages())
                .containsExactly(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth);
        assertThat(prepare(PROVISIONER, csr("", "b.example"), token())
                        .certificate()
                        .subject())
                .isEmpty();
    }

    private static ASN1Set attributes(String... names) {
        return TestCsr.attributes(Stream.of(names)
                .map(text -> SubjectAltName.guess(text).generalName())
                .toArray(org.bouncycastle.asn1.x509.GeneralName[]::new));
    }

    @Test
    void an_e_mail_address_in_the_request_s_subject_is_denied_as_one_among_its_names_is() {
        NameRules denied = NameRules.of(
                kind -> kind.equals("email") ? List.of("boss@a.example") : List.of(), (kind, index, text, right) -> {
                    throw new IllegalArgumentException(text);
                });
        StepIssuance issuance = TestCa.issuance(List.of(PROVISIONER), Map.of())
                .withPolicies(new NamePolicies(NamePolicy.of(NameRules.NONE, denied, false), Map.of()));
        for (String mailbox : List.of("boss", "me")) {
            Der csr = TestCsr.of(
                    "P-256", new X500Name("CN=any.example,E=" + mailbox + "@a.example"), attributes("z.example"));
            SignCommand command = new SignCommand(csr, token(), Optional.empty(), Optional.empty());
            if (mailbox.equals("boss")) {
                refused(ErrorCode.POLICY_REFUSED, () -> issuance.prepare(command, TestCa.NOW, SERIAL));
            } else {
                assertThat(issuance.prepare(command, TestCa.NOW, SERIAL)).isNotNull();
            }
        }
    }

    @Test
    void an_rsa_key_may_encipher_keys_too() {
        Der csr = TestCsr.of("RSA-2048", "a.example", List.of());
        assertThat(extensions(prepare(PROVISIONER, csr, token()).certificate())
                        .getExtensionParsedValue(Extension.keyUsage))
                .isEqualTo(new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment).toASN1Primitive());
    }

    @Test
    void a_request_that_names_nobody_is_refused_and_one_with_any_subject_is_not() {
        refused(ErrorCode.MALFORMED, () -> prepare(PROVISIONER, csr(""), token()));
        assertThat(prepare(PROVISIONER, TestCsr.of("P-256", new X500Name("O=Acme"), new DERSet()), token()))
                .isNotNull();
    }

    @Test
    void a_token_may_be_used_again_and_a_repeat_is_one_by_the_same_token() {
        Der csr = csr("a.example");
        PreparedIssuance first = prepare(PROVISIONER, csr, token());
        assertThat(first.grant().token()).isEmpty();
        assertThat(first.grant().renews()).isEmpty();
        assertThat(first.grant().provisioner()).isEqualTo("pods");
        assertThat(prepare(PROVISIONER, csr, token()).requestHash()).isEqualTo(first.requestHash());
        assertThat(prepare(PROVISIONER, csr, token("jti", "\"x\"")).requestHash())
                .isNotEqualTo(first.requestHash());
        assertThat(prepare(token()).requestHash()).isNotEqualTo(first.requestHash());
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "iss, '\"https://kubernetes.default.svc\"'",
        "iss, ''",
        "sub, ''",
        "sub, 5",
        "exp, 1",
        "exp, '\"x\"'",
        "nbf, 9999999999",
        "iat, 9999999999",
        "aud, '\"https://ca.example/1.0/sign\"'",
        "aud, '\"https://ca.example/1.0/sign#k8ssa/other\"'",
        "aud, 5",
        "azp, 5",
        "tid, 5",
        "kubernetes.io/serviceaccount/namespace, 5",
        "kubernetes.io/serviceaccount/secret.name, 5",
        "kubernetes.io/serviceaccount/service-account.name, 5",
        "kubernetes.io/serviceaccount/service-account.uid, 5"
    })
    void a_token_that_kubernetes_would_not_write_is_refused(String claim, String value) {
        refused(ErrorCode.TOKEN_INVALID, () -> prepare(token(claim, value)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "aud, '[\"https://kubernetes.default.svc\"]'",
        "aud, '\"https://ca.example/sign#k8ssa/k8sSA-default\"'",
        "aud, '\"\"'",
        "azp, '\"client\"'",
        "kubernetes.io/serviceaccount/secret.name, ''",
        "kubernetes.io/serviceaccount/service-account.name, ''",
        "cnf, '{\"x5rt#S256\":\"AAAA\"}'"
    })
    void neither_audience_nor_what_stands_beside_the_subject_is_asked_for(String claim, String value) {
        assertThat(prepare(token(claim, value))).isNotNull();
    }

    @Test
    void any_of_the_keys_may_have_signed_a_certificate_s_too_and_no_other() {
        String certificate = new PemBlock(
                        "CERTIFICATE",
                        Map.of(),
                        TestCertificate.bare("k", "Ed25519").by("k", "Ed25519"))
                .encode();
        for (String pem : List.of(publicKey("P-256") + publicKey("Ed25519"), certificate)) {
            assertThat(prepare(provisioner(pem, ""), csr("a"), token())).isNotNull();
        }
        refused(
                ErrorCode.TOKEN_INVALID,
                () -> prepare(provisioner(publicKey("P-256") + publicKey("RSA-2048"), ""), csr("a"), token()));
    }

    @Test
    void a_template_decides_the_names_and_knows_the_account() {
        String template = "{\"subject\":{{ toJson .Subject }},\"dnsNames\":[\"{{ .Subject.CommonName }}."
                + "{{ index .Token \"kubernetes.io/serviceaccount/namespace\" }}.svc\"]{{ range .SANs }}x{{ end }}}";
        PreparedCertificate made = prepare(provisioner(publicKey("Ed25519"), template), csr("", "z.example"), token())
                .certificate();
        assertThat(made.subject()).isEqualTo("web");
        assertThat(made.names()).containsExactly("web.shop.svc");
    }

    @Test
    void the_documented_template_gives_a_pod_the_name_of_its_account() throws Exception {
        String template = X5cIssuanceTest.documented("kubernetes.io");
        PreparedCertificate made = prepare(provisioner(publicKey("Ed25519"), template), csr("", "z.example"), token())
                .certificate();
        assertThat(made.subject()).isEqualTo("web");
        assertThat(made.names()).containsExactly("web.shop.svc");
    }

    @Test
    void its_tokens_revoke_nothing() {
        StepRevocation revocation = new StepRevocation(
                Provisioners.of(List.of(PROVISIONER), Map.of(), TestKeys.KEYS),
                new Audiences(List.of("ca.example")),
                TestKeys.KEYS);
        refused(
                ErrorCode.FORBIDDEN,
                () -> revocation.prepare(new RevokeCommand("7", token(), 0, "", true), Optional::empty, TestCa.NOW));
        refused(
                ErrorCode.NOT_IMPLEMENTED,
                () -> revocation.prepare(
                        new RevokeCommand("7", token("sub", "\"7\""), 0, "", true), Optional::empty, TestCa.NOW));
    }

    @Test
    void one_without_good_keys_is_listed_and_refuses() {
        for (String pem :
                List.of("", "x", publicKey("Ed448"), publicKey("P-256").replace("PUBLIC", "PRIVATE"))) {
            Provisioners all = Provisioners.of(List.of(provisioner(pem, "")), Map.of(), TestKeys.KEYS);
            assertThat(all.refusing()).as(pem).hasSize(1);
        }
    }

    @Test
    void there_is_one_at_most_and_its_keys_are_base64() {
        assertThatThrownBy(() -> Provisioners.of(
                        List.of(
                                PROVISIONER,
                                Map.of("type", "k8ssa", "name", "more", "publicKeys", PROVISIONER.get("publicKeys"))),
                        Map.of(),
                        TestKeys.KEYS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/authority/provisioners/1");
        assertThatThrownBy(() -> Provisioners.of(
                        List.of(Map.of("type", "K8sSA", "name", "x", "publicKeys", publicKey("P-256"))),
                        Map.of(),
                        TestKeys.KEYS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("publicKeys");
    }
}
