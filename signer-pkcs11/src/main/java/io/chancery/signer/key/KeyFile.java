package io.chancery.signer.key;

import io.chancery.core.secret.Secret;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.util.Optional;

/** A private key in a PEM file, for commands that take it somewhere else. */
public final class KeyFile {
    private KeyFile() {}

    /**
     * Reads the file's first private key: PKCS#8, SEC1 or PKCS#1, plain or encrypted.
     *
     * @throws SigningKeyException MISCONFIGURED, naming the file and what is wrong with it
     */
    public static PrivateKey read(Path file, Optional<Secret> password) {
        return PemKeyFile.read(file, password);
    }
}
