package io.chancery.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.config.CaConfig;
import io.chancery.testing.Answers;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that shake hands and then let the server wait. */
@ExtendWith(VertxExtension.class)
@Timeout(60)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class SilentTlsClientTest {
    private static final int SOONER_MILLIS = 20_000;
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    /** The head of a SETTINGS frame of 16 KiB, of which nothing more comes. */
    private static final byte[] HALF_SETTINGS = {0, 64, 0, 4, 0, 0, 0, 0, 0};

    private final ScheduledExecutorService drip = Executors.newSingleThreadScheduledExecutor();
    private ApiPorts ports;
    private int port;

    @BeforeEach
    void serve(Vertx vertx) throws Exception {
        serve(vertx, RunningApi.SHORT);
    }

    /** What is asked for at {@code /later} takes twice as long as a client may do nothing. */
    private void serve(Vertx vertx, Duration patience) throws Exception {
        HttpApi api = new HttpApi(
                router -> router.get("/later")
                        .handler(ctx -> vertx.timer(2 * patience.toMillis())
                                .onSuccess(waited -> Answer.send(ctx, 200, "text/plain", "ok"))),
                RunningApi.PATIENT,
                List.of(),
                InstantSource.system(),
                patience);
        ports = new ApiPorts(vertx, api);
        port = Answers.of(ports.open(options()));
    }

    @AfterEach
    void stop() {
        drip.shutdownNow();
    }

    private static HttpServerOptions options() throws Exception {
        return TlsOptions.of(
                new CaConfig.HostPort("127.0.0.1", 0),
                new CaConfig.Tls(List.of("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"), 1.2, 1.3),
                TlsOptionsTest.certificate(),
                List.of());
    }

    private SSLSocket overHttp2() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TlsOptionsTest.Trusting()}, new SecureRandom());
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(SOONER_MILLIS);
        socket.setTcpNoDelay(true);
        SSLParameters wanted = socket.getSSLParameters();
        wanted.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(wanted);
        socket.startHandshake();
        assertThat(socket.getApplicationProtocol()).isEqualTo("h2");
        return socket;
    }

    private static void readToTheEnd(Socket socket) throws IOException {
        for (int octet = socket.getInputStream().read();
                octet >= 0;
                octet = socket.getInputStream().read()) {
            assertThat(octet).isBetween(0, 255);
        }
    }

    @Test
    void one_that_has_agreed_on_http_2_and_says_nothing_is_hung_up_on() throws Exception {
        try (SSLSocket silent = overHttp2()) {
            readToTheEnd(silent);
        }
    }

    @Test
    void so_it_is_with_a_new_certificate() throws Exception {
        Object unused = Answers.of(ports.serve(options()).map("served"));
        try (SSLSocket silent = overHttp2()) {
            readToTheEnd(silent);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void one_whose_first_frame_does_not_come_is_hung_up_on_though_octets_trickle_in(boolean begun) throws Exception {
        try (SSLSocket slow = overHttp2()) {
            try {
                slow.getOutputStream().write(PREFACE, 0, begun ? PREFACE.length : 3);
                if (begun) {
                    slow.getOutputStream().write(HALF_SETTINGS);
                    var unused = drip.scheduleAtFixedRate(() -> say(slow), 0, 50, TimeUnit.MILLISECONDS);
                }
                readToTheEnd(slow);
            } catch (IOException reset) {
                assertThat(reset).hasMessageNotContaining("timed out");
            }
        }
    }

    private static void say(Socket socket) {
        try {
            socket.getOutputStream().write(0);
        } catch (IOException hungUp) {
            throw new IllegalStateException(hungUp);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = HttpVersion.class,
            names = {"HTTP_1_1", "HTTP_2"})
    void one_that_has_asked_for_something_is_not(HttpVersion version, Vertx vertx) throws Exception {
        serve(vertx, Duration.ofSeconds(3)); // on a slow machine it does not ask at once either
        HttpClientOptions options = new HttpClientOptions()
                .setSsl(true)
                .setTrustAll(true)
                .setVerifyHost(false)
                .setUseAlpn(true)
                .setProtocolVersion(version);
        HttpClient client = vertx.createHttpClient(options);
        HttpClientResponse answer = Answers.of(
                client.request(HttpMethod.GET, port, "127.0.0.1", "/later").compose(request -> request.send()));
        assertThat(answer.version()).isEqualTo(version);
        assertThat(answer.statusCode()).isEqualTo(200);
        Object unused = Answers.of(client.close().map("closed")); // Vert.x closes one that nobody holds any more
    }
}
