package io.chancery.cluster.ca;

import io.chancery.core.certificate.CaCertificate;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.LeafCertificate;
import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.certificate.SignedCertificate;
import io.chancery.core.crypto.BouncyCastle;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.pem.Pem;
import io.chancery.core.pem.PemBlock;
import io.chancery.core.profile.LeafValidity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * The CA of a cluster's event bus: apart from the PKI that the cluster serves, it vouches for nodes alone. Whoever holds
 * one of its certificates can ask signers for all that their rules allow.
 */
public final class ClusterCa {
    private static final String ALGORITHM = "SHA256withECDSA";
    private static final Duration CA_LIFE = Duration.ofDays(3650);
    private static final Duration NODE_LIFE = Duration.ofDays(365);
    /** A node whose clock is behind must believe a certificate at once: it may have nobody else to speak to. */
    private static final Duration BACKDATED = Duration.ofHours(1);

    private static final int LONGEST_NAME = 64;

    private final KeyPair key;
    private final X509Certificate certificate;
    private final Instant now;
    private final SecureRandom random;

    private ClusterCa(KeyPair key, X509Certificate certificate, Instant now, SecureRandom random) {
        this.key = key;
        this.certificate = certificate;
        this.now = now;
        this.random = random;
    }

    /** Makes a new one, good for ten years from {@code now}. */
    public static ClusterCa create(String clusterName, Instant now, SecureRandom random)
            throws GeneralSecurityException, IOException {
        KeyPair key = newKey(random);
        X509Certificate certificate = CaCertificate.make(
                new CaCertificate.Root(
                        subject(clusterName),
                        key.getPublic(),
                        serial(random).value(),
                        now.minus(BACKDATED),
                        now.plus(CA_LIFE),
                        0),
                tbs -> sign(key, tbs));
        return new ClusterCa(key, certificate, now, random);
    }

    /** RFC 5280, appendix A.1: a common name has at most 64 characters. Nobody finds a cluster by it. */
    private static String subject(String clusterName) {
        String whole = "Chancery bus of " + clusterName;
        return whole.substring(
                0, whole.offsetByCodePoints(0, Math.min(LONGEST_NAME, whole.codePointCount(0, whole.length()))));
    }

    /**
     * One that was made before.
     *
     * @param now when its next certificates begin
     * @throws GeneralSecurityException when the texts are no certificate and key, or the key is another one's
     */
    public static ClusterCa of(String certificatePem, String keyPem, Instant now, SecureRandom random)
            throws GeneralSecurityException {
        X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(
                        block(certificatePem, "CERTIFICATE").der().bytes()));
        PrivateKey key = KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(
                        block(keyPem, "PRIVATE KEY").der().bytes()));
        KeyPair pair = new KeyPair(certificate.getPublicKey(), key);
        Signature check = Signature.getInstance(ALGORITHM);
        check.initVerify(pair.getPublic());
        if (!check.verify(sign(pair, Der.of(new byte[0])))) {
            throw new GeneralSecurityException("the key is not that of the certificate");
        }
        return new ClusterCa(pair, certificate, now, random);
    }

    private static PemBlock block(String pem, String type) throws GeneralSecurityException {
        try {
            return Pem.blocks(pem).stream()
                    .filter(block -> block.type().equals(type))
                    .findFirst()
                    .orElseThrow(() -> new GeneralSecurityException("there is no PEM block of type " + type));
        } catch (CaException e) {
            throw new GeneralSecurityException(e.getMessage(), e);
        }
    }

    /** Whether this CA has signed a certificate; false too for a text that is none. */
    public boolean issued(String pem) {
        try {
            X509Certificate other = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(
                            block(pem, "CERTIFICATE").der().bytes()));
            other.verify(certificate.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    public String certificatePem() throws GeneralSecurityException {
        return pem("CERTIFICATE", certificate.getEncoded());
    }

    /** PKCS#8, not encrypted: to be kept where no node is. */
    public String keyPem() {
        return pem("PRIVATE KEY", key.getPrivate().getEncoded());
    }

    /** When what it issues ends: in a year, but never after itself. */
    public Instant issuedEnds() {
        return endsBeforeItsNodes() ? certificate.getNotAfter().toInstant() : now.plus(NODE_LIFE);
    }

    /** Whether its own end is less than a year away, and cuts what it issues short. */
    public boolean endsBeforeItsNodes() {
        return certificate.getNotAfter().toInstant().isBefore(now.plus(NODE_LIFE));
    }

    /**
     * A certificate and key for one node, good until {@link #issuedEnds}.
     *
     * @throws GeneralSecurityException also when this CA itself has ended
     */
    public NodeIdentity issue(String node, String host) throws GeneralSecurityException {
        if (!now.isBefore(issuedEnds())) {
            throw new GeneralSecurityException("the cluster CA has ended at " + issuedEnds());
        }
        KeyPair nodeKey = newKey(random);
        IssuerCertificate issuer = IssuerCertificate.of(certificate);
        PreparedCertificate prepared = LeafCertificate.prepare(
                issuer,
                serial(random),
                node,
                List.of(new SubjectAltName(SubjectAltName.Kind.DNS, node), SubjectAltName.guess(host)),
                new LeafValidity(now.minus(BACKDATED), issuedEnds()),
                SubjectPublicKeyInfo.getInstance(nodeKey.getPublic().getEncoded()),
                Optional.empty());
        Der signature = Der.of(sign(key, prepared.tbs()));
        Der leaf = SignedCertificate.assemble(issuer, prepared.tbs(), signature, new PublicKeys(BouncyCastle.PROVIDER))
                .orElseThrow(() -> new GeneralSecurityException("the cluster CA's signature does not verify"));
        return new NodeIdentity(
                pem("CERTIFICATE", leaf.bytes()),
                pem("PRIVATE KEY", nodeKey.getPrivate().getEncoded()));
    }

    private static KeyPair newKey(SecureRandom random) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        return generator.generateKeyPair();
    }

    private static byte[] sign(KeyPair key, Der tbs) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(ALGORITHM);
        signature.initSign(key.getPrivate());
        signature.update(tbs.bytes());
        return signature.sign();
    }

    private static SerialNumber serial(SecureRandom random) {
        byte[] entropy = new byte[SerialNumber.ENTROPY_BYTES];
        random.nextBytes(entropy);
        return SerialNumber.fromEntropy(entropy);
    }

    private static String pem(String type, byte[] der) {
        return new PemBlock(type, Map.of(), Der.of(der)).encode();
    }

    /** A node's certificate and key, as PEM texts. */
    public record NodeIdentity(String certificatePem, String keyPem) {
        /** Never the key. */
        @Override
        public String toString() {
            return "NodeIdentity[" + certificatePem.length() + "]";
        }
    }
}
