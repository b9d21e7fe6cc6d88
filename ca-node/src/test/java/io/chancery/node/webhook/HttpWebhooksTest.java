package io.chancery.node.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.json.Json;
import io.chancery.core.pem.PemBlock;
import io.chancery.core.template.TemplateSources;
import io.chancery.core.webhook.Webhook;
import io.chancery.core.webhook.WebhookAnswer;
import io.chancery.core.webhook.WebhookCall;
import io.chancery.core.webhook.WebhookReader;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class HttpWebhooksTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static final String ALLOWED = "{\"allow\":true,\"data\":7}";
    private static final Duration PAUSE = Duration.ofMillis(5);
    private static final String BODY = "{\"x\":1}";

    private static String pem;
    private static PemKeyCertOptions key;
    private static WebhookTrust trust;

    private final List<String> outcomes = new CopyOnWriteArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();

    @BeforeAll
    static void makeCertificate() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        X500Name name = new X500Name("CN=localhost");
        byte[] der = new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.TEN,
                        Date.from(Instant.now().minusSeconds(60)),
                        Date.from(Instant.now().plusSeconds(600)),
                        name,
                        pair.getPublic())
                .addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(new GeneralName(GeneralName.dNSName, "localhost")))
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
                .getEncoded();
        trust = new WebhookTrust(List.of((X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der))));
        pem = new PemBlock("CERTIFICATE", Map.of(), Der.of(der)).encode();
        key = new PemKeyCertOptions()
                .addCertValue(Buffer.buffer(pem))
                .addKeyValue(Buffer.buffer(new PemBlock(
                                "PRIVATE KEY",
                                Map.of(),
                                Der.of(pair.getPrivate().getEncoded()))
                        .encode()));
    }

    @AfterAll
    static void close() throws Exception {
        get(VERTX.close());
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private HttpWebhooks webhooks() {
        return webhooks(trust);
    }

    private HttpWebhooks webhooks(WebhookTrust trusted) {
        HttpWebhooks webhooks =
                new HttpWebhooks(VERTX, () -> trusted, (kind, outcome, took) -> outcomes.add(outcome), PAUSE);
        webhooks.open();
        return webhooks;
    }

    private int server(Handler<HttpServerRequest> handler) throws Exception {
        return get(VERTX.createHttpServer(new HttpServerOptions()
                                .setSsl(true)
                                .setClientAuth(ClientAuth.REQUEST)
                                .setTrustOptions(new PemTrustOptions().addCertValue(Buffer.buffer(pem)))
                                .setKeyCertOptions(key))
                        .requestHandler(request -> {
                            asked.incrementAndGet();
                            handler.handle(request);
                        })
                        .listen(0, "localhost"))
                .actualPort();
    }

    private static void end(HttpServerRequest request, int status, String body) {
        request.response().setStatusCode(status).end(body).onComplete(done -> {});
    }

    private static WebhookCall call(String kind, int port, String more) {
        Webhook webhook = new WebhookReader(Map.of(), TemplateSources.NONE)
                .read(Json.parse("[{\"id\":\"the-id\",\"name\":\"h\",\"kind\":\"" + kind
                        + "\",\"url\":\"https://localhost:" + port + "/x\"" + more + "}]"))
                .get(0);
        return new WebhookCall(webhook, "/x?y=%20", BODY);
    }

    private static WebhookSecrets secrets(int port, WebhookCredentials credentials) {
        return new WebhookSecrets(Map.of(new WebhookSecrets.Owner("p", "h", "https://localhost:" + port), credentials));
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(20));
    }

    private static Future<WebhookAnswer> ask(HttpWebhooks webhooks, int port) {
        return webhooks.ask("p", call("ENRICHING", port, ""), "the-request", soon());
    }

    private static CaException failure(Future<WebhookAnswer> answer) throws Exception {
        return get(answer.transform(done -> Future.succeededFuture(
                done.cause() instanceof CaException e ? e : CaException.hidden(ErrorCode.INTERNAL, "not failed so"))));
    }

    @Test
    void a_call_is_what_step_sends_and_says_who_calls() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        int port = server(request -> request.body().onSuccess(body -> {
            seen.add(request.method() + " " + request.uri() + " " + body);
            for (String name : List.of(
                    "X-Request-Id",
                    "X-Smallstep-Webhook-Id",
                    "X-Smallstep-Signature",
                    "Content-Type",
                    "Authorization")) {
                seen.add(name + ": " + request.getHeader(name));
            }
            end(request, 200, ALLOWED);
        }));
        HttpWebhooks webhooks = webhooks();
        WebhookCredentials credentials = WebhookCredentials.NONE.withKey("SmVmZQ==");
        for (WebhookCredentials each :
                List.of(credentials.withBearerToken("abc.def"), credentials.withPassword("u", "pä:ss"))) {
            webhooks.use(secrets(port, each));
            assertThat(get(ask(webhooks, port)).allow()).isTrue();
        }
        String signature =
                WebhookSignature.of("Jefe".getBytes(StandardCharsets.UTF_8), BODY.getBytes(StandardCharsets.UTF_8));
        assertThat(seen)
                .containsSubsequence(
                        "POST /x?y=%20 " + BODY,
                        "X-Request-Id: the-request",
                        "X-Smallstep-Webhook-Id: the-id",
                        "X-Smallstep-Signature: " + signature,
                        "Content-Type: null",
                        "Authorization: Bearer abc.def",
                        "X-Smallstep-Signature: " + signature,
                        "Authorization: Basic "
                                + Base64.getEncoder().encodeToString("u:pä:ss".getBytes(StandardCharsets.UTF_8)));
        assertThat(outcomes).containsExactly("allowed", "allowed");
    }

    @Test
    void what_is_meant_for_a_webhook_elsewhere_is_not_shown() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        int port = server(request -> {
            seen.add(request.getHeader("Authorization") + " " + request.getHeader("X-Smallstep-Signature"));
            end(request, 200, ALLOWED);
        });
        HttpWebhooks webhooks = webhooks();
        webhooks.use(
                secrets(port + 1, WebhookCredentials.NONE.withKey("SmVmZQ==").withBearerToken("abc.def")));
        assertThat(get(ask(webhooks, port)).allow()).isTrue();
        String unsigned = WebhookSignature.of(new byte[0], BODY.getBytes(StandardCharsets.UTF_8));
        assertThat(seen).containsExactly("null " + unsigned);
    }

    @Test
    void the_server_s_own_certificate_is_shown_unless_the_webhook_does_not_want_it() throws Exception {
        int port = server(request -> end(request, 200, "{\"allow\":true,\"data\":" + certificates(request) + "}"));
        HttpWebhooks webhooks = webhooks();
        webhooks.use(key);
        WebhookCall anonymous = call("ENRICHING", port, ",\"disableTLSClientAuth\":true");
        assertThat(get(ask(webhooks, port)).data()).hasToString("1");
        assertThat(get(webhooks.ask("p", anonymous, "id", soon())).data()).hasToString("0");
    }

    @Test
    void a_key_that_cannot_be_used_is_told_in_the_log_and_the_one_before_is_shown() throws Exception {
        int port = server(request -> end(request, 200, "{\"allow\":true,\"data\":" + certificates(request) + "}"));
        HttpWebhooks webhooks = webhooks();
        webhooks.use(key);
        Logger log = (Logger) LoggerFactory.getLogger(WebhookClients.class);
        ListAppender<ILoggingEvent> told = new ListAppender<>();
        told.start();
        log.addAppender(told);
        try {
            webhooks.use(new PemKeyCertOptions()
                    .addCertValue(Buffer.buffer(pem))
                    .addKeyValue(Buffer.buffer("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")));
        } finally {
            log.detachAppender(told);
        }
        assertThat(told.list).extracting(ILoggingEvent::getLevel).containsExactly(Level.WARN);
        assertThat(get(ask(webhooks, port)).data()).hasToString("1");
    }

    private static int certificates(HttpServerRequest request) {
        try {
            return request.connection().peerCertificates().size();
        } catch (javax.net.ssl.SSLPeerUnverifiedException e) {
            return 0;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 499})
    void a_status_from_400_on_is_a_refusal_that_is_not_asked_again(int status) throws Exception {
        int port = server(request -> end(request, status, ALLOWED));
        CaException refused = failure(ask(webhooks(), port));
        assertThat(refused.code()).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(refused.publicDetail()).isEqualTo("Webhook server responded with " + status);
        assertThat(asked).hasValue(1);
        assertThat(outcomes).containsExactly("refused");
    }

    @Test
    void what_an_authorizing_webhook_says_is_for_the_log_alone() throws Exception {
        int port = server(request -> end(request, 403, ""));
        CaException refused = failure(webhooks().ask("p", call("AUTHORIZING", port, ""), "id", soon()));
        assertThat(refused.publicDetail()).isEqualTo("error creating certificate");
        assertThat(refused).hasMessage("webhook h: Webhook server responded with 403");
    }

    @Test
    void an_error_of_the_server_is_asked_once_more() throws Exception {
        int port = server(request -> end(request, asked.get() == 1 ? 500 : 200, ALLOWED));
        assertThat(get(ask(webhooks(), port)).allow()).isTrue();
        assertThat(asked).hasValue(2);
    }

    @Test
    void an_error_that_stays_is_told_as_unavailable() throws Exception {
        int port = server(request -> end(request, 503, ALLOWED));
        assertThat(failure(ask(webhooks(), port)).code()).isEqualTo(ErrorCode.WEBHOOK_UNAVAILABLE);
        assertThat(asked).hasValue(2);
        assertThat(outcomes).containsExactly("unavailable");
    }

    @Test
    void a_connection_that_is_cut_is_asked_once_more() throws Exception {
        int port = server(request -> {
            if (asked.get() == 1) {
                request.connection().close().onComplete(done -> {});
            } else {
                end(request, 200, ALLOWED);
            }
        });
        assertThat(get(ask(webhooks(), port)).allow()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello", "", "[]"})
    void garbage_is_no_answer(String body) throws Exception {
        int port = server(request -> end(request, 200, body));
        assertThat(failure(ask(webhooks(), port)).code()).isEqualTo(ErrorCode.WEBHOOK_UNAVAILABLE);
        assertThat(asked).hasValue(1);
    }

    @Test
    void an_answer_without_an_end_is_broken_off_at_its_limit() throws Exception {
        int port = server(request -> {
            request.response().setChunked(true);
            flood(request);
        });
        CaException failure = failure(ask(webhooks(), port));
        assertThat(failure.code()).isEqualTo(ErrorCode.WEBHOOK_UNAVAILABLE);
        assertThat(failure).hasMessageContaining("more than 65536 octets");
        assertThat(asked).hasValue(1);
    }

    private static void flood(HttpServerRequest request) {
        request.response().write(Buffer.buffer(new byte[16_384])).onSuccess(written -> flood(request));
    }

    @Test
    void a_redirect_is_not_followed() throws Exception {
        int port = server(request -> {
            request.response().putHeader("Location", "/y");
            end(request, 307, ALLOWED);
        });
        assertThat(failure(ask(webhooks(), port)).code()).isEqualTo(ErrorCode.WEBHOOK_UNAVAILABLE);
        assertThat(asked).hasValue(1);
    }

    @Test
    void a_server_that_nobody_vouches_for_is_told_nothing() throws Exception {
        int port = server(request -> end(request, 200, ALLOWED));
        assertThat(failure(ask(webhooks(new WebhookTrust(List.of())), port)).code())
                .isEqualTo(ErrorCode.WEBHOOK_UNAVAILABLE);
        assertThat(asked).hasValue(0);
    }

    @Test
    void a_server_of_another_name_is_told_nothing() throws Exception {
        int port = server(request -> end(request, 200, ALLOWED));
        WebhookCall call = call("ENRICHING", port, "");
        Webhook there = call.webhook();
        Webhook elsewhere = new Webhook("", "h", there.kind(), "https://127.0.0.1:" + port, there.url(), true);
        CaException failure = failure(webhooks().ask("p", new WebhookCall(elsewhere, "/", BODY), "id", soon()));
        assertThat(failure.code()).isEqualTo(ErrorCode.WEBHOOK_UNAVAILABLE);
        assertThat(asked).hasValue(0);
    }

    @Test
    void one_that_does_not_answer_has_no_more_time_than_the_request() throws Exception {
        int port = server(request -> {});
        CaException failure =
                failure(webhooks().ask("p", call("ENRICHING", port, ""), "id", Deadline.in(Duration.ofMillis(200))));
        assertThat(failure.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
        assertThat(asked.get()).isLessThanOrEqualTo(1);
    }

    @Test
    void one_that_hangs_holds_up_so_many_requests_and_no_other_webhook() throws Exception {
        List<HttpServerRequest> waiting = new CopyOnWriteArrayList<>();
        int port = server(waiting::add);
        int other = server(request -> end(request, 200, ALLOWED));
        HttpWebhooks webhooks = webhooks();
        List<Future<WebhookAnswer>> under = new ArrayList<>();
        for (int i = 0; i < HttpWebhooks.MOST_UNDER_WAY; i++) {
            under.add(ask(webhooks, port));
        }
        assertThat(failure(ask(webhooks, port)).code()).isEqualTo(ErrorCode.OVERLOADED);
        assertThat(outcomes).containsExactly("overloaded");
        assertThat(get(webhooks.ask("other", call("ENRICHING", other, ""), "id", soon()))
                        .allow())
                .isTrue();
        while (waiting.size() < HttpWebhooks.MOST_UNDER_WAY) {
            Thread.onSpinWait();
        }
        waiting.forEach(request -> request.response().end(ALLOWED).onComplete(done -> {}));
        assertThat(get(Future.all(under)).succeeded()).isTrue();
        assertThat(get(webhooks.ask("p", call("ENRICHING", other, ""), "id", soon()))
                        .allow())
                .isTrue();
    }

    @Test
    void a_request_that_cannot_be_made_gives_its_place_back() throws Exception {
        int port = server(request -> end(request, 200, ALLOWED));
        Webhook there = call("ENRICHING", port, "").webhook();
        Webhook broken = new Webhook("a\r\nX: y", "h", there.kind(), there.origin(), there.url(), true);
        HttpWebhooks webhooks = webhooks();
        for (int i = 0; i <= HttpWebhooks.MOST_UNDER_WAY; i++) {
            CaException failure = failure(webhooks.ask("p", new WebhookCall(broken, "/x", BODY), "id", soon()));
            assertThat(failure.code()).isEqualTo(ErrorCode.WEBHOOK_UNAVAILABLE);
        }
        assertThat(outcomes).containsOnly("unavailable").hasSize(HttpWebhooks.MOST_UNDER_WAY + 1);
        assertThat(get(ask(webhooks, port)).allow()).isTrue();
    }

    @Test
    void secrets_are_not_printed_and_bad_ones_not_repeated() {
        assertThat(WebhookCredentials.NONE.withBearerToken("abc")).hasToString("WebhookCredentials[hidden]");
        for (Runnable each : List.<Runnable>of(
                () -> WebhookCredentials.NONE.withKey("s3cret!"),
                () -> WebhookCredentials.NONE.withKey(""),
                () -> WebhookCredentials.NONE.withBearerToken("s3cret two"))) {
            assertThatThrownBy(each::run)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasNoCause()
                    .message()
                    .doesNotContain("s3cret");
        }
    }
}
