package io.chancery.signer.hsm;

import io.chancery.core.secret.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/** The file with a token's PIN, which may not be there. */
record PinFile(Path path) {
    private static final long MAX_BYTES = 1024;

    /** @param source of the attribute pin-source: a path, or a file: URI; HsmException MISCONFIGURED when it is neither */
    static PinFile named(String source) {
        if (source.toLowerCase(Locale.ROOT).startsWith("file:")) {
            try {
                URI uri = URI.create(source);
                return new PinFile(Path.of(uri.getPath() != null ? uri.getPath() : uri.getSchemeSpecificPart()));
            } catch (IllegalArgumentException e) {
                throw HsmException.misconfigured("pkcs11 URI: pin-source is not a readable file: URI");
            }
        }
        return new PinFile(Path.of(source));
    }

    /**
     * Its text without white space at the end; the caller closes the secret. Reads the file, so not for an event loop;
     * HsmException MISCONFIGURED when it cannot be read, is empty, too large or not UTF-8.
     */
    Secret read() {
        try {
            if (Files.size(path) > MAX_BYTES) {
                throw HsmException.misconfigured(
                        "the file of pin-source is larger than " + MAX_BYTES + " bytes: " + path);
            }
            byte[] octets = Files.readAllBytes(path);
            int length = octets.length;
            while (length > 0 && octets[length - 1] >= 0 && Character.isWhitespace(octets[length - 1])) {
                length--;
            }
            if (length == 0) {
                // As while somebody writes it. The token would count it as a wrong PIN.
                throw HsmException.misconfigured("the file of pin-source is empty: " + path);
            }
            byte[] pin = Arrays.copyOf(octets, length);
            Arrays.fill(octets, (byte) 0);
            return Secret.ofUtf8(pin);
        } catch (IllegalArgumentException e) {
            throw HsmException.misconfigured("the file of pin-source is not UTF-8: " + path);
        } catch (IOException e) {
            throw new HsmException(
                    HsmException.Kind.MISCONFIGURED, "the file of pin-source cannot be read: " + path, e);
        }
    }
}
