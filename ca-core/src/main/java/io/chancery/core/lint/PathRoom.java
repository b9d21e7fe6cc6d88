package io.chancery.core.lint;

import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;

/**
 * How many CA certificates may follow below an issuer (RFC 5280 s. 4.2.1.9, 6.1.4). Every CA above it counts those below
 * itself, so an issuer that says nothing may be held by one that does; a root's word counts too, as OpenSSL and Go have it.
 * Where several certificates stand above one, each is obeyed: any of them may be on a verifier's path.
 *
 * @param certificates the most there may be; below 0 where even the issuer itself is one too many, Integer.MAX_VALUE without limit
 */
public record PathRoom(int certificates) {
    private static final int NONE = -1;
    private static final int UNLIMITED = Integer.MAX_VALUE; // as X509Certificate.getBasicConstraints has it

    /**
     * Below an issuer.
     *
     * @param others certificates among which the CAs above it are, in any order
     */
    public static PathRoom of(X509Certificate issuer, Collection<X509Certificate> others) {
        return new PathRoom(issuer.getBasicConstraints() < 0 ? NONE : below(issuer, List.copyOf(others)));
    }

    private static int below(X509Certificate issuer, List<X509Certificate> others) {
        List<X509Certificate> rest =
                others.stream().filter(each -> !each.equals(issuer)).toList();
        // A root of version 1 says nothing, and is believed all the same.
        int room = issuer.getBasicConstraints() < 0 ? UNLIMITED : issuer.getBasicConstraints();
        for (X509Certificate each : rest) {
            if (stands(each, issuer)) {
                int above = below(each, rest);
                room = Math.min(room, above == UNLIMITED || isSelfIssued(issuer) ? above : Math.max(NONE, above - 1));
            }
        }
        return room;
    }

    /** RFC 5280 s. 6.1.4 (l): such a one, as a root that was renewed, does not count. */
    private static boolean isSelfIssued(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
    }

    /**
     * By names, and by key identifiers where both have one (RFC 4158 s. 3.5.12): whether the one issued the other. A root has
     * been issued by nobody else, and need not name its issuer's key.
     */
    private static boolean stands(X509Certificate above, X509Certificate below) {
        Optional<byte[]> own = value(above, Extension.subjectKeyIdentifier)
                .map(octets -> SubjectKeyIdentifier.getInstance(octets).getKeyIdentifier());
        Optional<byte[]> named = value(below, Extension.authorityKeyIdentifier)
                .flatMap(octets -> Optional.ofNullable(
                        AuthorityKeyIdentifier.getInstance(octets).getKeyIdentifierOctets()));
        // A root that was renewed stands beside itself, and not above.
        boolean same = isSelfIssued(below)
                && isSelfIssued(above)
                && above.getPublicKey().equals(below.getPublicKey());
        return !same
                && above.getSubjectX500Principal().equals(below.getIssuerX500Principal())
                && !(named.isEmpty() && isSelfIssued(below))
                && (own.isEmpty() || named.isEmpty() || Arrays.equals(own.get(), named.get()));
    }

    private static Optional<byte[]> value(X509Certificate of, ASN1ObjectIdentifier extension) {
        return Optional.ofNullable(of.getExtensionValue(extension.getId()))
                .map(octets -> ASN1OctetString.getInstance(octets).getOctets());
    }

    /** Whether a CA certificate of that path length may follow; Integer.MAX_VALUE is one without. */
    public boolean holds(int pathLength) {
        return isUnlimited() || pathLength < certificates;
    }

    public boolean isUnlimited() {
        return certificates == UNLIMITED;
    }
}
