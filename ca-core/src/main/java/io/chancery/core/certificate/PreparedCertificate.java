package io.chancery.core.certificate;

import io.chancery.core.der.Der;
import java.time.Instant;
import java.util.List;

/**
 * A certificate whose every byte but the signature is fixed: what is recorded before a signer is asked, and the only
 * bytes ever sent for this serial.
 *
 * @param serial its serial number
 * @param issuer whose key must sign it
 * @param tbs DER of TBSCertificate (RFC 5280 s. 4.1.2)
 * @param subject the subject's common name, or empty; for search
 * @param names every subject alternative name as text, in certificate order; for search
 * @param notBefore start of validity, whole seconds
 * @param notAfter end of validity, whole seconds, inclusive
 */
public record PreparedCertificate(
        SerialNumber serial,
        IssuerCertificate issuer,
        Der tbs,
        String subject,
        List<String> names,
        Instant notBefore,
        Instant notAfter) {
    public PreparedCertificate {
        names = List.copyOf(names);
    }
}
