package io.chancery.node.http;

import io.chancery.core.config.CaConfig;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.name.AddressRange;
import io.chancery.testing.Answers;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The real verticle on one event loop, without TLS so that a test can speak to it byte by byte. */
final class RunningApi {
    static final String BIG = "x".repeat(60_000);

    /** Short, so that tests are; long enough for a busy machine to send an answer. */
    static final Duration SHORT = Duration.ofMillis(700);

    static final RequestRules PATIENT =
            new RequestRules(Duration.ofSeconds(20), 10, Optional.empty(), Optional.empty());

    /** What is refused at {@code /wordy}, in as many words as a client may send. */
    static final String WORDS = "w".repeat(40_000);

    private static final int SMALL_BUFFER = 8_192;
    private static final int SOCKET_MILLIS = 20_000;

    final HttpApi api;
    final BlockingQueue<AnsweredRequest> answered = new LinkedBlockingQueue<>();
    private final int port;

    /** The port for proxies, without TLS too. */
    private RunningApi(Vertx vertx, List<AddressRange> proxies) throws Exception {
        api = new HttpApi(
                RunningApi::endpoints, PATIENT, List.of(answered::add), InstantSource.system(), Duration.ofSeconds(20));
        HttpServerOptions options = new HttpServerOptions().setHost("127.0.0.1").setPort(0);
        port = Answers.of(new ApiPorts(vertx, api).openForProxies(options, proxies));
    }

    private RunningApi(Vertx vertx, RequestRules rules, Duration patience, boolean http2) throws Exception {
        this(vertx, rules, ConnectionLimits.of(patience), http2);
    }

    private RunningApi(Vertx vertx, RequestRules rules, ConnectionLimits limits, boolean http2) throws Exception {
        api = new HttpApi(RunningApi::endpoints, rules, List.of(answered::add), InstantSource.system(), limits);
        HttpServerOptions options = TlsOptions.plain(new CaConfig.HostPort("127.0.0.1", 0));
        if (http2) {
            options.setHttp2ClearTextEnabled(true);
        }
        BlockingQueue<HttpServer> started = new LinkedBlockingQueue<>();
        Answers.of(vertx.deployVerticle(new HttpApiVerticle(options, api, peer -> true, started::add)));
        port = started.take().actualPort();
    }

    static RunningApi on(Vertx vertx) throws Exception {
        return new RunningApi(vertx, new RequestRules(SHORT, 10, Optional.empty(), Optional.empty()), SHORT, false);
    }

    static RunningApi patientOn(Vertx vertx) throws Exception {
        return new RunningApi(vertx, PATIENT, Duration.ofSeconds(20), false);
    }

    /** Either version of HTTP. */
    static RunningApi limitedOn(Vertx vertx, int connections, long unread) throws Exception {
        return new RunningApi(vertx, PATIENT, new ConnectionLimits(Duration.ofSeconds(20), connections, unread), true);
    }

    /** HTTP/2 without its usual TLS. */
    static RunningApi http2On(Vertx vertx) throws Exception {
        return new RunningApi(vertx, PATIENT, Duration.ofSeconds(20), true);
    }

    static RunningApi forProxiesOn(Vertx vertx, String... proxies) throws Exception {
        return new RunningApi(vertx, Stream.of(proxies).map(AddressRange::parse).toList());
    }

    private static void endpoints(Router router) {
        router.get("/ok").handler(ctx -> Answer.send(ctx, 200, "text/plain", "ok"));
        router.head("/ok").handler(ctx -> Answer.send(ctx, 200, "text/plain", "ok"));
        router.get("/big").handler(ctx -> Answer.send(ctx, 200, "text/plain", BIG));
        router.get("/named/:name")
                .handler(ctx -> Answer.send(
                        ctx, 200, "text/plain", ctx.pathParam("name").length() + " characters"));
        router.route("/never").handler(ctx -> {});
        router.post("/ok").handler(ctx -> Answer.send(ctx, 200, "text/plain", "ok"));
        router.post("/length")
                .handler(ctx -> Answer.send(
                        ctx, 200, "text/plain", "length " + ctx.body().buffer().length()));
        router.get("/away").handler(ctx -> {
            throw CaException.hidden(ErrorCode.STORE_UNAVAILABLE, "the store is away");
        });
        router.get("/wordy").handler(ctx -> {
            throw CaException.of(ErrorCode.FORBIDDEN, WORDS);
        });
        router.get("/broken").handler(ctx -> {
            throw new IllegalStateException("a secret reason");
        });
    }

    String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    /** All that comes over a connection of its own after this was said there. */
    String answerTo(String request) throws IOException {
        try (Client client = connect()) {
            client.say(request);
            return client.untilTheEnd();
        }
    }

    Client connect() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(SMALL_BUFFER);
        socket.setSoTimeout(SOCKET_MILLIS);
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return new Client(socket);
    }

    AnsweredRequest nextAnswered() throws InterruptedException {
        AnsweredRequest next = answered.poll(20, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("no request was accounted for");
        }
        return next;
    }

    /** A client that speaks and listens byte by byte. */
    record Client(Socket socket) implements AutoCloseable {
        void say(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
        }

        /** All that comes until the server hangs up. */
        String untilTheEnd() throws IOException {
            StringBuilder text = new StringBuilder();
            try {
                for (int b = socket.getInputStream().read();
                        b >= 0;
                        b = socket.getInputStream().read()) {
                    text.append((char) b);
                }
            } catch (SocketException reset) {
                text.append("(reset)");
            }
            return text.toString();
        }

        /** All that comes until a text has come. */
        String until(String last) throws IOException {
            StringBuilder text = new StringBuilder();
            while (text.indexOf(last) < 0) {
                int b = socket.getInputStream().read();
                if (b < 0) {
                    throw new AssertionError("hung up after: " + text);
                }
                text.append((char) b);
            }
            return text.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
