package io.chancery.core.renewal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.TestCa;
import io.chancery.core.TestCertificate;
import io.chancery.core.TestCsr;
import io.chancery.core.TestKeys;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.certificate.StepProvisionerExtension;
import io.chancery.core.chain.ClientCertificate;
import io.chancery.core.csr.CertificateRequest;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.PreparedIssuance;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.token.Audiences;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers and claims of a renew token, spoilt one at a time, and certificates that are shown to be renewed or rekeyed. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(20)
class HostileRenewalTest {
    private static final SerialNumber NEW = new SerialNumber(BigInteger.ONE.shiftLeft(101));
    private static final String LONG = "x".repeat(10_000);
    private static final Instant NOW = TestCa.NOW;

    private static TestCertificate client() {
        return TestCertificate.client("a.example", "Ed25519")
                .names("a.example")
                .with(StepProvisionerExtension.OID, StepProvisionerExtension.of(1, "admin", "k"));
    }

    private static StepRenewal renewal(List<Map<String, Object>> provisioners, X509Certificate constraining) {
        return new StepRenewal(
                Provisioners.of(provisioners, Map.of(), TestKeys.KEYS),
                new Audiences(List.of("ca.example")),
                List.of(TestCa.ISSUER.certificate()),
                Issuers.only(TestCa.ISSUER, NameConstraints.of(List.of(constraining))),
                Duration.ofMinutes(1),
                TestKeys.KEYS);
    }

    private static final StepRenewal RENEWAL = renewal(List.of(TestCa.provisioner()), TestCa.ISSUER.certificate());

    private static String quoted(String text) {
        return "\"" + text + "\"";
    }

