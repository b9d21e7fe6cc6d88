package io.chancery.node.webhook;

import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Whose certificates a webhook may have: those that the platform trusts, and this CA's own. */
final class WebhookTrust {
    private final TrustOptions trust;

    /** @param own this CA's roots and intermediates */
    WebhookTrust(List<X509Certificate> own) {
        try {
            TrustManagerFactory platform = TrustManagerFactory.getInstance("PKIX");
            platform.init((KeyStore) null);
            Set<TrustAnchor> anchors = new HashSet<>();
            for (TrustManager each : platform.getTrustManagers()) {
                for (X509Certificate trusted : ((X509TrustManager) each).getAcceptedIssuers()) {
                    anchors.add(new TrustAnchor(trusted, null));
                }
            }
            own.forEach(each -> anchors.add(new TrustAnchor(each, null)));
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, null);
            parameters.setRevocationEnabled(false);
            TrustManagerFactory all = TrustManagerFactory.getInstance("PKIX");
            all.init(new CertPathTrustManagerParameters(parameters));
            this.trust = TrustOptions.wrap(all.getTrustManagers()[0]);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the platform's trusted certificates cannot be had", e);
        }
    }

    /** @param key shown where the other side asks for a certificate */
    ClientSSLOptions options(Optional<KeyCertOptions> key) {
        ClientSSLOptions options = new ClientSSLOptions()
                .setTrustOptions(trust)
                .setHostnameVerificationAlgorithm("HTTPS"); // RFC 2818 s. 3.1
        options.setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"));
        key.ifPresent(options::setKeyCertOptions);
        return options;
    }
}
