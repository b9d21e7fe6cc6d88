package io.chancery.core.chain;

import io.chancery.core.certificate.PresentedCertificate;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.crypto.SignatureCheck;
import io.chancery.core.der.Der;
import io.chancery.core.der.DerShape;
import io.chancery.core.error.CaException;
import io.chancery.core.name.CertificateNames;
import io.chancery.core.name.NameConstraints;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;

/**
 * Whether a client's certificate leads to a root. Under intermediates that are known to do so themselves that is one
 * verification; under others, such as one that was replaced, a path is built (RFC 5280 s. 6), which takes some
 * milliseconds and belongs on a worker thread. Immutable, safe for any thread.
 */
public final class ClientChain {
    private static final String CLIENT_AUTH = KeyPurposeId.id_kp_clientAuth.getId();
    private static final String ANY_PURPOSE = KeyPurposeId.anyExtendedKeyUsage.getId();

    private final List<X509Certificate> roots;
    private final List<X509Certificate> intermediates;
    private final PublicKeys keys;
    private final AbandonedIssuers abandoned;

    /** @param intermediates that are known; the caller vouches that they lead to a root */
    public ClientChain(List<X509Certificate> roots, List<X509Certificate> intermediates, PublicKeys keys) {
        this(roots, intermediates, keys, AbandonedIssuers.NONE);
    }

    private ClientChain(
            List<X509Certificate> roots,
            List<X509Certificate> intermediates,
            PublicKeys keys,
            AbandonedIssuers abandoned) {
        this.roots = List.copyOf(roots);
        this.intermediates = List.copyOf(intermediates);
        this.keys = keys;
        this.abandoned = abandoned;
    }

    /** The same, but no path leads over these, nor to one that is a root; an intermediate that is known stays so. */
    public ClientChain without(AbandonedIssuers issuers) {
        return new ClientChain(
                roots.stream().filter(root -> !issuers.has(root)).toList(), intermediates, keys, issuers);
    }

    /** Whether an intermediate that is known has signed it: one verification, for any thread. */
    public boolean leadsAtOnce(PresentedCertificate leaf, Instant at) {
        return isForClients(leaf) && underOneOf(intermediates, leaf, at);
    }

    /** Whether one that came in a token leads to a root by certificates that came with it and are known: one verification. */
    public boolean leadsByItself(PresentedCertificate leaf, List<Der> others, Instant at) {
        List<X509Certificate> known = intermediates.stream()
                .filter(each -> others.stream().anyMatch(other -> Arrays.equals(other.bytes(), encoded(each))))
                .toList();
        return isForClients(leaf) && underOneOf(known, leaf, at);
    }

    /**
     * A client's certificate with what is above it, by which a path to a root was found.
     *
     * @param ours certificates of our issuers: one that was renewed for its key need not be on the path
     * @return empty when there is no path
     * @throws CaException MALFORMED when one of them has a serial that none can have
     */
    public Optional<ClientCertificate> led(
            PresentedCertificate leaf, List<Der> others, Instant at, List<X509Certificate> ours) {
        return found(leaf, others, at).map(way -> {
            List<PresentedCertificate> above =
                    way.path().stream().skip(1).map(PresentedCertificate::parse).toList();
            Instant ends = Stream.concat(
                            above.stream().map(PresentedCertificate::notAfter),
                            Stream.of(way.root().getNotAfter().toInstant()))
                    .min(Comparator.naturalOrder())
                    .orElseThrow();
            return new ClientCertificate(
                    leaf,
                    above.stream().map(PresentedCertificate::serial).toList(),
                    ends,
                    ours.stream().anyMatch(issuer -> isIssuer(issuer, leaf)));
        });
    }

    /** Whether its key may sign a token: key usage digitalSignature, which must be there. */
    public static boolean maySign(PresentedCertificate leaf) {
        return leaf.keyUsage()
                .filter(usage -> usage.hasUsages(KeyUsage.digitalSignature))
                .isPresent();
    }

    private static boolean isForClients(PresentedCertificate leaf) {
        return leaf.purposes()
                .map(purposes -> purposes.hasKeyPurposeId(KeyPurposeId.id_kp_clientAuth)
                        || purposes.hasKeyPurposeId(KeyPurposeId.anyExtendedKeyUsage))
                .orElse(true);
    }

    private boolean underOneOf(List<X509Certificate> issuers, PresentedCertificate leaf, Instant at) {
        return covers(leaf.notBefore(), leaf.notAfter(), at)
                && issuers.stream()
                        .anyMatch(issuer -> covers(
                                        issuer.getNotBefore().toInstant(),
                                        issuer.getNotAfter().toInstant(),
                                        at)
                                && isIssuer(issuer, leaf));
    }

    private static boolean covers(Instant from, Instant to, Instant at) {
        return !at.isBefore(from) && !at.isAfter(to);
    }

    private boolean isIssuer(X509Certificate issuer, PresentedCertificate leaf) {
        byte[] named;
        try {
            named = leaf.certificate().getIssuer().getEncoded();
        } catch (java.io.IOException e) {
            return false;
        }
        boolean sameName = Arrays.equals(named, issuer.getSubjectX500Principal().getEncoded());
        return sameName
                && SignatureCheck.of(leaf.certificate().getSignatureAlgorithm())
                        .map(check -> keys.verify(
                                check,
                                issuer.getPublicKey(),
                                DerShape.members(leaf.der().bytes()).get(0).bytes(),
                                leaf.certificate().getSignature().getOctets()))
                        .orElse(false);
    }

