package io.chancery.signer.key;

import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.nio.file.Path;
import java.util.Optional;

/** Opens the key that a configuration names: a {@code pkcs11:} URI or a PEM file. */
public final class SigningKeys {
    private SigningKeys() {}

    /**
     * Opens the key and proves with a probe signature that it is the issuer's. Blocks: call it on a signer thread.
     *
     * @param keyReference {@code key} of ca.json: a {@code pkcs11:} URI or the path of a PEM file
     * @param kmsUri {@code kms.uri}: its attributes apply to a {@code pkcs11:} key that does not repeat them
     * @param kmsPin {@code kms.pin}, used when no URI carries one
     * @param password of an encrypted PEM file
     * @param sessions signatures under way at once, at least 1
     * @throws SigningKeyException of any kind; AWAY is worth another try
     */
    public static SigningKey open(
            String keyReference,
            Optional<String> kmsUri,
            Optional<Secret> kmsPin,
            Optional<Secret> password,
            IssuerCertificate issuer,
            int sessions) {
        if (!Pkcs11Uri.isPkcs11(keyReference)) {
            return PemSigningKey.open(Path.of(keyReference), password, issuer);
        }
        Pkcs11Uri uri;
        try {
            uri = Pkcs11Uri.parse(keyReference);
            if (kmsUri.isPresent()) {
                uri = uri.withDefaults(Pkcs11Uri.parse(kmsUri.get()));
            }
        } catch (IllegalArgumentException e) {
            throw SigningKeyException.misconfigured(String.valueOf(e.getMessage()), e);
        }
        return Pkcs11SigningKey.open(uri, kmsPin, issuer, sessions);
    }
}
