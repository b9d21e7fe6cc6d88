package io.chancery.node.http;

import io.chancery.cluster.mtls.GenuineTrust;
import io.chancery.core.config.CaConfig;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * TLS as step-ca serves it (wire contract s. 3.3): 1.2 and 1.3, a client certificate asked for and verified if given. By the
 * JDK: BoringSSL asks for no client's Ed25519 or P-521 key, takes no certificate that an Ed25519 key signed, and took more
 * CPU for a new connection.
 */
public final class TlsOptions {
    /** Longest request line, in octets. */
    static final int LONGEST_LINE = 4_096;
    /** Largest request headers, in octets; room for a chain of certificates in a token. */
    static final int LARGEST_HEADERS = 16_384;

    private static final int HANDSHAKE_SECONDS = 10;
    private static final int STREAMS = 100;
    private static final int RESETS_IN_A_WINDOW = 200;
    private static final int WINDOW_SECONDS = 30;
    private static final List<String> SUITES_1_3 =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    private TlsOptions() {}

    /**
     * @param trusted roots and intermediates: a client that sends only its leaf is accepted
     */
    public static HttpServerOptions of(
            CaConfig.HostPort address, CaConfig.Tls tls, PemKeyCertOptions key, List<X509Certificate> trusted) {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(address.listening())
                .setPort(address.port())
                .setSsl(true)
                .setUseAlpn(true)
                .setSslHandshakeTimeout(HANDSHAKE_SECONDS)
                .setSslHandshakeTimeoutUnit(TimeUnit.SECONDS)
                .setClientAuth(ClientAuth.REQUEST)
                .setKeyCertOptions(key);
        limits(options);
        if (!trusted.isEmpty()) {
            options.setTrustOptions(GenuineTrust.options(trusted));
        }
        options.setEnabledSecureTransportProtocols(protocols(tls));
        suites(tls).forEach(options::addEnabledCipherSuite);
        return options;
    }

    /** Of a port without TLS: HTTP/1 alone, as Vert.x tells of a connection that may become either only at its first request. */
    public static HttpServerOptions plain(CaConfig.HostPort address) {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(address.listening())
                .setPort(address.port())
                .setHttp2ClearTextEnabled(false);
        limits(options);
        return options;
    }

    /** What one connection can ask for; how long it may take is the connection watch's. */
    static void limits(HttpServerOptions options) {
        options.setMaxInitialLineLength(LONGEST_LINE)
                .setMaxHeaderSize(LARGEST_HEADERS)
                .setHttp2RstFloodMaxRstFramePerWindow(RESETS_IN_A_WINDOW)
                .setHttp2RstFloodWindowDuration(WINDOW_SECONDS)
                .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS)
                .getInitialSettings()
                .setMaxConcurrentStreams(STREAMS)
                .setMaxHeaderListSize(LARGEST_HEADERS);
    }

    private static Set<String> protocols(CaConfig.Tls tls) {
        Set<String> protocols = new LinkedHashSet<>();
        if (tls.minVersion() <= 1.2) {
            protocols.add("TLSv1.2");
        }
        if (tls.maxVersion() >= 1.3) {
            protocols.add("TLSv1.3");
        }
        return protocols;
    }

    private static List<String> suites(CaConfig.Tls tls) {
        List<String> suites = new ArrayList<>();
        if (tls.maxVersion() >= 1.3) {
            suites.addAll(SUITES_1_3);
        }
        if (tls.minVersion() <= 1.2) {
            suites.addAll(tls.cipherSuites());
        }
        return suites;
    }
}
