package io.chancery.cluster.mtls;

import io.chancery.core.config.ChanceryConfig;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.pem.Pem;
import io.chancery.core.pem.PemBlock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whom a node is on the bus and whom it believes: its certificate with the key for it, and the cluster CAs. One that was
 * read has a key that fits its certificate, and a certificate that one of its own CAs has signed: another node with the
 * same CAs believes it. Its end is not looked at; that is the handshake's.
 */
public final class BusIdentity {
    private static final byte[] PROBE = "does the key fit".getBytes(StandardCharsets.US_ASCII);

    private final String certificatePem;
    private final String keyPem;
    private final String caPem;
    private final X509Certificate certificate;
    private final List<X509Certificate> authorities;

    private BusIdentity(String certificatePem, String keyPem, String caPem) throws BusFilesException {
        this.certificatePem = certificatePem;
        this.keyPem = keyPem;
        this.caPem = caPem;
        this.certificate = certificates("the bus certificate", certificatePem).get(0);
        this.authorities = List.copyOf(certificates("the cluster CA", caPem));
    }

    /**
     * Reads the three files that chancery.json names. Waits for the disk.
     *
     * @throws BusFilesException when one cannot be read, or they do not fit together, as between two copies
     */
    public static BusIdentity read(ChanceryConfig.Cluster cluster) throws BusFilesException {
        BusIdentity identity = new BusIdentity(text(cluster.certificate()), text(cluster.key()), text(cluster.ca()));
        if (!identity.keyFits()) {
            throw new BusFilesException(cluster.key() + " is not the key of " + cluster.certificate()
                    + "; copy both from the node's folder that chancery cluster wrote");
        }
        if (!identity.believes(identity.certificate)) {
            throw new BusFilesException("no certificate in " + cluster.ca() + " has signed " + cluster.certificate()
                    + "; no other node would believe this one");
        }
        return identity;
    }

    private static String text(Path file) throws BusFilesException {
        try {
            // Octet by octet: what stands beside the blocks may be of any encoding.
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new BusFilesException(
                    file + " cannot be read (" + e.getClass().getSimpleName() + ")", e);
        }
    }

    private static List<X509Certificate> certificates(String what, String pem) throws BusFilesException {
        List<X509Certificate> found = new ArrayList<>();
        try {
            for (PemBlock block : Pem.blocks(pem)) {
                if (block.type().equals("CERTIFICATE")) {
                    found.add((X509Certificate) CertificateFactory.getInstance("X.509")
                            .generateCertificate(
                                    new ByteArrayInputStream(block.der().bytes())));
                }
            }
        } catch (GeneralSecurityException | CaException e) {
            throw new BusFilesException(what + " cannot be read: " + e.getMessage(), e);
        }
        if (found.isEmpty()) {
            throw new BusFilesException(what + " has no PEM block of type CERTIFICATE");
        }
        return found;
    }

    private boolean keyFits() throws BusFilesException {
        try {
            PemBlock block = Pem.blocks(keyPem).stream()
                    .filter(b -> b.type().equals("PRIVATE KEY"))
                    .findFirst()
                    .orElseThrow(() -> new BusFilesException(
                            "the key of the bus certificate has no PEM block PRIVATE KEY (PKCS#8)"));
            String algorithm = certificate.getPublicKey().getAlgorithm();
            PrivateKey key = KeyFactory.getInstance(algorithm)
                    .generatePrivate(new PKCS8EncodedKeySpec(block.der().bytes()));
            Signature signature =
                    Signature.getInstance(algorithm.equals("EC") ? "SHA256withECDSA" : "SHA256with" + algorithm);
            signature.initSign(key);
            signature.update(PROBE);
            byte[] made = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(PROBE);
            return signature.verify(made);
        } catch (GeneralSecurityException | CaException e) {
            return false; // of another algorithm, or broken: it does not fit
        }
    }

    /** Whether one of the cluster CAs has signed a certificate, whatever its dates. */
    boolean believes(X509Certificate other) {
        return authorities.stream().anyMatch(authority -> hasSigned(authority, other));
    }

    /** By the key alone: not its name, and not its dates. */
    static boolean hasSigned(X509Certificate authority, X509Certificate other) {
        try {
            other.verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /**
     * By keys, so that a cluster CA whose certificate is made anew stays the same: SHA-256 of the key of the CA that signed
     * this node's certificate.
     */
    public Sha256 issuer() {
        return authorities.stream()
                .filter(authority -> hasSigned(authority, certificate))
                .findFirst()
                .map(BusIdentity::key)
                .orElseThrow(() -> new IllegalStateException("an identity that was read is signed by one of its CAs"));
    }

    /** SHA-256 of the keys of all cluster CAs that this node believes. */
    public Set<Sha256> trusted() {
        return authorities.stream().map(BusIdentity::key).collect(Collectors.toSet());
    }

    private static Sha256 key(X509Certificate certificate) {
        return Sha256.digest(certificate.getPublicKey().getEncoded());
    }

    /** Changes with any of the three files. */
    Sha256 hash() {
        return Sha256.digest((certificatePem + '\0' + keyPem + '\0' + caPem).getBytes(StandardCharsets.ISO_8859_1));
    }

    /** This node's own. */
    public X509Certificate certificate() {
        return certificate;
    }

    /** The cluster CAs that this node believes: two while one takes the other's place. */
    public List<X509Certificate> authorities() {
        return authorities;
    }

    String certificatePem() {
        return certificatePem;
    }

    String keyPem() {
        return keyPem;
    }

    /** Never the key. */
    @Override
    public String toString() {
        return "BusIdentity[" + certificate.getSubjectX500Principal() + "]";
    }
}
