package io.chancery.cli.hsm;

import io.chancery.cli.UsageException;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.crl.CrlEntries;
import io.chancery.core.crl.PreparedCrl;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Enumerated;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.jspecify.annotations.Nullable;

/**
 * What an issuer without a CA of its own, such as an offline root, has revoked: the entries of its list before, and those
 * that are added. Nothing of another issuer gets in. For one thread.
 */
final class RevokedByHand {
    /** Its place among key usages, RFC 5280 s. 4.2.1.3. */
    private static final int CRL_SIGN = 6;

    private final X509Certificate issuer;
    private final Instant now;
    private final Map<BigInteger, Entry> entries = new LinkedHashMap<>();
    private BigInteger number;

    private record Entry(Instant since, int reason) {}

    /**
     * @param now whole seconds
     * @throws UsageException when the issuer may sign no list, or not now
     */
    RevokedByHand(X509Certificate issuer, Instant now) throws UsageException {
        this.issuer = issuer;
        this.now = now;
        this.number = BigInteger.valueOf(now.toEpochMilli()); // as the lists of a running CA are numbered
        boolean[] usage = issuer.getKeyUsage();
        if (issuer.getBasicConstraints() < 0 || (usage != null && !usage[CRL_SIGN])) {
            throw new UsageException("the certificate of " + name() + " is no CA's whose key may sign lists (cRLSign)");
        }
        if (now.isBefore(issuer.getNotBefore().toInstant())
                || now.isAfter(issuer.getNotAfter().toInstant())) {
            throw new UsageException("the certificate of " + name() + " is valid from "
                    + issuer.getNotBefore().toInstant() + " until "
                    + issuer.getNotAfter().toInstant() + ", and the clock here says " + now);
        }
    }

    /**
     * Takes over every entry of the list before: serial, time and reason.
     *
     * @throws UsageException when it is another issuer's, from the future, or of a kind that would be changed by this
     */
    void carryOn(X509CRL before) throws UsageException {
        try {
            before.verify(issuer.getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new UsageException("the list before is not by the key of " + name());
        }
        Set<String> critical = before.getCriticalExtensionOIDs();
        if (critical != null && !critical.isEmpty()) {
            throw new UsageException(
                    "the list before has critical extensions " + critical
                            + ": it covers a part, or names where it is had, and what is signed here is whole and says no place");
        }
        if (before.getThisUpdate().toInstant().isAfter(now)) {
            throw new UsageException(
                    "the list before is of " + before.getThisUpdate().toInstant() + ", and the clock here says " + now
                            + ": set it right, or nobody takes the new one for the newer");
        }
        Set<? extends X509CRLEntry> all = before.getRevokedCertificates();
        for (X509CRLEntry each : all == null ? Set.<X509CRLEntry>of() : all) {
            if (each.getCertificateIssuer() != null || each.hasUnsupportedCriticalExtension()) {
                throw new UsageException("the list before has entries of other issuers, or of a kind not known here;"
                        + " such are not carried on");
            }
            entries.put(
                    each.getSerialNumber(), new Entry(each.getRevocationDate().toInstant(), reason(each)));
        }
        number = number.max(number(before).add(BigInteger.ONE));
    }

    private static BigInteger number(X509CRL list) {
        byte @Nullable [] extension = list.getExtensionValue(Extension.cRLNumber.getId());
        return extension == null
                ? BigInteger.ZERO
                : ASN1Integer.getInstance(ASN1OctetString.getInstance(extension).getOctets())
                        .getValue();
    }

    private static int reason(X509CRLEntry entry) {
        byte @Nullable [] extension = entry.getExtensionValue(Extension.reasonCode.getId());
        return extension == null
                ? 0
                : ASN1Enumerated.getInstance(
                                ASN1OctetString.getInstance(extension).getOctets())
                        .intValueExact();
    }

    /**
     * Adds a certificate. One that is there keeps its time, and its reason unless that is less grave.
     *
     * @param reason RFC 5280 s. 5.3.1
     * @throws UsageException when the issuer has not signed it, or it is the issuer's own
     */
    Revoked revoke(X509Certificate certificate, int reason) throws UsageException {
        String subject = certificate.getSubjectX500Principal().getName();
        if (certificate.equals(issuer)) {
            throw new UsageException("a list cannot revoke the certificate that it is believed by, of " + subject
                    + ": take it out of every store of roots");
        }
        try {
            if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
                throw new GeneralSecurityException("another issuer");
            }
            certificate.verify(issuer.getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new UsageException("the certificate of " + subject + " is not signed by " + name()
                    + ", whose list would not be asked for it");
        }
        Entry before = entries.get(certificate.getSerialNumber());
        int graver = before == null || gravity(reason) > gravity(before.reason()) ? reason : before.reason();
        Entry listed = new Entry(before == null ? now : before.since(), graver);
        entries.put(certificate.getSerialNumber(), listed);
        return new Revoked(listed.since(), graver, before != null && before.reason() != graver);
    }

    /**
     * How a certificate is listed.
     *
     * @param reason RFC 5280 s. 5.3.1
     * @param changed whether the list before had another reason
     */
    record Revoked(Instant since, int reason, boolean changed) {}

    /** A key in other hands makes all that it ever signed doubtful, and any reason says more than none. */
    private static int gravity(int reason) {
        return switch (reason) {
            case CRLReason.cACompromise -> 3;
            case CRLReason.keyCompromise -> 2;
            case CRLReason.unspecified -> 0;
            default -> 1;
        };
    }

    int count() {
        return entries.size();
    }

    BigInteger number() {
        return number;
    }

    /** Every byte to be signed. */
    PreparedCrl prepare(Duration validity) {
        CrlEntries all = new CrlEntries();
        entries.forEach((serial, entry) -> all.add(serial, entry.since(), entry.reason()));
        return PreparedCrl.prepare(
                IssuerCertificate.of(issuer),
                number,
                new PreparedCrl.Validity(now, now.plus(validity)),
                all,
                Optional.empty());
    }

    private String name() {
        return issuer.getSubjectX500Principal().getName();
    }
}
