package io.chancery.core;

import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import io.chancery.core.name.SubjectAltName;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;

/** A certificate for tests, any extension at will, for and by keys of {@link TestKeys}; a day old, with nine to go. */
public final class TestCertificate {
    private final String subject;
    private final String key;
    private final ExtensionsGenerator extensions = new ExtensionsGenerator();
    private Instant from = TestCa.NOW.minus(Duration.ofDays(1));
    private Instant to = TestCa.NOW.plus(Duration.ofDays(9));
    private BigInteger serial = BigInteger.valueOf(7);
    private Optional<AlgorithmIdentifier> claimed = Optional.empty();

    private TestCertificate(String subject, String key) {
        this.subject = subject;
        this.key = key;
    }

    /** Without an extension. */
    public static TestCertificate bare(String subject, String key) {
        return new TestCertificate(subject, key);
    }

    /** That may sign others. */
    public static TestCertificate ca(String subject, String key) {
        return bare(subject, key)
                .with(Extension.basicConstraints, new BasicConstraints(true))
                .with(Extension.keyUsage, new KeyUsage(KeyUsage.keyCertSign));
    }

    /** That a client can sign tokens with. */
    public static TestCertificate client(String subject, String key) {
        return bare(subject, key)
                .with(Extension.keyUsage, new KeyUsage(KeyUsage.digitalSignature))
                .purposes(KeyPurposeId.id_kp_clientAuth);
    }

    public TestCertificate with(ASN1ObjectIdentifier oid, ASN1Encodable value) {
        try {
            extensions.addExtension(oid, oid.equals(Extension.basicConstraints), value);
            return this;
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    public TestCertificate purposes(KeyPurposeId... purposes) {
        return with(Extension.extendedKeyUsage, new ExtendedKeyUsage(purposes));
    }

    public TestCertificate names(String... names) {
        GeneralName[] all = Stream.of(names)
                .map(text -> SubjectAltName.guess(text).generalName())
                .toArray(GeneralName[]::new);
        return with(Extension.subjectAlternativeName, new GeneralNames(all));
    }

    public TestCertificate from(Instant time) {
        from = time;
        return this;
    }

    public TestCertificate to(Instant time) {
        to = time;
        return this;
    }

    public TestCertificate serial(long number) {
        serial = BigInteger.valueOf(number);
        return this;
    }

    /** Says so of its signature, whatever that is made by. */
    public TestCertificate claiming(AlgorithmIdentifier algorithm) {
        claimed = Optional.of(algorithm);
        return this;
    }

    /** Signed. */
    public Der by(String issuer, String issuerKey) {
        return by(new X500Name("CN=" + issuer), issuerKey);
    }

    /** Signed by {@link TestCa#ISSUER}. */
    public Der byTestCa() {
        return by(
                X500Name.getInstance(
                        TestCa.ISSUER.certificate().getSubjectX500Principal().getEncoded()),
                "P-256 issuer");
    }

    private Der by(X500Name issuer, String issuerKey) {
        try {
            SignatureScheme scheme =
                    SignatureScheme.defaultFor(TestKeys.of(issuerKey).getPublic());
            V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
            generator.setSerialNumber(new ASN1Integer(serial));
            AlgorithmIdentifier algorithm = claimed.orElse(scheme.identifier());
            generator.setSignature(algorithm);
            generator.setIssuer(issuer);
            generator.setStartDate(new Time(Date.from(from)));
            generator.setEndDate(new Time(Date.from(to)));
            generator.setSubject(new X500Name("CN=" + subject));
            generator.setSubjectPublicKeyInfo(SubjectPublicKeyInfo.getInstance(
                    TestKeys.of(key).getPublic().getEncoded()));
            if (!extensions.isEmpty()) {
                generator.setExtensions(extensions.generate());
            }
            TBSCertificate tbs = generator.generateTBSCertificate();
            byte[] signature =
                    TestKeys.sign(scheme.jcaName(), TestKeys.of(issuerKey).getPrivate(), tbs.getEncoded("DER"));
            return Der.of(
                    new DERSequence(new ASN1Encodable[] {tbs, algorithm, new DERBitString(signature)}).getEncoded());
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    public static X509Certificate x509(Der der) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der.bytes()));
        } catch (CertificateException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
