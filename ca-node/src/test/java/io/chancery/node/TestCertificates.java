package io.chancery.node;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Certificates of tests of TLS, good for ten minutes, signed by whom a test likes. */
public final class TestCertificates {
    private TestCertificates() {}

    public static KeyPair newKey() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256); // newer JDKs would make P-384 keys
        return generator.generateKeyPair();
    }

    /**
     * @param name the common name
     * @param issuer as an X.500 name
     * @param by signs it, whatever the issuer's name is
     */
    public static X509Certificate certificate(
            String name, KeyPair key, String issuer, KeyPair by, boolean ca, String dnsName) throws Exception {
        return new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                new X500Name(issuer),
                                new BigInteger(100, new SecureRandom()),
                                Date.from(Instant.now().minusSeconds(60)),
                                Date.from(Instant.now().plusSeconds(600)),
                                new X500Name("CN=" + name),
                                key.getPublic())
                        .addExtension(Extension.basicConstraints, true, new BasicConstraints(ca))
                        .addExtension(
                                Extension.subjectAlternativeName,
                                false,
                                new GeneralNames(new GeneralName(GeneralName.dNSName, dnsName)))
                        .build(new JcaContentSignerBuilder("SHA256withECDSA").build(by.getPrivate())));
    }
}
