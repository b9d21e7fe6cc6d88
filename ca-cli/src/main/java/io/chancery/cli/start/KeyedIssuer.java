package io.chancery.cli.start;

import io.chancery.core.issuer.Issuer;
import io.chancery.core.secret.Secret;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An issuer of the configuration, and where this node has its key.
 *
 * @param key empty where this node does not have it
 */
record KeyedIssuer(Issuer issuer, Optional<KeyPlace> key) {
    /**
     * @param reference path of a PEM file, or a {@code pkcs11:} URI
     * @param kmsUri what the URI does not repeat
     * @param pin used when no URI carries one
     * @param passwordFile of an encrypted PEM file; empty for ca.json's key, whose password is found by other rules
     */
    record KeyPlace(
            String reference,
            Optional<String> kmsUri,
            Optional<Secret> pin,
            Optional<Path> passwordFile,
            boolean ofCaJson) {
        /** Whether the key is in the same place; what opens it may be another. */
        boolean sameAs(KeyPlace other) {
            return reference.equals(other.reference) && kmsUri.equals(other.kmsUri);
        }
    }
}
