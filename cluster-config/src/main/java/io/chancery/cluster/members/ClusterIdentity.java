package io.chancery.cluster.members;

import io.chancery.core.der.Sha256;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the nodes of a cluster must have in common; everything else may differ while they are changed one by one.
 *
 * @param roots of the set of root certificates
 * @param busIssuer of the key of the cluster CA that signed this node's bus certificate
 * @param busTrust of the keys of the cluster CAs whose nodes this node believes: two while one takes the other's place
 */
public record ClusterIdentity(Sha256 roots, Sha256 busIssuer, Set<Sha256> busTrust) {
    public ClusterIdentity {
        busTrust = Set.copyOf(busTrust);
    }

    /** A hash of the certificates, in whatever order. */
    public static Sha256 rootsHash(Collection<X509Certificate> roots) {
        byte[][] hashes = roots.stream()
                .map(ClusterIdentity::encoded)
                .map(Sha256::digest)
                .sorted((a, b) -> a.hex().compareTo(b.hex()))
                .distinct()
                .map(Sha256::value)
                .toArray(byte[][]::new);
        return Sha256.digest(hashes);
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("a root that cannot be encoded", e);
        }
    }

    /** Why a node with this identity does not belong to one with the other; empty when it does. */
    Optional<String> differsFrom(ClusterIdentity other) {
        if (!roots.equals(other.roots)) {
            return Optional.of("the root certificates differ (ca.json#/root: " + brief(roots) + " here, "
                    + brief(other.roots) + " there)");
        }
        if (!other.busTrust.contains(busIssuer)) {
            return Optional.of("it does not know the cluster CA that signed this node's bus certificate ("
                    + brief(busIssuer) + " here, chancery.json#/cluster/ca there: " + brief(other.busTrust) + ")");
        }
        return busTrust.contains(other.busIssuer)
                ? Optional.empty()
                : Optional.of("this node does not know the cluster CA that signed its bus certificate ("
                        + brief(other.busIssuer) + " there, chancery.json#/cluster/ca here: " + brief(busTrust) + ")");
    }

    private static String brief(Set<Sha256> hashes) {
        return hashes.stream().map(ClusterIdentity::brief).sorted().collect(Collectors.joining(", "));
    }

    private static String brief(Sha256 hash) {
        return hash.hex().substring(0, 12);
    }
}
