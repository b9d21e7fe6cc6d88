package io.chancery.conformance;

import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Bus certificates that the cluster's CA has signed and that are not good all the same. */
final class BusCertificates {
    private BusCertificates() {}

    /** Gives a node the certificate it has, from the same CA and for the same key, but with yesterday's end. */
    static void expire(ClusterPki cluster, String node) throws Exception {
        Path file = cluster.node(node, "bus.crt");
        X509CertificateHolder now = (X509CertificateHolder) parse(file);
        Instant end = Instant.now().minus(Duration.ofDays(1));
        X509v3CertificateBuilder builder = new X509v3CertificateBuilder(
                now.getIssuer(),
                BigInteger.TEN,
                Date.from(end.minus(Duration.ofDays(30))),
                Date.from(end),
                now.getSubject(),
                now.getSubjectPublicKeyInfo());
        for (Object oid : now.getExtensionOIDs()) {
            builder.addExtension(now.getExtension((ASN1ObjectIdentifier) oid));
        }
        X509CertificateHolder expired = builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA").build(key(cluster.file("cluster-ca.key"))));
        try (JcaPEMWriter writer = new JcaPEMWriter(Files.newBufferedWriter(file, StandardCharsets.US_ASCII))) {
            writer.writeObject(expired);
        }
    }

    private static PrivateKey key(Path file) throws IOException {
        Object parsed = parse(file);
        PrivateKeyInfo info = parsed instanceof PEMKeyPair pair ? pair.getPrivateKeyInfo() : (PrivateKeyInfo) parsed;
        return new JcaPEMKeyConverter().getPrivateKey(info);
    }

    private static Object parse(Path file) throws IOException {
        try (PEMParser parser = new PEMParser(new StringReader(StepPki.text(file)))) {
            return parser.readObject();
        }
    }
}
