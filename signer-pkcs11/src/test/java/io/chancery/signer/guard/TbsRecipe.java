package io.chancery.signer.guard;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.der.Der;
import java.io.IOException;
import java.math.BigInteger;
import java.security.PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;

/** A good TBSCertificate, part by part, so that a test spoils one of them; no builder of a library would write the bad ones. */
public final class TbsRecipe {
    public static final BigInteger SERIAL = BigInteger.ONE.shiftLeft(127).subtract(BigInteger.TWO);

    public ASN1Encodable version = new ASN1Integer(2);
    public BigInteger serial = SERIAL;
    public AlgorithmIdentifier algorithm;
    public X500Name issuerName;
    public Instant notBefore = Instant.parse("2026-06-01T00:00:00Z");
    public Instant notAfter = Instant.parse("2026-06-02T00:00:00Z");
    public X500Name subject = new X500Name("CN=leaf");
    public ASN1Encodable publicKey;
    public final List<ASN1Encodable> extensions = new ArrayList<>();
    public boolean withoutExtensions;
    public boolean withUniqueIdentifier;
    /** A second block behind the first, empty for none. */
    public final List<ASN1Encodable> secondBlock = new ArrayList<>();

    public TbsRecipe(IssuerCertificate issuer, PublicKey subjectKey) {
        algorithm = issuer.scheme().identifier();
        issuerName = X500Name.getInstance(
                issuer.certificate().getSubjectX500Principal().getEncoded());
        publicKey = SubjectPublicKeyInfo.getInstance(subjectKey.getEncoded());
        extension(Extension.keyUsage, new KeyUsage(KeyUsage.digitalSignature));
        extension(Extension.authorityKeyIdentifier, new AuthorityKeyIdentifier(keyId(issuer)));
        extension(
                Extension.subjectAlternativeName, new GeneralNames(new GeneralName(GeneralName.dNSName, "leaf.test")));
    }

    static byte[] keyId(IssuerCertificate issuer) {
        byte[] value = issuer.certificate().getExtensionValue(Extension.subjectKeyIdentifier.getId());
        return SubjectKeyIdentifier.getInstance(
                        DEROctetString.getInstance(value).getOctets())
                .getKeyIdentifier();
    }

    public TbsRecipe extension(ASN1ObjectIdentifier oid, ASN1Encodable value) {
        try {
            return rawExtension(oid, value.toASN1Primitive().getEncoded(ASN1Encoding.DER));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public TbsRecipe rawExtension(ASN1ObjectIdentifier oid, byte[] value) {
        extensions.add(new DERSequence(new ASN1Encodable[] {oid, new DEROctetString(value)}));
        return this;
    }

    public TbsRecipe replaceExtension(ASN1ObjectIdentifier oid, ASN1Encodable value) {
        extensions.removeIf(one -> ((DERSequence) one).getObjectAt(0).equals(oid));
        return extension(oid, value);
    }

    public Der der() {
        ASN1EncodableVector parts = new ASN1EncodableVector();
        parts.add(new DERTaggedObject(true, 0, version));
        parts.add(new ASN1Integer(serial));
        parts.add(algorithm);
        parts.add(issuerName);
        parts.add(new DERSequence(new ASN1Encodable[] {new Time(Date.from(notBefore)), new Time(Date.from(notAfter))}));
        parts.add(subject);
        parts.add(publicKey);
        if (withUniqueIdentifier) {
            parts.add(new DERTaggedObject(false, 1, new DERBitString(new byte[] {1})));
        }
        if (!withoutExtensions) {
            parts.add(new DERTaggedObject(true, 3, new DERSequence(extensions.toArray(ASN1Encodable[]::new))));
        }
        if (!secondBlock.isEmpty()) {
            parts.add(new DERTaggedObject(true, 3, new DERSequence(secondBlock.toArray(ASN1Encodable[]::new))));
        }
        try {
            return Der.of(new DERSequence(parts).getEncoded(ASN1Encoding.DER));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static DERSequence unreadableKey(AlgorithmIdentifier algorithm) {
        return new DERSequence(new ASN1Encodable[] {algorithm, new DERBitString(new byte[] {4, 1, 2})});
    }
}
