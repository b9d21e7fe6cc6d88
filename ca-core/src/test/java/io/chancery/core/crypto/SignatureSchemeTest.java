package io.chancery.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.TestKeys;
import io.chancery.core.certificate.CaIssuer;
import io.chancery.core.certificate.CaNames;
import io.chancery.core.certificate.CaTemplate;
import io.chancery.core.der.Der;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SignatureSchemeTest {
    private static final AlgorithmIdentifier SHA256 =
            new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256, DERNull.INSTANCE);

    @ParameterizedTest
    @CsvSource({
        // As Go's crypto/x509 writes them: the hash twice with NULL, the salt, and no trailer.
        "RSA_PSS_SHA256, 01, 20",
        "RSA_PSS_SHA384, 02, 30",
        "RSA_PSS_SHA512, 03, 40"
    })
    void the_parameters_of_PSS_are_written_as_Go_writes_them(SignatureScheme scheme, String hash, String salt) {
        String digest = "300d06096086480165030402" + hash + "0500";
        assertThat(HexFormat.of().formatHex(scheme.der().bytes()))
                .isEqualTo("304106092a864886f70d01010a3034a00f" + digest + "a11c301a06092a864886f70d010108" + digest
                        + "a2030201" + salt);
    }

    @ParameterizedTest
    @EnumSource
    void a_signature_is_verified_as_it_was_made_and_in_no_other_way(SignatureScheme scheme) throws Exception {
        KeyPair pair =
                TestKeys.of(scheme.isRsa() ? "RSA-2048" : scheme == SignatureScheme.ED25519 ? "Ed25519" : "P-256");
        assertThat(scheme.fits(pair.getPublic())).isTrue();
        byte[] data = {1, 2, 3};
        Signature signer = scheme.check().begin(TestKeys.BC);
        signer.initSign(pair.getPrivate());
        signer.update(data);
        byte[] signature = signer.sign();
        assertThat(Arrays.stream(SignatureScheme.values())
                        .filter(each -> TestKeys.KEYS.verify(each.check(), pair.getPublic(), data, signature)))
                .containsExactly(scheme);
    }

    @ParameterizedTest
    @EnumSource
    void a_scheme_is_known_by_its_name_in_any_case_and_by_its_DER(SignatureScheme scheme) {
        assertThat(SignatureScheme.named(scheme.text().toLowerCase(java.util.Locale.ROOT)))
                .contains(scheme);
        assertThat(SignatureScheme.of(scheme.identifier())).contains(scheme);
        assertThat(SignatureScheme.ofDer(scheme.der())).contains(scheme);
        assertThat(SignatureScheme.names()).contains(scheme.text());
    }

    @Test
    void a_scheme_for_another_type_of_key_is_told_with_those_that_fit() {
        assertThatThrownBy(() -> SignatureScheme.RSA_PSS_SHA256.fitting(
                        TestKeys.of("P-256").getPublic()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("SHA256-RSAPSS does not fit a key of type EC")
                .hasMessageEndingWith("signs with ECDSA-SHA256, ECDSA-SHA384, ECDSA-SHA512");
        assertThat(SignatureScheme.named("SHA1-RSA")).isEmpty();
        assertThat(SignatureScheme.named("")).isEmpty();
    }

    @Test
    void a_key_that_says_it_is_for_PSS_alone_signs_with_nothing_else() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSASSA-PSS");
        generator.initialize(1024);
        PublicKey key = generator.generateKeyPair().getPublic();
        assertThat(SignatureScheme.namesFor(key)).isEqualTo("SHA256-RSAPSS, SHA384-RSAPSS, SHA512-RSAPSS");
        assertThat(SignatureScheme.defaultFor(key)).isEqualTo(SignatureScheme.RSA_PSS_SHA256);
    }

    private static AlgorithmIdentifier pss(ASN1Encodable parameters) {
        return new AlgorithmIdentifier(PKCSObjectIdentifiers.id_RSASSA_PSS, parameters);
    }

    private static RSASSAPSSparams parameters(
            AlgorithmIdentifier hash, AlgorithmIdentifier mask, int salt, int trailer) {
        return new RSASSAPSSparams(
                hash,
                new AlgorithmIdentifier(PKCSObjectIdentifiers.id_mgf1, mask),
                new ASN1Integer(salt),
                new ASN1Integer(trailer));
    }

    @Test
    void a_NULL_that_is_left_out_means_the_same_and_is_another_DER() {
        AlgorithmIdentifier bare = new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256);
        AlgorithmIdentifier found = pss(parameters(bare, SHA256, 32, 1));
        assertThat(SignatureScheme.of(found)).contains(SignatureScheme.RSA_PSS_SHA256);
        assertThat(SignatureScheme.of(new AlgorithmIdentifier(PKCSObjectIdentifiers.sha256WithRSAEncryption)))
                .contains(SignatureScheme.RSA_SHA256);
        assertThat(found).isNotEqualTo(SignatureScheme.RSA_PSS_SHA256.identifier());
    }

    private static Stream<AlgorithmIdentifier> others() {
        AlgorithmIdentifier sha1 = new AlgorithmIdentifier(OIWObjectIdentifiers.idSHA1, DERNull.INSTANCE);
        AlgorithmIdentifier sha384 = new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha384, DERNull.INSTANCE);
        return Stream.of(
                new AlgorithmIdentifier(PKCSObjectIdentifiers.id_RSASSA_PSS), // means SHA-1
                pss(DERNull.INSTANCE),
                pss(new ASN1Integer(7)),
                pss(parameters(sha1, sha1, 20, 1)),
                pss(parameters(SHA256, sha384, 32, 1)),
                pss(parameters(sha384, SHA256, 48, 1)),
                pss(parameters(SHA256, SHA256, 20, 1)),
                pss(parameters(SHA256, SHA256, 32, 2)),
                pss(new RSASSAPSSparams(
                        SHA256,
                        new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.2.3"), SHA256),
                        new ASN1Integer(32),
                        RSASSAPSSparams.DEFAULT_TRAILER_FIELD)),
                new AlgorithmIdentifier(PKCSObjectIdentifiers.sha1WithRSAEncryption, DERNull.INSTANCE),
                new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256, new ASN1Integer(1)));
    }

    @ParameterizedTest
    @MethodSource("others")
    void other_parameters_are_no_scheme_of_ours(AlgorithmIdentifier found) throws Exception {
        assertThat(SignatureScheme.of(found)).isEmpty();
        assertThat(SignatureScheme.ofDer(Der.of(found.getEncoded()))).isEmpty();
    }

    private static Stream<Arguments> issuers() {
        Stream<Arguments> same = Stream.of(SignatureScheme.values())
                .filter(SignatureScheme::isRsa)
                .map(scheme -> Arguments.of("RSA-2048", scheme, scheme));
        return Stream.concat(
                same,
                Stream.of(
                        Arguments.of("RSA-2048", SignatureScheme.ECDSA_SHA384, SignatureScheme.RSA_SHA256),
                        Arguments.of("RSA-2048", SignatureScheme.ED25519, SignatureScheme.RSA_SHA256),
                        Arguments.of("P-384", SignatureScheme.RSA_PSS_SHA256, SignatureScheme.ECDSA_SHA384),
                        Arguments.of("P-256", SignatureScheme.ECDSA_SHA512, SignatureScheme.ECDSA_SHA256),
                        Arguments.of("Ed25519", SignatureScheme.RSA_PSS_SHA512, SignatureScheme.ED25519)));
    }

    @ParameterizedTest
    @MethodSource("issuers")
    void an_RSA_issuer_signs_as_its_own_certificate_is_signed_where_that_is_RSA_and_no_other_issuer_does(
            String key, SignatureScheme above, SignatureScheme wanted) throws Exception {
        KeyPair root =
                TestKeys.of(above.isRsa() ? "RSA-2048 issuer" : above == SignatureScheme.ED25519 ? "Ed25519" : "P-256");
        X509Certificate certificate = certificate(key, root, above);
        certificate.verify(root.getPublic());
        assertThat(SignatureScheme.of(certificate)).contains(above);
        assertThat(SignatureScheme.defaultFor(certificate)).isEqualTo(wanted);
        assertThat(CaIssuer.of(certificate).scheme()).isEqualTo(wanted);
    }

    private static X509Certificate certificate(String key, KeyPair root, SignatureScheme scheme) throws Exception {
        CaTemplate template = new CaTemplate(
                CaNames.subject("CN=Issuing"),
                TestKeys.of(key).getPublic(),
                CaIssuer.itself(CaNames.subject("CN=Root"), root.getPublic()).withScheme(scheme),
                BigInteger.ONE.shiftLeft(100),
                Instant.parse("2026-01-01T00:00:00Z"),
                Instant.parse("2036-01-01T00:00:00Z"),
                OptionalInt.of(0),
                Optional.empty());
        Der tbs = template.tbs();
        Signature signer = scheme.check().begin(TestKeys.BC);
        signer.initSign(root.getPrivate());
        signer.update(tbs.bytes());
        return template.certificate(tbs, Der.of(signer.sign()));
    }

    @Test
    void all_names_are_those_of_step_templates() {
        assertThat(List.of(SignatureScheme.names().split(", ")))
                .containsExactlyInAnyOrder(
                        "SHA256-RSA",
                        "SHA384-RSA",
                        "SHA512-RSA",
                        "SHA256-RSAPSS",
                        "SHA384-RSAPSS",
                        "SHA512-RSAPSS",
                        "ECDSA-SHA256",
                        "ECDSA-SHA384",
                        "ECDSA-SHA512",
                        "Ed25519");
    }
}
