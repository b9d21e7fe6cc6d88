package io.chancery.core.provisioner;

import io.chancery.core.certificate.PresentedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Sha256;
import io.chancery.core.profile.LeafValidity;
import io.chancery.core.profile.NameGrant;
import java.util.List;
import java.util.Optional;

/**
 * What a token entitles to, once its provisioner believes it.
 *
 * @param csrFingerprint base64url SHA-256 of the only CSR that the token is for
 * @param useKey what is used up, as {@link io.chancery.core.token.OneTimeToken#useKey}; empty for a token that may be used
 *     again and again
 * @param authorizedBy the certificate that signed the token, then those above it: no certificate outlasts the first;
 *     empty when the token was signed otherwise
 */
public record Entitlement(
        NameGrant names,
        Optional<String> csrFingerprint,
        Optional<Sha256> useKey,
        List<PresentedCertificate> authorizedBy) {
    public Entitlement {
        authorizedBy = List.copyOf(authorizedBy);
    }

    /** Of the certificate that signed the token, if one did: no certificate outlasts it. */
    public Optional<LeafValidity> authorisingValidity() {
        return authorizedBy.stream().findFirst().map(by -> new LeafValidity(by.notBefore(), by.notAfter()));
    }

    /** Of all certificates that the token rests on: none may be revoked here. */
    public List<SerialNumber> authorisingSerials() {
        return authorizedBy.stream().map(PresentedCertificate::serial).toList();
    }
}
