package io.chancery.core.certificate;

import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.profile.LeafValidity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
    private RenewedCertificate() {}

    /**
     * Fixes every byte to be signed.
     *
     * @param newKey the same key as before when empty
     * @throws CaException MALFORMED when all together is too large
     */
    public static PreparedCertificate prepare(
            IssuerCertificate issuer,
            SerialNumber serial,
            PresentedCertificate old,
            LeafValidity validity,
            Optional<SubjectPublicKeyInfo> newKey) {
        SubjectPublicKeyInfo key = newKey.orElse(old.keyInfo());
        Der tbs = LeafCertificate.tbs(
                issuer, serial, validity, old.certificate().getSubject(), key, extensions(issuer, old, newKey));
        return new PreparedCertificate(
                serial,
                issuer,
                tbs,
                old.facts().subject(),
                old.facts().names(),
                validity.notBefore(),
                validity.notAfter());
    }

    /** Those that belong to a key or to the issuer come first, as step-ca has it; the others byte for byte. */
    private static Extensions extensions(
            IssuerCertificate issuer, PresentedCertificate old, Optional<SubjectPublicKeyInfo> newKey) {
        List<Extension> all = new ArrayList<>();
        if (newKey.isPresent()) {
            all.add(LeafCertificate.extension(
                    Extension.subjectKeyIdentifier,
                    false,
                    new SubjectKeyIdentifier(LeafCertificate.keyIdentifier(newKey.get()))));
        }
        Optional<byte[]> authority = LeafCertificate.issuerKeyIdentifier(issuer);
        if (authority.isPresent()) {
            all.add(LeafCertificate.extension(
                    Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(authority.get())));
        }
        Extensions before = old.certificate().getTBSCertificate().getExtensions();
        if (before != null) {
            for (ASN1ObjectIdentifier oid : before.getExtensionOIDs()) {
                boolean replaced = oid.equals(Extension.authorityKeyIdentifier)
                        || (newKey.isPresent() && oid.equals(Extension.subjectKeyIdentifier));
                if (!replaced) {
                    all.add(before.getExtension(oid));
                }
            }
        }
        return new Extensions(all.toArray(Extension[]::new));
    }
}
