package io.chancery.cli.start;

import io.chancery.core.issuer.Issuer;
import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.LibraryFile;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An issuer of the configuration, and where this node has its key.
 *
 * @param key empty where this node does not have it
 */
record KeyedIssuer(Issuer issuer, Optional<KeyPlace> key) {
    /** Whether its key is the one of ca.json, which chancery.json's {@code kms.key} may have elsewhere. */
    boolean hasKeyOfCaJson() {
        return key.filter(KeyPlace::ofCaJson).isPresent();
    }

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
        /** Whether nothing says that the key is elsewhere, however the two are written; also of a URI that cannot be read. */
        boolean mayBe(KeyPlace other) {
            if (!Pkcs11Uri.isPkcs11(reference) || !Pkcs11Uri.isPkcs11(other.reference)) {
                return sameFile(reference, other.reference);
            }
            try {
                Pkcs11Uri here = uri();
                Pkcs11Uri there = other.uri();
                return sameLibrary(here.modulePath(), there.modulePath())
                        && !here.namesAnotherTokenThan(there)
                        && !differ(here.object(), there.object())
                        && !differ(here.id(), there.id());
            } catch (IllegalArgumentException e) {
                return true; // whoever opens the key says what is wrong
            }
        }

        /** Also by another path, as through a link. */
        private static boolean sameFile(String one, String other) {
            try {
                return one.equals(other)
                        || (!Pkcs11Uri.isPkcs11(one)
                                && !Pkcs11Uri.isPkcs11(other)
                                && Files.isSameFile(Path.of(one), Path.of(other)));
            } catch (IOException e) {
                return false;
            }
        }

        /** Also by a bare name, or by a link; where it cannot be looked at, whoever opens it says what is wrong. */
        private static boolean sameLibrary(String one, String other) {
            try {
                return one.equals(other) || LibraryFile.path(one).equals(LibraryFile.path(other));
            } catch (HsmException e) {
                return true;
            }
        }

        private static <T> boolean differ(Optional<T> one, Optional<T> other) {
            return one.isPresent() && other.isPresent() && !one.equals(other);
        }

        private Pkcs11Uri uri() {
            return Pkcs11Uri.of(reference, kmsUri.filter(Pkcs11Uri::isPkcs11));
        }

        /** Whether the key is named in the same way; what opens it may be another. */
        boolean sameAs(KeyPlace other) {
            return reference.equals(other.reference) && kmsUri.equals(other.kmsUri);
        }
    }
}
