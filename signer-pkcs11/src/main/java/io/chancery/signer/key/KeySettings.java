package io.chancery.signer.key;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.secret.Secret;
import java.util.Optional;

/**
 * Which key, and whose it has to be.
 *
 * @param reference {@code key} of ca.json: a {@code pkcs11:} URI or the path of a PEM file
 * @param kmsUri {@code kms.uri}: its attributes apply to a {@code pkcs11:} key that does not repeat them
 * @param kmsPin {@code kms.pin}, used when no URI carries one
 * @param password of an encrypted PEM file
 * @param issuer whose certificate fits the key
 * @param sessions signatures under way at once, at least 1
 * @param admission of a key on a token
 */
public record KeySettings(
        String reference,
        Optional<String> kmsUri,
        Optional<Secret> kmsPin,
        Optional<Secret> password,
        IssuerCertificate issuer,
        int sessions,
        Admission admission) {
    /** With any key that signs. */
    public KeySettings(
            String reference,
            Optional<String> kmsUri,
            Optional<Secret> kmsPin,
            Optional<Secret> password,
            IssuerCertificate issuer,
            int sessions) {
        this(reference, kmsUri, kmsPin, password, issuer, sessions, Admission.ANY);
    }
}
