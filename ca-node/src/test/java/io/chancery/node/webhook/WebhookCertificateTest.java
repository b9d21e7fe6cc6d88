package io.chancery.node.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.chancery.core.certificate.KeyId;
import io.chancery.core.chain.AbandonedIssuers;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.json.Json;
import io.chancery.core.pem.PemBlock;
import io.chancery.core.template.TemplateSources;
import io.chancery.core.webhook.WebhookAnswer;
import io.chancery.core.webhook.WebhookCall;
import io.chancery.core.webhook.WebhookReader;
import io.chancery.node.TestCertificates;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.outbound.OutboundProxies;
import io.chancery.node.outbound.ServerTrust;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.TrustOptions;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Webhooks whose server asks who calls, over real TLS. */
@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class WebhookCertificateTest {
    /** More than a slow machine needs for two handshakes. */
    private static final Duration LONGEST = Duration.ofSeconds(25);

    private static Vertx vertx;
    private static Party root;
    private static Party intermediate;
    private static Party stranger;
    private static PemKeyCertOptions first;
    private static PemKeyCertOptions second;
    private static ServerTrust trust;

    private final List<String> outcomes = new CopyOnWriteArrayList<>();
    private final List<String> callers = new CopyOnWriteArrayList<>();

    /** A certificate and its key. */
    private record Party(X509Certificate certificate, KeyPair key) {
        String pem() throws Exception {
            return new PemBlock("CERTIFICATE", Map.of(), Der.of(certificate.getEncoded())).encode();
        }
    }

    @BeforeAll
    static void makeCertificates(Vertx ofAll) throws Exception {
        vertx = ofAll;
        root = root("Root");
        stranger = root("Stranger");
        intermediate = issued("Intermediate", root, true);
        first = identity("First");
        second = identity("Second");
        trust = new ServerTrust(List.of(root.certificate()), AbandonedIssuers.NONE);
    }

    private static Party root(String name) throws Exception {
        KeyPair key = TestCertificates.newKey();
        return new Party(TestCertificates.certificate(name, key, "CN=" + name, key, true, "localhost"), key);
    }

    private static Party issued(String name, Party issuer, boolean ca) throws Exception {
        KeyPair key = TestCertificates.newKey();
        String by = issuer.certificate().getSubjectX500Principal().getName();
        return new Party(TestCertificates.certificate(name, key, by, issuer.key(), ca, "localhost"), key);
    }

    /** Of the intermediate, with it behind. */
    private static PemKeyCertOptions identity(String name) throws Exception {
        Party leaf = issued(name, intermediate, false);
        return new PemKeyCertOptions()
                .addCertValue(Buffer.buffer(leaf.pem() + intermediate.pem()))
                .addKeyValue(Buffer.buffer(new PemBlock(
                                "PRIVATE KEY",
                                Map.of(),
                                Der.of(leaf.key().getPrivate().getEncoded()))
                        .encode()));
    }

    /** Not open yet. */
    private HttpWebhooks closed() {
        return new HttpWebhooks(
                vertx,
                OutboundProxies.NONE,
                (kind, outcome, took) -> outcomes.add(outcome),
                LONGEST,
                Duration.ofMillis(5));
    }

    private HttpWebhooks webhooks() {
        HttpWebhooks webhooks = closed();
        webhooks.open(trust);
        return webhooks;
    }

    private HttpWebhooks webhooks(PemKeyCertOptions own) {
        HttpWebhooks webhooks = webhooks();
        webhooks.use(own);
        return webhooks;
    }

    /** Takes none but the intermediate's certificates, and notes who calls. */
    private Future<Integer> server(ClientAuth asks, String protocol, Party named) {
        HttpServerOptions options = new HttpServerOptions()
                .setSsl(true)
                .setClientAuth(asks)
                .setTrustOptions(TrustOptions.wrap(new OfIntermediate(named.certificate())))
                .setKeyCertOptions(first);
        options.setEnabledSecureTransportProtocols(Set.of(protocol));
        return vertx.createHttpServer(options)
                .requestHandler(request -> {
                    callers.add(caller(request));
                    request.response().end("{\"allow\":true}").onComplete(done -> {});
                })
                .listen(0, "localhost")
                .map(HttpServer::actualPort);
    }

    private Future<Integer> demanding() {
        return server(ClientAuth.REQUIRED, "TLSv1.3", root);
    }

    /** @param named to callers, as the authority that their certificates should be of */
    private record OfIntermediate(X509Certificate named) implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            try {
                chain[0].verify(intermediate.key().getPublic());
            } catch (java.security.GeneralSecurityException e) {
                throw new CertificateException(e);
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("a server's");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[] {named};
        }
    }

    /** The names of what was shown, the caller's first. */
    private static String caller(HttpServerRequest request) {
        try {
            return Arrays.stream(request.connection().sslSession().getPeerCertificates())
                    .map(shown ->
                            ((X509Certificate) shown).getSubjectX500Principal().getName())
                    .collect(Collectors.joining(" "));
        } catch (SSLPeerUnverifiedException e) {
            return "nobody";
        }
    }

    private static Future<WebhookAnswer> ask(HttpWebhooks webhooks, int port, String more) {
        WebhookCall call = new WebhookCall(
                new WebhookReader(Map.of(), TemplateSources.NONE)
                        .read(Json.parse("[{\"name\":\"h\",\"kind\":\"ENRICHING\",\"url\":\"https://localhost:" + port
                                + "/x\"" + more + "}]"))
                        .get(0),
                "/x",
                "{}");
        return webhooks.ask("p", call, "id", Deadline.in(LONGEST));
    }

    private static Future<WebhookAnswer> ask(HttpWebhooks webhooks, int port) {
        return ask(webhooks, port, "");
    }

    private static Future<WebhookAnswer> askAnonymously(HttpWebhooks webhooks, int port) {
        return ask(webhooks, port, ",\"disableTLSClientAuth\":true");
    }

    /** That the webhook is away, for a reason that has these words. */
    private static void assertAway(Throwable failure, String words) {
        assertThat(failure)
                .hasMessageContaining(words)
                .isInstanceOfSatisfying(
                        CaException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.WEBHOOK_UNAVAILABLE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void a_server_that_demands_a_certificate_is_shown_the_server_s_own_with_its_chain(
            String protocol, VertxTestContext test) {
        HttpWebhooks webhooks = webhooks(first);
        server(ClientAuth.REQUIRED, protocol, root)
                .compose(port -> ask(webhooks, port))
                .onComplete(test.succeeding(answer -> test.verify(() -> {
                    assertThat(answer.allow()).isTrue();
                    assertThat(callers).containsExactly("CN=First CN=Intermediate");
                    assertThat(outcomes).containsExactly("allowed");
                    test.completeNow();
                })));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void it_is_shown_to_a_server_that_names_other_authorities_too(String protocol, VertxTestContext test) {
        HttpWebhooks webhooks = webhooks(first);
        server(ClientAuth.REQUIRED, protocol, stranger)
                .compose(port -> ask(webhooks, port))
                .onComplete(test.succeeding(answer -> test.verify(() -> {
                    assertThat(callers).containsExactly("CN=First CN=Intermediate");
                    test.completeNow();
                })));
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2, bad_certificate|handshake_failure", "TLSv1.3, certificate_required|bad_certificate"})
    void a_server_that_demands_one_refuses_a_webhook_that_shows_none(
            String protocol, String reason, VertxTestContext test) {
        HttpWebhooks webhooks = webhooks(first);
        server(ClientAuth.REQUIRED, protocol, root)
                .compose(port -> askAnonymously(webhooks, port))
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertAway(failure, "");
                    assertThat(failure.getMessage()).containsPattern(reason);
                    assertThat(callers).isEmpty();
                    assertThat(outcomes).containsExactly("unavailable");
                    test.completeNow();
                })));
    }

    @Test
    void a_server_that_only_asks_is_shown_it_by_webhooks_that_may(VertxTestContext test) {
        HttpWebhooks webhooks = webhooks(first);
        server(ClientAuth.REQUEST, "TLSv1.3", root)
                .compose(port -> ask(webhooks, port).compose(answer -> askAnonymously(webhooks, port)))
                .onComplete(test.succeeding(answer -> test.verify(() -> {
                    assertThat(callers).containsExactly("CN=First CN=Intermediate", "nobody");
                    test.completeNow();
                })));
    }

    @Test
    void a_renewed_certificate_is_shown_from_the_next_call_on(VertxTestContext test) {
        HttpWebhooks webhooks = webhooks(first);
        demanding()
                .compose(port -> ask(webhooks, port).compose(answer -> {
                    webhooks.use(second);
                    return ask(webhooks, port);
                }))
                .onComplete(test.succeeding(answer -> test.verify(() -> {
                    assertThat(callers).containsExactly("CN=First CN=Intermediate", "CN=Second CN=Intermediate");
                    test.completeNow();
                })));
    }

    @Test
    void whose_certificates_a_webhook_may_have_is_as_it_was_said_last(VertxTestContext test) {
        HttpWebhooks webhooks = closed();
        webhooks.use(first);
        webhooks.open(new ServerTrust(List.of(stranger.certificate()), AbandonedIssuers.NONE));
        AbandonedIssuers given =
                new AbandonedIssuers(Set.of(KeyId.of(intermediate.key().getPublic())), Set.of());
        demanding()
                .compose(port -> ask(webhooks, port)
                        .transform(refused -> {
                            assertAway(refused.cause(), "PKIX path building failed");
                            webhooks.open(trust);
                            return ask(webhooks, port);
                        })
                        .compose(answer -> {
                            webhooks.open(
                                    new ServerTrust(List.of(root.certificate(), intermediate.certificate()), given));
                            return Future.join(ask(webhooks, port), askAnonymously(webhooks, port));
                        }))
                .onComplete(test.failing(refused -> test.verify(() -> {
                    assertAway(refused, "PKIX path building failed");
                    assertThat(callers).containsExactly("CN=First CN=Intermediate");
                    assertThat(outcomes).containsExactly("unavailable", "allowed", "unavailable", "unavailable");
                    test.completeNow();
                })));
    }

    @Test
    void one_that_was_there_before_the_first_webhook_is_shown(VertxTestContext test) {
        HttpWebhooks webhooks = closed();
        webhooks.use(first);
        webhooks.open(trust);
        demanding()
                .compose(port -> ask(webhooks, port))
                .onComplete(test.succeeding(answer -> test.verify(() -> {
                    assertThat(callers).containsExactly("CN=First CN=Intermediate");
                    test.completeNow();
                })));
    }

    @Test
    void a_server_without_a_certificate_says_so_and_asks_nobody_that_may_want_it(VertxTestContext test) {
        HttpWebhooks webhooks = webhooks();
        server(ClientAuth.REQUEST, "TLSv1.3", root)
                .compose(port -> ask(webhooks, port)
                        .transform(refused -> {
                            assertAway(refused.cause(), "no certificate of its own");
                            assertThat(callers).isEmpty();
                            return askAnonymously(webhooks, port);
                        })
                        .compose(answer -> {
                            webhooks.use(first);
                            return ask(webhooks, port);
                        }))
                .onComplete(test.succeeding(answer -> test.verify(() -> {
                    assertThat(callers).containsExactly("nobody", "CN=First CN=Intermediate");
                    assertThat(outcomes).containsExactly("unavailable", "allowed", "allowed");
                    test.completeNow();
                })));
    }

    @Test
    void a_key_that_cannot_be_used_is_told_in_the_log_and_the_one_before_is_shown(VertxTestContext test)
            throws Exception {
        HttpWebhooks webhooks = webhooks(first);
        Logger log = (Logger) LoggerFactory.getLogger(WebhookClients.class);
        ListAppender<ILoggingEvent> told = new ListAppender<>();
        told.start();
        log.addAppender(told);
        try {
            webhooks.use(new PemKeyCertOptions()
                    .addCertValue(Buffer.buffer(intermediate.pem()))
                    .addKeyValue(Buffer.buffer("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")));
        } finally {
            log.detachAppender(told);
        }
        assertThat(told.list).extracting(ILoggingEvent::getLevel).containsExactly(Level.WARN);
        demanding()
                .compose(port -> ask(webhooks, port))
                .onComplete(test.succeeding(answer -> test.verify(() -> {
                    assertThat(callers).containsExactly("CN=First CN=Intermediate");
                    test.completeNow();
                })));
    }
}
