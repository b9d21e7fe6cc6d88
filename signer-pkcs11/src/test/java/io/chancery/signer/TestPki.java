package io.chancery.signer;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.crypto.SignatureScheme;
import io.chancery.core.der.Der;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import java.util.function.Function;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;

/** Issuers for tests: any public key, and any function that signs with the key behind it. */
public final class TestPki {
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    public static final Instant END = Instant.parse("2036-01-01T00:00:00Z");

    private TestPki() {}

    public static KeyPair ec(String curve) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }

    public static IssuerCertificate issuer(KeyPair pair) {
        SignatureScheme scheme = SignatureScheme.defaultFor(pair.getPublic());
        return IssuerCertificate.of(selfSigned(pair.getPublic(), tbs -> sign(scheme, pair, tbs)));
    }

    private static Der sign(SignatureScheme scheme, KeyPair pair, Der tbs) {
        try {
            Signature signature = Signature.getInstance(scheme.jcaName());
            signature.initSign(pair.getPrivate());
            signature.update(tbs.bytes());
            return Der.of(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A CA certificate of the key, signed by the key itself. */
    public static X509Certificate selfSigned(PublicKey key, Function<Der, Der> signer) {
        return selfSigned(key, 1, signer);
    }

    /** As {@link #selfSigned(PublicKey, Function)}, with a path length. */
    public static X509Certificate selfSigned(PublicKey key, int pathLength, Function<Der, Der> signer) {
        try {
            X500Principal name = new X500Principal("CN=Test Issuer,O=Chancery");
            JcaX509v3CertificateBuilder builder =
                    new JcaX509v3CertificateBuilder(name, BigInteger.TEN, Date.from(START), Date.from(END), name, key);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(pathLength));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, new JcaX509ExtensionUtils().createSubjectKeyIdentifier(key));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(key));
            byte[] encoded = builder.build(new FunctionSigner(SignatureScheme.defaultFor(key), signer))
                    .getEncoded();
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    public static boolean verifies(IssuerCertificate issuer, Der tbs, Der signature) throws GeneralSecurityException {
        Signature verifier = issuer.scheme().check().begin();
        verifier.initVerify(issuer.certificate().getPublicKey());
        verifier.update(tbs.bytes());
        return verifier.verify(signature.bytes());
    }

    private static final class FunctionSigner implements ContentSigner {
        private final SignatureScheme scheme;
        private final Function<Der, Der> signer;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        FunctionSigner(SignatureScheme scheme, Function<Der, Der> signer) {
            this.scheme = scheme;
            this.signer = signer;
        }

        @Override
        public AlgorithmIdentifier getAlgorithmIdentifier() {
            return scheme.identifier();
        }

        @Override
        public OutputStream getOutputStream() {
            return bytes;
        }

        @Override
        public byte[] getSignature() {
            return signer.apply(Der.of(bytes.toByteArray())).bytes();
        }
    }
}
