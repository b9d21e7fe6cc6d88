package io.chancery.core.issuance;

import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.oidc.WantedKey;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Optional;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.TBSCertificate;

/**
 * The rules of issuance, and whether a certificate may be another CA's: what this node's {@code keyRules} forbid is refused
 * before anything is recorded and a token is used. Signers look again, by their own. Immutable, safe for any thread.
 */
public final class SubordinateRules implements Issuance {
    private final Issuance rules;
    private final boolean allowCa;
    private final int maxPathLength;

    /**
     * @param rules that make the certificate
     * @param allowCa whether a template may make a CA's
     * @param maxPathLength of such a certificate
     */
    public SubordinateRules(Issuance rules, boolean allowCa, int maxPathLength) {
        this.rules = rules;
        this.allowCa = allowCa;
        this.maxPathLength = maxPathLength;
    }

    @Override
    public VerifiedRequest verify(SignCommand command, Instant now) {
        return rules.verify(command, now);
    }

    /** @throws CaException FORBIDDEN for a certificate of a CA that must not be one, too */
    @Override
    public UnapprovedIssuance prepare(VerifiedRequest verified, Instant now, SerialNumber serial) {
        UnapprovedIssuance prepared = rules.prepare(verified, now, serial);
        check(prepared.issuance().certificate());
        return prepared;
    }

    @Override
    public Optional<WantedKey> wantedKey(SignCommand command) {
        return rules.wantedKey(command);
    }

    @Override
    public boolean mayTakeLong() {
        return rules.mayTakeLong();
    }

    private void check(PreparedCertificate certificate) {
        Extensions extensions =
                TBSCertificate.getInstance(certificate.tbs().bytes()).getExtensions();
        BasicConstraints constraints = BasicConstraints.fromExtensions(extensions);
        KeyUsage usage = KeyUsage.fromExtensions(extensions);
        boolean ca = constraints != null && constraints.isCA();
        boolean caUsage = usage != null && (usage.hasUsages(KeyUsage.keyCertSign) || usage.hasUsages(KeyUsage.cRLSign));
        if (!ca && !caUsage) {
            return;
        }
        if (!allowCa) {
            throw forbidden("keyRules.allowCa in chancery.json does not allow it");
        }
        if (!ca || usage == null || !usage.hasUsages(KeyUsage.keyCertSign)) {
            // RFC 5280 s. 4.2.1.3 and 4.2.1.9: the one goes with the other
            throw forbidden("its template must give both basicConstraints.isCA and the key usage certSign");
        }
        checkPathLength(
                constraints.getPathLenConstraint(),
                certificate.issuer().certificate().getBasicConstraints());
    }

    private void checkPathLength(@org.jspecify.annotations.Nullable BigInteger found, int issuer) {
        if (found == null) {
            throw forbidden("its template must give basicConstraints.maxPathLen");
        }
        if (found.compareTo(BigInteger.valueOf(maxPathLength)) > 0) {
            throw forbidden("its path length is " + found + ", and keyRules.maxPathLength in chancery.json allows "
                    + maxPathLength);
        }
        // RFC 5280 s. 4.2.1.9: an issuer with path length n has CAs of n-1 and less below it; MAX_VALUE is no limit.
        if (issuer != Integer.MAX_VALUE && found.compareTo(BigInteger.valueOf(issuer)) >= 0) {
            throw forbidden("its path length is " + found + ", and that of its issuer is " + issuer);
        }
    }

    private static CaException forbidden(String why) {
        return CaException.of(ErrorCode.FORBIDDEN, "the certificate would be one of a CA: " + why);
    }
}
