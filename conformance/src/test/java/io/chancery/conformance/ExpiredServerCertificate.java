package io.chancery.conformance;

import java.io.BufferedWriter;
import java.io.StringReader;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcePEMDecryptorProviderBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A server certificate as a node keeps it, right in all but that it ended an hour ago. */
final class ExpiredServerCertificate {
    private ExpiredServerCertificate() {}

    static void write(StepPki pki, Path file) throws Exception {
        KeyPair key = ApiClient.keyPair("EC", 256);
        X509Certificate issuer = Certificates.read(pki.intermediate());
        Instant end = Instant.now().minus(Duration.ofHours(1));
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                issuer,
                BigInteger.TEN,
                Date.from(end.minus(Duration.ofDays(1))),
                Date.from(end),
                new X500Principal("CN=Step Online CA"),
                key.getPublic());
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
            new GeneralName(GeneralName.dNSName, "localhost"), new GeneralName(GeneralName.iPAddress, "127.0.0.1")
        }));
        X509CertificateHolder leaf = builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuing(pki)));
        Files.createDirectories(file.getParent());
        try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.US_ASCII);
                JcaPEMWriter pem = new JcaPEMWriter(out)) {
            pem.writeObject(leaf);
            pem.writeObject(issuer);
            pem.writeObject(new JcaPKCS8Generator(key.getPrivate(), null));
        }
    }

    private static PrivateKey issuing(StepPki pki) throws Exception {
        Path file = pki.folder().resolve("step/secrets/intermediate_ca_key");
        char[] password = StepPki.text(Path.of(pki.password())).strip().toCharArray();
        try (PEMParser parser = new PEMParser(new StringReader(StepPki.text(file)))) {
            PEMEncryptedKeyPair encrypted = (PEMEncryptedKeyPair) parser.readObject();
            return new JcaPEMKeyConverter()
                    .getKeyPair(encrypted.decryptKeyPair(new JcePEMDecryptorProviderBuilder()
                            .setProvider(new BouncyCastleProvider())
                            .build(password)))
                    .getPrivate();
        }
    }
}
