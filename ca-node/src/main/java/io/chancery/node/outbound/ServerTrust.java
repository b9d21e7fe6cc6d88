package io.chancery.node.outbound;

import io.chancery.cluster.mtls.GenuineTrust;
import io.chancery.core.chain.AbandonedIssuers;
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

/** Whose certificates a server that is called may have: those that the platform trusts, and others that are named. */
public final class ServerTrust {
    private final TrustOptions trust;

    /**
     * Waits for the disk, for whom the platform trusts.
     *
     * @param also trusted besides
     * @param abandoned not believed, whoever trusts them or has signed them
     */
    public ServerTrust(List<X509Certificate> also, AbandonedIssuers abandoned) {
        try {
            TrustManagerFactory platform = TrustManagerFactory.getInstance("PKIX");
            platform.init((KeyStore) null);
            Set<TrustAnchor> anchors = new HashSet<>();
            for (TrustManager each : platform.getTrustManagers()) {
                for (X509Certificate trusted : ((X509TrustManager) each).getAcceptedIssuers()) {
                    anchors.add(new TrustAnchor(trusted, null));
                }
            }
            also.forEach(each -> anchors.add(new TrustAnchor(each, null)));
            anchors.removeIf(each -> abandoned.has(each.getTrustedCert()));
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, null);
            parameters.setRevocationEnabled(false);
            TrustManagerFactory all = TrustManagerFactory.getInstance("PKIX");
            all.init(new CertPathTrustManagerParameters(parameters));
            this.trust = GenuineTrust.options(all, abandoned);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the platform's trusted certificates cannot be had", e);
        }
    }

    /** @param key shown where the other side asks for a certificate */
    public ClientSSLOptions options(Optional<KeyCertOptions> key) {
        ClientSSLOptions options = new ClientSSLOptions()
                .setTrustOptions(trust)
                .setHostnameVerificationAlgorithm("HTTPS"); // RFC 2818 s. 3.1
        options.setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"));
        key.ifPresent(options::setKeyCertOptions);
        return options;
    }
}
