package io.chancery.core.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.GoFixtures;
import io.chancery.core.TestCa;
import io.chancery.core.TestCsr;
import io.chancery.core.TestKeys;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.certificate.SignedCertificate;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.time.TimeOrDuration;
import io.chancery.core.token.Audiences;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.cert.X509CertificateHolder;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code /sign} by the rules of step (wire contract s. 4.5, 4.6, 7.1). */
@DisplayNameGeneration(ReplaceUnderscores.class)
class StepIssuanceTest {
    private static final SerialNumber SERIAL = new SerialNumber(new BigInteger("f0".repeat(16), 16));
    private static final long NOW = TestCa.NOW.getEpochSecond();
    private static final StepIssuance ISSUANCE = TestCa.issuance();

    private static String claims(String... changes) {
        Map<String, String> claims = new HashMap<>(Map.of(
                "iss", "\"admin\"",
                "aud", "\"https://ca.example/1.0/sign\"",
                "sub", "\"a.example\"",
                "jti", "\"id\"",
                "iat", "" + NOW,
                "nbf", "" + NOW,
                "exp", "" + (NOW + 300)));
        for (int i = 0; i < changes.length; i += 2) {
            claims.put(changes[i], changes[i + 1]);
        }
        StringBuilder json = new StringBuilder("{");
        claims.forEach((name, value) -> {
            if (!value.isEmpty()) {
                json.append(json.length() == 1 ? "" : ",")
                        .append('"')
                        .append(name)
                        .append("\":")
                        .append(value);
            }
        });
        return json.append('}').toString();
    }

    private static PreparedIssuance prepare(Der csr, String... changes) {
        return prepare(csr, TestCa.token(claims(changes)));
    }

    private static PreparedIssuance prepare(Der csr, String token) {
        return ISSUANCE.prepare(new SignCommand(csr, token, Optional.empty(), Optional.empty()), TestCa.NOW, SERIAL);
    }

    private static byte[] unsigned(RSAPublicKey key) {
        byte[] octets = key.getModulus().toByteArray();
        return Arrays.copyOfRange(octets, octets[0] == 0 ? 1 : 0, octets.length);
    }

    private static Der csr(String commonName, String... names) {
        return TestCsr.of(
                "P-256", commonName, Stream.of(names).map(SubjectAltName::guess).toList());
    }

