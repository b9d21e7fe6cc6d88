package io.chancery.core.certificate;

import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.profile.LeafValidity;
import java.io.IOException;
import java.util.Date;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;

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
        try {
            V3TBSCertificateGenerator tbs = new V3TBSCertificateGenerator();
            tbs.setSerialNumber(new ASN1Integer(serial.value()));
            tbs.setSignature(issuer.scheme().identifier());
            tbs.setIssuer(X500Name.getInstance(
                    issuer.certificate().getSubjectX500Principal().getEncoded()));
            tbs.setStartDate(new Time(Date.from(validity.notBefore())));
            tbs.setEndDate(new Time(Date.from(validity.notAfter())));
            tbs.setSubject(old.certificate().getSubject());
            tbs.setSubjectPublicKeyInfo(newKey.orElse(old.keyInfo()));
            tbs.setExtensions(extensions(issuer, old, newKey));
            byte[] bytes = tbs.generateTBSCertificate().getEncoded(ASN1Encoding.DER);
            if (bytes.length > LeafCertificate.MAX_TBS_OCTETS) {
                throw CaException.of(
                        ErrorCode.MALFORMED,
                        "the certificate would be larger than " + LeafCertificate.MAX_TBS_OCTETS + " octets");
            }
            return new PreparedCertificate(
                    serial,
                    issuer,
                    Der.of(bytes),
                    old.facts().subject(),
                    old.facts().names(),
                    validity.notBefore(),
                    validity.notAfter());
        } catch (IOException e) {
            throw CaException.hidden(ErrorCode.INTERNAL, "the certificate cannot be encoded", e);
        }
    }

    /** Those that belong to a key or to the issuer come first, as step-ca has it; the others byte for byte. */
    private static Extensions extensions(
            IssuerCertificate issuer, PresentedCertificate old, Optional<SubjectPublicKeyInfo> newKey)
            throws IOException {
        ExtensionsGenerator all = new ExtensionsGenerator();
        if (newKey.isPresent()) {
            all.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    new SubjectKeyIdentifier(LeafCertificate.keyIdentifier(newKey.get())));
        }
        Optional<byte[]> authority = LeafCertificate.issuerKeyIdentifier(issuer);
        if (authority.isPresent()) {
            all.addExtension(Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(authority.get()));
        }
        Extensions before = old.certificate().getTBSCertificate().getExtensions();
        if (before != null) {
            for (ASN1ObjectIdentifier oid : before.getExtensionOIDs()) {
                boolean replaced = oid.equals(Extension.authorityKeyIdentifier)
                        || (newKey.isPresent() && oid.equals(Extension.subjectKeyIdentifier));
                if (!replaced) {
                    all.addExtension(before.getExtension(oid));
                }
            }
        }
        return all.generate();
    }
}
