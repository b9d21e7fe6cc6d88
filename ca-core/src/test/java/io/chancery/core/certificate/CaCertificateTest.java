package io.chancery.core.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.TestKeys;
import io.chancery.core.der.Der;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** No CA certificate comes to be that was not checked before it was signed. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class CaCertificateTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final BigInteger SERIAL = BigInteger.ONE.shiftLeft(100);

    private final KeyPair key = TestKeys.of("P-256");
    private final KeyPair other = TestKeys.of("P-384");
    private final List<Der> signed = new ArrayList<>();

    private byte[] sign(Der tbs) throws GeneralSecurityException {
        signed.add(tbs);
        return TestKeys.sign("SHA256withECDSA", key.getPrivate(), tbs.bytes());
    }

    private X509Certificate root(int pathLength, Duration life) throws Exception {
        return CaCertificate.make(
                new CaCertificate.Root("Root", key.getPublic(), SERIAL, BEGIN, BEGIN.plus(life), pathLength),
                this::sign);
    }

    private CaTemplate below(X509Certificate root, int pathLength) {
        return new CaTemplate(
                CaNames.subject("Below"),
                other.getPublic(),
                CaIssuer.of(root),
                SERIAL,
                BEGIN,
                BEGIN.plus(Duration.ofDays(1)),
                OptionalInt.of(pathLength),
                Optional.empty());
    }

    @Test
    void what_would_break_a_rule_is_not_signed() throws Exception {
        assertThatThrownBy(() -> root(0, Duration.ZERO.minusDays(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("CN=Root would break RFC 5280, and was not signed: ");
        assertThat(signed).isEmpty();

        X509Certificate root = root(1, Duration.ofDays(2));
        signed.clear();
        assertThatThrownBy(() -> CaCertificate.make(below(root, 1), Optional.of(root), this::sign))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("allows 1 CA certificate(s)");
        assertThat(signed).isEmpty();
    }

    @Test
    void what_was_checked_is_what_is_signed() throws Exception {
        X509Certificate root = root(1, Duration.ofDays(2));
        X509Certificate made = CaCertificate.make(below(root, 0), Optional.of(root), this::sign);
        made.verify(root.getPublicKey());
        assertThat(Der.of(made.getTBSCertificate())).isEqualTo(signed.get(1));
    }

    @Test
    void a_signature_of_another_key_makes_no_certificate() throws Exception {
        X509Certificate root = root(1, Duration.ofDays(2));
        assertThatThrownBy(() -> CaCertificate.make(
                        below(root, 0),
                        Optional.of(root),
                        tbs -> TestKeys.sign("SHA256withECDSA", other.getPrivate(), tbs.bytes())))
                .isInstanceOf(GeneralSecurityException.class);
    }

    @Test
    void the_places_of_the_issuers_list_are_one_point_that_is_not_critical() throws Exception {
        X509Certificate root = root(1, Duration.ofDays(2));
        assertThat(root.getExtensionValue(Extension.cRLDistributionPoints.getId()))
                .isNull();
        List<String> urls = List.of("http://one.example/root.crl", "ldap://two.example/cn=root");
        X509Certificate made = CaCertificate.make(below(root, 0).withCrlUrls(urls), Optional.of(root), this::sign);
        assertThat(made.getNonCriticalExtensionOIDs()).contains(Extension.cRLDistributionPoints.getId());
        CRLDistPoint points = CRLDistPoint.getInstance(
                ASN1OctetString.getInstance(made.getExtensionValue(Extension.cRLDistributionPoints.getId()))
                        .getOctets());
        assertThat(points.getDistributionPoints()).hasSize(1);
        assertThat(GeneralNames.getInstance(points.getDistributionPoints()[0]
                                .getDistributionPoint()
                                .getName())
                        .getNames())
                .extracting(name -> name.getName().toString())
                .isEqualTo(urls);
    }

    @Test
    void what_is_no_url_is_no_place_of_a_list() {
        assertThat(CaNames.crlUrls(List.of("https://ca.example/crl"))).hasSize(1);
        for (String wrong : List.of("", "ca.example/root.crl", "file:///root.crl", "http://", "http://a b/")) {
            assertThatThrownBy(() -> CaNames.crlUrls(List.of(wrong)))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("write a URL such as");
        }
    }
}
