package io.chancery.node.step;

import io.chancery.core.der.Der;
import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.RoutingContext;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;

/** The certificate that a client showed in the TLS handshake of its connection. */
final class ShownCertificate {
    private ShownCertificate() {}

    /** DER as it was sent, the client's own first; empty when it showed none, or the connection is not by TLS. */
    static List<Der> of(RoutingContext ctx) {
        HttpConnection connection = ctx.request().connection();
        if (!connection.isSsl()) {
            return List.of();
        }
        try {
            List<Der> all = new ArrayList<>();
            for (Certificate certificate : connection.peerCertificates()) {
                all.add(Der.of(certificate.getEncoded()));
            }
            return all;
        } catch (SSLPeerUnverifiedException e) {
            return List.of();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that TLS has read cannot be encoded", e);
        }
    }
}
