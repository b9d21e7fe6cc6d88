package io.chancery.core.certificate;

import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.profile.LeafValidity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * A certificate made of another one: the same subject and extensions, another serial and validity, and another key when
 * its holder wants one (wire contract s. 3.5).
 */
public final class RenewedCertificate {
    private static final Set<ASN1ObjectIdentifier> OF_AN_ISSUER =
            Set.of(Extension.cRLDistributionPoints, Extension.authorityInfoAccess);

    private RenewedCertificate() {}

    /**
     * Fixes every byte to be signed.
     *
     * @param believed whether what the old one says of its provisioner is copied: signed by us, it is believed
     * @param newKey the same key as before when empty
     * @throws CaException MALFORMED when all together is too large, FORBIDDEN when it breaks a rule of the issuer's lint
     */
    public static PreparedCertificate prepare(
            IssuerCertificate issuer,
            SerialNumber serial,
            PresentedCertificate old,
            boolean believed,
            LeafValidity validity,
            Optional<SubjectPublicKeyInfo> newKey) {
        SubjectPublicKeyInfo key = newKey.orElse(old.keyInfo());
        Der tbs = LeafCertificate.tbs(
                issuer,
                serial,
                validity,
                old.certificate().getSubject(),
                key,
                extensions(issuer, old, believed, newKey));
        PreparedCertificate prepared = new PreparedCertificate(
                serial,
                issuer,
                tbs,
                old.facts().subject(),
                old.facts().names(),
                validity.notBefore(),
                validity.notAfter());
        LintRefusal.check(prepared, Optional.empty());
        return prepared;
    }

    /** Those that belong to a key or to the issuer come first, as step-ca has it; the others byte for byte. */
    private static Extensions extensions(
            IssuerCertificate issuer,
            PresentedCertificate old,
            boolean believed,
            Optional<SubjectPublicKeyInfo> newKey) {
        // Its list and certificate are another issuer's now, and had elsewhere.
        boolean moves = !old.certificate().getIssuer().equals(issuer.subject());
        List<Extension> all = new ArrayList<>();
        if (newKey.isPresent()) {
            all.add(LeafCertificate.extension(
                    Extension.subjectKeyIdentifier,
                    false,
                    new SubjectKeyIdentifier(LeafCertificate.keyIdentifier(newKey.get()))));
        }
        Optional<byte[]> authority = issuer.signing().keyId().map(Der::bytes);
        if (authority.isPresent()) {
            all.add(LeafCertificate.extension(
                    Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(authority.get())));
        }
        Extensions before = old.certificate().getTBSCertificate().getExtensions();
        if (before != null) {
            for (ASN1ObjectIdentifier oid : before.getExtensionOIDs()) {
                boolean replaced = oid.equals(Extension.authorityKeyIdentifier)
                        || (newKey.isPresent() && oid.equals(Extension.subjectKeyIdentifier))
                        || (moves && OF_AN_ISSUER.contains(oid))
                        || (!believed && oid.equals(StepProvisionerExtension.OID));
                if (!replaced) {
                    all.add(before.getExtension(oid));
                }
            }
        }
        if (moves) {
            all.addAll(issuer.urls().extensions());
        }
        return new Extensions(all.toArray(Extension[]::new));
    }
}
