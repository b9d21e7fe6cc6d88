package io.chancery.conformance;

import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
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

/** Bus certificates that look like a node's own and are not good all the same. */
final class BusCertificates {
    private static final Duration LIFE = Duration.ofDays(30);

    private BusCertificates() {}

    /** Gives a node the certificate it has, from the same CA and for the same key, but with yesterday's end. */
    static void expire(ClusterPki cluster, String node) throws Exception {
        Path file = cluster.node(node, "bus.crt");
        Instant end = Instant.now().minus(Duration.ofDays(1));
        write(file, like((X509CertificateHolder) parse(file), end, key(cluster.file("cluster-ca.key"))));
    }

    /** Beside a node's certificate, the same again, but by a CA that has the name of the cluster's and another key. */
    static Path forge(ClusterPki cluster, String node) throws Exception {
        PrivateKey another =
                KeyPairGenerator.getInstance("EC").generateKeyPair().getPrivate();
        X509CertificateHolder own = (X509CertificateHolder) parse(cluster.node(node, "bus.crt"));
        Path forged = cluster.node(node, "forged.crt");
        write(forged, like(own, Instant.now().plus(Duration.ofDays(1)), another));
        return forged;
    }

    private static X509CertificateHolder like(X509CertificateHolder own, Instant end, PrivateKey issuer)
            throws Exception {
        X509v3CertificateBuilder builder = new X509v3CertificateBuilder(
                own.getIssuer(),
                BigInteger.TEN,
                Date.from(end.minus(LIFE)),
                Date.from(end),
                own.getSubject(),
                own.getSubjectPublicKeyInfo());
        for (Object oid : own.getExtensionOIDs()) {
            builder.addExtension(own.getExtension((ASN1ObjectIdentifier) oid));
        }
        return builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuer));
    }

    private static void write(Path file, X509CertificateHolder certificate) throws IOException {
        try (JcaPEMWriter writer = new JcaPEMWriter(Files.newBufferedWriter(file, StandardCharsets.US_ASCII))) {
            writer.writeObject(certificate);
        }
    }

    static PrivateKey key(Path file) throws IOException {
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
