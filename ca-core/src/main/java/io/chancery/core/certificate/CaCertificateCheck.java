package io.chancery.core.certificate;

import io.chancery.core.der.Der;
import io.chancery.core.lint.Finding;
import io.chancery.core.lint.Lint;
import io.chancery.core.lint.SigningCertificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;

/** Holds what is about to be signed as a CA certificate against the rules for one, reading the very bytes. */
public final class CaCertificateCheck {
    private CaCertificateCheck() {}

    /** IllegalArgumentException with every rule that is broken, when one is. */
    public static void refuse(X500Name subject, Der tbs, Optional<X509Certificate> issuer) {
        List<String> problems = problems(tbs, issuer);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException("the certificate of " + subject + " would break RFC 5280, and was not"
                    + " signed: " + String.join("; ", problems));
        }
    }

    /**
     * Every rule that is broken, in words; empty when none is.
     *
     * @param issuer the certificate of the key that will sign; empty for a root
     */
    public static List<String> problems(Der tbs, Optional<X509Certificate> issuer) {
        return Lint.AUTHORITY.all(tbs, issuer.map(SigningCertificate::of)).stream()
                .map(Finding::text)
                .toList();
    }
}
