package io.chancery.core.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.GoFixtures;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.profile.LeafValidity;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
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
                IssuerCertificate.of(issuer),
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
}
