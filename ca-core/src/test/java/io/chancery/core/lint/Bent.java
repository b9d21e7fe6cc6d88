package io.chancery.core.lint;

import io.chancery.core.TestCa;
import io.chancery.core.TestKeys;
import io.chancery.core.der.Der;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1UTCTime;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/** A certificate to be signed that can be bent in every way: put together by hand, as no library would let it. */
final class Bent {
    int version = 3;
    BigInteger serial = new BigInteger("f0".repeat(16), 16);
    ASN1Encodable signature = TestCa.ISSUER.scheme().identifier();
    ASN1Encodable issuer = name(TestCa.ISSUER.certificate());
    ASN1Encodable start = new ASN1UTCTime("261124115900Z");
    ASN1Encodable end = new ASN1UTCTime("261125120000Z");
    ASN1Encodable subject = new X500Name("CN=a.example");
    SubjectPublicKeyInfo key = key("P-256");
    Optional<X509Certificate> signer = Optional.of(TestCa.ISSUER.certificate());
    final List<ASN1Encodable> more = new ArrayList<>();
    final List<Extension> extensions = new ArrayList<>();

    /** An ordinary leaf. */
    static Bent leaf() {
        Bent leaf = new Bent();
        leaf.with(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                .with(Extension.extendedKeyUsage, false, new DERSequence(new ASN1ObjectIdentifier("1.3.6.1.5.5.7.3.1")))
                .with(Extension.subjectKeyIdentifier, false, new SubjectKeyIdentifier(new byte[20]))
                .with(
                        Extension.authorityKeyIdentifier,
                        false,
                        new AuthorityKeyIdentifier(keyId(TestCa.ISSUER.certificate())))
                .with(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(new GeneralName(GeneralName.dNSName, "a.example")));
        return leaf;
    }

    /** A CA certificate below one that allows a single one, or itself allowing {@code below} others. */
    static Bent authority(X509Certificate root, int below) {
        Bent ca = leaf();
        ca.signer = Optional.of(root);
        ca.issuer = name(root);
        ca.subject = new X500Name("CN=Lower");
        return ca.with(Extension.basicConstraints, true, new BasicConstraints(below))
                .with(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                .with(Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(keyId(root)))
                .without(Extension.extendedKeyUsage)
                .without(Extension.subjectAlternativeName);
    }

    static SubjectPublicKeyInfo key(String kind) {
        return SubjectPublicKeyInfo.getInstance(TestKeys.of(kind).getPublic().getEncoded());
    }

    static SubjectPublicKeyInfo rsa(BigInteger modulus, long exponent) {
        try {
            return new SubjectPublicKeyInfo(
                    new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
                    new RSAPublicKey(modulus, BigInteger.valueOf(exponent)));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static X500Name name(X509Certificate certificate) {
        return X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
    }

    static byte[] keyId(X509Certificate certificate) {
        return SigningCertificate.of(certificate).keyId().orElseThrow().bytes();
    }

    static ASN1Encodable octets(byte[] value) {
        return new DEROctetString(value);
    }

    /** In place of the one that is there, if one is. */
    Bent with(ASN1ObjectIdentifier oid, boolean critical, ASN1Encodable value) {
        try {
            return with(oid, critical, value.toASN1Primitive().getEncoded("DER"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    Bent with(ASN1ObjectIdentifier oid, boolean critical, byte[] value) {
        Extension extension = new Extension(oid, critical, value);
        for (int i = 0; i < extensions.size(); i++) {
            if (extensions.get(i).getExtnId().equals(oid)) {
                extensions.set(i, extension);
                return this;
            }
        }
        extensions.add(extension);
        return this;
    }

    Bent without(ASN1ObjectIdentifier oid) {
        extensions.removeIf(each -> each.getExtnId().equals(oid));
        return this;
    }

    Bent names(GeneralName... names) {
        return with(Extension.subjectAlternativeName, false, new GeneralNames(names));
    }

    Der tbs() {
        ASN1EncodableVector members = new ASN1EncodableVector();
        if (version != 1) {
            members.add(new DERTaggedObject(true, 0, new ASN1Integer(version - 1L)));
        }
        members.add(new ASN1Integer(serial));
        members.add(signature);
        members.add(issuer);
        members.add(new DERSequence(new ASN1Encodable[] {start, end}));
        members.add(subject);
        members.add(key);
        more.forEach(members::add);
        if (!extensions.isEmpty()) {
            members.add(new DERTaggedObject(true, 3, new DERSequence(extensions.toArray(ASN1Encodable[]::new))));
        }
        return Der.of(encoded(new DERSequence(members)));
    }

    /** Signed by nobody. */
    X509Certificate certificate() {
        ASN1Encodable[] members = {ASN1Sequence.getInstance(tbs().bytes()), signature, new DERBitString(new byte[] {0})
        };
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(encoded(new DERSequence(members))));
        } catch (CertificateException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] encoded(ASN1Primitive value) {
        try {
            return value.getEncoded(); // as it is: times and the like are not put right
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return subject.toString();
    }

    List<String> brokenBy(Lint lint) {
        return lint.all(tbs(), signer.map(SigningCertificate::of)).stream()
                .map(finding -> finding.rule().name())
                .toList();
    }
}
