package io.chancery.node.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.chain.AbandonedIssuers;
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
import io.chancery.node.outbound.OutboundProxies;
import io.chancery.node.outbound.ServerTrust;
import io.chancery.testing.LocalProxy;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
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
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowingConsumer;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class HttpWebhooksTest {
    private static final String ALLOWED = "{\"allow\":true,\"data\":7}";
    /** More than a slow machine needs for a handshake with each of many. */
    private static final Duration LONGEST = Duration.ofSeconds(25);

    private static final Duration PAUSE = Duration.ofMillis(5);
    private static final String BODY = "{\"x\":1}";

    private static Vertx vertx;
    private static PemKeyCertOptions key;
    private static ServerTrust trust;

    private final List<String> outcomes = new CopyOnWriteArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();

    @BeforeAll
    static void makeCertificate(Vertx ofAll) throws Exception {
        vertx = ofAll;
        WebhookCall unused =
                call("ENRICHING", 1, ""); // what is read the first time loads classes for longer than a loop may wait
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
                .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                    new GeneralName(GeneralName.dNSName, "localhost"),
                    new GeneralName(GeneralName.dNSName, "hook.invalid")
                }))
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
                .getEncoded();
        trust = new ServerTrust(
                List.of((X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der))),
                AbandonedIssuers.NONE);
        String pem = new PemBlock("CERTIFICATE", Map.of(), Der.of(der)).encode();
        key = new PemKeyCertOptions()
                .addCertValue(Buffer.buffer(pem))
                .addKeyValue(Buffer.buffer(new PemBlock(
                                "PRIVATE KEY",
                                Map.of(),
                                Der.of(pair.getPrivate().getEncoded()))
                        .encode()));
    }

    private HttpWebhooks webhooks() {
        return webhooks(trust);
    }

    private HttpWebhooks webhooks(ServerTrust trusted) {
        return webhooks(trusted, OutboundProxies.NONE);
    }

    private HttpWebhooks webhooks(ServerTrust trusted, OutboundProxies proxies) {
        HttpWebhooks webhooks =
                new HttpWebhooks(vertx, proxies, (kind, outcome, took) -> outcomes.add(outcome), LONGEST, PAUSE);
        webhooks.open(trusted);
        webhooks.use(key);
        return webhooks;
    }

    /** Answers its port. */
    private Future<Integer> server(Handler<HttpServerRequest> handler) {
        return vertx.createHttpServer(new HttpServerOptions().setSsl(true).setKeyCertOptions(key))
                .requestHandler(request -> {
                    asked.incrementAndGet();
                    handler.handle(request);
                })
                .listen(0, "localhost")
                .map(HttpServer::actualPort);
    }

    /** What is answered to a first call of a webhook with this server. */
    private Future<WebhookAnswer> first(Handler<HttpServerRequest> handler) {
        return server(handler).compose(port -> ask(webhooks(), port));
    }

    private static void end(HttpServerRequest request, int status, String body) {
        request.response().setStatusCode(status).end(body).onComplete(done -> {});
    }

    private static WebhookCall call(String kind, int port, String more) {
        return call(kind, "localhost:" + port, more);
    }

    private static WebhookCall call(String kind, String server, String more) {
        Webhook webhook = new WebhookReader(Map.of(), TemplateSources.NONE)
                .read(Json.parse("[{\"id\":\"the-id\",\"name\":\"h\",\"kind\":\"" + kind + "\",\"url\":\"https://"
                        + server + "/x\"" + more + "}]"))
                .get(0);
        return new WebhookCall(webhook, "/x?y=%20", BODY);
    }

    private static WebhookSecrets secrets(int port, WebhookCredentials credentials) {
        return new WebhookSecrets(Map.of(new WebhookSecrets.Owner("p", "h", "https://localhost:" + port), credentials));
    }

    private static Deadline soon() {
        return Deadline.in(LONGEST);
    }

    private static Future<WebhookAnswer> ask(HttpWebhooks webhooks, int port) {
        return webhooks.ask("p", call("ENRICHING", port, ""), "the-request", soon());
    }

    @Test
    void a_webhook_is_called_through_the_proxy_and_one_on_this_machine_is_not(VertxTestContext test) throws Exception {
        LocalProxy proxy = LocalProxy.start("ca:secret");
        HttpWebhooks webhooks =
                webhooks(trust, OutboundProxies.of(Map.of("https_proxy", "ca:secret@127.0.0.1:" + proxy.port())));
        server(request -> end(request, 200, ALLOWED))
                .compose(port -> ask(webhooks, port)
                        .compose(direct ->
                                webhooks.ask("p", call("ENRICHING", "hook.invalid:" + port, ""), "the-request", soon()))
                        .map(port))
                .onComplete(succeeding(test, port -> {
                    assertThat(asked).hasValue(2);
                    assertThat(proxy.asked()).containsExactly("CONNECT hook.invalid:" + port + " HTTP/1.1");
                    proxy.close();
                }));
    }

    /** A check of the failure that is expected. */
    private static <T> Handler<AsyncResult<T>> failing(VertxTestContext test, ThrowingConsumer<CaException> check) {
        return test.failing(failure -> test.verify(() -> {
            assertThat(failure).isInstanceOfSatisfying(CaException.class, check);
            test.completeNow();
        }));
    }

    /** A check of the answer that is expected. */
    private static <T> Handler<AsyncResult<T>> succeeding(VertxTestContext test, ThrowingConsumer<T> check) {
        return test.succeeding(answer -> test.verify(() -> {
            check.accept(answer);
            test.completeNow();
        }));
    }

    @Test
    void a_call_is_what_step_sends_and_says_who_calls(VertxTestContext test) {
        List<String> seen = new CopyOnWriteArrayList<>();
        HttpWebhooks webhooks = webhooks();
        WebhookCredentials credentials = WebhookCredentials.NONE.withKey("SmVmZQ==");
        String signature =
                WebhookSignature.of("Jefe".getBytes(StandardCharsets.UTF_8), BODY.getBytes(StandardCharsets.UTF_8));
        server(request -> request.body().onSuccess(body -> {
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
                }))
                .compose(port -> {
                    webhooks.use(secrets(port, credentials.withBearerToken("abc.def")));
                    return ask(webhooks, port).compose(answer -> {
                        assertThat(answer.allow()).isTrue();
                        webhooks.use(secrets(port, credentials.withPassword("u", "pä:ss")));
                        return ask(webhooks, port);
                    });
                })
                .onComplete(succeeding(test, answer -> {
                    assertThat(answer.allow()).isTrue();
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
                                            + Base64.getEncoder()
                                                    .encodeToString("u:pä:ss".getBytes(StandardCharsets.UTF_8)));
                    assertThat(outcomes).containsExactly("allowed", "allowed");
                }));
    }

    @Test
    void what_is_meant_for_a_webhook_elsewhere_is_not_shown(VertxTestContext test) {
        List<String> seen = new CopyOnWriteArrayList<>();
        HttpWebhooks webhooks = webhooks();
        server(request -> {
                    seen.add(request.getHeader("Authorization") + " " + request.getHeader("X-Smallstep-Signature"));
                    end(request, 200, ALLOWED);
                })
                .compose(port -> {
                    WebhookCredentials credentials =
                            WebhookCredentials.NONE.withKey("SmVmZQ==").withBearerToken("abc.def");
                    webhooks.use(secrets(port + 1, credentials));
                    return ask(webhooks, port);
                })
                .onComplete(succeeding(test, answer -> {
                    assertThat(answer.allow()).isTrue();
                    String unsigned = WebhookSignature.of(new byte[0], BODY.getBytes(StandardCharsets.UTF_8));
                    assertThat(seen).containsExactly("null " + unsigned);
                }));
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 499})
    void a_status_from_400_on_is_a_refusal_that_is_not_asked_again(int status, VertxTestContext test) {
        first(request -> end(request, status, ALLOWED)).onComplete(failing(test, refused -> {
            assertThat(refused.code()).isEqualTo(ErrorCode.FORBIDDEN);
            assertThat(refused.publicDetail()).isEqualTo("Webhook server responded with " + status);
            assertThat(asked).hasValue(1);
            assertThat(outcomes).containsExactly("refused");
        }));
    }

    @Test
    void what_an_authorizing_webhook_says_is_for_the_log_alone(VertxTestContext test) {
        server(request -> end(request, 403, ""))
                .compose(port -> webhooks().ask("p", call("AUTHORIZING", port, ""), "id", soon()))
                .onComplete(failing(test, refused -> {
                    assertThat(refused.publicDetail()).isEqualTo("error creating certificate");
                    assertThat(refused).hasMessage("webhook h: Webhook server responded with 403");
                }));
    }

    @Test
    void an_error_of_the_server_is_asked_once_more(VertxTestContext test) {
        first(request -> end(request, asked.get() == 1 ? 500 : 200, ALLOWED)).onComplete(succeeding(test, answer -> {
            assertThat(answer.allow()).isTrue();
            assertThat(asked).hasValue(2);
        }));
    }

    @Test
    void an_error_that_stays_is_told_as_unavailable(VertxTestContext test) {
        first(request -> end(request, 503, ALLOWED)).onComplete(failing(test, failure -> {
            assertThat(failure.code()).isEqualTo(ErrorCode.WEBHOOK_UNAVAILABLE);
            assertThat(asked).hasValue(2);
            assertThat(outcomes).containsExactly("unavailable");
        }));
    }

    @Test
    void a_connection_that_is_cut_is_asked_once_more(VertxTestContext test) {
        first(request -> {
                    if (asked.get() == 1) {
                        request.connection().close().onComplete(done -> {});
                    } else {
                        end(request, 200, ALLOWED);
                    }
                })
                .onComplete(
                        succeeding(test, answer -> assertThat(answer.allow()).isTrue()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello", "", "[]"})
    void garbage_is_no_answer(String body, VertxTestContext test) {
        first(request -> end(request, 200, body)).onComplete(failing(test, failure -> {
            assertThat(failure.code()).isEqualTo(ErrorCode.WEBHOOK_UNAVAILABLE);
            assertThat(asked).hasValue(1);
        }));
    }

    @Test
    void an_answer_without_an_end_is_broken_off_at_its_limit(VertxTestContext test) {
        first(request -> {
                    request.response().setChunked(true);
                    flood(request);
                })
                .onComplete(failing(test, failure -> {
                    assertThat(failure.code()).isEqualTo(ErrorCode.WEBHOOK_UNAVAILABLE);
                    assertThat(failure).hasMessageContaining("more than 65536 octets");
                    assertThat(asked).hasValue(1);
                }));
    }

    private static void flood(HttpServerRequest request) {
        request.response().write(Buffer.buffer(new byte[16_384])).onSuccess(written -> flood(request));
    }

    @Test
    void a_redirect_is_not_followed(VertxTestContext test) {
        first(request -> {
                    request.response().putHeader("Location", "/y");
                    end(request, 307, ALLOWED);
                })
                .onComplete(failing(test, failure -> {
                    assertThat(failure.code()).isEqualTo(ErrorCode.WEBHOOK_UNAVAILABLE);
                    assertThat(asked).hasValue(1);
                }));
    }

    @Test
    void a_server_that_nobody_vouches_for_is_told_nothing(VertxTestContext test) {
        server(request -> end(request, 200, ALLOWED))
                .compose(port -> ask(webhooks(new ServerTrust(List.of(), AbandonedIssuers.NONE)), port))
                .onComplete(failing(test, failure -> {
                    assertThat(failure.code()).isEqualTo(ErrorCode.WEBHOOK_UNAVAILABLE);
                    assertThat(failure).hasMessageContaining("certification path");
                    assertThat(asked).hasValue(0);
                }));
    }

    @Test
    void a_server_of_another_name_is_told_nothing(VertxTestContext test) {
        server(request -> end(request, 200, ALLOWED))
                .compose(port -> {
                    Webhook there = call("ENRICHING", port, "").webhook();
                    Webhook elsewhere =
                            new Webhook("", "h", there.kind(), "https://127.0.0.1:" + port, there.url(), true);
                    return webhooks().ask("p", new WebhookCall(elsewhere, "/", BODY), "id", soon());
                })
                .onComplete(failing(test, failure -> {
                    assertThat(failure.code()).isEqualTo(ErrorCode.WEBHOOK_UNAVAILABLE);
                    assertThat(asked).hasValue(0);
                }));
    }

    @Test
    void one_that_does_not_answer_has_no_more_time_than_the_request(VertxTestContext test) {
        server(request -> {})
                .compose(port ->
                        webhooks().ask("p", call("ENRICHING", port, ""), "id", Deadline.in(Duration.ofMillis(200))))
                .onComplete(failing(test, failure -> {
                    assertThat(failure.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
                    assertThat(asked.get()).isLessThanOrEqualTo(1);
                }));
    }

    @Test
    void one_that_hangs_holds_up_so_many_requests_and_no_other_webhook_of_its_host(VertxTestContext test) {
        HttpWebhooks webhooks = webhooks();
        List<HttpServerRequest> waiting = new CopyOnWriteArrayList<>();
        Promise<Void> allWait = Promise.promise();
        List<Future<WebhookAnswer>> under = new ArrayList<>();
        server(request -> {
                    if (!"the-request".equals(request.getHeader("X-Request-Id"))) {
                        end(request, 200, ALLOWED);
                        return;
                    }
                    waiting.add(request);
                    if (waiting.size() == HttpWebhooks.MOST_UNDER_WAY) {
                        allWait.complete();
                    }
                })
                .compose(port -> {
                    WebhookCall other = call("ENRICHING", port, "");
                    for (int i = 0; i < HttpWebhooks.MOST_UNDER_WAY; i++) {
                        under.add(ask(webhooks, port));
                    }
                    return ask(webhooks, port)
                            .transform(refused -> {
                                assertThat(refused.cause())
                                        .isInstanceOfSatisfying(
                                                CaException.class,
                                                e -> assertThat(e.code()).isEqualTo(ErrorCode.OVERLOADED));
                                assertThat(outcomes).containsExactly("overloaded");
                                return allWait.future();
                            })
                            .compose(all -> webhooks.ask("other", other, "id", soon()))
                            .compose(answer -> {
                                assertThat(answer.allow()).isTrue();
                                waiting.forEach(request -> end(request, 200, ALLOWED));
                                return Future.all(under);
                            })
                            .compose(answers -> webhooks.ask("p", other, "id", soon()));
                })
                .onComplete(
                        succeeding(test, answer -> assertThat(answer.allow()).isTrue()));
    }

    @Test
    void a_request_that_cannot_be_made_gives_its_place_back(VertxTestContext test) {
        HttpWebhooks webhooks = webhooks();
        server(request -> end(request, 200, ALLOWED))
                .compose(port -> {
                    Webhook there = call("ENRICHING", port, "").webhook();
                    Webhook broken = new Webhook("a\r\nX: y", "h", there.kind(), there.origin(), there.url(), true);
                    return allFail(webhooks, new WebhookCall(broken, "/x", BODY), HttpWebhooks.MOST_UNDER_WAY + 1)
                            .compose(failed -> {
                                assertThat(outcomes)
                                        .containsOnly("unavailable")
                                        .hasSize(HttpWebhooks.MOST_UNDER_WAY + 1);
                                return ask(webhooks, port);
                            });
                })
                .onComplete(
                        succeeding(test, answer -> assertThat(answer.allow()).isTrue()));
    }

    /** Asks so many times, one after the other; each must fail. */
    private static Future<Void> allFail(HttpWebhooks webhooks, WebhookCall call, int times) {
        return times == 0
                ? Future.succeededFuture()
                : webhooks.ask("p", call, "id", soon()).transform(failed -> {
                    assertThat(failed.cause())
                            .isInstanceOfSatisfying(
                                    CaException.class,
                                    e -> assertThat(e.code()).isEqualTo(ErrorCode.WEBHOOK_UNAVAILABLE));
                    return allFail(webhooks, call, times - 1);
                });
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
