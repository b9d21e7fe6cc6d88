package io.chancery.core.certificate;

import io.chancery.core.der.Sha256;
import java.security.PublicKey;
import java.util.regex.Pattern;

/**
 * Names an issuer's key to all nodes alike: the first 16 octets of the SHA-256 of its SubjectPublicKeyInfo, in lower-case
 * hex. Part of a bus address, so nothing but hex digits is allowed.
 */
public record KeyId(String value) implements Comparable<KeyId> {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{32}");

    public KeyId {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("a key id is 32 lower-case hex digits");
        }
    }

    public static KeyId of(PublicKey key) {
        return new KeyId(Sha256.digest(key.getEncoded()).hex().substring(0, 32));
    }

    /** Maps stay quick however many ids somebody has made that have the same hash: a grid's directory of signers is one. */
    @Override
    public int compareTo(KeyId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
