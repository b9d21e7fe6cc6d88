package io.chancery.core.certificate;

import io.chancery.core.der.Der;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;

/** Makes CA certificates (RFC 5280 s. 4.2.1.9): a root, or an intermediate under it. */
public final class CaCertificate {
    private CaCertificate() {}

    /**
     * What stands in one.
     *
     * @param pathLength how many CA certificates may follow below it
     */
    public record Plan(
            String subject,
            PublicKey key,
            String issuer,
            PublicKey issuerKey,
            BigInteger serial,
            Instant notBefore,
            Instant notAfter,
            int pathLength) {}

    /** Signs with the issuer's key over the bytes that it is given. */
    @FunctionalInterface
    public interface Signer {
        byte[] sign(Der tbs) throws GeneralSecurityException;
    }

    /** GeneralSecurityException when the signer fails. */
    public static X509Certificate make(Plan plan, Signer signer) throws GeneralSecurityException, IOException {
        SignatureScheme scheme = SignatureScheme.defaultFor(plan.issuerKey());
        V3TBSCertificateGenerator tbs = new V3TBSCertificateGenerator();
        tbs.setSerialNumber(new ASN1Integer(plan.serial()));
        tbs.setSignature(scheme.identifier());
        tbs.setIssuer(SubjectName.ofCommonName(plan.issuer()));
        tbs.setStartDate(new Time(Date.from(plan.notBefore())));
        tbs.setEndDate(new Time(Date.from(plan.notAfter())));
        tbs.setSubject(SubjectName.ofCommonName(plan.subject()));
        tbs.setSubjectPublicKeyInfo(info(plan.key()));
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        extensions.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        extensions.addExtension(Extension.basicConstraints, true, new BasicConstraints(plan.pathLength()));
        extensions.addExtension(
                Extension.subjectKeyIdentifier, false, new SubjectKeyIdentifier(identifier(plan.key())));
        extensions.addExtension(
                Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(identifier(plan.issuerKey())));
        tbs.setExtensions(extensions.generate());
        byte[] bytes = tbs.generateTBSCertificate().getEncoded(ASN1Encoding.DER);
        byte[] certificate = new DERSequence(new ASN1Encodable[] {
                    ASN1Primitive.fromByteArray(bytes),
                    scheme.identifier(),
                    new DERBitString(signer.sign(Der.of(bytes)))
                })
                .getEncoded(ASN1Encoding.DER);
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate));
    }

    private static SubjectPublicKeyInfo info(PublicKey key) {
        return SubjectPublicKeyInfo.getInstance(key.getEncoded());
    }

    private static byte[] identifier(PublicKey key) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-1")
                .digest(info(key).getPublicKeyData().getOctets());
    }
}
