package io.chancery.core.issuance;

import io.chancery.core.csr.CertificateRequest;
import io.chancery.core.der.Der;
import io.chancery.core.time.TimeOrDuration;
import io.chancery.core.token.OneTimeToken;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request for a certificate as it came, its outer shape read and nothing believed.
 *
 * @param csr DER of a PKCS#10 request (RFC 2986), not yet verified
 * @param ott the one-time token, compact serialisation, not yet verified; empty when there was none
 * @param notBefore as asked, RFC 3339 time or Go duration
 * @param notAfter as asked, RFC 3339 time or Go duration
 * @param templateData what the caller has to say to the provisioner's template: JSON of any kind; null when nothing
 */
public record SignCommand(
        Der csr,
        String ott,
        Optional<TimeOrDuration> notBefore,
        Optional<TimeOrDuration> notAfter,
        @Nullable Object templateData) {
    public SignCommand(Der csr, String ott, Optional<TimeOrDuration> notBefore, Optional<TimeOrDuration> notAfter) {
        this(csr, ott, notBefore, notAfter, null);
    }

    /**
     * Whether reading it may take over half a millisecond, whoever sent it, before anything is verified: then it belongs on a
     * worker thread.
     */
    public boolean isLarge() {
        return CertificateRequest.mayTakeLong(csr) || OneTimeToken.mayTakeLong(ott);
    }

    /** Never the token. */
    @Override
    public String toString() {
        return "SignCommand[csr=" + csr + "]";
    }
}
