package io.chancery.core.pem;

import io.chancery.core.der.Der;
import java.util.Map;

/**
 * One block of a PEM text (RFC 7468), with the headers that RFC 1421 allowed and OpenSSL's old key encryption uses.
 *
 * @param type the label, such as {@code CERTIFICATE}
 */
public record PemBlock(String type, Map<String, String> headers, Der der) {
    public PemBlock {
        headers = Map.copyOf(headers);
    }

    /** Lines of 64 characters, as RFC 7468 s. 2 says, without headers. */
    public String encode() {
        return "-----BEGIN " + type + "-----\n" + Pem.base64Lines(der) + "-----END " + type + "-----\n";
    }
}
