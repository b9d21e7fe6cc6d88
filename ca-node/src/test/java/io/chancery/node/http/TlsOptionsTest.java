package io.chancery.node.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.config.CaConfig;
import io.chancery.core.der.Der;
import io.chancery.core.pem.PemBlock;
import io.chancery.testing.Answers;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What {@code tls} of ca.json makes of a handshake. */
@ExtendWith(VertxExtension.class)
@Timeout(60)
@DisplayNameGeneration(ReplaceUnderscores.class)
class TlsOptionsTest {
    private static final String SUITE = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
    private static final String ANOTHER = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";

    static PemKeyCertOptions certificate() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        X500Name name = new X500Name("CN=localhost");
        byte[] der = new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.ONE,
                        Date.from(Instant.now().minusSeconds(60)),
                        Date.from(Instant.now().plusSeconds(600)),
                        name,
                        pair.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
                .getEncoded();
        return new PemKeyCertOptions()
                .addCertValue(pem("CERTIFICATE", der))
                .addKeyValue(pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
    }

    private static Buffer pem(String type, byte[] der) {
        return Buffer.buffer(new PemBlock(type, Map.of(), Der.of(der)).encode());
    }

    private static int serving(Vertx vertx, double minVersion, double maxVersion) throws Exception {
        HttpServer server = vertx.createHttpServer(TlsOptions.of(
                        new CaConfig.HostPort("127.0.0.1", 0),
                        new CaConfig.Tls(List.of(SUITE), minVersion, maxVersion),
                        certificate(),
                        List.of()))
                .requestHandler(request -> {
                    var unused = request.response().end();
                });
        return Answers.of(server.listen()).actualPort();
    }

    /** The suite that was agreed on. */
    private static String handshake(int port, String protocol, String... suites) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Trusting()}, new SecureRandom());
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.setEnabledProtocols(new String[] {protocol});
            if (suites.length > 0) {
                socket.setEnabledCipherSuites(suites);
            }
            socket.startHandshake();
            return socket.getSession().getCipherSuite();
        }
    }

    private static void refused(int port, String protocol, String... suites) {
        assertThatThrownBy(() -> handshake(port, protocol, suites)).isInstanceOf(IOException.class);
    }

    @Test
    void a_suite_that_is_named_is_served_and_another_is_not(Vertx vertx) throws Exception {
        int port = serving(vertx, 1.2, 1.3);
        assertThat(handshake(port, "TLSv1.2", ANOTHER, SUITE)).isEqualTo(SUITE);
        refused(port, "TLSv1.2", ANOTHER);
        assertThat(handshake(port, "TLSv1.3")).startsWith("TLS_");
    }

    @Test
    void versions_outside_the_two_that_are_named_are_refused(Vertx vertx) throws Exception {
        int old = serving(vertx, 1.2, 1.2);
        assertThat(handshake(old, "TLSv1.2", SUITE)).isEqualTo(SUITE);
        refused(old, "TLSv1.3");
        int fresh = serving(vertx, 1.3, 1.3);
        assertThat(handshake(fresh, "TLSv1.3")).startsWith("TLS_");
        refused(fresh, "TLSv1.2", SUITE);
    }

    /** The certificate is not what is looked at. */
    static final class Trusting implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
