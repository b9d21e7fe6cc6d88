package io.chancery.core.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.GoFixtures;
import io.chancery.core.lint.Lint;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.profile.LeafValidity;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every byte to be signed is the one that Go's crypto/x509, and so step-ca, would have signed. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class GoCertificatesTest {
    static Stream<Arguments> made_by_Go() {
        List<Map<String, Object>> cases = GoFixtures.objects("certificates.json");
        assertThat(cases).hasSizeGreaterThan(25);
        return cases.stream().map(c -> Arguments.of(c.get("Name"), c));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("made_by_Go")
    void the_bytes_to_be_signed_are_those_that_Go_makes(String name, Map<String, Object> c) throws Exception {
        X509Certificate issuer = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(GoFixtures.bytes(c, "Issuer")));
        List<SubjectAltName> names = GoFixtures.strings(c, "Sans").stream()
                .map(SubjectAltName::guess)
                .sorted(Comparator.comparing(SubjectAltName::kind))
                .toList();
        String provisioner = (String) c.get("Provisioner");
        Optional<DERSequence> extension = provisioner.isEmpty()
                ? Optional.empty()
                : Optional.of(StepProvisionerExtension.of(1, provisioner, (String) c.get("Kid")));

        PreparedCertificate prepared = LeafCertificate.prepare(
                // The recorded serials are short ones.
                IssuerCertificate.of(issuer).withLint(Lint.of(false, List.of(), List.of("serial-entropy"))),
                new SerialNumber(new BigInteger((String) c.get("SerialHex"), 16)),
                (String) c.get("CommonName"),
                names,
                new LeafValidity(Instant.parse((String) c.get("NotBefore")), Instant.parse((String) c.get("NotAfter"))),
                SubjectPublicKeyInfo.getInstance(GoFixtures.bytes(c, "Key")),
                extension);

        assertThat(HexFormat.of().formatHex(prepared.tbs().bytes()))
                .isEqualTo(HexFormat.of().formatHex(GoFixtures.bytes(c, "Tbs")));
        assertThat(prepared.names())
                .isEqualTo(names.stream().map(SubjectAltName::text).toList());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("made_by_Go")
    void a_certificate_of_another_authority_is_read_as_it_was_made(String name, Map<String, Object> c)
            throws Exception {
        byte[] tbs = GoFixtures.bytes(c, "Tbs");
        byte[] certificate = new DERSequence(new ASN1Encodable[] {
                    ASN1Primitive.fromByteArray(tbs),
                    new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256),
                    new DERBitString(new byte[] {1, 2, 3})
                })
                .getEncoded();
        List<String> names = GoFixtures.strings(c, "Sans").stream()
                .map(SubjectAltName::guess)
                .sorted(Comparator.comparing(SubjectAltName::kind))
                .map(SubjectAltName::text)
                .toList();
        String provisioner = (String) c.get("Provisioner");

        ForeignCertificate read = ForeignCertificate.parse(certificate);

        assertThat(read.serial()).isEqualTo(new SerialNumber(new BigInteger((String) c.get("SerialHex"), 16)));
        assertThat(read.tbs().bytes()).isEqualTo(tbs);
        assertThat(read.subject()).isEqualTo(c.get("CommonName"));
        assertThat(read.names()).isEqualTo(names);
        assertThat(read.notBefore()).isEqualTo(Instant.parse((String) c.get("NotBefore")));
        assertThat(read.notAfter()).isEqualTo(Instant.parse((String) c.get("NotAfter")));
        assertThat(read.provisioner()).isEqualTo(provisioner.isEmpty() ? Optional.empty() : Optional.of(provisioner));
    }

    @Test
    void what_is_no_certificate_is_refused_and_nothing_else_is_thrown() {
        for (byte[] bytes :
                new byte[][] {{}, {0x30, 0}, {0x30, 3, 2, 1, 1}, "text".getBytes(StandardCharsets.US_ASCII)}) {
            assertThatThrownBy(() -> ForeignCertificate.parse(bytes)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
