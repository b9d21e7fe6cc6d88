package io.chancery.core.crl;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.der.Der;
import io.chancery.core.der.DerTime;
import io.chancery.core.der.Tlv;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;

/**
 * A list of revoked certificates (RFC 5280 s. 5) whose every byte but the signature is fixed.
 *
 * @param tbs DER of TBSCertList
 */
public record PreparedCrl(BigInteger number, Instant thisUpdate, Instant nextUpdate, Der tbs) {
    private static final byte[] VERSION_2 = {Tlv.INTEGER, 1, 1};

    /**
     * Fixes every byte to be signed.
     *
     * @param distributionPoint URI where the list is had, for the critical extension; left out when empty
     */
    public static PreparedCrl prepare(
            IssuerCertificate issuer,
            BigInteger number,
            Validity validity,
            CrlEntries entries,
            Optional<String> distributionPoint) {
        try {
            byte[] revoked = entries.count() == 0 ? new byte[0] : Tlv.element(Tlv.SEQUENCE, entries.encoded());
            byte[] tbs = Tlv.element(
                    Tlv.SEQUENCE,
                    VERSION_2,
                    issuer.scheme().der().bytes(),
                    issuer.certificate().getSubjectX500Principal().getEncoded(),
                    DerTime.encode(validity.thisUpdate()),
                    DerTime.encode(validity.nextUpdate()),
                    revoked, // absent when empty: s. 5.1.2.6
                    Tlv.element(Tlv.CONTEXT_0, extensions(issuer, number, distributionPoint)));
            return new PreparedCrl(number, validity.thisUpdate(), validity.nextUpdate(), Der.of(tbs));
        } catch (IOException e) {
            throw new IllegalStateException("a list always encodes", e);
        }
    }

    /** When a list is made, and by when the next one will be; whole seconds. */
    public record Validity(Instant thisUpdate, Instant nextUpdate) {}

    private static byte[] extensions(IssuerCertificate issuer, BigInteger number, Optional<String> distributionPoint)
            throws IOException {
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        byte[] keyId = issuer.certificate().getExtensionValue(Extension.subjectKeyIdentifier.getId());
        if (keyId != null) {
            extensions.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new AuthorityKeyIdentifier(SubjectKeyIdentifier.getInstance(
                                    ASN1OctetString.getInstance(keyId).getOctets())
                            .getKeyIdentifier()));
        }
        extensions.addExtension(Extension.cRLNumber, false, new ASN1Integer(number));
        if (distributionPoint.isPresent()) {
            extensions.addExtension(Extension.issuingDistributionPoint, true, point(distributionPoint.get()));
        }
        return extensions.generate().getEncoded(ASN1Encoding.DER);
    }

    private static IssuingDistributionPoint point(String uri) {
        GeneralName name = new GeneralName(GeneralName.uniformResourceIdentifier, uri);
        return new IssuingDistributionPoint(
                new DistributionPointName(DistributionPointName.FULL_NAME, new GeneralNames(name)),
                false,
                false,
                null,
                false,
                false);
    }

    /** Whether a list with these extensions says that it is had there, as one that is made here does. */
    static boolean isHadAt(Optional<String> distributionPoint, Extensions extensions) {
        Optional<Extension> says = Optional.ofNullable(extensions.getExtension(Extension.issuingDistributionPoint));
        return says.map(each -> Der.of(each.getExtnValue().getOctets()))
                .equals(distributionPoint.map(PreparedCrl::encoded));
    }

    private static Der encoded(String uri) {
        try {
            return Der.of(point(uri).getEncoded(ASN1Encoding.DER));
        } catch (IOException e) {
            throw new IllegalStateException("a distribution point always encodes", e);
        }
    }
}
