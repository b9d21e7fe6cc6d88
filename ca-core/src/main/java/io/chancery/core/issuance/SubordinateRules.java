package io.chancery.core.issuance;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.template.TemplatedCertificate;
import java.math.BigInteger;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.jspecify.annotations.Nullable;

/**
 * Whether a certificate may be another CA's: what this node's {@code keyRules} forbid is refused before anything is recorded
 * and a token is used. Signers look again, by their own. Immutable, safe for any thread.
 *
 * @param allowCa whether a template may make a CA's
 * @param maxPathLength of such a certificate
 */
public record SubordinateRules(boolean allowCa, int maxPathLength) {
    /**
     * Looks at what a template says, before it becomes a certificate.
     *
     * @throws CaException FORBIDDEN for a certificate of a CA that must not be one
     */
    void check(TemplatedCertificate content, IssuerCertificate issuer) {
        boolean ca = false;
        boolean certSign = false;
        boolean crlSign = false;
        @Nullable BigInteger pathLength = null;
        for (Extension each : Stream.concat(content.before().stream(), content.after().stream())
                .toList()) {
            if (each.getExtnId().equals(Extension.basicConstraints)) {
                BasicConstraints constraints = BasicConstraints.getInstance(each.getParsedValue());
                ca |= constraints.isCA();
                pathLength = constraints.getPathLenConstraint();
            }
            if (each.getExtnId().equals(Extension.keyUsage)) {
                KeyUsage usage = KeyUsage.getInstance(each.getParsedValue());
                certSign |= usage.hasUsages(KeyUsage.keyCertSign);
                crlSign |= usage.hasUsages(KeyUsage.cRLSign);
            }
        }
        if (!ca && !certSign && !crlSign) {
            return;
        }
        if (!allowCa) {
            throw forbidden("keyRules.allowCa in chancery.json does not allow it");
        }
        if (!ca || !certSign) {
            // RFC 5280 s. 4.2.1.3 and 4.2.1.9: the one goes with the other
            throw forbidden("its template must give both basicConstraints.isCA and the key usage certSign");
        }
        checkPathLength(pathLength, issuer.certificate().getBasicConstraints());
    }

    private void checkPathLength(@Nullable BigInteger found, int issuer) {
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
