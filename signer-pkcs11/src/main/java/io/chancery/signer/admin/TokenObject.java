package io.chancery.signer.admin;

import io.chancery.core.der.Der;
import java.util.Optional;

/**
 * An object on a token.
 *
 * @param handle good for the session that found it
 * @param id CKA_ID, which joins a key to its certificate; may be empty
 * @param detail the key's algorithm, or a certificate's subject
 * @param attributes of a private key
 */
public record TokenObject(
        long handle, Kind kind, String label, Der id, String detail, Optional<KeyAttributes> attributes) {
    /** CKA_CLASS. */
    public enum Kind {
        PRIVATE_KEY("private key"),
        PUBLIC_KEY("public key"),
        CERTIFICATE("certificate"),
        SECRET_KEY("secret key"),
        OTHER("other");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }
}
