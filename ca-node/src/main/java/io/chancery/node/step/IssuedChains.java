package io.chancery.node.step;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.x509.Certificate;

/** What goes out behind a certificate, as PEM texts that are made once for each issuer. Any thread. */
final class IssuedChains {
    private final Issuers issuers;
    private final Map<String, List<String>> byName;

    IssuedChains(Issuers issuers) {
        this.issuers = issuers;
        this.byName = issuers.all().stream().collect(Collectors.toUnmodifiableMap(Issuer::name, IssuedChains::chain));
    }

    private static List<String> chain(Issuer issuer) {
        return issuer.chain().stream().map(CertificateText::pem).toList();
    }

    /**
     * The chain of its own issuer: a repeat, or a row that another node recorded, may have a former one or a later one.
     *
     * @throws CaException SIGNER_UNAVAILABLE when that is not known here (yet)
     */
    List<String> of(Certificate certificate) {
        return issuers.withSubject(certificate.getIssuer())
                .map(issuer -> byName.get(issuer.name()))
                .orElseThrow(() ->
                        CaException.hidden(ErrorCode.SIGNER_UNAVAILABLE, "the certificate's issuer is not known here"));
    }
}
