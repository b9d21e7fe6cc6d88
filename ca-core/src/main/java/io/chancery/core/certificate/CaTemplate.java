package io.chancery.core.certificate;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;

/**
 * A CA certificate (RFC 5280 s. 4.2.1.9) that is to be: its bytes are made first, checked and recorded, then signed.
 *
 * @param pathLength how many CA certificates may follow below it; empty is no limit
 * @param serial positive, at most 20 octets
 * @param crlUrls where the issuer's list of revoked certificates is had, each the same one; empty for a root, which no
 *     list takes back
 */
public record CaTemplate(
        X500Name subject,
        PublicKey key,
        CaIssuer issuer,
        BigInteger serial,
        Instant notBefore,
        Instant notAfter,
        OptionalInt pathLength,
        Optional<NameConstraints> nameConstraints,
        List<String> crlUrls) {
    public CaTemplate {
        crlUrls = List.copyOf(crlUrls);
    }

    /** One that names no list. */
    public CaTemplate(
            X500Name subject,
            PublicKey key,
            CaIssuer issuer,
            BigInteger serial,
            Instant notBefore,
            Instant notAfter,
            OptionalInt pathLength,
            Optional<NameConstraints> nameConstraints) {
        this(subject, key, issuer, serial, notBefore, notAfter, pathLength, nameConstraints, List.of());
    }

    /** The same, naming where the issuer's list is. */
    public CaTemplate withCrlUrls(List<String> urls) {
        return new CaTemplate(subject, key, issuer, serial, notBefore, notAfter, pathLength, nameConstraints, urls);
    }

    /** What is to be signed. */
    public Der tbs() throws IOException {
        V3TBSCertificateGenerator tbs = new V3TBSCertificateGenerator();
        tbs.setSerialNumber(new ASN1Integer(serial));
        tbs.setSignature(scheme().identifier());
        tbs.setIssuer(issuer.name());
        tbs.setStartDate(new Time(Date.from(notBefore)));
        tbs.setEndDate(new Time(Date.from(notAfter)));
        tbs.setSubject(subject);
        tbs.setSubjectPublicKeyInfo(SubjectPublicKeyInfo.getInstance(key.getEncoded()));
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        extensions.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        extensions.addExtension(
                Extension.basicConstraints,
                true,
                pathLength.isPresent() ? new BasicConstraints(pathLength.getAsInt()) : new BasicConstraints(true));
        if (nameConstraints.isPresent()) {
            // RFC 5280 s. 4.2.1.10: critical, so that nobody who cannot read them believes the certificate
            extensions.addExtension(Extension.nameConstraints, true, nameConstraints.get());
        }
        extensions.addExtension(
                Extension.subjectKeyIdentifier,
                false,
                new SubjectKeyIdentifier(CaIssuer.identifier(key).bytes()));
        extensions.addExtension(
                Extension.authorityKeyIdentifier,
                false,
                new AuthorityKeyIdentifier(issuer.keyIdentifier().bytes()));
        for (Extension extension : new IssuerUrls(crlUrls, List.of()).extensions()) {
            extensions.addExtension(extension);
        }
        tbs.setExtensions(extensions.generate());
        return Der.of(tbs.generateTBSCertificate().getEncoded(ASN1Encoding.DER));
    }

    /** How the issuer's key signs. */
    public SignatureScheme scheme() {
        return issuer.scheme();
    }

    /** Of the bytes that were signed and their signature; nothing is looked at here: see {@link CaCertificate}. */
    public X509Certificate certificate(Der tbs, Der signature) throws GeneralSecurityException, IOException {
        byte[] certificate = new DERSequence(new ASN1Encodable[] {
                    ASN1Primitive.fromByteArray(tbs.bytes()), scheme().identifier(), new DERBitString(signature.bytes())
                })
                .getEncoded(ASN1Encoding.DER);
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate));
    }
}
