package io.chancery.core.renewal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.TestCa;
import io.chancery.core.TestCertificate;
import io.chancery.core.TestCsr;
import io.chancery.core.TestKeys;
import io.chancery.core.certificate.CaIssuer;
import io.chancery.core.certificate.CaTemplate;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.PresentedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.certificate.SignedCertificate;
import io.chancery.core.certificate.StepProvisionerExtension;
import io.chancery.core.chain.AbandonedIssuers;
import io.chancery.core.chain.ClientCertificate;
import io.chancery.core.csr.CertificateRequest;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.KeyLimits;
import io.chancery.core.issuance.PreparedIssuance;
import io.chancery.core.issuance.SignCommand;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.issuer.IssuingRule;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.name.SubjectName;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.time.TimeOrDuration;
import io.chancery.core.token.Audiences;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may renew what, and what comes of it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class StepRenewalTest {
    private static final SerialNumber OLD = new SerialNumber(BigInteger.ONE.shiftLeft(100));
    private static final SerialNumber NEW = new SerialNumber(BigInteger.ONE.shiftLeft(101));
    private static final Instant LATER = TestCa.NOW.plus(Duration.ofHours(10));
    private static final String KIND = "Ed25519";

    /** A leaf of the test authority, of 24 hours and a minute. */
    private static Der leaf(Map<String, Object> claims, String kind) {
        String payload = "{\"iss\":\"admin\",\"aud\":\"https://ca.example/sign\",\"sub\":\"a.example\",\"jti\":\"id\","
                + "\"sans\":[\"a.example\",\"10.0.0.1\"]}";
        SignCommand command = new SignCommand(
                TestCsr.of(kind, "a.example", List.of(SubjectAltName.guess("a.example"))),
                TestCa.token(payload),
                Optional.<TimeOrDuration>empty(),
                Optional.empty());
        PreparedIssuance prepared =
                TestCa.issuance(List.of(TestCa.provisioner()), claims).prepare(command, TestCa.NOW, OLD);
        return signed(prepared, "P-256 issuer");
    }

    private static Der signed(PreparedIssuance prepared, String issuerKey) {
        Der tbs = prepared.certificate().tbs();
        byte[] signature =
                TestKeys.sign("SHA256withECDSA", TestKeys.of(issuerKey).getPrivate(), tbs.bytes());
        return SignedCertificate.assemble(TestCa.ISSUER, tbs, Der.of(signature), TestKeys.KEYS)
                .orElseThrow();
    }

    private static Der leaf() {
        return leaf(Map.of(), KIND);
    }

    private static StepRenewal renewal(List<Map<String, Object>> provisioners, Map<String, Object> claims) {
        return renewal(provisioners, claims, Duration.ofMinutes(1));
    }

    private static StepRenewal renewal(
            List<Map<String, Object>> provisioners, Map<String, Object> claims, Duration backdate) {
        return new StepRenewal(
                Provisioners.of(provisioners, claims, TestKeys.KEYS),
                new Audiences(List.of("ca.example")),
                List.of(TestCa.ISSUER.certificate()),
                Issuers.only(TestCa.ISSUER, NameConstraints.of(List.of(TestCa.ISSUER.certificate()))),
                backdate,
                TestKeys.KEYS);
    }

    private static StepRenewal renewal() {
        return renewal(List.of(TestCa.provisioner()), Map.of());
    }

    private static PreparedIssuance byTls(StepRenewal renewal, Der leaf, Instant now) {
        ClientCertificate shown = renewal.shown(List.of(leaf));
        return renewal.prepare(
                new StepRenewal.Command(shown, Optional.empty(), Optional.empty(), Optional.empty()), now, NEW);
    }

    private static PreparedIssuance byToken(StepRenewal renewal, String text, Instant now) {
        RenewToken token = renewal.token(text);
        return renewal.prepare(
                new StepRenewal.Command(token.certificate(), Optional.of(token), Optional.empty(), Optional.empty()),
                now,
                NEW);
    }

    private static void refused(ErrorCode code, Runnable attempt) {
        assertThatThrownBy(attempt::run)
                .isInstanceOfSatisfying(
                        CaException.class,
                        e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
    }

    private static TBSCertificate tbs(PreparedIssuance prepared) {
        return TBSCertificate.getInstance(prepared.certificate().tbs().bytes());
    }

    /** A renew token for the leaf, with members of its payload replaced or, when empty, left out. */
    private static String token(Der leaf, String... changes) {
        return token(List.of(leaf, TestCa.ISSUER.der()), changes);
    }

    private static String token(List<Der> chain, String... changes) {
        String x5c = chain.stream()
                .map(der -> "\"" + Base64.getEncoder().encodeToString(der.bytes()) + "\"")
                .collect(Collectors.joining(",", "[", "]"));
        return TestCa.token(
                "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"x\",\"x5cInsecure\":" + x5c + "}", payload(changes));
    }

    private static String payload(String... changes) {
        Map<String, String> claims = new LinkedHashMap<>();
        claims.put("iss", "\"step-ca-client/1.0\"");
        claims.put("sub", "\"a.example\"");
        claims.put("aud", "\"https://ca.example/renew\"");
        long now = LATER.getEpochSecond();
        claims.put("iat", "" + now);
        claims.put("nbf", "" + now);
        claims.put("exp", "" + (now + 300));
        for (int i = 0; i < changes.length; i += 2) {
            claims.put(changes[i], changes[i + 1]);
        }
        return claims.entrySet().stream()
                .filter(each -> !each.getValue().isEmpty())
                .map(each -> "\"" + each.getKey() + "\":" + each.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }

    @Test
    void a_renewed_certificate_is_the_same_but_for_serial_and_time() {
        Der leaf = leaf();
        TBSCertificate before = PresentedCertificate.parse(leaf).certificate().getTBSCertificate();
        PreparedIssuance prepared = byTls(renewal(), leaf, LATER);
        TBSCertificate after = tbs(prepared);
        assertThat(after.getSubject()).isEqualTo(before.getSubject());
        assertThat(after.getSubjectPublicKeyInfo()).isEqualTo(before.getSubjectPublicKeyInfo());
        assertThat(after.getSerialNumber().getValue()).isEqualTo(NEW.value());
        assertThat(prepared.certificate().notBefore()).isEqualTo(LATER.minus(Duration.ofMinutes(1)));
        assertThat(prepared.certificate().notAfter()).isEqualTo(LATER.plus(Duration.ofHours(24)));
        assertThat(List.of(after.getExtensions().getExtensionOIDs()))
                .startsWith(Extension.authorityKeyIdentifier)
                .containsExactlyInAnyOrder(before.getExtensions().getExtensionOIDs());
        for (ASN1ObjectIdentifier oid : before.getExtensions().getExtensionOIDs()) {
            assertThat(after.getExtensions().getExtension(oid))
                    .isEqualTo(before.getExtensions().getExtension(oid));
        }
        assertThat(prepared.grant().renews()).contains(OLD);
        assertThat(prepared.grant().provisioner()).isEqualTo("admin");
        assertThat(prepared.grant().token()).isEmpty();
        assertThat(prepared.certificate().names()).containsExactly("a.example", "10.0.0.1");
    }

    @Test
    void a_rekeyed_certificate_has_the_request_s_key_and_nothing_else_of_it() throws Exception {
        StepRenewal renewal = renewal();
        Der csr = TestCsr.of("P-384", "evil.example", List.of(SubjectAltName.guess("evil.example")));
        PreparedIssuance prepared = renewal.prepare(
                new StepRenewal.Command(
                        renewal.shown(List.of(leaf())),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(CertificateRequest.read(csr, TestKeys.KEYS))),
                LATER,
                NEW);
        Extensions extensions = tbs(prepared).getExtensions();
        assertThat(tbs(prepared).getSubjectPublicKeyInfo().getEncoded("DER"))
                .isEqualTo(TestKeys.of("P-384").getPublic().getEncoded());
        assertThat(tbs(prepared).getSubject().toString()).isEqualTo("CN=a.example");
        assertThat(prepared.certificate().names()).containsExactly("a.example", "10.0.0.1");
        assertThat(List.of(extensions.getExtensionOIDs()))
                .startsWith(Extension.subjectKeyIdentifier, Extension.authorityKeyIdentifier)
                .doesNotHaveDuplicates();
    }

    @Test
    void another_key_must_be_strong_enough() {
        StepRenewal renewal = renewal();
        CertificateRequest weak =
                CertificateRequest.read(TestCsr.of("RSA-1024", "a.example", List.of()), TestKeys.KEYS);
        refused(
                ErrorCode.FORBIDDEN,
                () -> renewal.prepare(
                        new StepRenewal.Command(
                                renewal.shown(List.of(leaf())), Optional.empty(), Optional.empty(), Optional.of(weak)),
                        LATER,
                        NEW));
    }

    @Test
    void a_certificate_of_another_ca_is_refused_whatever_it_calls_its_issuer() {
        Der genuine = leaf();
        byte[] tbs = PresentedCertificate.parse(genuine).der().bytes();
        tbs[tbs.length - 1] ^= 1; // the last octet of the signature
        refused(ErrorCode.RENEWAL_REFUSED, () -> renewal().shown(List.of(Der.of(tbs))));
        refused(ErrorCode.MALFORMED, () -> renewal().shown(List.of(Der.of(new byte[] {0x30, 0}))));
    }

    @Test
    void a_certificate_is_renewed_only_while_it_is_valid() {
        Der leaf = leaf();
        Instant end = PresentedCertificate.parse(leaf).notAfter();
        assertThat(byTls(renewal(), leaf, end).certificate().serial()).isEqualTo(NEW);
        refused(ErrorCode.RENEWAL_REFUSED, () -> byTls(renewal(), leaf, end.plusSeconds(1)));
        refused(ErrorCode.RENEWAL_REFUSED, () -> byTls(renewal(), leaf, TestCa.NOW.minusSeconds(61)));
    }

    @Test
    void an_expired_one_is_told_when_it_expired_in_step_ca_s_words() {
        assertThatThrownBy(() -> byTls(renewal(), leaf(), TestCa.NOW.plus(Duration.ofDays(2))))
                .isInstanceOfSatisfying(
                        CaException.class,
                        e -> assertThat(e.publicDetail())
                                .isEqualTo(
                                        "The request lacked necessary authorization to be completed: certificate expired on"
                                                + " 2026-11-25 12:00:00 +0000 UTC"));
    }

    @Test
    void an_expired_one_is_renewed_where_the_claims_allow_it() {
        Instant late = TestCa.NOW.plus(Duration.ofDays(30));
        StepRenewal allowing = renewal(List.of(TestCa.provisioner()), Map.of("allowRenewalAfterExpiry", true));
        assertThat(byTls(allowing, leaf(), late).certificate().notAfter()).isEqualTo(late.plus(Duration.ofHours(24)));
    }

    @Test
    void renewal_can_be_disabled_for_all_or_for_a_provisioner_and_the_provisioner_wins() {
        Map<String, Object> off = Map.of("disableRenewal", true);
        Map<String, Object> on = Map.of("disableRenewal", false);
        Map<String, Object> disabled = new LinkedHashMap<>(TestCa.provisioner());
        disabled.put("claims", off);
        Map<String, Object> enabled = new LinkedHashMap<>(TestCa.provisioner());
        enabled.put("claims", on);
        refused(ErrorCode.RENEWAL_REFUSED, () -> byTls(renewal(List.of(TestCa.provisioner()), off), leaf(), LATER));
        refused(ErrorCode.RENEWAL_REFUSED, () -> byTls(renewal(List.of(disabled), Map.of()), leaf(), LATER));
        assertThat(byTls(renewal(List.of(enabled), off), leaf(), LATER)
                        .certificate()
                        .serial())
                .isEqualTo(NEW);
    }

    @Test
    void a_certificate_of_a_provisioner_that_is_gone_is_refused() {
        refused(ErrorCode.RENEWAL_REFUSED, () -> byTls(renewal(List.of(), Map.of()), leaf(), LATER));
    }

    @Test
    void one_without_the_extension_is_governed_by_the_provisioner_that_the_store_knows() {
        Der plain = leaf(Map.of("disableSmallstepExtensions", true), KIND);
        StepRenewal off = renewal(List.of(TestCa.provisioner()), Map.of("disableRenewal", true));
        ClientCertificate shown = off.shown(List.of(plain));
        refused(
                ErrorCode.RENEWAL_REFUSED,
                () -> off.prepare(
                        new StepRenewal.Command(shown, Optional.empty(), Optional.of("admin"), Optional.empty()),
                        LATER,
                        NEW));
        refused(
                ErrorCode.RENEWAL_REFUSED,
                () -> off.prepare(
                        new StepRenewal.Command(shown, Optional.empty(), Optional.of("gone"), Optional.empty()),
                        LATER,
                        NEW));
        assertThat(off.prepare(
                                new StepRenewal.Command(shown, Optional.empty(), Optional.empty(), Optional.empty()),
                                LATER,
                                NEW)
                        .grant()
                        .provisioner())
                .isEmpty();
    }

    @Test
    void a_backdate_longer_than_the_certificate_leaves_nothing_to_renew() {
        StepRenewal odd = renewal(List.of(TestCa.provisioner()), Map.of(), Duration.ofDays(2));
        refused(ErrorCode.FORBIDDEN, () -> byTls(odd, leaf(), LATER));
    }

    @Test
    void a_certificate_is_not_given_a_key_that_breaks_a_rule() {
        ClientCertificate shown = renewal().shown(List.of(leaf()));
        Der own = TestCsr.of("P-256 issuer", "a.example", List.of());
        assertThatThrownBy(() -> renewal()
                        .prepare(
                                new StepRenewal.Command(
                                        shown,
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.of(CertificateRequest.read(own, TestKeys.KEYS))),
                                TestCa.NOW,
                                NEW))
                .isInstanceOfSatisfying(CaException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN);
                    assertThat(e.publicDetail()).contains("rule key-not-issuers");
                });
    }

    @Test
    void a_certificate_that_breaks_a_rule_is_not_renewed() throws Exception {
        Certificate genuine = PresentedCertificate.parse(leaf()).certificate();
        DERSequence policy = new DERSequence(new ASN1ObjectIdentifier("1.2.3"));
        Extension twice = new Extension(
                Extension.certificatePolicies,
                false,
                new DERSequence(new ASN1Encodable[] {policy, policy}).getEncoded());
        V3TBSCertificateGenerator tbs = new V3TBSCertificateGenerator();
        tbs.setSerialNumber(genuine.getSerialNumber());
        tbs.setSignature(genuine.getSignatureAlgorithm());
        tbs.setIssuer(genuine.getIssuer());
        tbs.setStartDate(genuine.getStartDate());
        tbs.setEndDate(genuine.getEndDate());
        tbs.setSubject(genuine.getSubject());
        tbs.setSubjectPublicKeyInfo(genuine.getSubjectPublicKeyInfo());
        tbs.setExtensions(new Extensions(twice));
        Der bytes = Der.of(tbs.generateTBSCertificate().getEncoded("DER"));
        Der signature = Der.of(
                TestKeys.sign("SHA256withECDSA", TestKeys.of("P-256 issuer").getPrivate(), bytes.bytes()));
        Der odd = SignedCertificate.assemble(TestCa.ISSUER, bytes, signature, TestKeys.KEYS)
                .orElseThrow();

        ClientCertificate shown = renewal().shown(List.of(odd));

        assertThatThrownBy(() -> byTls(renewal(), odd, TestCa.NOW)).isInstanceOfSatisfying(CaException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN);
            assertThat(e.publicDetail()).contains("rule policies-distinct");
        });
        assertThat(shown.serial()).isEqualTo(OLD);
    }

    @Test
    void a_renewed_certificate_does_not_outlive_its_issuer() {
        Instant nearTheEnd =
                TestCa.ISSUER.certificate().getNotAfter().toInstant().minus(Duration.ofHours(1));
        StepRenewal allowing = renewal(List.of(TestCa.provisioner()), Map.of("allowRenewalAfterExpiry", true));
        assertThat(byTls(allowing, leaf(), nearTheEnd).certificate().notAfter())
                .isEqualTo(TestCa.ISSUER.certificate().getNotAfter().toInstant());
    }

    @Test
    void a_token_renews_what_its_chain_shows_and_is_used_once() {
        PreparedIssuance prepared = byToken(renewal(), token(leaf()), LATER);
        assertThat(prepared.grant().renews()).contains(OLD);
        assertThat(prepared.grant().token().orElseThrow().expiresAt()).contains(LATER.plusSeconds(300));
        assertThat(byToken(renewal(), token(leaf(), "iss", "\"admin\""), LATER)
                        .grant()
                        .token())
                .isPresent();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sub|\"b.example\"|RENEW_TOKEN_INVALID",
                "sub||RENEW_TOKEN_INVALID",
                "sub|7|RENEW_TOKEN_INVALID",
                "iss|\"other\"|RENEW_TOKEN_INVALID",
                "iss||RENEW_TOKEN_INVALID",
                "aud|\"https://ca.example/sign\"|RENEW_TOKEN_FOREIGN",
                "aud|\"https://other.example/renew\"|RENEW_TOKEN_FOREIGN",
                "aud||RENEW_TOKEN_FOREIGN",
                "aud|{}|RENEW_TOKEN_INVALID",
                "exp|1000|RENEW_TOKEN_INVALID",
                "exp|\"x\"|RENEW_TOKEN_INVALID",
                "nbf|9999999999|RENEW_TOKEN_INVALID",
                "iat|9999999999|RENEW_TOKEN_INVALID",
                "iat|1e400|RENEW_TOKEN_INVALID"
            })
    void each_claim_of_a_token_is_held_to_its_rule(String claim, String value, ErrorCode code) {
        String text = token(leaf(), claim, value == null ? "" : value);
        refused(code, () -> byToken(renewal(), text, LATER));
    }

    @Test
    void a_token_may_lack_its_times() {
        String text = token(leaf(), "iat", "", "nbf", "", "exp", "");
        assertThat(byToken(renewal(), text, LATER).grant().token().orElseThrow().expiresAt())
                .isEmpty();
    }

    @Test
    void a_token_signed_by_another_key_than_its_certificate_s_buys_nothing() {
        Der another = leaf(Map.of(), "P-384");
        refused(ErrorCode.RENEW_TOKEN_FOREIGN, () -> renewal().token(token(another)));
    }

    @Test
    void a_token_must_bring_the_whole_chain_in_order() {
        Der leaf = leaf();
        Der foreign = Der.of(encoded(TestCa.ca(TestKeys.of("P-384"), TestCa.NOW, TestCa.NOW.plusSeconds(9))));
        List<List<Der>> bad = new ArrayList<>();
        bad.add(List.of(TestCa.ISSUER.der(), leaf));
        bad.add(List.of(foreign, TestCa.ISSUER.der()));
        bad.add(List.of(Der.of(new byte[] {1, 2, 3})));
        bad.add(List.of(Der.of(new byte[0])));
        bad.add(Stream.generate(() -> leaf).limit(11).toList());
        for (List<Der> chain : bad) {
            refused(ErrorCode.RENEW_TOKEN_INVALID, () -> renewal().token(token(chain)));
        }
        refused(ErrorCode.MALFORMED, () -> renewal().token(token(List.<Der>of())));
    }

    @Test
    void a_renewed_one_is_no_longer_than_the_key_may_sign_now() {
        StepRenewal renewal = new StepRenewal(
                Provisioners.of(List.of(TestCa.provisioner()), Map.of(), TestKeys.KEYS),
                new Audiences(List.of("ca.example")),
                List.of(TestCa.ISSUER.certificate()),
                Issuers.only(
                        TestCa.ISSUER.withLongest(Optional.of(Duration.ofHours(2))),
                        NameConstraints.of(List.of(TestCa.ISSUER.certificate()))),
                Duration.ofMinutes(1),
                TestKeys.KEYS);
        PreparedCertificate renewed = byTls(renewal, leaf(), LATER).certificate();
        assertThat(renewed.notBefore()).isEqualTo(LATER.minus(Duration.ofMinutes(1)));
        assertThat(renewed.notAfter()).isEqualTo(renewed.notBefore().plus(Duration.ofHours(2)));
    }

    @Test
    void what_speaks_for_its_issuer_is_renewed_where_the_rules_for_the_key_allow_it() {
        Der responder = TestCertificate.bare("a.example", KIND)
                .purposes(KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_OCSPSigning)
                .byTestCa();
        Der lists = TestCertificate.bare("a.example", KIND)
                .with(Extension.keyUsage, new KeyUsage(KeyUsage.digitalSignature | KeyUsage.cRLSign))
                .byTestCa();
        StepRenewal strict = renewal().within(new KeyLimits(false, 0, false));
        for (Der old : List.of(responder, lists)) {
            assertThatThrownBy(() -> byTls(strict, old, TestCa.NOW)).isInstanceOfSatisfying(CaException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN);
                assertThat(e.publicDetail()).contains("keyRules.allow");
            });
        }
        assertThat(byTls(renewal().within(new KeyLimits(false, 0, true)), responder, TestCa.NOW))
                .isNotNull();
        // A signer takes none of those, whatever it allows: RFC 5280 s. 4.2.1.3.
        refused(ErrorCode.FORBIDDEN, () -> byTls(renewal().within(new KeyLimits(true, 0, true)), lists, TestCa.NOW));
    }

    private static X509Certificate ca(String issuer, String issuerKey, String subject, String key, int serial)
            throws Exception {
        CaTemplate template = new CaTemplate(
                SubjectName.ofCommonName(subject),
                TestKeys.of(key).getPublic(),
                CaIssuer.itself(
                        SubjectName.ofCommonName(issuer), TestKeys.of(issuerKey).getPublic()),
                BigInteger.valueOf(serial),
                TestCa.NOW.minusSeconds(3_600),
                TestCa.NOW.plus(Duration.ofDays(30)),
                OptionalInt.of(20),
                Optional.empty());
        return template.certificate(
                template.tbs(),
                Der.of(TestKeys.sign(
                        template.scheme().jcaName(),
                        TestKeys.of(issuerKey).getPrivate(),
                        template.tbs().bytes())));
    }

    /** Its root is another key's; the test's issuer is none of its intermediates any more. */
    private static StepRenewal afterTheIntermediateWasReplaced() throws Exception {
        return signing(TestCa.issuer("P-521"));
    }

    private static StepRenewal signing(IssuerCertificate issuer) throws Exception {
        return signing(issuer, Map.of());
    }

    private static StepRenewal signing(IssuerCertificate issuer, Map<String, Object> claims) throws Exception {
        X509Certificate root = ca("Root", "P-384", "Root", "P-384", 1);
        return new StepRenewal(
                Provisioners.of(List.of(TestCa.provisioner()), claims, TestKeys.KEYS),
                new Audiences(List.of("ca.example")),
                List.of(root),
                Issuers.only(issuer, NameConstraints.of(List.of(root))),
                Duration.ZERO,
                TestKeys.KEYS);
    }

    @Test
    void one_under_an_intermediate_that_was_given_up_is_not_renewed_whatever_was_sent() throws Exception {
        Der upper = Der.of(encoded(ca("Root", "P-384", "Upper", "P-521", 2)));
        Der lower = Der.of(encoded(ca("Upper", "P-521", "Test Issuer", "P-256 issuer", 3)));
        List<Der> sent = List.of(leaf(), lower, upper);
        for (AbandonedIssuers abandoned : List.of(
                new AbandonedIssuers(Set.of(), Set.of(Sha256.digest(upper.bytes()))),
                new AbandonedIssuers(Set.of(), Set.of(Sha256.digest(lower.bytes()))),
                new AbandonedIssuers(Set.of(KeyId.of(TestKeys.of("P-521").getPublic())), Set.of()),
                new AbandonedIssuers(Set.of(TestCa.ISSUER.keyId()), Set.of()))) {
            StepRenewal renewal = afterTheIntermediateWasReplaced().withoutIssuers(abandoned);
            refused(ErrorCode.RENEWAL_REFUSED, () -> renewal.shown(sent));
            refused(ErrorCode.RENEW_TOKEN_INVALID, () -> renewal.token(token(sent)));
        }
        StepRenewal renewal = afterTheIntermediateWasReplaced()
                .withoutIssuers(new AbandonedIssuers(
                        Set.of(KeyId.of(TestKeys.of("P-256").getPublic())), Set.of(Sha256.digest())));
        assertThat(renewal.shown(sent).serial()).isEqualTo(OLD);
        assertThat(renewal.token(token(sent)).certificate().serial()).isEqualTo(OLD);
    }

    @Test
    void one_under_an_intermediate_that_was_replaced_is_led_to_the_root_by_what_was_sent_in_any_order()
            throws Exception {
        Der upper = Der.of(encoded(ca("Root", "P-384", "Upper", "P-521", 2)));
        Der lower = Der.of(encoded(ca("Upper", "P-521", "Test Issuer", "P-256 issuer", 3)));
        Der fake = Der.of(encoded(ca("Root", "P-256", "Upper", "P-521", 2)));
        StepRenewal renewal = afterTheIntermediateWasReplaced();
        Der leaf = leaf();
        assertThat(renewal.shownAtOnce(List.of(leaf, lower, upper))).isEmpty();
        assertThat(renewal.shown(List.of(leaf, lower, upper)).serial()).isEqualTo(OLD);
        assertThat(renewal.shown(List.of(leaf, upper, leaf, fake, lower, lower)).serial())
                .isEqualTo(OLD);
        refused(ErrorCode.RENEWAL_REFUSED, () -> renewal.shown(List.of(leaf, lower, fake)));
        refused(ErrorCode.RENEWAL_REFUSED, () -> renewal.shown(List.of(leaf, upper)));
        assertThat(renewal().shownAtOnce(List.of(leaf))).isPresent();
    }

    @Test
    void one_of_an_issuer_whose_certificate_was_renewed_for_the_same_key_keeps_its_provisioner() throws Exception {
        Der before = Der.of(encoded(ca("Root", "P-384", "Test Issuer", "P-256 issuer", 3)));
        StepRenewal renewal = signing(IssuerCertificate.of(ca("Root", "P-384", "Test Issuer", "P-256 issuer", 4)));
        PreparedIssuance renewed = byToken(renewal, token(List.of(leaf(), before)), LATER);
        assertThat(renewed.grant().provisioner()).isEqualTo("admin");
        assertThat(renewed.grant().authorizedBy())
                .extracting(SerialNumber::decimal)
                .containsExactly("3");
        assertThat(tbs(renewed).getExtensions().getExtension(StepProvisionerExtension.OID))
                .isNotNull();
    }

    /** The issuer's key is where it was; who has that of another CA that has ended could date certificates back. */
    @Test
    void an_expired_one_is_renewed_though_the_certificate_that_its_issuer_had_has_ended_and_another_ca_s_is_not()
            throws Exception {
        Instant soon = TestCa.NOW.plus(Duration.ofDays(2));
        StepRenewal renewal = signing(
                IssuerCertificate.of(ca("Root", "P-384", "Test Issuer", "P-256 issuer", 4)),
                Map.of("allowRenewalAfterExpiry", true));
        Der before = TestCertificate.ca("Test Issuer", "P-256 issuer").to(soon).by("Root", "P-384");
        Der another = TestCertificate.ca("Upper", "P-521").to(soon).by("Root", "P-384");
        TestCertificate leaf = client().with(
                        StepProvisionerExtension.OID, StepProvisionerExtension.of(1, "admin", "kid"))
                .to(TestCa.NOW.plus(Duration.ofDays(1)));
        Instant later = soon.plusSeconds(1);
        assertThat(led(renewal, List.of(leaf.byTestCa(), before), later)).isNotNull();
        List<Der> others = List.of(leaf.by("Upper", "P-521"), another);
        assertThat(led(renewal, others, soon)).isNotNull();
        refused(ErrorCode.RENEWAL_REFUSED, () -> led(renewal, others, later));
    }

    /** By what came in a token alone. */
    private static PreparedIssuance led(StepRenewal renewal, List<Der> sent, Instant now) {
        ClientCertificate found = renewal.token(token(sent)).certificate();
        return renewal.prepare(
                new StepRenewal.Command(found, Optional.empty(), Optional.empty(), Optional.empty()), now, NEW);
    }

    private static final Der BELOW =
            TestCertificate.ca("Below", "P-521").serial(21).byTestCa();

    private static TestCertificate client() {
        return TestCertificate.client("a.example", KIND);
    }

    private static PreparedIssuance fromBelow(TestCertificate leaf) {
        return fromBelow(renewal(), leaf);
    }

    @Test
    void a_renewal_rests_on_every_certificate_between_the_old_one_and_the_root() throws Exception {
        assertThat(fromBelow(client()).grant().authorizedBy())
                .extracting(SerialNumber::decimal)
                .containsExactly("21");
        Der upper = TestCertificate.ca("Upper", "P-521").serial(22).by("Root", "P-384");
        Der lower = TestCertificate.ca("Lower", "P-256").serial(23).by("Upper", "P-521");
        Der leaf = client().by("Lower", "P-256");
        StepRenewal renewal = afterTheIntermediateWasReplaced();
        assertThat(renewal.token(token(List.of(leaf, lower, upper)))
                        .certificate()
                        .above())
                .extracting(SerialNumber::decimal)
                .containsExactly("23", "22");
        assertThat(byTls(renewal(), leaf(), LATER).grant().authorizedBy()).isEmpty();
    }

    @Test
    void no_ca_is_renewed_whoever_signed_it() {
        TestCertificate last = TestCertificate.bare("X", "P-384")
                .with(Extension.basicConstraints, new BasicConstraints(0))
                .with(Extension.keyUsage, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.digitalSignature));
        refused(ErrorCode.RENEWAL_REFUSED, () -> fromBelow(last));
        refused(ErrorCode.RENEWAL_REFUSED, () -> byTls(renewal(), BELOW, TestCa.NOW));
    }

    @Test
    void what_another_ca_has_signed_lasts_no_longer_than_a_new_certificate_may() {
        TestCertificate tenYears = client().from(TestCa.NOW.minus(Duration.ofDays(3650)))
                .with(StepProvisionerExtension.OID, StepProvisionerExtension.of(1, "admin", "kid"));
        Map<String, Object> twoHours = new LinkedHashMap<>(TestCa.provisioner());
        twoHours.put("claims", Map.of("maxTLSCertDuration", "2h", "defaultTLSCertDuration", "1h"));
        PreparedCertificate renewed =
                fromBelow(renewal(List.of(twoHours), Map.of()), tenYears).certificate();
        assertThat(Duration.between(renewed.notBefore(), renewed.notAfter()))
                .as("under the claims of the provisioner that it names")
                .isEqualTo(Duration.ofHours(2).plusMinutes(1));
        TestCertificate nobodys = client().from(TestCa.NOW.minus(Duration.ofDays(3650)));
        renewed = fromBelow(renewal(List.of(twoHours), Map.of()), nobodys).certificate();
        assertThat(Duration.between(renewed.notBefore(), renewed.notAfter()))
                .as("that names no provisioner")
                .isEqualTo(Duration.ofHours(24).plusMinutes(1));
        PreparedCertificate ours =
                byTls(renewal(), tenYears.byTestCa(), TestCa.NOW).certificate();
        assertThat(Duration.between(ours.notBefore(), ours.notAfter()))
                .as("of our own, as long as before, or as the issuer")
                .isGreaterThan(Duration.ofDays(2));
    }

    @Test
    void no_ca_is_renewed_by_a_Netscape_certificate_type_either() {
        TestCertificate netscape = TestCertificate.bare("X", "P-384")
                .with(new ASN1ObjectIdentifier("2.16.840.1.113730.1.1"), new DERBitString(new byte[] {4}));
        refused(ErrorCode.RENEWAL_REFUSED, () -> fromBelow(netscape));
    }

    @Test
    void what_speaks_for_its_issuer_is_renewed_only_under_an_issuer_of_this_ca() {
        KeyPurposeId[] purposes = {KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_OCSPSigning};
        TestCertificate responder = TestCertificate.bare("a.example", KIND).purposes(purposes);
        TestCertificate lister = TestCertificate.bare("a.example", KIND)
                .with(Extension.keyUsage, new KeyUsage(KeyUsage.cRLSign | KeyUsage.digitalSignature));
        refused(ErrorCode.RENEWAL_REFUSED, () -> fromBelow(responder));
        refused(ErrorCode.RENEWAL_REFUSED, () -> fromBelow(lister));
        assertThat(byTls(renewal(), responder.byTestCa(), TestCa.NOW)).isNotNull();
    }

    @Test
    void what_has_the_name_of_a_ca_and_no_key_usage_is_not_renewed_and_others_without_one_are() {
        TestCertificate named = TestCertificate.bare("test  ISSUER", KIND).purposes(KeyPurposeId.id_kp_clientAuth);
        TestCertificate other = TestCertificate.bare("a.example", KIND).purposes(KeyPurposeId.id_kp_clientAuth);
        TestCertificate harmless = TestCertificate.client("Test Issuer", KIND);
        refused(ErrorCode.FORBIDDEN, () -> fromBelow(named));
        refused(ErrorCode.FORBIDDEN, () -> byTls(renewal(), named.byTestCa(), TestCa.NOW));
        assertThat(fromBelow(other)).isNotNull();
        assertThat(byTls(renewal(), other.byTestCa(), TestCa.NOW)).isNotNull();
        assertThat(fromBelow(harmless)).isNotNull();
    }

    /** One whose second issuer is for this provisioner's certificates alone. */
    private static StepRenewal withAnIssuerKeptFor(String provisioner) throws Exception {
        IssuerCertificate kept = IssuerCertificate.of(ca("Test Issuer", "P-256 issuer", "Kept", "P-384", 5));
        NameConstraints none = NameConstraints.of(List.of());
        Issuer forSome = new Issuer(
                "kept",
                kept,
                List.of(kept.certificate()),
                none,
                Optional.empty(),
                Optional.of(new IssuingRule(Optional.empty(), Set.of(provisioner), Set.of())));
        Issuer forAll = Issuers.only(TestCa.ISSUER, none).standing();
        return new StepRenewal(
                Provisioners.of(List.of(TestCa.provisioner()), Map.of(), TestKeys.KEYS),
                new Audiences(List.of("ca.example")),
                List.of(TestCa.ISSUER.certificate()),
                Issuers.of(List.of(forSome), forAll, key -> true),
                Duration.ofMinutes(1),
                TestKeys.KEYS);
    }

    private static PreparedIssuance fromBelow(StepRenewal renewal, TestCertificate leaf) {
        ClientCertificate shown = renewal.shown(List.of(leaf.by("Below", "P-521"), BELOW));
        return renewal.prepare(
                new StepRenewal.Command(shown, Optional.empty(), Optional.empty(), Optional.empty()), TestCa.NOW, NEW);
    }

    private static Optional<Extension> provisionerIn(PreparedIssuance issuance) {
        return Optional.ofNullable(tbs(issuance).getExtensions().getExtension(StepProvisionerExtension.OID));
    }

    @Test
    void what_another_ca_says_of_its_provisioner_gets_nobody_an_issuer_that_is_kept_for_some() throws Exception {
        TestCertificate leaf =
                client().with(StepProvisionerExtension.OID, StepProvisionerExtension.of(1, "admin", "kid"));
        StepRenewal renewal = withAnIssuerKeptFor("admin");
        PreparedIssuance foreign = fromBelow(renewal, leaf);
        assertThat(foreign.certificate().issuer().keyId()).isEqualTo(TestCa.ISSUER.keyId());
        assertThat(provisionerIn(foreign)).isEmpty();
        assertThat(foreign.grant().provisioner()).isEmpty();
        PreparedIssuance next = byTls(renewal, signed(foreign, "P-256 issuer"), TestCa.NOW);
        assertThat(next.certificate().issuer().keyId()).as("the next time").isEqualTo(TestCa.ISSUER.keyId());
        PreparedIssuance ours = byTls(renewal, leaf.byTestCa(), TestCa.NOW);
        assertThat(ours.certificate().issuer().keyId()).isNotEqualTo(TestCa.ISSUER.keyId());
        assertThat(provisionerIn(ours)).isPresent();
    }

    @Test
    void what_another_ca_says_of_its_provisioner_stays_where_no_issuer_is_kept_for_that_one() throws Exception {
        TestCertificate leaf =
                client().with(StepProvisionerExtension.OID, StepProvisionerExtension.of(1, "admin", "kid"));
        for (StepRenewal renewal : List.of(renewal(), withAnIssuerKeptFor("another"))) {
            PreparedIssuance foreign = fromBelow(renewal, leaf);
            assertThat(provisionerIn(foreign)).isPresent();
            assertThat(foreign.grant().provisioner()).isEqualTo("admin");
        }
        StepRenewal off = renewal(List.of(TestCa.provisioner()), Map.of("disableRenewal", true));
        refused(ErrorCode.RENEWAL_REFUSED, () -> fromBelow(off, leaf));
    }

    @Test
    void a_certificate_says_whether_an_issuer_of_this_ca_has_signed_it_by_the_key_not_the_name() {
        Der ours = client().byTestCa();
        Der namesake = TestCertificate.ca("Test Issuer", "P-521").byTestCa();
        assertThat(renewal().shown(List.of(ours)).issuedHere()).isTrue();
        assertThat(renewal()
                        .token(token(List.of(ours, TestCa.ISSUER.der())))
                        .certificate()
                        .issuedHere())
                .isTrue();
        assertThat(renewal()
                        .shown(List.of(client().by("Below", "P-521"), BELOW))
                        .issuedHere())
                .isFalse();
        assertThat(renewal()
                        .shown(List.of(client().by("Test Issuer", "P-521"), namesake))
                        .issuedHere())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.5.29.15", "2.5.29.37", "2.5.29.17"})
    void an_extension_with_other_der_than_it_should_have_makes_a_certificate_that_cannot_be_read(String oid)
            throws Exception {
        Certificate genuine = PresentedCertificate.parse(leaf()).certificate();
        for (byte[] value :
                List.of(new byte[] {2, 1, 7}, new byte[] {0x30, 3, 2, 1, 7}, new byte[] {0x30, 9}, new byte[0])) {
            V3TBSCertificateGenerator tbs = new V3TBSCertificateGenerator();
            tbs.setSerialNumber(genuine.getSerialNumber());
            tbs.setSignature(genuine.getSignatureAlgorithm());
            tbs.setIssuer(genuine.getIssuer());
            tbs.setStartDate(genuine.getStartDate());
            tbs.setEndDate(genuine.getEndDate());
            tbs.setSubject(genuine.getSubject());
            tbs.setSubjectPublicKeyInfo(genuine.getSubjectPublicKeyInfo());
            tbs.setExtensions(new Extensions(new Extension(new ASN1ObjectIdentifier(oid), false, value)));
            Der odd = Der.of(new DERSequence(new ASN1Encodable[] {
                        tbs.generateTBSCertificate(), genuine.getSignatureAlgorithm(), genuine.getSignature()
                    })
                    .getEncoded());
            refused(ErrorCode.MALFORMED, () -> renewal().shown(List.of(odd)));
            refused(ErrorCode.RENEW_TOKEN_INVALID, () -> renewal().token(token(odd)));
        }
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (java.security.cert.CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "a.b.c",
                "...",
                "eyJhbGciOiJub25lIn0.e30.",
                "{\"alg\":\"EdDSA\"}",
                "{\"alg\":\"EdDSA\",\"x5cInsecure\":\"text\"}",
                "{\"alg\":\"EdDSA\",\"x5cInsecure\":[7]}",
                "{\"alg\":\"EdDSA\",\"x5cInsecure\":[\"not base64!\"]}",
                "{\"alg\":\"EdDSA\",\"x5cInsecure\":{}}",
                "{\"alg\":\"EdDSA\",\"x5c\":[\"AAAA\"]}"
            })
    void what_is_no_renew_token_is_refused(String text) {
        String token = text.startsWith("{") ? TestCa.token(text, payload()) : text;
        refused(ErrorCode.RENEW_TOKEN_INVALID, () -> renewal().token(token));
    }

    @Test
    void a_token_needs_a_provisioner_where_tls_needs_none() {
        Der plain = leaf(Map.of("disableSmallstepExtensions", true), KIND);
        refused(ErrorCode.RENEWAL_REFUSED, () -> byToken(renewal(), token(plain), LATER));
    }
}
