package io.chancery.core.lint;

import io.chancery.core.TestCa;
import io.chancery.core.TestKeys;
import io.chancery.core.certificate.CaCertificate;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1UTCTime;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.PolicyInformation;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.junit.jupiter.params.provider.Arguments;

/** Of every rule at least one certificate that breaks it, and little else. */
final class BadCertificates {
    static final X509Certificate ROOT = root(1);

    private static X509Certificate root(int pathLength) {
        KeyPair pair = TestKeys.of("P-384 root");
        try {
            return CaCertificate.make(
                    new CaCertificate.Root(
                            "Root",
                            pair.getPublic(),
                            BigInteger.ONE.shiftLeft(100),
                            TestCa.NOW.minus(Duration.ofDays(1)),
                            TestCa.NOW.plus(Duration.ofDays(3650)),
                            pathLength),
                    tbs -> TestKeys.sign("SHA384withECDSA", pair.getPrivate(), tbs.bytes()));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private BadCertificates() {}

    private static Arguments leaf(String rule, Consumer<Bent> bend) {
        Bent leaf = Bent.leaf();
        bend.accept(leaf);
        return Arguments.of(rule, leaf);
    }

    private static Arguments authority(String rule, Consumer<Bent> bend) {
        Bent authority = Bent.authority(ROOT, 0);
        bend.accept(authority);
        return Arguments.of(rule, authority);
    }

    private static GeneralName dns(String text) {
        return new GeneralName(GeneralName.dNSName, text);
    }

    private static X500Name subject(ASN1ObjectIdentifier type, ASN1Encodable value) {
        return new X500NameBuilder().addRDN(type, value).build();
    }

    private static SubjectPublicKeyInfo ec(ASN1ObjectIdentifier curve, byte[] bits) {
        return new SubjectPublicKeyInfo(new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, curve), bits);
    }

    /** An EC key whose last octet is another one. */
    private static byte[] offTheCurve() {
        byte[] bits = Bent.key("P-256").getPublicKeyData().getOctets();
        bits[bits.length - 1] ^= 1;
        return bits;
    }

    private static Stream<Arguments> fields() {
        return Stream.of(
                leaf("version-3", it -> it.version = 2),
                leaf("serial-positive", it -> it.serial = it.serial.negate()),
                leaf("issuer-named", it -> it.issuer = new X500Name(new RDN[0])),
                leaf("serial-length", it -> it.serial = BigInteger.ONE.shiftLeft(159)),
                leaf("serial-entropy", it -> it.serial = BigInteger.ONE.shiftLeft(62)),
                leaf(
                        "signature-algorithm",
                        it -> it.signature = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA1)),
                leaf(
                        "signature-algorithm",
                        it -> it.signature =
                                new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256, DERNull.INSTANCE)),
                leaf(
                        "signature-algorithm",
                        it -> it.signature = new AlgorithmIdentifier(PKCSObjectIdentifiers.sha256WithRSAEncryption)),
                leaf(
                        "signature-algorithm",
                        it -> it.signature = new AlgorithmIdentifier(PKCSObjectIdentifiers.id_RSASSA_PSS)),
                leaf(
                        "signature-algorithm",
                        it -> it.signature = new AlgorithmIdentifier(
                                PKCSObjectIdentifiers.id_RSASSA_PSS,
                                new RSASSAPSSparams(
                                        new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256, DERNull.INSTANCE),
                                        RSASSAPSSparams.DEFAULT_MASK_GEN_FUNCTION, // SHA-1
                                        new ASN1Integer(32),
                                        RSASSAPSSparams.DEFAULT_TRAILER_FIELD))),
                leaf("issuer-match", it -> it.issuer = new X500Name("CN=Test Issuer 2")),
                leaf("issuer-match", it -> it.issuer = subject(BCStyle.CN, new DERUTF8String("Test Issuer"))),
                leaf("validity-order", it -> it.end = it.start),
                leaf("validity-encoding", it -> it.end = new ASN1GeneralizedTime("20261125120000Z")),
                leaf("validity-encoding", it -> it.end = new ASN1UTCTime("2611251200Z")),
                leaf("validity-encoding", it -> it.end = new ASN1UTCTime("261125120000+0000")),
                leaf("validity-encoding", it -> it.end = new ASN1GeneralizedTime("20261125120000.5Z")),
                leaf("validity-within-issuer", it -> it.start = new ASN1UTCTime("251124115959Z")),
                leaf("no-unique-identifiers", it -> it.more.add(new DERTaggedObject(false, 2, new DERBitString(1)))),
                leaf("subject-strings", it -> it.subject = subject(BCStyle.O, new DERPrintableString("AT&T"))),
                leaf("subject-lengths", it -> it.subject = subject(BCStyle.O, new DERUTF8String("x".repeat(65)))),
                leaf("subject-lengths", it -> it.subject = subject(BCStyle.O, new DERUTF8String(""))),
                leaf("subject-text-types", it -> it.subject = subject(BCStyle.O, new DERBMPString("Acme"))),
                leaf("country-code", it -> it.subject = subject(BCStyle.C, new DERPrintableString("de"))),
                leaf("country-code", it -> it.subject = subject(BCStyle.C, new DERUTF8String("DE"))),
                leaf("validity-length", it -> it.end = new ASN1UTCTime("270613115900Z")));
    }

    private static Stream<Arguments> keys() {
        Random random = new Random(1);
        byte[] smallOrder = new byte[32];
        smallOrder[0] = 1; // y = 1: the neutral element
        return Stream.of(
                leaf("key-form", it -> it.key = ec(SECObjectIdentifiers.secp256k1, new byte[] {4})),
                leaf("key-form", it -> it.key = ec(X9ObjectIdentifiers.prime256v1, new byte[33])),
                leaf(
                        "key-form",
                        it -> it.key = new SubjectPublicKeyInfo(
                                new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption),
                                Bent.key("RSA-2048").getPublicKeyData().getOctets())),
                leaf(
                        "key-form",
                        it -> it.key = new SubjectPublicKeyInfo(
                                new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519, DERNull.INSTANCE),
                                Bent.key("Ed25519").getPublicKeyData().getOctets())),
                leaf("rsa-size", it -> it.key = Bent.key("RSA-1024")),
                leaf("rsa-exponent", it -> it.key = Bent.rsa(rsa(), 65_536)),
                leaf("rsa-exponent", it -> it.key = Bent.rsa(rsa(), 0x1_0000_0001L)),
                leaf("rsa-small-factor", it -> it.key = Bent.rsa(rsa().multiply(BigInteger.valueOf(65_281)), 65_537)),
                leaf("rsa-roca", it -> it.key = Bent.rsa(WeakModuli.rocaForm(random), 65_537)),
                leaf("rsa-close-primes", it -> it.key = Bent.rsa(WeakModuli.inRound(3, random), 65_537)),
                leaf("ec-point", it -> it.key = ec(X9ObjectIdentifiers.prime256v1, offTheCurve())),
                leaf(
                        "ed25519-point",
                        it -> it.key = new SubjectPublicKeyInfo(
                                new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519), smallOrder)),
                leaf("key-not-issuers", it -> it.key = Bent.key("P-256 issuer")),
                leaf("curve-of-the-web", it -> it.key = Bent.key("P-224")),
                leaf("rsa-whole-octets", it -> it.key = Bent.rsa(rsa().multiply(BigInteger.valueOf(4099)), 65_537)),
                leaf("rsa-exponent-size", it -> it.key = Bent.rsa(rsa(), 3)));
    }

    private static BigInteger rsa() {
        return ((java.security.interfaces.RSAPublicKey) TestKeys.of("RSA-2048").getPublic()).getModulus();
    }

    private static Stream<Arguments> extensions() {
        PolicyInformation policy = new PolicyInformation(new ASN1ObjectIdentifier("1.2.3"));
        DERSequence empty = new DERSequence();
        return Stream.of(
                leaf("extensions-distinct", it -> it.extensions.add(it.extensions.get(0))),
                leaf("extension-forms", it -> it.with(Extension.basicConstraints, true, new byte[] {0x30, 3, 1, 1, 0})),
                leaf("extension-forms", it -> it.with(Extension.keyUsage, true, new byte[] {3, 2, 0, (byte) 0x80})),
                leaf("extension-forms", it -> it.with(Extension.extendedKeyUsage, false, empty)),
                leaf("extension-forms", it -> it.with(Extension.certificatePolicies, false, empty)),
                leaf("extension-forms", it -> it.with(Extension.authorityInfoAccess, false, empty)),
                leaf("extension-forms", it -> it.with(Extension.cRLDistributionPoints, false, empty)),
                leaf("extension-forms", it -> it.with(Extension.cRLDistributionPoints, false, new ASN1Integer(1))),
                leaf(
                        "extension-forms",
                        it -> it.with(new ASN1ObjectIdentifier("1.2.3.4"), false, new byte[] {4, (byte) 0x81, 1, 1})),
                leaf(
                        "must-not-be-critical",
                        it -> it.with(
                                Extension.authorityKeyIdentifier,
                                true,
                                new AuthorityKeyIdentifier(Bent.keyId(TestCa.ISSUER.certificate())))),
                leaf("key-usage-bits", it -> it.with(Extension.keyUsage, true, new byte[] {3, 1, 0})),
                leaf("authority-key", it -> it.without(Extension.authorityKeyIdentifier)),
                leaf(
                        "authority-key",
                        it -> it.with(
                                Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(new byte[20]))),
                leaf("cert-sign-needs-ca", it -> it.with(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign))),
                leaf("issuer-name-needs-usage", it -> {
                    it.subject = it.issuer;
                    it.without(Extension.keyUsage);
                }),
                leaf(
                        "path-length-needs-ca",
                        it -> it.with(Extension.basicConstraints, true, new DERSequence(new ASN1Integer(0)))),
                leaf("name-constraints-need-ca", it -> it.with(Extension.nameConstraints, true, constraints(null))),
                leaf(
                        "distribution-points",
                        it -> it.with(
                                Extension.cRLDistributionPoints,
                                false,
                                new DERSequence(new DERSequence(new DERTaggedObject(false, 1, new DERBitString(1)))))),
                leaf(
                        "policies-distinct",
                        it -> it.with(Extension.certificatePolicies, false, new DERSequence(new ASN1Encodable[] {
                            policy, policy
                        }))),
                leaf(
                        "key-usage-critical",
                        it -> it.with(Extension.keyUsage, false, new KeyUsage(KeyUsage.digitalSignature))),
                leaf(
                        "key-usage-fits-key",
                        it -> it.with(
                                Extension.keyUsage,
                                true,
                                new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment))),
                leaf("key-usage-fits-key", it -> {
                    it.key = Bent.key("RSA-2048");
                    it.with(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyAgreement));
                }),
                leaf("leaf-purposes", it -> it.without(Extension.extendedKeyUsage)));
    }

    private static NameConstraints constraints(BigInteger maximum) {
        return new NameConstraints(
                new GeneralSubtree[] {new GeneralSubtree(dns("example"), BigInteger.ZERO, maximum)}, null);
    }

    private static Stream<Arguments> names() {
        return Stream.of(
                leaf("names-somebody", it -> it.subject = new X500Name(new RDN[0])),
                leaf("name-values", it -> it.names(dns("a.example"), dns(""))),
                leaf(
                        "name-values",
                        it -> it.names(
                                dns("a.example"),
                                new GeneralName(GeneralName.iPAddress, new DEROctetString(new byte[5])))),
                leaf("name-values", it -> it.names(dns("a.example"), uri("https://a.example./x"))),
                leaf("name-values", it -> it.names(dns("a.example"), uri("https://%C3%BC.example/x"))),
                leaf("dns-names", it -> it.names(dns("a.example"), dns("a b.example"))),
                leaf("dns-names", it -> it.names(dns("a.example"), dns("a_b.example"))),
                leaf("dns-names", it -> it.names(dns("a.example"), dns("f*.example"))),
                leaf("dns-names", it -> it.names(dns("a.example"), dns("a..example"))),
                leaf("dns-names", it -> it.names(dns("a.example"), dns("x".repeat(64) + ".example"))),
                leaf("email-names", it -> it.names(dns("a.example"), email("Me <me@a.example>"))),
                leaf("email-names", it -> it.names(dns("a.example"), email("me@"))),
                leaf("uri-names", it -> it.names(dns("a.example"), uri("//a.example/x"))),
                leaf("uri-names", it -> it.names(dns("a.example"), uri("https:///x"))),
                leaf("uri-names", it -> it.names(dns("a.example"), uri("https://[1::2::3]/"))),
                leaf("names-distinct", it -> it.names(dns("a.example"), dns("A.example"))),
                leaf("common-name-among-names", it -> it.names(dns("b.example"))));
    }

    private static GeneralName email(String text) {
        return new GeneralName(GeneralName.rfc822Name, new DERIA5String(text));
    }

    private static GeneralName uri(String text) {
        return new GeneralName(GeneralName.uniformResourceIdentifier, text);
    }

    private static Stream<Arguments> authorities() {
        return Stream.of(
                authority(
                        "issuer-may-sign",
                        it -> it.signer = Optional.of(Bent.leaf().certificate())),
                authority(
                        "must-be-critical", it -> it.with(Extension.basicConstraints, false, new BasicConstraints(0))),
                authority("must-be-critical", it -> it.with(Extension.nameConstraints, false, constraints(null))),
                authority(
                        "name-constraints-form",
                        it -> it.with(Extension.nameConstraints, true, constraints(BigInteger.ONE))),
                authority("ca-key-usage", it -> it.with(Extension.keyUsage, true, new KeyUsage(KeyUsage.cRLSign))),
                authority("ca-key-usage", it -> it.without(Extension.keyUsage)),
                authority("ca-subject-key", it -> it.without(Extension.subjectKeyIdentifier)),
                authority("ca-path-length", it -> it.with(Extension.basicConstraints, true, new BasicConstraints(1))),
                authority(
                        "ca-path-length", it -> it.with(Extension.basicConstraints, true, new BasicConstraints(true))),
                authority("ca-subject", it -> it.subject = new X500Name(new RDN[0])),
                authority("authority-is-ca", it -> it.without(Extension.basicConstraints)),
                authority(
                        "authority-usage-critical",
                        it -> it.with(Extension.keyUsage, false, new KeyUsage(KeyUsage.keyCertSign))),
                authority("authority-names-issuer-key", it -> it.without(Extension.authorityKeyIdentifier)),
                authority("authority-curve", it -> it.key = Bent.key("P-224")),
                authority("subject-not-issuer", it -> it.subject = it.issuer),
                authority("root-issues-itself", it -> it.signer = Optional.empty()));
    }

    static List<Arguments> all() {
        return Stream.of(fields(), keys(), extensions(), names(), authorities())
                .flatMap(it -> it)
                .toList();
    }
}