    private static String object(Map<String, String> members, String... changes) {
        Map<String, String> all = new LinkedHashMap<>(members);
        for (int i = 0; i < changes.length; i += 2) {
            all.put(changes[i], changes[i + 1]);
        }
        return all.entrySet().stream()
                .filter(each -> !each.getValue().isEmpty())
                .map(each -> quoted(each.getKey()) + ":" + each.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static Map<String, String> header(List<Der> chain) {
        String all = chain.stream()
                .map(der -> quoted(Base64.getEncoder().encodeToString(der.bytes())))
                .collect(Collectors.joining(",", "[", "]"));
        return Map.of("alg", "\"EdDSA\"", "kid", "\"x\"", "typ", "\"JWT\"", "x5cInsecure", all);
    }

    private static final Map<String, String> HEADER = header(List.of(client().byTestCa(), TestCa.ISSUER.der()));

    private static final Map<String, String> CLAIMS = Map.of(
            "iss",
            "\"step-ca-client/1.0\"",
            "sub",
            "\"a.example\"",
            "aud",
            "\"https://ca.example/renew\"",
            "jti",
            "\"id\"");

    private static PreparedIssuance byToken(StepRenewal renewal, String text, Instant now) {
        RenewToken token = renewal.token(text);
        return renewal.prepare(
                new StepRenewal.Command(token.certificate(), Optional.of(token), Optional.empty(), Optional.empty()),
                now,
                NEW);
    }

    private static void renewed(String token) {
        assertThat(byToken(RENEWAL, token, NOW).grant().token()).isPresent();
    }

    private static void refused(ErrorCode code, Runnable attempt) {
        assertThatThrownBy(attempt::run)
                .isInstanceOfSatisfying(
                        CaException.class,
                        e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
    }

    private static void invalid(String token) {
        refused(ErrorCode.RENEW_TOKEN_INVALID, () -> byToken(RENEWAL, token, NOW));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "null", "\"none\"", "\"HS256\""})
    void a_token_without_a_good_algorithm_is_refused(String alg) {
        invalid(TestCa.token(object(HEADER, "alg", alg), object(CLAIMS)));
    }

    @Test
    void an_endless_algorithm_is_none() {
        invalid(TestCa.token(object(HEADER, "alg", quoted(LONG)), object(CLAIMS)));
    }

    @Test
    void key_id_and_type_may_be_missing_or_endless_and_the_type_anything() {
        renewed(TestCa.token(object(HEADER, "kid", "", "typ", ""), object(CLAIMS)));
        renewed(TestCa.token(object(HEADER, "kid", quoted(LONG)), object(CLAIMS)));
        renewed(TestCa.token(object(HEADER, "typ", quoted(LONG)), object(CLAIMS)));
        renewed(TestCa.token(object(HEADER, "typ", "5"), object(CLAIMS)));
        invalid(TestCa.token(object(HEADER, "kid", "5"), object(CLAIMS)));
    }

    @ParameterizedTest
    @CsvSource({
        "sub, 2049, RENEW_TOKEN_INVALID",
        "sub, 10000, RENEW_TOKEN_INVALID",
        "iss, 10000, RENEW_TOKEN_INVALID",
        "jti, 1025, RENEW_TOKEN_INVALID",
        "aud, 10000, RENEW_TOKEN_FOREIGN"
    })
    void a_claim_that_is_too_long_is_refused(String name, int length, ErrorCode code) {
        String token = TestCa.token(object(HEADER), object(CLAIMS, name, quoted("x".repeat(length))));
        refused(code, () -> byToken(RENEWAL, token, NOW));
    }

    @ParameterizedTest
    @CsvSource({"iss, 5", "iss, []", "sub, {}", "jti, 5", "aud, 5", "aud, [5]", "exp, true", "nbf, '\"x\"'", "iat, []"})
    void a_claim_of_another_type_is_refused(String name, String value) {
        invalid(TestCa.token(object(HEADER), object(CLAIMS, name, value)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"user", "sha", "nonce", "email", "step"})
    void a_claim_that_is_not_looked_at_may_be_endless(String name) {
        renewed(TestCa.token(object(HEADER), object(CLAIMS, name, quoted(LONG))));
    }

    @Test
    void an_endless_certificate_and_an_endless_list_are_refused() {
        invalid(TestCa.token(object(header(List.of(Der.of(new byte[9_000]))), "kid", "\"x\""), object(CLAIMS)));
        invalid(TestCa.token(
                object(HEADER, "x5cInsecure", "[" + "\"AAAA\",".repeat(1_000) + "\"AAAA\"]"), object(CLAIMS)));
    }

    @Test
    void rubbish_for_the_parameters_of_a_certificate_s_signature_is_refused_in_a_token_and_over_tls() {
        AlgorithmIdentifier rubbish = new AlgorithmIdentifier(PKCSObjectIdentifiers.id_RSASSA_PSS, new ASN1Integer(1));
        Der forged = client().claiming(rubbish).byTestCa();
        invalid(TestCa.token(object(header(List.of(forged, TestCa.ISSUER.der()))), object(CLAIMS)));
        refused(ErrorCode.RENEWAL_REFUSED, () -> RENEWAL.shown(List.of(forged, TestCa.ISSUER.der())));
    }

    @Test
    void a_key_that_is_not_for_signatures_signs_no_renew_token_though_it_is_shown_over_tls() {
        Der leaf = TestCertificate.bare("a.example", "Ed25519")
                .with(Extension.keyUsage, new KeyUsage(KeyUsage.keyAgreement))
                .purposes(KeyPurposeId.id_kp_clientAuth)
                .names("a.example")
                .with(StepProvisionerExtension.OID, StepProvisionerExtension.of(1, "admin", "k"))
                .byTestCa();
        invalid(TestCa.token(object(header(List.of(leaf, TestCa.ISSUER.der()))), object(CLAIMS)));
        assertThat(RENEWAL.shown(List.of(leaf)).serial()).isNotNull();
    }

    @Test
    void the_subject_is_held_against_no_common_name_where_there_is_none() {
        Der leaf = TestCertificate.client("", "Ed25519")
                .names("a.example")
                .with(StepProvisionerExtension.OID, StepProvisionerExtension.of(1, "admin", "k"))
                .byTestCa();
        String header = object(header(List.of(leaf, TestCa.ISSUER.der())));
        renewed(TestCa.token(header, object(CLAIMS, "sub", "\"b.example\"")));
        renewed(TestCa.token(header, object(CLAIMS, "sub", "")));
    }

    @Test
    void a_token_may_be_old_as_long_as_it_has_not_ended() {
        String token = TestCa.token(object(HEADER), object(CLAIMS, "iat", "1000", "nbf", "1000"));
        assertThat(byToken(RENEWAL, token, NOW).grant().token().orElseThrow().issuedAt())
                .as("for the store, which may have forgotten what was used before its epoch")
                .contains(Instant.ofEpochSecond(1_000));
    }

    // Over TLS, for /renew, /rekey and /revoke

    private static PreparedIssuance rekeyed(StepRenewal renewal, Der leaf, Instant now) {
        CertificateRequest request = CertificateRequest.read(TestCsr.of("P-384", "x", List.of()), TestKeys.KEYS);
        ClientCertificate shown = renewal.shown(List.of(leaf));
        return renewal.prepare(
                new StepRenewal.Command(shown, Optional.empty(), Optional.empty(), Optional.of(request)), now, NEW);
    }

    @Test
    void a_chain_of_very_many_certificates_is_looked_at_in_no_time() throws Exception {
        Der upper = TestCertificate.ca("Upper", "P-521").serial(21).byTestCa();
        Der leaf = client().by("Upper", "P-521");
        List<Der> sent = new ArrayList<>(List.of(leaf));
        sent.addAll(
                Collections.nCopies(500, TestCertificate.ca("Upper", "P-521").by("Upper", "P-256")));
        sent.add(upper);
        assertThat(RENEWAL.shown(sent).above())
                .extracting(SerialNumber::decimal)
                .containsExactly("21");
    }

    @Test
    void a_certificate_of_another_ca_by_the_issuer_s_name_is_neither_renewed_nor_rekeyed_nor_revoked_by() {
        Der foreign = client().by("Test Issuer", "P-256");
        refused(ErrorCode.RENEWAL_REFUSED, () -> RENEWAL.shown(List.of(foreign)));
        refused(ErrorCode.RENEWAL_REFUSED, () -> RENEWAL.shown(List.of(foreign, TestCa.ISSUER.der())));
        Der impostor = TestCertificate.ca("Test Issuer", "P-256").by("Test Issuer", "P-256");
        refused(ErrorCode.RENEWAL_REFUSED, () -> RENEWAL.shown(List.of(foreign, impostor)));
    }

    @Test
    void what_governs_renewal_governs_another_key_too() {
        Der leaf = client().byTestCa();
        assertThat(rekeyed(RENEWAL, leaf, NOW).grant().provisioner()).isEqualTo("admin");
        Der bare = TestCertificate.client("a.example", "Ed25519").byTestCa();
        assertThat(rekeyed(RENEWAL, bare, NOW).grant().provisioner()).isEmpty();
        refused(ErrorCode.RENEWAL_REFUSED, () -> rekeyed(renewal(List.of(), TestCa.ISSUER.certificate()), leaf, NOW));
        refused(ErrorCode.RENEWAL_REFUSED, () -> rekeyed(RENEWAL, leaf, NOW.plus(Duration.ofDays(10))));
        refused(ErrorCode.RENEWAL_REFUSED, () -> rekeyed(RENEWAL, leaf, NOW.minus(Duration.ofDays(2))));
        Map<String, Object> disabled = new LinkedHashMap<>(TestCa.provisioner());
        disabled.put("claims", Map.of("disableRenewal", true));
        refused(
                ErrorCode.RENEWAL_REFUSED,
                () -> rekeyed(renewal(List.of(disabled), TestCa.ISSUER.certificate()), leaf, NOW));
    }

    @Test
    void name_constraints_are_asked_again() {
        var excluded = new org.bouncycastle.asn1.x509.NameConstraints(
                null, new GeneralSubtree[] {new GeneralSubtree(new GeneralName(GeneralName.dNSName, "a.example"))});
        X509Certificate constraining = TestCertificate.x509(TestCertificate.ca("Upper", "P-521")
                .with(Extension.nameConstraints, excluded)
                .byTestCa());
        StepRenewal renewal = renewal(List.of(TestCa.provisioner()), constraining);
        refused(ErrorCode.FORBIDDEN, () -> byToken(renewal, TestCa.token(object(HEADER), object(CLAIMS)), NOW));
        refused(ErrorCode.FORBIDDEN, () -> rekeyed(renewal, client().byTestCa(), NOW));
    }

    @Test
    void name_constraints_of_subjects_are_asked_again_too() {
        var permitted = new org.bouncycastle.asn1.x509.NameConstraints(
                new GeneralSubtree[] {new GeneralSubtree(new GeneralName(new X500Name("O=Acme")))}, null);
        X509Certificate constraining = TestCertificate.x509(TestCertificate.ca("Upper", "P-521")
                .with(Extension.nameConstraints, permitted)
                .byTestCa());
        StepRenewal renewal = renewal(List.of(TestCa.provisioner()), constraining);
        refused(ErrorCode.FORBIDDEN, () -> rekeyed(renewal, client().byTestCa(), NOW));
    }

    // Certificates whose issuer has ended

    private static StepRenewal afterExpiry() {
        Map<String, Object> provisioner = new LinkedHashMap<>(TestCa.provisioner());
        provisioner.put("claims", Map.of("allowRenewalAfterExpiry", true));
        return renewal(List.of(provisioner), TestCa.ISSUER.certificate());
    }

    private static List<Der> chainUntil(Instant endOfCa) {
        Der upper = TestCertificate.ca("Upper", "P-521").to(endOfCa).serial(21).byTestCa();
        Der leaf = client().to(NOW.minus(Duration.ofHours(2))).by("Upper", "P-521");
        return List.of(leaf, upper);
    }

    @Test
    void the_key_of_a_ca_that_has_ended_makes_nothing_that_is_renewed_however_it_is_dated() {
        String backdated = TestCa.token(object(header(chainUntil(NOW.minusSeconds(1)))), object(CLAIMS));
        refused(ErrorCode.RENEWAL_REFUSED, () -> byToken(afterExpiry(), backdated, NOW));
        List<Der> shown = chainUntil(NOW.minusSeconds(1));
        refused(
                ErrorCode.RENEWAL_REFUSED,
                () -> afterExpiry()
                        .prepare(
                                new StepRenewal.Command(
                                        afterExpiry().shown(shown),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty()),
                                NOW,
                                NEW));
    }

    @Test
    void below_a_ca_that_goes_on_an_expired_certificate_is_renewed_where_that_is_allowed() {
        String token = TestCa.token(object(header(chainUntil(NOW))), object(CLAIMS));
        assertThat(byToken(afterExpiry(), token, NOW).grant().authorizedBy())
                .extracting(SerialNumber::decimal)
                .containsExactly("21");
        refused(ErrorCode.RENEWAL_REFUSED, () -> byToken(RENEWAL, token, NOW));
    }

    @Test
    void one_of_an_issuer_of_the_configuration_is_renewed_however_old_it_is() {
        Der leaf = client().to(NOW.minus(Duration.ofHours(2))).byTestCa();
        String token = TestCa.token(object(header(List.of(leaf, TestCa.ISSUER.der()))), object(CLAIMS));
        assertThat(byToken(afterExpiry(), token, NOW.plus(Duration.ofDays(300)))
                        .grant()
                        .token())
                .isPresent();
    }
}
