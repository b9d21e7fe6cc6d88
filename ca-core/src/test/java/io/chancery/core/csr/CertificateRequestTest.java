package io.chancery.core.csr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.TestCa;
import io.chancery.core.TestCsr;
import io.chancery.core.TestKeys;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.name.SubjectAltName.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.Attribute;
import org.bouncycastle.asn1.pkcs.CertificationRequestInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class CertificateRequestTest {
    private static final X500Name NOBODY = new X500Name(new RDN[0]);

    private static CertificateRequest read(Der der) {
        return CertificateRequest.read(der, TestKeys.KEYS);
    }

    private static void refused(ErrorCode code, Der der) {
        assertThatThrownBy(() -> read(der))
                .isInstanceOfSatisfying(
                        CaException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @ParameterizedTest
    @ValueSource(strings = {"P-224", "P-256", "P-384", "P-521", "RSA-2048", "RSA-1024", "Ed25519"})
    void a_request_of_every_key_that_Go_reads_is_read(String kind) {
        List<SubjectAltName> names = Stream.of("a.example", "u@a.example", "10.0.0.1", "::1", "spiffe://td/x")
                .map(SubjectAltName::guess)
                .toList();
        CertificateRequest request = read(TestCsr.of(kind, "a.example", names));
        assertThat(request.commonName()).isEqualTo("a.example");
        assertThat(request.names()).isEqualTo(names);
        assertThat(request.key().getEncoded())
                .isEqualTo(TestKeys.of(kind).getPublic().getEncoded());
        assertThat(request.keyInfo().getAlgorithm())
                .isEqualTo(SubjectPublicKeyInfo.getInstance(
                                TestKeys.of(kind).getPublic().getEncoded())
                        .getAlgorithm());
    }

    @Test
    void a_request_without_subject_or_attributes_is_read() {
        CertificateRequest request = read(TestCsr.of("P-256", "", List.of()));
        assertThat(request.commonName()).isEmpty();
        assertThat(request.names()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\\b", "\\", "a\\,b", "\\\\", "a\"b", " a ", "#a", "a,b+c=d;<>", "世界", "a\0b"})
    void a_common_name_is_taken_as_it_is_with_every_backslash_and_quote(String name) {
        X500Name subject = new X500Name(new RDN[] {new RDN(BCStyle.CN, new DERUTF8String(name))});
        assertThat(read(TestCsr.of("P-256", subject, new DERSet())).commonName())
                .isEqualTo(name);
    }

    @Test
    void the_last_common_name_counts_also_within_a_name_of_several_values() {
        RDN first = new RDN(BCStyle.CN, new DERPrintableString("first"));
        RDN several = new RDN(new AttributeTypeAndValue[] {
            new AttributeTypeAndValue(BCStyle.CN, new DERPrintableString("last")),
            new AttributeTypeAndValue(BCStyle.O, new DERPrintableString("organization")),
            new AttributeTypeAndValue(BCStyle.C, new DERPrintableString("DE"))
        });
        X500Name subject = new X500Name(new RDN[] {first, several, new RDN(BCStyle.OU, new DERUTF8String("ou"))});
        assertThat(read(TestCsr.of("P-256", subject, new DERSet())).commonName())
                .isEqualTo("last");
    }

    @Test
    void a_common_name_is_read_from_every_kind_of_string_and_nothing_else() {
        X500Name bmp = new X500Name(new RDN[] {new RDN(BCStyle.CN, new DERBMPString("wide ü"))});
        assertThat(read(TestCsr.of("P-256", bmp, new DERSet())).commonName()).isEqualTo("wide ü");
        X500Name number = new X500Name(new RDN[] {new RDN(BCStyle.CN, new ASN1Integer(1))});
        refused(ErrorCode.MALFORMED, TestCsr.of("P-256", number, new DERSet()));
    }

    @Test
    void names_asked_for_twice_are_refused_as_Go_does() {
        GeneralName a = new GeneralName(GeneralName.dNSName, "a.example");
        GeneralName b = new GeneralName(GeneralName.dNSName, "b.example");
        ASN1EncodableVector two = new ASN1EncodableVector();
        two.add(TestCsr.extensionRequest(a));
        two.add(TestCsr.extensionRequest(b));
        refused(ErrorCode.MALFORMED, TestCsr.of("P-256", NOBODY, new DERSet(two)));

        ASN1EncodableVector values = new ASN1EncodableVector();
        values.add(TestCsr.extensionRequest(a).getAttrValues().getObjectAt(0));
        values.add(TestCsr.extensionRequest(b).getAttrValues().getObjectAt(0));
        Attribute both = new Attribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, new DERSet(values));
        refused(ErrorCode.MALFORMED, TestCsr.of("P-256", NOBODY, new DERSet(both)));
    }

    @Test
    void other_attributes_and_an_empty_request_for_extensions_are_passed_over() {
        ASN1EncodableVector attributes = new ASN1EncodableVector();
        attributes.add(new Attribute(
                PKCSObjectIdentifiers.pkcs_9_at_challengePassword, new DERSet(new DERPrintableString("secret"))));
        attributes.add(new Attribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, new DERSet()));
        CertificateRequest request = read(TestCsr.of("P-256", NOBODY, new DERSet(attributes)));
        assertThat(request.names()).isEmpty();
    }

    static Stream<GeneralName> bad_names() {
        return Stream.of(
                new GeneralName(GeneralName.iPAddress, new DEROctetString(new byte[5])),
                new GeneralName(GeneralName.uniformResourceIdentifier, new DERIA5String("/relative")),
                new GeneralName(GeneralName.uniformResourceIdentifier, new DERIA5String("http://a/%zz")));
    }

    @ParameterizedTest
    @MethodSource("bad_names")
    void a_name_that_is_not_what_it_says_is_refused(GeneralName name) {
        refused(ErrorCode.MALFORMED, TestCsr.of("P-256", NOBODY, TestCsr.attributes(name)));
    }

    @Test
    void a_URI_is_compared_as_Go_prints_it() {
        GeneralName name = new GeneralName(GeneralName.uniformResourceIdentifier, new DERIA5String("HTTPS://A/b c"));
        assertThat(read(TestCsr.of("P-256", NOBODY, TestCsr.attributes(name))).names())
                .containsExactly(new SubjectAltName(Kind.URI, "https://A/b%20c"));
    }

    @Test
    void attributes_in_another_order_than_DER_would_have_verify_over_the_bytes_as_they_came() throws IOException {
        byte[] subject = NOBODY.getEncoded();
        byte[] key = TestKeys.of("Ed25519").getPublic().getEncoded();
        byte[] one = new Attribute(
                        PKCSObjectIdentifiers.pkcs_9_at_unstructuredName, new DERSet(new DERPrintableString("zzzzzz")))
                .getEncoded();
        byte[] two = TestCsr.extensionRequest(new GeneralName(GeneralName.dNSName, "a"))
                .getEncoded();
        for (List<byte[]> order : List.of(List.of(one, two), List.of(two, one))) {
            byte[] attributes = element(0xa0, join(order.get(0), order.get(1)));
            byte[] info = element(0x30, join(new byte[] {2, 1, 0}, join(subject, join(key, attributes))));
            byte[] signature = TestKeys.sign("Ed25519", TestKeys.of("Ed25519").getPrivate(), info);
            byte[] request = element(
                    0x30,
                    join(
                            info,
                            join(
                                    SignatureScheme.ED25519.identifier().getEncoded(),
                                    new DERBitString(signature).getEncoded())));
            assertThat(read(Der.of(request)).names()).containsExactly(SubjectAltName.guess("a"));
        }
    }

    // What is not a request

    @Test
    void a_request_cut_anywhere_or_with_bytes_behind_it_is_refused() {
        byte[] good =
                TestCsr.of("P-256", "a", List.of(SubjectAltName.guess("a"))).bytes();
        for (int length = 0; length < good.length; length++) {
            refused(ErrorCode.MALFORMED, Der.of(Arrays.copyOf(good, length)));
        }
        refused(ErrorCode.MALFORMED, Der.of(Arrays.copyOf(good, good.length + 1)));
    }

    @Test
    void a_request_with_any_bit_changed_is_refused() {
        byte[] good =
                TestCsr.of("Ed25519", "a", List.of(SubjectAltName.guess("a"))).bytes();
        for (int bit = 0; bit < 8 * good.length; bit++) {
            byte[] bad = good.clone();
            bad[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThatThrownBy(() -> read(Der.of(bad)))
                    .as("bit %d", bit)
                    .isInstanceOfSatisfying(
                            CaException.class,
                            e -> assertThat(e.code()).isIn(ErrorCode.MALFORMED, ErrorCode.BAD_CSR, ErrorCode.BAD_KEY));
        }
    }

    @Test
    void an_indefinite_length_and_deep_nesting_are_refused() {
        byte[] good = TestCsr.of("P-256", "a", List.of()).bytes();
        byte[] content = Arrays.copyOfRange(good, good[1] == (byte) 0x82 ? 4 : 3, good.length);
        refused(ErrorCode.MALFORMED, Der.of(join(new byte[] {0x30, (byte) 0x80}, join(content, new byte[2]))));
        byte[] deep = new byte[0];
        for (int i = 0; i < 500; i++) {
            deep = element(0x30, deep);
        }
        refused(ErrorCode.MALFORMED, Der.of(deep));
        byte[] endless = new byte[60_000];
        for (int i = 0; i < endless.length; i += 2) {
            endless[i] = 0x30;
            endless[i + 1] = (byte) 0x80;
        }
        refused(ErrorCode.MALFORMED, Der.of(endless));
    }

    static Stream<Arguments> weak_or_foreign_signatures() {
        return Stream.of(
                Arguments.of("P-256", "SHA1withECDSA", new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA1)),
                Arguments.of(
                        "P-256", "SHA224withECDSA", new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA224)),
                Arguments.of(
                        "RSA-2048",
                        "SHA1withRSA",
                        new AlgorithmIdentifier(PKCSObjectIdentifiers.sha1WithRSAEncryption, DERNull.INSTANCE)),
                Arguments.of(
                        "RSA-2048",
                        "MD5withRSA",
                        new AlgorithmIdentifier(PKCSObjectIdentifiers.md5WithRSAEncryption, DERNull.INSTANCE)),
                // The signature is one of another scheme than the identifier says.
                Arguments.of(
                        "P-256", "SHA256withECDSA", new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA384)),
                Arguments.of("P-256", "SHA256withECDSA", new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519)),
                Arguments.of(
                        "P-256",
                        "SHA256withECDSA",
                        new AlgorithmIdentifier(PKCSObjectIdentifiers.sha256WithRSAEncryption, DERNull.INSTANCE)),
                // RSASSA-PSS without parameters means SHA-1; with others than a hash it means nothing.
                Arguments.of("RSA-2048", "SHA256withRSA", new AlgorithmIdentifier(PKCSObjectIdentifiers.id_RSASSA_PSS)),
                Arguments.of(
                        "RSA-2048",
                        "SHA256withRSA",
                        new AlgorithmIdentifier(
                                PKCSObjectIdentifiers.id_RSASSA_PSS,
                                new RSASSAPSSparams(
                                        new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha224),
                                        RSASSAPSSparams.DEFAULT_MASK_GEN_FUNCTION,
                                        RSASSAPSSparams.DEFAULT_SALT_LENGTH,
                                        RSASSAPSSparams.DEFAULT_TRAILER_FIELD))));
    }

    @ParameterizedTest
    @MethodSource("weak_or_foreign_signatures")
    void a_signature_with_a_weak_hash_or_of_another_scheme_is_an_invalid_request(
            String kind, String jca, AlgorithmIdentifier algorithm) throws IOException {
        byte[] info = info(
                SubjectPublicKeyInfo.getInstance(TestKeys.of(kind).getPublic().getEncoded()));
        assertThatThrownBy(() -> read(TestCa.csr(info, TestKeys.of(kind).getPrivate(), jca, algorithm)))
                .isInstanceOfSatisfying(CaException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.BAD_CSR);
                    assertThat(e.publicDetail()).isEqualTo("invalid csr");
                });
    }

    @Test
    void rubbish_for_PSS_parameters_makes_an_invalid_request() throws IOException {
        byte[] info = info(SubjectPublicKeyInfo.getInstance(
                TestKeys.of("RSA-2048").getPublic().getEncoded()));
        AlgorithmIdentifier rubbish = new AlgorithmIdentifier(PKCSObjectIdentifiers.id_RSASSA_PSS, new ASN1Integer(7));
        refused(ErrorCode.BAD_CSR, TestCa.csr(info, TestKeys.of("RSA-2048").getPrivate(), "SHA256withRSA", rubbish));
    }

    // Keys

    static Stream<Arguments> bad_keys() throws IOException {
        SubjectPublicKeyInfo p256 = SubjectPublicKeyInfo.getInstance(
                TestKeys.of("P-256").getPublic().getEncoded());
        byte[] point = p256.getPublicKeyData().getOctets();
        byte[] compressed = Arrays.copyOf(point, 33);
        compressed[0] = (byte) (2 + (point[64] & 1));
        byte[] offCurve = point.clone();
        offCurve[64] ^= 1;
        AlgorithmIdentifier ec = p256.getAlgorithm();
        org.bouncycastle.asn1.x9.X9ECParameters explicit =
                org.bouncycastle.asn1.x9.ECNamedCurveTable.getByName("P-256");
        BigInteger modulus =
                ((java.security.interfaces.RSAPublicKey) TestKeys.of("RSA-2048").getPublic()).getModulus();
        BigInteger e = BigInteger.valueOf(65_537);
        AlgorithmIdentifier rsa = new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE);
        return Stream.of(
                Arguments.of("a compressed point", new SubjectPublicKeyInfo(ec, compressed)),
                Arguments.of("a point off the curve", new SubjectPublicKeyInfo(ec, offCurve)),
                Arguments.of("the point at infinity", new SubjectPublicKeyInfo(ec, new byte[1])),
                Arguments.of("a point that is cut", new SubjectPublicKeyInfo(ec, Arrays.copyOf(point, 64))),
                Arguments.of("no point", new SubjectPublicKeyInfo(ec, new byte[0])),
                Arguments.of(
                        "a point of another curve",
                        new SubjectPublicKeyInfo(
                                new AlgorithmIdentifier(ec.getAlgorithm(), new ASN1ObjectIdentifier("1.3.132.0.34")),
                                point)),
                Arguments.of(
                        "explicit parameters",
                        new SubjectPublicKeyInfo(new AlgorithmIdentifier(ec.getAlgorithm(), explicit), point)),
                Arguments.of(
                        "an implicit curve",
                        new SubjectPublicKeyInfo(new AlgorithmIdentifier(ec.getAlgorithm(), DERNull.INSTANCE), point)),
                Arguments.of("no curve", new SubjectPublicKeyInfo(new AlgorithmIdentifier(ec.getAlgorithm()), point)),
                Arguments.of(
                        "secp256k1",
                        SubjectPublicKeyInfo.getInstance(
                                TestKeys.of("secp256k1").getPublic().getEncoded())),
                Arguments.of(
                        "Ed448",
                        SubjectPublicKeyInfo.getInstance(
                                TestKeys.of("Ed448").getPublic().getEncoded())),
                Arguments.of(
                        "Ed25519 of 31 octets",
                        new SubjectPublicKeyInfo(
                                new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519), new byte[31])),
                Arguments.of(
                        "Ed25519 with parameters",
                        new SubjectPublicKeyInfo(
                                new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519, DERNull.INSTANCE),
                                new byte[32])),
                Arguments.of(
                        "an even exponent",
                        new SubjectPublicKeyInfo(rsa, new RSAPublicKey(modulus, BigInteger.valueOf(65_538)))),
                Arguments.of("exponent one", new SubjectPublicKeyInfo(rsa, new RSAPublicKey(modulus, BigInteger.ONE))),
                Arguments.of(
                        "a negative exponent", new SubjectPublicKeyInfo(rsa, new RSAPublicKey(modulus, e.negate()))),
                Arguments.of(
                        "a huge exponent",
                        new SubjectPublicKeyInfo(
                                rsa,
                                new RSAPublicKey(
                                        modulus, BigInteger.ONE.shiftLeft(64).add(BigInteger.ONE)))),
                Arguments.of(
                        "an even modulus",
                        new SubjectPublicKeyInfo(rsa, new RSAPublicKey(modulus.add(BigInteger.ONE), e))),
                Arguments.of(
                        "a modulus of 16385 bits",
                        new SubjectPublicKeyInfo(
                                rsa,
                                new RSAPublicKey(
                                        BigInteger.ONE.shiftLeft(16_384).add(BigInteger.ONE), e))),
                Arguments.of(
                        "RSA without parameters",
                        new SubjectPublicKeyInfo(
                                new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption),
                                new RSAPublicKey(modulus, e))),
                Arguments.of("RSA that is no sequence", new SubjectPublicKeyInfo(rsa, new byte[] {5, 0})),
                Arguments.of(
                        "RSA for PSS only",
                        new SubjectPublicKeyInfo(
                                new AlgorithmIdentifier(PKCSObjectIdentifiers.id_RSASSA_PSS),
                                new RSAPublicKey(modulus, e))),
                Arguments.of(
                        "DSA",
                        new SubjectPublicKeyInfo(
                                new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.2.840.10040.4.1")),
                                new ASN1Integer(5))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bad_keys")
    void a_key_that_Go_would_not_read_is_refused_with_every_provider(String what, SubjectPublicKeyInfo key)
            throws IOException {
        Der der = TestCa.csr(
                info(key),
                TestKeys.of("P-256").getPrivate(),
                "SHA256withECDSA",
                SignatureScheme.ECDSA_SHA256.identifier());
        for (String provider : List.of("SunEC", "SunRsaSign")) {
            assertThatThrownBy(() -> CertificateRequest.read(
                            der, new io.chancery.core.crypto.PublicKeys(java.security.Security.getProvider(provider))))
                    .isInstanceOfSatisfying(
                            CaException.class, e -> assertThat(e.code()).isIn(ErrorCode.BAD_KEY, ErrorCode.BAD_CSR));
        }
        refused(ErrorCode.BAD_KEY, der);
    }

    private static byte[] info(SubjectPublicKeyInfo key) throws IOException {
        return new CertificationRequestInfo(NOBODY, key, new DERSet()).getEncoded("DER");
    }

    private static byte[] element(int tag, byte[] content) {
        try {
            byte[] inner = new DEROctetString(content).getEncoded(); // its header, with another tag
            inner[0] = (byte) tag;
            return inner;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] join(byte[] one, byte[] two) {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(one);
        both.writeBytes(two);
        return both.toByteArray();
    }
}
