package io.chancery.core.issuance;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.NetscapeType;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.lint.PathRoom;
import java.math.BigInteger;
import java.util.List;
import java.util.function.Function;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.jspecify.annotations.Nullable;

/**
 * Whether a certificate may speak for its issuer, as another CA or about what is revoked: what this node's {@code keyRules}
 * forbid is refused before anything is recorded and a token is used. Signers look again, by their own. Immutable, safe for
 * any thread.
 *
 * @param allowCa whether a template may make a CA's
 * @param maxPathLength of such a certificate
 * @param allowOcspSigning whether a certificate may be for answers about the state of others
 */
public record KeyLimits(boolean allowCa, int maxPathLength, boolean allowOcspSigning) {
    /**
     * Looks at what a certificate is to have.
     *
     * @throws CaException FORBIDDEN for a certificate that must not be made
     * @throws IllegalArgumentException naming an extension of a known kind that is not of its form
     */
    public void check(List<Extension> extensions, IssuerCertificate issuer) {
        boolean ca = false;
        boolean certSign = false;
        boolean crlSign = false;
        @Nullable BigInteger pathLength = null;
        for (Extension each : extensions) {
            ca |= NetscapeType.saysCa(each);
            if (each.getExtnId().equals(Extension.basicConstraints)) {
                BasicConstraints constraints = read(each, BasicConstraints::getInstance);
                ca |= constraints.isCA();
                pathLength = constraints.getPathLenConstraint();
            }
            if (each.getExtnId().equals(Extension.keyUsage)) {
                KeyUsage usage = read(each, KeyUsage::getInstance);
                certSign |= usage.hasUsages(KeyUsage.keyCertSign);
                crlSign |= usage.hasUsages(KeyUsage.cRLSign);
            }
            if (each.getExtnId().equals(Extension.extendedKeyUsage)) {
                checkPurposes(read(each, ExtendedKeyUsage::getInstance));
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
            throw forbidden("it must have both basicConstraints.isCA and the key usage certSign");
        }
        checkPathLength(pathLength, issuer.signing().room());
    }

    private static <T> T read(Extension extension, Function<ASN1Encodable, T> reader) {
        try {
            return reader.apply(extension.getParsedValue());
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "extensions: " + extension.getExtnId() + " has a value that is not of its form", e);
        }
    }

    /** RFC 6960 s. 4.2.2.2: clients believe such a certificate as they believe its issuer. */
    private void checkPurposes(ExtendedKeyUsage purposes) {
        if (!allowOcspSigning && purposes.hasKeyPurposeId(KeyPurposeId.id_kp_OCSPSigning)) {
            throw CaException.of(
                    ErrorCode.FORBIDDEN,
                    "the certificate would be one for signing OCSP responses: keyRules.allowOcspSigning in chancery.json"
                            + " does not allow it");
        }
    }

    private void checkPathLength(@Nullable BigInteger found, PathRoom room) {
        if (found == null) {
            throw forbidden("it must have basicConstraints.maxPathLen");
        }
        if (found.compareTo(BigInteger.valueOf(maxPathLength)) > 0) {
            throw forbidden("its path length is " + found + ", and keyRules.maxPathLength in chancery.json allows "
                    + maxPathLength);
        }
        // No longer than maxPathLength, so it is an int.
        if (!room.holds(found.intValue())) {
            throw forbidden("its path length is " + found + ", and its issuer, or a CA above that one, allows "
                    + Math.max(0, room.certificates()) + " CA certificate(s) below the issuer");
        }
    }

    private static CaException forbidden(String why) {
        return CaException.of(ErrorCode.FORBIDDEN, "the certificate would be one of a CA: " + why);
    }
}
