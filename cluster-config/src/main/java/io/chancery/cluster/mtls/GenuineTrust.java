package io.chancery.cluster.mtls;

import io.chancery.core.chain.AbandonedIssuers;
import io.chancery.core.chain.GenuineCertificates;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * The JDK's judgement of a chain, of which it is given only the certificates that are what they seem. TLS has it judged on
 * an event loop, and before the other side has proved that it has a key, so anybody can have it search among certificates
 * that name each other: nine of them are a million ways. Any thread; a verification for each certificate.
 */
public final class GenuineTrust extends X509ExtendedTrustManager {
    private final List<X509Certificate> trusted;
    private final X509ExtendedTrustManager judge;
    private final AbandonedIssuers abandoned;

    private GenuineTrust(List<X509Certificate> trusted, X509ExtendedTrustManager judge, AbandonedIssuers abandoned) {
        this.trusted = trusted;
        this.judge = judge;
        this.abandoned = abandoned;
    }

    /** @param trusted roots and intermediates, not empty */
    public static TrustOptions options(List<X509Certificate> trusted) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (int i = 0; i < trusted.size(); i++) {
                store.setCertificateEntry(String.valueOf(i), trusted.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            return options(factory, AbandonedIssuers.NONE);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("certificates that are trusted cannot be used", e);
        }
    }

    /**
     * @param judges the JDK's, which has been told whom to trust
     * @param abandoned believed no more, whatever signed them; none of those that are trusted
     */
    public static TrustOptions options(TrustManagerFactory judges, AbandonedIssuers abandoned) {
        for (TrustManager each : judges.getTrustManagers()) {
            if (each instanceof X509ExtendedTrustManager judge) {
                return TrustOptions.wrap(new GenuineTrust(List.of(judge.getAcceptedIssuers()), judge, abandoned));
            }
        }
        throw new IllegalStateException("the JDK has no trust manager for X.509");
    }

    private X509Certificate[] genuine(X509Certificate[] chain) throws CertificateException {
        if (chain.length > 0 && abandoned.has(chain[0])) {
            throw new CertificateException("the certificate of an issuer that was given up");
        }
        if (chain.length < 2) {
            return chain;
        }
        List<X509Certificate> above =
                Stream.of(chain).skip(1).filter(each -> !abandoned.has(each)).toList();
        List<X509Certificate> genuine = GenuineCertificates.among(trusted, above, BusIdentity::hasSigned);
        return Stream.concat(Stream.of(chain[0]), above.stream().filter(genuine::contains))
                .toArray(X509Certificate[]::new);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        judge.checkClientTrusted(genuine(chain), authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        judge.checkClientTrusted(genuine(chain), authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        judge.checkClientTrusted(genuine(chain), authType, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        judge.checkServerTrusted(genuine(chain), authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        judge.checkServerTrusted(genuine(chain), authType, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        judge.checkServerTrusted(genuine(chain), authType, engine);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return judge.getAcceptedIssuers();
    }
}
