package io.chancery.core.certificate;

import io.chancery.core.name.NameConstraints;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.profile.LeafValidity;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/** The server's own certificate (wire contract s. 3.2): a day long, no provisioner. */
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
        LeafValidity bounds = LeafValidity.of(issuer.certificate());
        Instant end = second.plus(LENGTH);
        return LeafCertificate.prepare(
                issuer,
                serial,
                commonName,
                names,
                new LeafValidity(
                        LeafValidity.later(second.minus(BACKDATE), bounds.notBefore()),
                        end.isAfter(bounds.notAfter()) ? bounds.notAfter() : end),
                SubjectPublicKeyInfo.getInstance(key.getEncoded()),
                Optional.empty());
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
