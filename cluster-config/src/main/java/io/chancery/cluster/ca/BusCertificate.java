package io.chancery.cluster.ca;

import io.chancery.core.config.ChanceryConfig;
import io.chancery.core.der.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whom a node's bus files make it: by keys, so that a cluster CA whose certificate is made anew stays the same.
 *
 * @param issuer SHA-256 of the key of the CA that signed the node's certificate
 * @param trusted SHA-256 of the keys of all CAs that the node believes
 */
public record BusCertificate(Sha256 issuer, Set<Sha256> trusted) {
    public BusCertificate {
        trusted = Set.copyOf(trusted);
    }

    /**
     * Waits for the disk.
     *
     * @throws IOException with a text for people, when a file cannot be read or they do not fit together
     */
    public static BusCertificate read(ChanceryConfig.Cluster cluster) throws IOException {
        X509Certificate own = certificates(cluster.certificate()).get(0);
        return of(own, certificates(cluster.ca()))
                .orElseThrow(() -> new IOException("chancery.json#/cluster/certificate: " + cluster.certificate()
                        + " was signed by no CA of " + cluster.ca()
                        + " (cluster/ca); both must come from one chancery cluster init"));
    }

    /** Empty when none of the CAs has signed the certificate. */
    public static Optional<BusCertificate> of(X509Certificate own, List<X509Certificate> authorities) {
        Set<Sha256> trusted = authorities.stream().map(BusCertificate::key).collect(Collectors.toSet());
        return authorities.stream()
                .filter(ca -> signed(ca, own))
                .findFirst()
                .map(ca -> new BusCertificate(key(ca), trusted));
    }

    private static Sha256 key(X509Certificate certificate) {
        return Sha256.digest(certificate.getPublicKey().getEncoded());
    }

    private static boolean signed(X509Certificate ca, X509Certificate certificate) {
        try {
            certificate.verify(ca.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static List<X509Certificate> certificates(Path file) throws IOException {
        try {
            List<X509Certificate> found = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)))
                    .stream()
                    .map((Certificate certificate) -> (X509Certificate) certificate)
                    .toList();
            if (found.isEmpty()) {
                throw new IOException(file + " holds no certificate");
            }
            return found;
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " holds no certificates that can be read", e);
        }
    }
}
