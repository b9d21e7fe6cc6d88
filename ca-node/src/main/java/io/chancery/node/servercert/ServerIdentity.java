package io.chancery.node.servercert;

import java.security.cert.X509Certificate;

/**
 * The server's own certificate with its chain and key, as PEM texts for the TLS layer.
 *
 * @param chainPem leaf first, then the intermediates
 */
public record ServerIdentity(X509Certificate certificate, String chainPem, String keyPem) {
    /** Never the key. */
    @Override
    public String toString() {
        return "ServerIdentity[" + certificate.getSerialNumber() + "]";
    }
}
