package io.chancery.signer.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.bus.SignReply;
import io.chancery.core.certificate.CaCertificate;
import io.chancery.core.certificate.CaIssuer;
import io.chancery.core.certificate.CaTemplate;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.config.ChanceryConfig.KeyRules;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.name.SubjectName;
import io.chancery.signer.TestPki;
import java.math.BigInteger;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.bouncycastle.asn1.ASN1Boolean;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SigningGuardTest {
    private static final KeyRules STRICT = new KeyRules(Optional.of(Duration.ofDays(90)), false, 0, false);
    private static final KeyRules CAS = new KeyRules(Optional.empty(), true, 5, false);
    private static IssuerCertificate issuer;
    private static PublicKey subjectKey;

    @BeforeAll
    static void keys() throws Exception {
        issuer = TestPki.issuer(TestPki.ec("secp256r1"));
        subjectKey = TestPki.ec("secp256r1").getPublic();
    }

    private static Optional<String> rule(KeyRules rules, Consumer<TbsRecipe> change) {
        TbsRecipe recipe = new TbsRecipe(issuer, subjectKey);
        change.accept(recipe);
        return rule(rules, TbsRecipe.SERIAL, recipe.der());
    }

    private static Optional<String> rule(KeyRules rules, BigInteger serial, Der tbs) {
        return new SigningGuard(issuer, rules)
                .check(new SerialNumber(serial), tbs)
                .map(SignReply.Refused::rule);
    }

    private static void assertBreaks(String rule, Consumer<TbsRecipe> change) {
        assertThat(rule(STRICT, change)).contains(rule);
    }

    private static void assertKeeps(KeyRules rules, Consumer<TbsRecipe> change) {
        assertThat(rule(rules, change)).isEmpty();
    }

    @Test
    void a_good_certificate_passes() {
        assertKeeps(STRICT, recipe -> {});
        assertKeeps(CAS, recipe -> {});
    }

    @Test
    void what_is_not_strict_DER_breaks_der() {
        byte[] good = new TbsRecipe(issuer, subjectKey).der().bytes();
        assertThat(rule(STRICT, TbsRecipe.SERIAL, Der.of(new byte[0]))).contains("der");
        assertThat(rule(STRICT, TbsRecipe.SERIAL, Der.of(Arrays.copyOf(good, good.length + 1))))
                .contains("der");
        assertThat(rule(STRICT, TbsRecipe.SERIAL, Der.of(Arrays.copyOf(good, good.length - 1))))
                .contains("der");
        assertThat(rule(STRICT, TbsRecipe.SERIAL, Der.of(new byte[] {2, 1, 1}))).contains("der");
        // The outer length in one octet more than it needs.
        byte[] longer = new byte[good.length + 1];
        longer[0] = good[0];
        longer[1] = (byte) 0x83;
        System.arraycopy(good, 2, longer, 3, good.length - 2);
        assertThat(good[1]).isEqualTo((byte) 0x82);
        assertThat(rule(STRICT, TbsRecipe.SERIAL, Der.of(longer))).contains("der");
    }

    @Test
    void no_octet_of_a_certificate_can_be_cut_or_doubled() {
        byte[] good = new TbsRecipe(issuer, subjectKey).der().bytes();
        for (int i = 0; i < good.length; i++) {
            byte[] cut = new byte[good.length - 1];
            System.arraycopy(good, 0, cut, 0, i);
            System.arraycopy(good, i + 1, cut, i, cut.length - i);
            assertThat(rule(STRICT, TbsRecipe.SERIAL, Der.of(cut)))
                    .as("without octet %d", i)
                    .isPresent();
            byte[] doubled = new byte[good.length + 1];
            System.arraycopy(good, 0, doubled, 0, i + 1);
            System.arraycopy(good, i, doubled, i + 1, good.length - i);
            assertThat(rule(STRICT, TbsRecipe.SERIAL, Der.of(doubled)))
                    .as("octet %d twice", i)
                    .isPresent();
        }
    }

    @Test
    void a_version_other_than_3_breaks_version() {
        assertBreaks("version", recipe -> {
            recipe.version = new ASN1Integer(1);
            recipe.withoutExtensions = true;
        });
        assertThat(rule(STRICT, recipe -> recipe.version = new ASN1Integer(1))).isPresent();
        assertThat(rule(STRICT, recipe -> recipe.version = new ASN1Integer(3))).isPresent();
    }

    @Test
    void another_serial_than_the_messages_breaks_serial() {
        assertBreaks("serial", recipe -> recipe.serial = TbsRecipe.SERIAL.add(BigInteger.ONE));
        assertBreaks("serial", recipe -> recipe.serial = TbsRecipe.SERIAL.negate());
        assertBreaks("serial", recipe -> recipe.serial = BigInteger.ZERO);
    }

    @Test
    void a_serial_under_64_bits_breaks_serial() {
        TbsRecipe recipe = new TbsRecipe(issuer, subjectKey);
        recipe.serial = BigInteger.ONE.shiftLeft(63).subtract(BigInteger.ONE);
        assertThat(rule(STRICT, recipe.serial, recipe.der())).contains("serial");
        recipe.serial = BigInteger.ONE.shiftLeft(63);
        assertThat(rule(STRICT, recipe.serial, recipe.der())).isEmpty();
    }

    @Test
    void another_algorithm_than_the_keys_breaks_algorithm() {
        assertBreaks(
                "algorithm",
                recipe -> recipe.algorithm =
                        new AlgorithmIdentifier(PKCSObjectIdentifiers.sha256WithRSAEncryption, DERNull.INSTANCE));
        assertBreaks(
                "algorithm",
                recipe ->
                        recipe.algorithm = new AlgorithmIdentifier(recipe.algorithm.getAlgorithm(), DERNull.INSTANCE));
    }

    @Test
    void every_algorithm_that_the_key_can_passes_whichever_the_issuer_is_set_to() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        IssuerCertificate rsa = TestPki.issuer(generator.generateKeyPair());
        for (IssuerCertificate each : List.of(issuer, rsa)) {
            SigningGuard guard = new SigningGuard(each, STRICT);
            for (SignatureScheme scheme : SignatureScheme.values()) {
                TbsRecipe recipe = new TbsRecipe(each, subjectKey);
                recipe.algorithm = scheme.identifier();
                Optional<String> broken = guard.check(new SerialNumber(TbsRecipe.SERIAL), recipe.der())
                        .map(SignReply.Refused::rule);
                assertThat(broken)
                        .as("%s", scheme)
                        .isEqualTo(
                                scheme.fits(each.certificate().getPublicKey())
                                        ? Optional.empty()
                                        : Optional.of("algorithm"));
            }
        }
        TbsRecipe loose = new TbsRecipe(rsa, subjectKey); // means the same as SHA256-RSA to some, and is not its DER
        loose.algorithm = new AlgorithmIdentifier(PKCSObjectIdentifiers.sha256WithRSAEncryption);
        assertThat(new SigningGuard(rsa, STRICT).check(new SerialNumber(TbsRecipe.SERIAL), loose.der()))
                .map(SignReply.Refused::rule)
                .contains("algorithm");
    }

    @Test
    void another_issuer_breaks_issuer() {
        assertBreaks("issuer", recipe -> recipe.issuerName = new X500Name("CN=Other"));
    }

    @Test
    void a_validity_outside_the_issuers_or_backwards_breaks_validity() {
        assertBreaks("validity", recipe -> recipe.notBefore = TestPki.START.minusSeconds(1));
        assertBreaks("validity", recipe -> recipe.notAfter = TestPki.END.plusSeconds(1));
        assertBreaks("validity", recipe -> recipe.notAfter = recipe.notBefore);
        assertBreaks("validity", recipe -> recipe.notAfter = Instant.parse("2026-05-01T00:00:00Z"));
    }

    @Test
    void a_validity_longer_than_the_rules_breaks_max_validity() {
        assertBreaks(
                "max-validity",
                recipe -> recipe.notAfter =
                        recipe.notBefore.plus(Duration.ofDays(90)).plusSeconds(1));
        assertKeeps(STRICT, recipe -> recipe.notAfter = recipe.notBefore.plus(Duration.ofDays(90)));
        assertKeeps(CAS, recipe -> {
            recipe.notBefore = TestPki.START;
            recipe.notAfter = TestPki.END;
        });
    }

    @Test
    void an_unreadable_key_or_the_issuers_own_breaks_public_key() {
        assertBreaks(
                "public-key",
                recipe -> recipe.publicKey =
                        TbsRecipe.unreadableKey(((SubjectPublicKeyInfo) recipe.publicKey).getAlgorithm()));
        assertBreaks(
                "public-key",
                recipe -> recipe.publicKey =
                        TbsRecipe.unreadableKey(new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.2.3"))));
        assertBreaks(
                "public-key",
                recipe -> recipe.publicKey = SubjectPublicKeyInfo.getInstance(
                        issuer.certificate().getPublicKey().getEncoded()));
    }

    @Test
    void an_extension_that_is_twice_there_or_unreadable_is_refused() {
        assertThat(rule(STRICT, recipe -> recipe.extension(Extension.keyUsage, new KeyUsage(KeyUsage.keyAgreement))))
                .isPresent();
        assertBreaks("extensions", recipe -> recipe.rawExtension(Extension.extendedKeyUsage, new byte[] {2, 1, 1}));
        assertBreaks("extensions", recipe -> recipe.rawExtension(new ASN1ObjectIdentifier("1.2.3"), new byte[] {1, 2}));
        // BOOLEAN true as 0x01: BER, not DER.
        assertBreaks(
                "extensions", recipe -> recipe.rawExtension(Extension.basicConstraints, new byte[] {0x30, 3, 1, 1, 1}));
        assertKeeps(STRICT, recipe -> recipe.extension(new ASN1ObjectIdentifier("1.2.3"), DERNull.INSTANCE));
    }

    @Test
    void a_critical_extension_that_nobody_here_knows_passes() {
        assertKeeps(
                STRICT,
                recipe -> recipe.extensions.add(new DERSequence(new ASN1Encodable[] {
                    new ASN1ObjectIdentifier("1.2.3"), ASN1Boolean.TRUE, new DEROctetString(new byte[] {5, 0})
                })));
    }

    @Test
    void a_second_block_of_extensions_breaks_der() {
        assertBreaks("der", recipe -> recipe.secondBlock.addAll(recipe.extensions));
    }

    @Test
    void to_sign_ocsp_responses_breaks_ocsp_signing_unless_the_rules_allow_it() {
        Consumer<TbsRecipe> responder =
                recipe -> recipe.extension(Extension.extendedKeyUsage, new ExtendedKeyUsage(new KeyPurposeId[] {
                    KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_OCSPSigning
                }));
        assertBreaks("ocsp-signing", responder);
        assertKeeps(new KeyRules(Optional.empty(), false, 0, true), responder);
        for (KeyPurposeId purpose : List.of(KeyPurposeId.id_kp_clientAuth, KeyPurposeId.anyExtendedKeyUsage)) {
            assertKeeps(STRICT, recipe -> recipe.extension(Extension.extendedKeyUsage, new ExtendedKeyUsage(purpose)));
        }
    }

    @Test
    void a_key_usage_without_any_use_is_no_fault_of_ours() {
        assertKeeps(
                STRICT,
                recipe -> recipe.extensions.replaceAll(one ->
                        ((DERSequence) one).getObjectAt(0).equals(Extension.keyUsage)
                                ? new DERSequence(new ASN1Encodable[] {
                                    Extension.keyUsage, new DEROctetString(new byte[] {3, 1, 0})
                                })
                                : one));
    }

    @Test
    void a_certificate_that_names_nobody_breaks_extensions() {
        assertBreaks("extensions", recipe -> {
            recipe.subject = new X500Name(new org.bouncycastle.asn1.x500.RDN[0]);
            recipe.extensions.remove(2);
        });
        assertKeeps(STRICT, recipe -> recipe.subject = new X500Name(new org.bouncycastle.asn1.x500.RDN[0]));
    }

    @Test
    void a_CA_or_its_key_usage_breaks_ca() {
        assertBreaks("ca", recipe -> recipe.extension(Extension.basicConstraints, new BasicConstraints(0)));
        assertBreaks("ca", recipe -> recipe.replaceExtension(Extension.keyUsage, new KeyUsage(KeyUsage.keyCertSign)));
        assertBreaks("ca", recipe -> recipe.replaceExtension(Extension.keyUsage, new KeyUsage(KeyUsage.cRLSign)));
        assertThat(rule(CAS, recipe -> recipe.replaceExtension(Extension.keyUsage, new KeyUsage(KeyUsage.keyCertSign))))
                .contains("ca");
        assertKeeps(STRICT, recipe -> recipe.extension(Extension.basicConstraints, new BasicConstraints(false)));
        assertKeeps(
                CAS,
                recipe -> recipe.replaceExtension(Extension.keyUsage, new KeyUsage(KeyUsage.keyCertSign))
                        .extension(Extension.basicConstraints, new BasicConstraints(0)));
    }

    @Test
    void the_name_of_a_CA_without_a_key_usage_breaks_ca_as_lists_could_be_signed_in_that_name() throws Exception {
        X500Name root = new X500Name("CN=root");
        PublicKey rootKey = TestPki.ec("secp256r1").getPublic();
        IssuerCertificate below = issuer.below(
                        List.of(ca("Root", rootKey, CaIssuer.itself(SubjectName.ofCommonName("Root"), rootKey), 1)))
                .beside(List.of(ca("Next", rootKey, CaIssuer.itself(SubjectName.ofCommonName("Root"), rootKey), 0)));
        for (X500Name name : List.of(
                new X500Name("CN=test  issuer,O=Chancery"), root, new X500Name("CN=next"), new X500Name("CN=leaf"))) {
            TbsRecipe recipe = new TbsRecipe(issuer, subjectKey);
            recipe.subject = name;
            assertThat(new SigningGuard(below, STRICT).check(new SerialNumber(TbsRecipe.SERIAL), recipe.der()))
                    .as("%s with a key usage", name)
                    .isEmpty();
            recipe.extensions.remove(0);
            assertThat(new SigningGuard(below, CAS)
                            .check(new SerialNumber(TbsRecipe.SERIAL), recipe.der())
                            .map(SignReply.Refused::rule))
                    .as("%s without one", name)
                    .isEqualTo(name.equals(new X500Name("CN=leaf")) ? Optional.empty() : Optional.of("ca"));
        }
        assertKeeps(CAS, recipe -> {
            recipe.subject = recipe.issuerName;
            recipe.replaceExtension(Extension.keyUsage, new KeyUsage(KeyUsage.keyCertSign))
                    .extension(Extension.basicConstraints, new BasicConstraints(0));
        });
    }

    @Test
    void a_CA_by_its_Netscape_certificate_type_alone_breaks_ca_whatever_the_rules_allow() {
        ASN1ObjectIdentifier type = new ASN1ObjectIdentifier("2.16.840.1.113730.1.1");
        for (int bit : List.of(0x04, 0x02, 0x01)) {
            Consumer<TbsRecipe> recipe = one -> one.extension(type, new DERBitString(new byte[] {(byte) bit}));
            assertBreaks("ca", recipe);
            assertThat(rule(CAS, recipe)).contains("ca");
        }
        assertKeeps(STRICT, recipe -> recipe.extension(type, new DERBitString(new byte[] {(byte) 0xc0}, 6)));
    }

    @Test
    void a_path_length_beyond_the_rules_or_the_issuers_breaks_path_length() {
        assertThat(rule(CAS, recipe -> recipe.extension(Extension.basicConstraints, new BasicConstraints(true))))
                .contains("path-length");
        // The test issuer has a path length of 1.
        assertThat(rule(
                        CAS,
                        recipe -> recipe.rawExtension(
                                Extension.basicConstraints,
                                new byte[] {0x30, 6, 1, 1, (byte) 0xff, 2, 1, (byte) 0xff})))
                .as("a length of -1")
                .isPresent();
        assertThat(rule(CAS, recipe -> recipe.extension(Extension.basicConstraints, new BasicConstraints(1))))
                .contains("path-length");
        assertThat(rule(
                        new KeyRules(Optional.empty(), true, -1, false),
                        recipe -> recipe.extension(Extension.basicConstraints, new BasicConstraints(0))))
                .contains("path-length");
    }

    @Test
    void a_path_length_beyond_that_of_a_ca_above_the_issuer_breaks_path_length() throws Exception {
        PublicKey rootKey = TestPki.ec("secp256r1").getPublic();
        X509Certificate root = ca("Root", rootKey, CaIssuer.itself(SubjectName.ofCommonName("Root"), rootKey), 1);
        IssuerCertificate alone =
                IssuerCertificate.of(ca("Issuer", issuer.certificate().getPublicKey(), CaIssuer.of(root), 5));
        Der tbs = new TbsRecipe(alone, subjectKey)
                .replaceExtension(Extension.keyUsage, new KeyUsage(KeyUsage.keyCertSign))
                .extension(Extension.basicConstraints, new BasicConstraints(0))
                .der();
        SerialNumber serial = new SerialNumber(TbsRecipe.SERIAL);
        assertThat(new SigningGuard(alone, CAS).check(serial, tbs)).isEmpty();
        assertThat(new SigningGuard(alone.below(List.of(root)), CAS).check(serial, tbs))
                .map(SignReply.Refused::rule)
                .contains("path-length");
    }

    private static X509Certificate ca(String name, PublicKey key, CaIssuer above, int pathLength) throws Exception {
        return CaCertificate.unsigned(new CaTemplate(
                SubjectName.ofCommonName(name),
                key,
                above,
                BigInteger.ONE,
                TestPki.START,
                TestPki.END,
                OptionalInt.of(pathLength),
                Optional.empty()));
    }

    @Test
    void another_authority_key_or_none_breaks_authority_key() {
        assertBreaks(
                "authority-key",
                recipe -> recipe.replaceExtension(
                        Extension.authorityKeyIdentifier, new AuthorityKeyIdentifier(new byte[20])));
        assertBreaks("authority-key", recipe -> recipe.extensions.remove(1));
        assertBreaks("authority-key", recipe -> recipe.withoutExtensions = true);
    }

    @Test
    void the_rules_hash_tells_rules_apart_and_not_issuers() throws Exception {
        IssuerCertificate other = TestPki.issuer(TestPki.ec("secp384r1"));
        assertThat(new SigningGuard(issuer, STRICT).rulesHash()).isEqualTo(new SigningGuard(other, STRICT).rulesHash());
        assertThat(new SigningGuard(issuer, STRICT).rulesHash())
                .isNotEqualTo(new SigningGuard(issuer, CAS).rulesHash());
        assertThat(new SigningGuard(issuer, new KeyRules(Optional.empty(), true, 5, true)).rulesHash())
                .isNotEqualTo(new SigningGuard(issuer, CAS).rulesHash());
    }
}
