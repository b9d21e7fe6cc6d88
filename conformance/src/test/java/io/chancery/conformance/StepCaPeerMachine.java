package io.chancery.conformance;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.UUID;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A key with a certificate of any kind, good for signing tokens or not; two days long, an hour of them over. */
final class StepCaPeerMachine {
    private final KeyPair key;
    private final X509Certificate certificate;

    private StepCaPeerMachine(KeyPair key, X509Certificate certificate) {
        this.key = key;
        this.certificate = certificate;
    }

    X509Certificate certificate() {
        return certificate;
    }

    /** As the header {@code x5c} has it. */
    String inHeader() throws GeneralSecurityException {
        return Base64.getEncoder().encodeToString(certificate.getEncoded());
    }

    String pem() throws GeneralSecurityException {
        return StepCaPeerCsr.pem("CERTIFICATE", certificate.getEncoded());
    }

    PrivateKey key() {
        return key.getPrivate();
    }

    /** A compact JWS over header and payload, as the key signs, whatever the header says. */
    String jws(String header, String payload) throws GeneralSecurityException {
        String content = StepCaPeerTokens.encode(header.getBytes(StandardCharsets.UTF_8)) + "."
                + StepCaPeerTokens.encode(payload.getBytes(StandardCharsets.UTF_8));
        Signature signature = Signature.getInstance(
                switch (key.getPrivate().getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSAinP1363Format";
                    default -> "Ed25519";
                });
        signature.initSign(key.getPrivate());
        signature.update(content.getBytes(StandardCharsets.US_ASCII));
        return content + "." + StepCaPeerTokens.encode(signature.sign());
    }

    /** What a certificate is to be like. */
    static final class Plan {
        private final String name;
        private String keyKind = "EC";
        private Duration from = Duration.ofHours(-1);
        private Duration to = Duration.ofHours(47);
        private int usage = KeyUsage.digitalSignature;
        private List<KeyPurposeId> purposes = List.of(KeyPurposeId.id_kp_clientAuth);
        private BasicConstraints basic;
        private String permitted = "";
        private List<GeneralName> names = List.of();

        private Plan(String name) {
            this.name = name;
        }

        static Plan client(String name) {
            return new Plan(name);
        }

        static Plan ca(String name) {
            Plan plan = new Plan(name)
                    .usage(KeyUsage.keyCertSign | KeyUsage.cRLSign)
                    .purposes();
            plan.basic = new BasicConstraints(true);
            return plan;
        }

        Plan pathLength(int length) {
            basic = new BasicConstraints(length);
            return this;
        }

        Plan noCa() {
            basic = null;
            return this;
        }

        /** {@code EC}, {@code RSA} or {@code Ed25519}. */
        Plan keyKind(String kind) {
            keyKind = kind;
            return this;
        }

        /** 0 for no extension. */
        Plan usage(int bits) {
            usage = bits;
            return this;
        }

        Plan purposes(KeyPurposeId... all) {
            purposes = List.of(all);
            return this;
        }

        Plan permitted(String dns) {
            permitted = dns;
            return this;
        }

        Plan names(GeneralName... all) {
            names = List.of(all);
            return this;
        }

        /** From now. */
        Plan lasting(Duration begin, Duration end) {
            from = begin;
            to = end;
            return this;
        }

        StepCaPeerMachine signedByItself() throws GeneralSecurityException, IOException {
            KeyPair own = generate(keyKind);
            return new StepCaPeerMachine(own, signed(own, name, own));
        }

        StepCaPeerMachine by(StepCaPeerMachine issuer) throws GeneralSecurityException, IOException {
            KeyPair own = generate(keyKind);
            String issuerName = issuer.certificate.getSubjectX500Principal().getName();
            return new StepCaPeerMachine(own, signed(own, issuerName.substring(3), issuer.key));
        }

        private X509Certificate signed(KeyPair own, String issuer, KeyPair by)
                throws GeneralSecurityException, IOException {
            Instant now = Instant.now();
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    new X500Name("CN=" + issuer),
                    new BigInteger(128, new java.security.SecureRandom()).setBit(0),
                    Date.from(now.plus(from)),
                    Date.from(now.plus(to)),
                    new X500Name("CN=" + name),
                    own.getPublic());
            if (basic != null) {
                builder.addExtension(Extension.basicConstraints, true, basic);
            }
            if (usage != 0) {
                builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
            }
            if (!purposes.isEmpty()) {
                ASN1Encodable all = new ExtendedKeyUsage(purposes.toArray(KeyPurposeId[]::new));
                builder.addExtension(Extension.extendedKeyUsage, false, all);
            }
            if (!names.isEmpty()) {
                ASN1Encodable all = new GeneralNames(names.toArray(GeneralName[]::new));
                builder.addExtension(Extension.subjectAlternativeName, false, all);
            }
            if (!permitted.isEmpty()) {
                GeneralSubtree subtree = new GeneralSubtree(new GeneralName(GeneralName.dNSName, permitted));
                ASN1Encodable all = new NameConstraints(new GeneralSubtree[] {subtree}, null);
                builder.addExtension(Extension.nameConstraints, true, all);
            }
            try {
                String algorithm = by.getPrivate().getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
                return new JcaX509CertificateConverter()
                        .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(by.getPrivate())));
            } catch (OperatorCreationException e) {
                throw new GeneralSecurityException(e);
            }
        }

        private static KeyPair generate(String kind) throws GeneralSecurityException {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
            if (kind.equals("EC")) {
                generator.initialize(new ECGenParameterSpec("secp256r1"));
            } else if (kind.equals("RSA")) {
                generator.initialize(2048);
            }
            return generator.generateKeyPair();
        }
    }

    /** One that nothing else has. */
    static String id() {
        return UUID.randomUUID().toString();
    }
}
