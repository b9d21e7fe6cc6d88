package io.chancery.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.config.CaConfig;
import io.chancery.testing.Answers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.junit5.VertxExtension;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that ends TLS has ended its connection. */
@ExtendWith(VertxExtension.class)
@Timeout(90)
@DisplayNameGeneration(ReplaceUnderscores.class)
class TlsSessionTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int SOONER_MILLIS = 30_000;

    private static int serving(Vertx vertx) throws Exception {
        HttpApi api = new HttpApi(
                router -> router.get("/ok").handler(ctx -> Answer.send(ctx, 200, "text/plain", "ok")),
                RunningApi.PATIENT,
                List.of(),
                InstantSource.system(),
                PATIENCE);
        HttpServerOptions options = TlsOptions.of(
                new CaConfig.HostPort("127.0.0.1", 0),
                new CaConfig.Tls(List.of("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"), 1.2, 1.3),
                TlsOptionsTest.certificate(),
                List.of());
        Future<Integer> port = new ApiPorts(vertx, api).open(options);
        return Answers.of(port);
    }

    private static SSLSocket over(Socket tcp, String protocol) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TlsOptionsTest.Trusting()}, new SecureRandom());
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(tcp, "localhost", tcp.getPort(), false);
        socket.setEnabledProtocols(new String[] {protocol});
        socket.startHandshake();
        return socket;
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void after_a_close_notify_the_server_closes_the_connection_too(String protocol, Vertx vertx) throws Exception {
        try (Socket tcp = new Socket(InetAddress.getLoopbackAddress(), serving(vertx))) {
            tcp.setSoTimeout(SOONER_MILLIS);
            SSLSocket tls = over(tcp, protocol);
            tls.getOutputStream().write("GET /ok HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            StringBuilder answer = new StringBuilder();
            while (!answer.toString().endsWith("\r\n\r\nok")) {
                answer.append((char) tls.getInputStream().read());
            }
            tls.shutdownOutput();
            assertThat(tls.getInputStream().read()).isNegative();
            assertThat(tcp.getInputStream().read()).isNegative();
        }
    }
}
