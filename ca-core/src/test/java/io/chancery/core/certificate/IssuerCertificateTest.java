package io.chancery.core.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.TestCa;
import io.chancery.core.TestCertificate;
import io.chancery.core.TestKeys;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.name.NameConstraints;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.name.SubjectName;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class IssuerCertificateTest {
    @ParameterizedTest
    @CsvSource({
        "P-224, ECDSA_SHA256",
        "P-256, ECDSA_SHA256",
        "P-384, ECDSA_SHA384",
        "P-521, ECDSA_SHA512",
        "RSA-2048, RSA_SHA256",
        "Ed25519, ED25519"
    })
    void an_issuer_signs_with_the_scheme_that_Go_chooses_for_its_key(String kind, SignatureScheme scheme)
            throws Exception {
        KeyPair pair = TestKeys.of(kind);
        IssuerCertificate issuer =
                IssuerCertificate.of(TestCa.ca(pair, TestCa.NOW, TestCa.NOW.plus(Duration.ofDays(1))));
        assertThat(issuer.scheme()).isEqualTo(scheme);
        issuer.certificate().verify(pair.getPublic(), TestKeys.BC);
        assertThat(issuer.certificate().getBasicConstraints()).isZero();
        assertThat(issuer.certificate().getKeyUsage()).startsWith(false, false, false, false, false, true, true);
        assertThat(issuer.hash()).isEqualTo(Sha256.digest(issuer.certificate().getEncoded()));
        assertThat(issuer.der()).isEqualTo(Der.of(issuer.certificate().getEncoded()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"P-256", "P-384", "RSA-2048", "Ed25519"})
    void a_key_has_one_id_whichever_provider_read_it(String kind) throws Exception {
        byte[] encoded = TestKeys.of(kind).getPublic().getEncoded();
        String algorithm = kind.startsWith("P-") ? "EC" : kind.startsWith("RSA") ? "RSA" : "Ed25519";
        KeyId id = KeyId.of(KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(encoded)));
        assertThat(KeyId.of(
                        KeyFactory.getInstance(algorithm, TestKeys.BC).generatePublic(new X509EncodedKeySpec(encoded))))
                .isEqualTo(id);
        assertThat(id.value()).isEqualTo(Sha256.digest(encoded).hex().substring(0, 32));
        assertThat(id).hasToString(id.value());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00112233445566778899AABBCCDDEEFF",
                "00112233445566778899aabbccddeef",
                "0011223344556677.899aabbccddeeff"
            })
    void a_key_id_is_32_hex_digits(String text) {
        assertThatThrownBy(() -> new KeyId(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"P-256", "P-384", "P-521", "RSA-2048", "Ed25519"})
    void a_certificate_is_put_together_only_with_the_issuers_signature_over_its_bytes(String kind) throws Exception {
        IssuerCertificate issuer = TestCa.issuer(kind);
        PreparedCertificate prepared = server(issuer);
        byte[] signature = TestKeys.sign(
                issuer.scheme().jcaName(),
                TestKeys.of(kind + " issuer").getPrivate(),
                prepared.tbs().bytes());
        Der whole = SignedCertificate.assemble(issuer, prepared.tbs(), Der.of(signature), TestKeys.KEYS)
                .orElseThrow();
        X509Certificate certificate = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(whole.bytes()));
        certificate.verify(issuer.certificate().getPublicKey(), TestKeys.BC);
        assertThat(certificate.getTBSCertificate()).isEqualTo(prepared.tbs().bytes());
        assertThat(whole.bytes())
                .isEqualTo(Certificate.getInstance(whole.bytes()).getEncoded(ASN1Encoding.DER));

        signature[signature.length / 2] ^= 1;
        assertThat(SignedCertificate.assemble(issuer, prepared.tbs(), Der.of(signature), TestKeys.KEYS))
                .isEmpty();
        assertThat(SignedCertificate.assemble(issuer, prepared.tbs(), Der.of(new byte[0]), TestKeys.KEYS))
                .isEmpty();
        byte[] other = TestKeys.sign(
                issuer.scheme().jcaName(), TestKeys.of(kind + " issuer").getPrivate(), new byte[] {1});
        assertThat(SignedCertificate.assemble(issuer, prepared.tbs(), Der.of(other), TestKeys.KEYS))
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_ANY, names = "RSA.*")
    void an_RSA_issuer_signs_with_the_scheme_that_is_chosen_and_what_it_recorded_before_stays_good(
            SignatureScheme scheme) throws Exception {
        IssuerCertificate usual = TestCa.issuer("RSA-2048");
        IssuerCertificate issuer = usual.withScheme(scheme);
        assertThat(issuer.hash()).isEqualTo(usual.hash());
        PreparedCertificate prepared = server(issuer);
        Signature signer = scheme.check().begin(TestKeys.BC);
        signer.initSign(TestKeys.of("RSA-2048 issuer").getPrivate());
        signer.update(prepared.tbs().bytes());
        byte[] signature = signer.sign();
        // By the issuer as it was set before, or came to be set since: the bytes decide.
        Der whole = SignedCertificate.assemble(usual, prepared.tbs(), Der.of(signature), TestKeys.KEYS)
                .orElseThrow();
        X509Certificate certificate = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(whole.bytes()));
        certificate.verify(issuer.certificate().getPublicKey());
        assertThat(SignatureScheme.of(certificate)).contains(scheme);
        assertThat(whole.bytes())
                .isEqualTo(Certificate.getInstance(whole.bytes()).getEncoded(ASN1Encoding.DER));
        signature[0] ^= 1;
        assertThat(SignedCertificate.assemble(issuer, prepared.tbs(), Der.of(signature), TestKeys.KEYS))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "3000",
                "0500",
                "3003020101",
                "30050201013000",
                "30080201013003020101",
                "300a020101300506ff550403",
                "300a02010130050603550403", // id-at-commonName
                "300f020101300a06082a8648ce3d04030200"
            })
    void what_is_no_certificate_to_be_signed_has_no_scheme(String hex) {
        Der none = Der.of(HexFormat.of().parseHex(hex));
        assertThatThrownBy(() -> SignedCertificate.schemeOf(none)).isInstanceOf(IllegalArgumentException.class);
    }

    private static PreparedCertificate server(IssuerCertificate issuer) {
        return server(issuer, NameConstraints.of(List.of(issuer.certificate())));
    }

    private static PreparedCertificate server(IssuerCertificate issuer, NameConstraints constraints) {
        return ServerCertificateProfile.prepare(
                issuer,
                new SerialNumber(BigInteger.ONE.shiftLeft(100)),
                "Step Online CA",
                List.of("ca.example", "127.0.0.1", "[::1]", "localhost"),
                constraints,
                TestKeys.of("P-256").getPublic(),
                TestCa.NOW.plusNanos(5));
    }

    @Test
    void the_servers_own_certificate_is_no_longer_than_the_key_may_sign() {
        for (Duration longest : List.of(Duration.ofHours(24), Duration.ofHours(1), Duration.ofSeconds(30))) {
            PreparedCertificate prepared = server(TestCa.ISSUER.withLongest(Optional.of(longest)));
            assertThat(Duration.between(prepared.notBefore(), prepared.notAfter()))
                    .isEqualTo(longest);
            assertThat(prepared.notAfter()).isAfter(TestCa.NOW);
        }
    }

    @Test
    void the_servers_own_certificate_names_no_provisioner() {
        assertThat(TBSCertificate.getInstance(server(TestCa.ISSUER).tbs().bytes())
                        .getExtensions()
                        .getExtensionOIDs())
                .contains(Extension.subjectAlternativeName)
                .doesNotContain(StepProvisionerExtension.OID);
    }

    @Test
    void the_servers_own_certificate_keeps_the_name_constraints_of_its_chain() {
        GeneralSubtree excluded = new GeneralSubtree(new GeneralName(GeneralName.dNSName, "ca.example"));
        NameConstraints constraints =
                NameConstraints.of(List.of(TestCertificate.x509(TestCertificate.ca("Upper", "P-521")
                        .with(
                                Extension.nameConstraints,
                                new org.bouncycastle.asn1.x509.NameConstraints(null, new GeneralSubtree[] {excluded}))
                        .byTestCa())));
        assertThatThrownBy(() -> server(TestCa.ISSUER, constraints))
                .isInstanceOfSatisfying(
                        CaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN));
    }

    @Test
    void the_servers_own_certificate_has_no_subject_where_a_ca_above_may_not_vouch_for_it() {
        GeneralSubtree permitted = new GeneralSubtree(new GeneralName(new X500Name("O=Acme")));
        NameConstraints constraints =
                NameConstraints.of(List.of(TestCertificate.x509(TestCertificate.ca("Upper", "P-521")
                        .with(
                                Extension.nameConstraints,
                                new org.bouncycastle.asn1.x509.NameConstraints(new GeneralSubtree[] {permitted}, null))
                        .byTestCa())));
        TBSCertificate made = TBSCertificate.getInstance(
                server(TestCa.ISSUER, constraints).tbs().bytes());
        assertThat(made.getSubject().getRDNs()).isEmpty();
        assertThat(made.getExtensions()
                        .getExtension(Extension.subjectAlternativeName)
                        .isCritical())
                .isTrue();
    }

    @Test
    void the_servers_own_certificate_is_a_day_long_and_answers_every_name() {
        PreparedCertificate prepared = server(TestCa.ISSUER);
        assertThat(prepared.notBefore()).isEqualTo(TestCa.NOW.minus(Duration.ofMinutes(1)));
        assertThat(prepared.notAfter()).isEqualTo(TestCa.NOW.plus(Duration.ofHours(24)));
        assertThat(prepared.names()).containsExactly("ca.example", "localhost", "127.0.0.1", "::1");
        assertThat(ServerCertificateProfile.names(List.of("host:8443", "u@x")))
                .extracting(SubjectAltName::kind)
                .containsOnly(SubjectAltName.Kind.DNS);
    }

    @Test
    void the_servers_own_certificate_stays_within_the_issuers_life() {
        IssuerCertificate brief = IssuerCertificate.of(TestCa.ca(
                TestKeys.of("P-256 issuer"), TestCa.NOW.minusSeconds(5), TestCa.NOW.plus(Duration.ofHours(1))));
        PreparedCertificate prepared = server(brief);
        assertThat(prepared.notBefore()).isEqualTo(TestCa.NOW.minusSeconds(5));
        assertThat(prepared.notAfter()).isEqualTo(TestCa.NOW.plus(Duration.ofHours(1)));
    }

    @Test
    void a_common_name_that_is_not_text_cannot_be_a_name_of_anybody() {
        assertThatThrownBy(() -> SubjectName.ofCommonName("a\ud800")).isInstanceOf(RuntimeException.class);
        assertThat(SubjectName.ofCommonName("").getRDNs()).isEmpty();
        assertThatThrownBy(() -> new SubjectAltName(SubjectAltName.Kind.DNS, "ü").generalName())
                .isInstanceOf(CaException.class);
    }
}