    /**
     * The way from one that came in a token to a root, with every certificate between: its own first, the root left out;
     * empty when there is none, or it is not for clients.
     */
    public List<Der> path(PresentedCertificate leaf, List<Der> others, Instant at) {
        return found(leaf, others, at).map(Way::path).orElse(List.of());
    }

    private record Way(List<Der> path, X509Certificate root) {}

    private Optional<Way> found(PresentedCertificate leaf, List<Der> others, Instant at) {
        if (!isForClients(leaf)) {
            return Optional.empty();
        }
        try {
            X509Certificate end = parse(leaf.der());
            if (abandoned.has(end)) {
                return Optional.empty(); // its key's own certificate, where that may sign tokens
            }
            Optional<CertStore> among = store(end, others);
            if (among.isEmpty()) {
                return Optional.empty();
            }
            X509CertSelector target = new X509CertSelector();
            target.setCertificate(end);
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors(at), target);
            parameters.addCertStore(among.get());
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(at));
            PKIXCertPathBuilderResult found = (PKIXCertPathBuilderResult)
                    CertPathBuilder.getInstance("PKIX").build(parameters);
            X509Certificate root = found.getTrustAnchor().getTrustedCert();
            NameConstraints.of(List.of(root)).check(leaf.names());
            List<X509Certificate> certificates = found.getCertPath().getCertificates().stream()
                    .map(X509Certificate.class::cast)
                    .toList();
            List<Der> path = new ArrayList<>();
            for (X509Certificate each : certificates) {
                if (!isForClients(each)) {
                    return Optional.empty();
                }
                path.add(Der.of(each.getEncoded()));
            }
            // Java judges a certificate with a name that it cannot read as if it had no alternative names at all.
            NameConstraints.of(certificates.subList(1, certificates.size()))
                    .check(CertificateNames.of(leaf.certificate().getSubject(), leaf.names(), leaf.extensions()));
            return Optional.of(new Way(path, root));
        } catch (GeneralSecurityException | RuntimeException e) {
            return Optional
                    .empty(); // no path, a name that a CA above may not vouch for, or bytes that are no certificate
        }
    }

    /** Go holds a root to its own times and purposes too; Java looks at neither. */
    private Set<TrustAnchor> anchors(Instant at) throws CertificateException {
        Set<TrustAnchor> anchors = new HashSet<>();
        for (X509Certificate root : roots) {
            boolean valid =
                    covers(root.getNotBefore().toInstant(), root.getNotAfter().toInstant(), at);
            if (valid && isForClients(root)) {
                anchors.add(new TrustAnchor(root, null)); // Java's own takes no name constraints
            }
        }
        return anchors;
    }

    /** Those among which a path is sought; empty when nobody there has signed the one at its end. */
    private Optional<CertStore> store(X509Certificate end, List<Der> others) throws GeneralSecurityException {
        List<X509Certificate> all = genuine(others);
        if (Stream.concat(roots.stream(), all.stream()).noneMatch(issuer -> hasSigned(issuer, end))) {
            return Optional.empty();
        }
        all.add(end);
        return Optional.of(CertStore.getInstance("Collection", new CollectionCertStoreParameters(all)));
    }

    /** Those that are what they seem, but for those given up. */
    List<X509Certificate> genuine(List<Der> others) throws CertificateException {
        List<X509Certificate> all = new ArrayList<>();
        for (Der other : others) {
            X509Certificate each = parse(other);
            if (!abandoned.has(each)) {
                all.add(each);
            }
        }
        return GenuineCertificates.among(roots, all, this::isSigned);
    }

    private boolean hasSigned(X509Certificate issuer, X509Certificate certificate) {
        return GenuineCertificates.isNamed(issuer, certificate) && isSigned(issuer, certificate);
    }

    private boolean isSigned(X509Certificate issuer, X509Certificate certificate) {
        try {
            return SignatureCheck.of(org.bouncycastle.asn1.x509.Certificate.getInstance(certificate.getEncoded())
                            .getSignatureAlgorithm())
                    .filter(check -> isSignature(check, issuer, certificate))
                    .isPresent();
        } catch (CertificateException e) {
            return false;
        }
    }

    private boolean isSignature(SignatureCheck check, X509Certificate issuer, X509Certificate certificate) {
        try {
            return keys.verify(
                    check, issuer.getPublicKey(), certificate.getTBSCertificate(), certificate.getSignature());
        } catch (CertificateException e) {
            return false;
        }
    }

    /** Go holds every certificate of a chain to the purpose, if it names any. */
    private static boolean isForClients(X509Certificate certificate) throws CertificateException {
        List<String> purposes = certificate.getExtendedKeyUsage();
        return purposes == null || purposes.contains(CLIENT_AUTH) || purposes.contains(ANY_PURPOSE);
    }

    private static X509Certificate parse(Der der) throws CertificateException {
        DerShape.check(der.bytes()); // before a parser that recurses
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der.bytes()));
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateException e) {
            throw new IllegalStateException("a certificate of our own cannot be encoded", e);
        }
    }
}