    private static void refused(ErrorCode code, String detail, Runnable attempt) {
        assertThatThrownBy(attempt::run).isInstanceOfSatisfying(CaException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.publicDetail()).isEqualTo(detail);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"P-224", "P-256", "P-384", "P-521", "RSA-2048", "Ed25519"})
    void a_good_token_and_request_become_a_certificate_that_everybody_reads(String kind) throws Exception {
        PreparedIssuance prepared = prepare(
                TestCsr.of(kind, "a.example", List.of(SubjectAltName.guess("a.example"))),
                "sans",
                "[\"10.0.0.1\",\"spiffe://td/x\",\"a.example\",\"u@a.example\"]",
                "sub",
                "\"a.example\"",
                "cnf",
                "null");
        byte[] tbs = prepared.certificate().tbs().bytes();
        assertThat(TBSCertificate.getInstance(tbs).getEncoded(ASN1Encoding.DER)).isEqualTo(tbs);

        byte[] signature =
                TestKeys.sign("SHA256withECDSA", TestKeys.of("P-256 issuer").getPrivate(), tbs);
        Der whole = SignedCertificate.assemble(
                        TestCa.ISSUER, prepared.certificate().tbs(), Der.of(signature), TestKeys.KEYS)
                .orElseThrow();
        X509Certificate certificate = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(whole.bytes()));
        certificate.verify(TestCa.ISSUER.certificate().getPublicKey(), TestKeys.BC);
        assertThat(certificate.getTBSCertificate()).isEqualTo(tbs);
        assertThat(new X509CertificateHolder(whole.bytes()).getEncoded()).isEqualTo(whole.bytes());
        assertThat(certificate.getSerialNumber()).isEqualTo(SERIAL.value());
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=a.example");
        assertThat(certificate.getNotBefore().toInstant()).isEqualTo("2026-11-24T11:59:00Z");
        assertThat(certificate.getNotAfter().toInstant()).isEqualTo("2026-11-25T12:00:00Z");
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(certificate.getKeyUsage()[2]).as("key encipherment").isEqualTo(kind.startsWith("RSA"));
        assertThat(certificate.getSubjectAlternativeNames().stream()
                        .map(n -> n.get(1).toString()))
                .containsExactly("a.example", "u@a.example", "10.0.0.1", "spiffe://td/x");
        assertThat(certificate.getPublicKey().getEncoded())
                .isEqualTo(TestKeys.of(kind).getPublic().getEncoded());
    }

    @Test
    void a_key_that_is_published_for_rs256_signs_with_ps256_too() {
        RSAPublicKey key = (RSAPublicKey) TestKeys.of("RSA-2048").getPublic();
        Map<String, Object> jwk = Map.of(
                "kty", "RSA",
                "kid", "k",
                "alg", "RS256",
                "use", "sig",
                "n", TestCa.base64(unsigned(key)),
                "e", TestCa.base64(key.getPublicExponent().toByteArray()));
        StepIssuance issuance = TestCa.issuance(List.of(Map.of("type", "JWK", "name", "admin", "key", jwk)), Map.of());
        String input = TestCa.base64("{\"alg\":\"PS256\",\"kid\":\"k\"}".getBytes(StandardCharsets.UTF_8)) + "."
                + TestCa.base64(claims().getBytes(StandardCharsets.UTF_8));
        String token = input + "."
                + TestCa.base64(TestKeys.signPss(
                        "SHA-256",
                        32,
                        TestKeys.of("RSA-2048").getPrivate(),
                        input.getBytes(StandardCharsets.US_ASCII)));
        SignCommand command = new SignCommand(csr("a.example"), token, Optional.empty(), Optional.empty());
        assertThat(issuance.prepare(command, TestCa.NOW, SERIAL).certificate().subject())
                .isEqualTo("a.example");
    }

    @Test
    void what_the_store_must_know_is_told() {
        Der csr = csr("");
        PreparedIssuance prepared = prepare(csr, "sans", "[\"b.example\"]");
        assertThat(prepared.grant().token().orElseThrow().key())
                .isEqualTo(Sha256.digest("id".getBytes(StandardCharsets.UTF_8)));
        assertThat(prepared.grant().token().orElseThrow().issuedAt()).contains(TestCa.NOW);
        assertThat(prepared.grant().token().orElseThrow().expiresAt()).contains(TestCa.NOW.plusSeconds(300));
        assertThat(prepared.grant().token().orElseThrow().provisioner()).isEqualTo("admin");
        assertThat(prepared.requestHash()).isEqualTo(Sha256.digest(csr.bytes()));
        assertThat(prepared.certificate().subject()).isEqualTo("a.example");
        assertThat(prepared.certificate().names()).containsExactly("b.example");
        assertThat(prepared.certificate().serial()).isEqualTo(SERIAL);
    }

    @Test
    void the_names_come_from_the_token_even_when_the_request_has_none() {
        assertThat(prepare(csr("")).certificate().names()).containsExactly("a.example");
        assertThat(prepare(csr(""), "sub", "\"10.0.0.1\"").certificate().names())
                .containsExactly("10.0.0.1");
    }

    // The token

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "iss, '\"other\"'",
        "iss, ''",
        "sub, ''",
        "sub, '\"\"'",
        "aud, ''",
        "aud, '[]'",
        "aud, '\"https://ca.example/1.0/renew\"'",
        "aud, '\"https://other.example/1.0/sign\"'",
        "aud, '\"https://ca.example/1.0/sign#x\"'",
        "aud, '\"https://ca.example/1.0/sign/\"'"
    })
    void a_token_for_another_place_or_nobody_is_refused_without_a_reason(String claim, String value) {
        refused(ErrorCode.TOKEN_INVALID, "", () -> prepare(csr(""), claim, value));
    }

    @ParameterizedTest
    @CsvSource({
        "exp, -60, true",
        "exp, -61, false",
        "nbf, 60, true",
        "nbf, 61, false",
        "iat, 60, true",
        "iat, 61, false",
        "iat, -1000000, true"
    })
    void clocks_may_differ_by_a_minute_and_no_second_more(String claim, long offset, boolean accepted) {
        if (accepted) {
            assertThat(prepare(csr(""), claim, "" + (NOW + offset))).isNotNull();
        } else {
            refused(ErrorCode.TOKEN_INVALID, "", () -> prepare(csr(""), claim, "" + (NOW + offset)));
        }
    }

    @Test
    void times_that_the_token_leaves_out_are_not_checked() {
        PreparedIssuance prepared = prepare(csr(""), "exp", "", "nbf", "", "iat", "");
        assertThat(prepared.grant().token().orElseThrow().expiresAt()).isEmpty();
        assertThat(prepared.grant().token().orElseThrow().issuedAt()).isEmpty();
    }

    @Test
    void another_key_or_algorithm_in_the_header_is_refused() {
        for (String header : List.of(
                "{\"alg\":\"EdDSA\",\"kid\":\"other\"}",
                "{\"alg\":\"EdDSA\"}",
                "{\"alg\":\"ES256\",\"kid\":\"k\"}",
                "{\"alg\":\"none\",\"kid\":\"k\"}")) {
            refused(ErrorCode.TOKEN_INVALID, "", () -> prepare(csr(""), TestCa.token(header, claims())));
        }
        String token = TestCa.token(claims());
        refused(ErrorCode.TOKEN_INVALID, "", () -> prepare(csr(""), token.substring(0, token.lastIndexOf('.') + 1)));
    }

    @Test
    void the_request_is_judged_before_the_token_and_a_missing_token_in_between() {
        refused(ErrorCode.MALFORMED, "missing ott", () -> prepare(csr(""), ""));
        byte[] bad = csr("").bytes();
        bad[bad.length - 1] ^= 1;
        refused(ErrorCode.BAD_CSR, "invalid csr", () -> prepare(Der.of(bad), ""));
        refused(ErrorCode.MALFORMED, "error decoding json", () -> prepare(Der.of(new byte[5]), "rubbish"));
    }

    // Token and request

    @Test
    void a_token_may_be_for_one_request_alone() {
        Der csr = csr("");
        String fingerprint = TestCa.base64(Sha256.digest(csr.bytes()).value());
        assertThat(prepare(csr, "cnf", "{\"x5rt#S256\":\"" + fingerprint + "\"}"))
                .isNotNull();
        refused(
                ErrorCode.FORBIDDEN,
                "certificate request fingerprint does not match \"eA\"",
                () -> prepare(csr, "cnf", "{\"x5rt#S256\":\"eA\"}"));
        refused(ErrorCode.FORBIDDEN, "error decoding fingerprint", () -> prepare(csr, "cnf", "{\"x5rt#S256\":\"x\"}"));
    }

    @Test
    void that_a_token_is_for_another_request_is_told_before_the_common_name_and_that_before_a_short_key() {
        Der csr = TestCsr.of("RSA-1024", "other", List.of());
        refused(
                ErrorCode.FORBIDDEN,
                "certificate request fingerprint does not match \"eA\"",
                () -> prepare(csr, "cnf", "{\"x5rt#S256\":\"eA\"}"));
        String fingerprint = TestCa.base64(Sha256.digest(csr.bytes()).value());
        refused(
                ErrorCode.FORBIDDEN,
                "certificate request does not contain the valid common name - got other, want [a.example a.example]",
                () -> prepare(csr, "cnf", "{\"x5rt#S256\":\"" + fingerprint + "\"}"));
    }

    @ParameterizedTest(name = "{0} {1} of {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "other | a.example | '' | the valid common name - got other, want [a.example a.example]",
                "A.example | a.example | '' | the valid common name - got A.example, want [a.example a.example]",
                "'' | a.example | b | the valid DNS names - got [b], want [a.example]",
                "'' | a.example | a.example,b | the valid DNS names - got [a.example b], want [a.example]",
                "'' | a.example,b | a.example | the valid DNS names - got [a.example], want [a.example b]",
                "'' | a.example | A.example | the valid DNS names - got [A.example], want [a.example]",
                "'' | a.example | 1.2.3.4 | the valid IP addresses - got [1.2.3.4], want []",
                "'' | ::1 | ::2 | the valid IP addresses - got [::2], want [::1]",
                "'' | a.example | u@a.example | the valid email addresses - got [u@a.example], want []",
                "'' | x:y | x:z | the valid URIs - got [x:z], want [x:y]"
            })
    void names_that_the_token_does_not_grant_are_refused_in_words(
            String commonName, String granted, String asked, String detail) {
        String[] names = asked.isEmpty() ? new String[0] : asked.split(",");
        String sans = "[\"" + granted.replace(",", "\",\"") + "\"]";
        refused(
                ErrorCode.FORBIDDEN,
                "certificate request does not contain " + detail,
                () -> prepare(csr(commonName, names), "sans", sans));
    }

    @Test
    void a_request_may_repeat_the_names_in_any_order_more_than_once_and_leave_out_a_kind() {
        String sans = "[\"a.example\",\"b.example\",\"::1\",\"HTTPS://A/ü\"]";
        Der csr = csr("b.example", "b.example", "a.example", "b.example", "0:0:0:0:0:0:0:1");
        assertThat(prepare(csr, "sans", sans).certificate().names())
                .containsExactly("a.example", "b.example", "::1", "https://A/%C3%BC");
    }

    @Test
    void a_common_name_with_a_backslash_is_not_the_one_without() {
        refused(
                ErrorCode.FORBIDDEN,
                "certificate request does not contain the valid common name - got a\\.example, want [a.example a.example]",
                () -> prepare(csr("a\\.example")));
    }

    @Test
    void a_short_RSA_key_is_refused_after_the_common_name_and_before_the_other_names() {
        Der both = TestCsr.of("RSA-1024", "other", List.of(SubjectAltName.guess("other")));
        refused(
                ErrorCode.FORBIDDEN,
                "certificate request does not contain the valid common name - got other, want [a.example a.example]",
                () -> prepare(both));
        Der names = TestCsr.of("RSA-1024", "a.example", List.of(SubjectAltName.guess("other")));
        refused(
                ErrorCode.FORBIDDEN,
                "certificate request RSA key must be at least 2048 bits (256 bytes)",
                () -> prepare(names));
    }

    @Test
    void a_name_that_certificates_cannot_hold_is_refused() {
        refused(
                ErrorCode.MALFORMED,
                "the name \"ü.example\" has a character that certificates cannot hold",
                () -> prepare(csr(""), "sans", "[\"ü.example\"]"));
        refused(
                ErrorCode.MALFORMED,
                "the name \"a\0.example\" has a character that certificates cannot hold",
                () -> prepare(csr(""), "sans", "[\"a\\u0000.example\"]"));
    }

    @Test
    void a_URI_with_a_host_that_Go_reads_in_no_certificate_is_refused() {
        refused(
                ErrorCode.MALFORMED,
                "the host of the name \"https://a.example./x\" has an empty label, or a character that certificates"
                        + " cannot hold",
                () -> prepare(csr(""), "sans", "[\"https://a.example./x\"]"));
    }

    @Test
    void a_name_that_a_CA_above_may_not_vouch_for_is_refused() throws Exception {
        byte[] der = Base64.getDecoder()
                .decode(GoFixtures.strings(
                                GoFixtures.objects("name-constraints.json").get(0), "Chain")
                        .get(0));
        X509Certificate permitting = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        StepIssuance issuance = new StepIssuance(
                Provisioners.of(List.of(TestCa.provisioner()), Map.of(), TestKeys.KEYS),
                new Audiences(List.of("ca.example")),
                Issuers.only(TestCa.ISSUER, NameConstraints.of(List.of(TestCa.ISSUER.certificate(), permitting))),
                Duration.ofMinutes(1),
                TestKeys.KEYS);
        assertThat(issuance.prepare(command(claims()), TestCa.NOW, SERIAL)
                        .certificate()
                        .names())
                .containsExactly("a.example");
        refused(
                ErrorCode.FORBIDDEN,
                "the name \"b.example\" is outside the name constraints of this CA",
                () -> issuance.prepare(command(claims("sans", "[\"a.example\",\"b.example\"]")), TestCa.NOW, SERIAL));
    }

    private static SignCommand command(String claims) {
        return new SignCommand(csr(""), TestCa.token(claims), Optional.empty(), Optional.empty());
    }

    // Validity and extension

    @Test
    void times_asked_for_are_held_against_the_provisioners_claims() {
        Map<String, Object> provisioner = new HashMap<>(TestCa.provisioner());
        provisioner.put("claims", Map.of("defaultTLSCertDuration", "48h"));
        StepIssuance issuance = TestCa.issuance(List.of(provisioner), Map.of("maxTLSCertDuration", "30h"));
        SignCommand command = new SignCommand(
                csr(""), TestCa.token(claims()), Optional.empty(), Optional.of(TimeOrDuration.parse("48h")));
        assertThat(issuance.prepare(command, TestCa.NOW, SERIAL).certificate().notAfter())
                .isEqualTo(Instant.parse("2026-11-26T12:00:00Z"));
        SignCommand longer = new SignCommand(
                csr(""), TestCa.token(claims()), Optional.empty(), Optional.of(TimeOrDuration.parse("48h1s")));
        refused(
                ErrorCode.FORBIDDEN,
                "requested duration of 48h1m1s is more than the authorized maximum certificate duration of 48h1m0s",
                () -> issuance.prepare(longer, TestCa.NOW, SERIAL));
    }

    @Test
    void the_provisioner_is_noted_in_the_certificate_unless_its_claims_say_no() throws Exception {
        assertThat(extension(ISSUANCE)).isNotNull();
        Map<String, Object> provisioner = new HashMap<>(TestCa.provisioner());
        provisioner.put("claims", Map.of("disableSmallstepExtensions", true));
        assertThat(extension(TestCa.issuance(List.of(provisioner), Map.of()))).isNull();
    }

    private static Object extension(StepIssuance issuance) {
        SignCommand command = new SignCommand(csr(""), TestCa.token(claims()), Optional.empty(), Optional.empty());
        byte[] tbs = issuance.prepare(command, TestCa.NOW, SERIAL)
                .certificate()
                .tbs()
                .bytes();
        return TBSCertificate.getInstance(tbs)
                .getExtensions()
                .getExtension(io.chancery.core.certificate.StepProvisionerExtension.OID);
    }

    @Test
    void a_command_never_prints_its_token() {
        assertThat(new SignCommand(csr(""), "hidden", Optional.empty(), Optional.empty()).toString())
                .doesNotContain("hidden");
    }
}
