package io.chancery.core.certificate;

import io.chancery.core.name.NameConstraints;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.name.SubjectName;
import io.chancery.core.profile.LeafValidity;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/** The server's own certificate (wire contract s. 3.2): a day long where the issuer's key signs that, no provisioner. */
public final class ServerCertificateProfile {
    private static final Duration BACKDATE = Duration.ofMinutes(1);
    private static final Duration LENGTH = Duration.ofHours(24);

    private ServerCertificateProfile() {}

    /** CaException FORBIDDEN when the chain's name constraints forbid one of the names. */
    public static PreparedCertificate prepare(
            IssuerCertificate issuer,
            SerialNumber serial,
            String commonName,
            List<String> dnsNames,
            NameConstraints constraints,
            PublicKey key,
            Instant now) {
        List<SubjectAltName> names = names(dnsNames);
        constraints.check(names);
        Instant second = now.truncatedTo(ChronoUnit.SECONDS);
        LeafValidity.Bounds bounds = issuer.bounds();
        Instant start = LeafValidity.later(
                second.minus(backdate(bounds)).truncatedTo(ChronoUnit.SECONDS),
                bounds.issuer().notBefore());
        return LeafCertificate.prepare(
                issuer,
                serial,
                subject(commonName, constraints),
                names,
                new LeafValidity(start, bounds.cut(start, second.plus(LENGTH))),
                SubjectPublicKeyInfo.getInstance(key.getEncoded()),
                Optional.empty());
    }

    /** A CA above may vouch for the server's names, but not for a subject that is a common name alone. */
    private static X500Name subject(String commonName, NameConstraints constraints) {
        X500Name subject = SubjectName.ofCommonName(commonName);
        return constraints.allow(subject) ? subject : SubjectName.ofCommonName("");
    }

    /** At most half of a short life. */
    private static Duration backdate(LeafValidity.Bounds bounds) {
        return bounds.longest()
                .map(longest -> longest.dividedBy(2))
                .filter(half -> half.compareTo(BACKDATE) < 0)
                .orElse(BACKDATE);
    }

    /** The SANs for a list of {@code dnsNames}: a literal address, bracketed or not, becomes an IP SAN. */
    public static List<SubjectAltName> names(List<String> dnsNames) {
        return dnsNames.stream()
                .map(n -> n.startsWith("[") && n.endsWith("]") ? n.substring(1, n.length() - 1) : n)
                .map(n -> SubjectAltName.isAddress(n)
                        ? SubjectAltName.guess(n)
                        : new SubjectAltName(SubjectAltName.Kind.DNS, n))
                .sorted(java.util.Comparator.comparing(SubjectAltName::kind))
                .toList();
    }
}
