package io.chancery.signer.guard;

import static io.chancery.signer.guard.RuleBroken.unless;

import io.chancery.cluster.bus.SignCrl;
import io.chancery.cluster.bus.SignReply;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.crl.TbsCrl;
import io.chancery.core.crypto.SignatureScheme;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;

/**
 * The signer's own look at a list of revoked certificates (RFC 5280 s. 5): complete, direct, of its own issuer, made now.
 * Whether a list with entries missing is an honest one it cannot know. Immutable, safe for any thread.
 */
public final class CrlGuard {
    /** How far the maker's clock may be from this one's. */
    static final Duration SKEW = Duration.ofMinutes(30);
    /** Furthest end of a list. */
    static final Duration LONGEST = Duration.ofDays(366);

    /**
     * How far a number may be ahead of the clock, in milliseconds since 1970 as the store gives them out: one that is out of
     * reach would keep every later list from being signed.
     */
    static final Duration AHEAD = Duration.ofDays(1);

    private static final int CRL_SIGN = 6; // its bit in key usage, s. 4.2.1.3
    private static final Set<ASN1ObjectIdentifier> KNOWN =
            Set.of(Extension.authorityKeyIdentifier, Extension.cRLNumber, Extension.issuingDistributionPoint);

    private final X509Certificate issuer;
    private final byte[] subject;
    private final Optional<byte[]> keyId;

    public CrlGuard(IssuerCertificate issuer) {
        this.issuer = issuer.certificate();
        this.subject = this.issuer.getSubjectX500Principal().getEncoded();
        byte[] extension = this.issuer.getExtensionValue(Extension.subjectKeyIdentifier.getId());
        this.keyId = extension == null
                ? Optional.empty()
                : Optional.of(SubjectKeyIdentifier.getInstance(
                                ASN1OctetString.getInstance(extension).getOctets())
                        .getKeyIdentifier());
    }

    /** Empty when the bytes may be signed under the number; else the first rule they break. */
    public Optional<SignReply.Refused> check(BigInteger number, byte[] tbs, Instant now) {
        try {
            check(read(tbs), number, now);
            return Optional.empty();
        } catch (RuleBroken e) {
            return Optional.of(new SignReply.Refused(e.rule().text(), String.valueOf(e.getMessage())));
        } catch (RuntimeException e) {
            // The parser's, on bytes that nobody has thought of: nothing has been signed.
            return Optional.of(new SignReply.Refused(SigningRule.DER.text(), "unreadable: " + e));
        }
    }

    private static TbsCrl read(byte[] tbs) throws RuleBroken {
        unless(tbs.length <= SignCrl.MAX_TBS, SigningRule.DER, "a list of more than 64 MiB");
        try {
            return TbsCrl.parse(tbs);
        } catch (IllegalArgumentException e) {
            throw new RuleBroken(SigningRule.DER, "not a TBSCertList: " + e.getMessage());
        }
    }

    private void check(TbsCrl list, BigInteger number, Instant now) throws RuleBroken {
        unless(
                SignatureScheme.ofDer(list.scheme())
                        .filter(scheme -> scheme.fits(issuer.getPublicKey()))
                        .isPresent(),
                SigningRule.ALGORITHM,
                "a signature algorithm that the key does not sign with");
        unless(Arrays.equals(list.issuer().bytes(), subject), SigningRule.ISSUER, "another issuer");
        unless(list.number().equals(number), SigningRule.CRL_NUMBER, "not the number of the message");
        unless(number.signum() >= 0, SigningRule.CRL_NUMBER, "negative");
        unless(
                number.compareTo(BigInteger.valueOf(now.plus(AHEAD).toEpochMilli())) <= 0,
                SigningRule.CRL_NUMBER,
                "more than a day ahead of the milliseconds since 1970, " + now.toEpochMilli());
        checkDates(list, now);
        checkExtensions(list.extensions());
    }

    private void checkDates(TbsCrl list, Instant now) throws RuleBroken {
        boolean[] usage = issuer.getKeyUsage();
        unless(usage == null || usage[CRL_SIGN], SigningRule.CRL_DATES, "the issuer's key usage has no cRLSign");
        unless(
                Duration.between(list.thisUpdate(), now).abs().compareTo(SKEW) <= 0,
                SigningRule.CRL_DATES,
                "made at " + list.thisUpdate() + ", and it is " + now + " here");
        unless(
                list.nextUpdate().isAfter(list.thisUpdate())
                        && Duration.between(list.thisUpdate(), list.nextUpdate())
                                        .compareTo(LONGEST)
                                <= 0,
                SigningRule.CRL_DATES,
                "ends at " + list.nextUpdate());
    }

    private void checkExtensions(Extensions extensions) throws RuleBroken {
        for (ASN1ObjectIdentifier oid : extensions.getExtensionOIDs()) {
            unless(KNOWN.contains(oid), SigningRule.EXTENSIONS, "extension " + oid + " in a list");
            unless(
                    extensions.getExtension(oid).isCritical() == oid.equals(Extension.issuingDistributionPoint),
                    SigningRule.EXTENSIONS,
                    "extension " + oid + " with the wrong criticality");
        }
        if (keyId.isPresent()) {
            AuthorityKeyIdentifier found = AuthorityKeyIdentifier.fromExtensions(extensions);
            unless(
                    found != null && Arrays.equals(found.getKeyIdentifierOctets(), keyId.get()),
                    SigningRule.AUTHORITY_KEY,
                    "the authority key identifier is not the issuer's subject key identifier");
        }
        Extension point = extensions.getExtension(Extension.issuingDistributionPoint);
        if (point != null) {
            checkPoint(IssuingDistributionPoint.getInstance(point.getParsedValue()));
        }
    }

    /** A name of where it is had, and no restriction: a list of some certificates would hide that others are revoked. */
    private static void checkPoint(IssuingDistributionPoint point) throws RuleBroken {
        unless(
                point.getDistributionPoint() != null
                        && point.getDistributionPoint().getType() == DistributionPointName.FULL_NAME
                        && !point.isIndirectCRL()
                        && !point.onlyContainsAttributeCerts()
                        && !point.onlyContainsCACerts()
                        && !point.onlyContainsUserCerts()
                        && point.getOnlySomeReasons() == null,
                SigningRule.EXTENSIONS,
                "an issuing distribution point that restricts the list");
    }
}
