package io.chancery.node.oidc;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.chain.AbandonedIssuers;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Der;
import io.chancery.core.oidc.OpenIdEndpoint;
import io.chancery.core.pem.PemBlock;
import io.chancery.node.outbound.OutboundProxies;
import io.chancery.testing.IssuerKey;
import io.chancery.testing.LocalIssuer;
import io.chancery.testing.LocalProxy;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.junit5.Checkpoint;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class HttpQuestionTest {
    /** More than a slow machine needs; where silence is waited out, a test has its own. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static IssuerKey[] keys;
    private LocalIssuer issuer;
    private HttpQuestion question;

    @BeforeAll
    static void makeKeys() throws Exception {
        keys = new IssuerKey[] {IssuerKey.ec("one"), IssuerKey.rsa("two"), IssuerKey.ed25519("three")};
    }

    @BeforeEach
    void start(Vertx vertx) throws Exception {
        issuer = LocalIssuer.start(keys);
        question = within(vertx, PATIENCE);
    }

    private static HttpQuestion within(Vertx vertx, Duration deadline) {
        return through(vertx, OutboundProxies.NONE, deadline);
    }

    private static HttpQuestion through(Vertx vertx, OutboundProxies proxies, Duration deadline) {
        return new HttpQuestion(vertx, new PublicKeys(new BouncyCastleProvider()), proxies, deadline);
    }

    @AfterEach
    void stop() {
        issuer.close();
    }

    private Future<ProviderAnswer> ask(String url) {
        return question.ask(OpenIdEndpoint.of(url, ""));
    }

    /** What it fails with. */
    private Future<String> failure(String url) {
        return ask(url).transform(done -> Future.succeededFuture(
                done.succeeded()
                        ? "answered: " + done.result()
                        : String.valueOf(done.cause().getMessage())));
    }

    @ParameterizedTest
    @CsvSource({"''", "/", "/.well-known/openid-configuration", "/realms/x/"})
    void issuer_and_keys_are_found_with_or_without_the_well_known_path(String path, VertxTestContext test) {
        issuer.cacheControl("max-age=7200");
        ask(issuer.url() + path)
                .onComplete(test.succeeding(answer -> test.verify(() -> {
                    assertThat(answer.provider().issuer()).isEqualTo(issuer.url());
                    assertThat(answer.fresh()).isEqualTo(Duration.ofHours(2));
                    for (String each : new String[] {"one", "two", "three"}) {
                        assertThat(answer.provider().keys().named(each))
                                .as(each)
                                .hasSize(1);
                    }
                    test.completeNow();
                })));
    }

    @Test
    void a_tenant_takes_its_place_in_the_issuer(VertxTestContext test) {
        issuer.metadata(Map.of("issuer", "https://login.example/{tenantid}/v2.0"));
        question.ask(OpenIdEndpoint.of(issuer.url(), "t-1"))
                .onComplete(test.succeeding(answer -> test.verify(() -> {
                    assertThat(answer.provider().issuer()).isEqualTo("https://login.example/t-1/v2.0");
                    test.completeNow();
                })));
    }

    @ParameterizedTest
    @CsvSource({
        "FAILING, answered with status 503",
        "GARBAGE, not JSON",
        "HUGE, more than 262144 octets",
        "ROUND_AND_ROUND, more than 3 redirects"
    })
    void what_is_wrong_is_said(LocalIssuer.Mood mood, String said, VertxTestContext test) {
        issuer.mood(mood);
        failure(issuer.url())
                .compose(failure -> {
                    assertThat(failure).contains(said);
                    issuer.mood(LocalIssuer.Mood.WELL);
                    return ask(issuer.url());
                })
                .onComplete(test.succeeding(answer -> test.verify(() -> {
                    assertThat(answer.provider().issuer()).isEqualTo(issuer.url());
                    test.completeNow();
                })));
    }

    @ParameterizedTest
    @EnumSource(names = {"SILENT", "ENDLESS"})
    void nothing_takes_longer_than_the_deadline(LocalIssuer.Mood mood, Vertx vertx, VertxTestContext test) {
        issuer.mood(mood);
        within(vertx, Duration.ofMillis(400))
                .ask(OpenIdEndpoint.of(issuer.url(), ""))
                .onComplete(test.failing(failure -> {
                    test.verify(() -> assertThat(failure).hasMessageContaining("no answer within 400 ms"));
                    issuer.mood(LocalIssuer.Mood.WELL);
                    ask(issuer.url())
                            .onComplete(test.succeeding(answer -> test.verify(() -> {
                                assertThat(answer.provider().issuer()).isEqualTo(issuer.url());
                                test.completeNow();
                            })));
                }));
    }

    @Test
    void no_more_redirects_are_followed_than_three(VertxTestContext test) {
        issuer.mood(LocalIssuer.Mood.ROUND_AND_ROUND);
        ask(issuer.url())
                .onComplete(test.failing(failure -> test.verify(() -> {
                    assertThat(issuer.discoveries()).isEqualTo(4);
                    test.completeNow();
                })));
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://idp.example:99999999999/", "http://%zz/", "ftp://idp.example/", "no URL", "//x"})
    void a_place_that_cannot_be_asked_is_a_failure_that_names_it(String url) {
        Future<ProviderAnswer> answer = question.ask(new OpenIdEndpoint(url, ""));
        assertThat(answer.cause()).isInstanceOf(IllegalStateException.class).hasMessageStartingWith(url + ": ");
    }

    @Test
    void a_closed_port_is_named(VertxTestContext test) {
        String url = issuer.url();
        issuer.close();
        failure(url)
                .onComplete(test.succeeding(failure -> test.verify(() -> {
                    assertThat(failure).contains(url, "refused");
                    test.completeNow();
                })));
    }

    /** A server for "localhost", the URL that reaches it by that name, and its own certificate. */
    private record Https(String url, X509Certificate certificate) {}

    private static Future<Https> https(Vertx vertx) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair key = generator.generateKeyPair();
        X500Name name = new X500Name("CN=localhost");
        Instant now = Instant.now();
        X509CertificateHolder certificate = new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.TEN,
                        Date.from(now.minusSeconds(60)),
                        Date.from(now.plusSeconds(600)),
                        name,
                        key.getPublic())
                .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                    new GeneralName(GeneralName.dNSName, "localhost"),
                    new GeneralName(GeneralName.dNSName, "secure.invalid")
                }))
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate()));
        X509Certificate own = new JcaX509CertificateConverter().getCertificate(certificate);
        String pem = new PemBlock("CERTIFICATE", Map.of(), Der.of(own.getEncoded())).encode();
        return vertx.createHttpServer(new HttpServerOptions()
                        .setSsl(true)
                        .setKeyCertOptions(new PemKeyCertOptions()
                                .addCertValue(Buffer.buffer(pem))
                                .addKeyValue(Buffer.buffer(new PemBlock(
                                                "PRIVATE KEY",
                                                Map.of(),
                                                Der.of(key.getPrivate().getEncoded()))
                                        .encode()))))
                .requestHandler(request -> request.response()
                        .setStatusCode(302)
                        .putHeader("Location", "http://localhost:1/")
                        .end()
                        .onComplete(done -> {}))
                .listen(0, "localhost")
                .map(server -> new Https("https://localhost:" + server.actualPort(), own));
    }

    @Test
    void a_server_that_nobody_vouches_for_is_not_believed(Vertx vertx, VertxTestContext test) throws Exception {
        https(vertx)
                .compose(server -> failure(server.url()))
                .onComplete(test.succeeding(failure -> test.verify(() -> {
                    assertThat(failure).contains("certification path");
                    test.completeNow();
                })));
    }

    @Test
    void a_root_that_is_named_is_believed_for_as_long_as_it_is_named(Vertx vertx, VertxTestContext test)
            throws Exception {
        https(vertx)
                .compose(server -> question.trust(List.of(server.certificate()), AbandonedIssuers.NONE)
                        .compose(named -> failure(server.url()))
                        .onSuccess(failure -> test.verify(
                                () -> assertThat(failure).contains("redirects to where keys are not to be had from")))
                        .compose(asked -> question.trust(List.of(), AbandonedIssuers.NONE))
                        .compose(none -> failure(server.url())))
                .onComplete(test.succeeding(failure -> test.verify(() -> {
                    assertThat(failure).contains("certification path");
                    test.completeNow();
                })));
    }

    @Test
    void whoever_is_asked_while_a_root_is_being_named_is_held_against_it(Vertx vertx, VertxTestContext test)
            throws Exception {
        https(vertx)
                .compose(server -> {
                    question.trust(List.of(server.certificate()), AbandonedIssuers.NONE)
                            .onComplete(test.succeeding(named -> {}));
                    return failure(server.url());
                })
                .onComplete(test.succeeding(failure -> test.verify(() -> {
                    assertThat(failure).contains("redirects to where keys are not to be had from");
                    test.completeNow();
                })));
    }

    @Test
    void providers_are_asked_through_the_proxy_of_their_scheme(Vertx vertx, VertxTestContext test) throws Exception {
        LocalProxy proxy = LocalProxy.start("ca:p@ss word");
        String url = "http://ca:p%40ss%20word@127.0.0.1:" + proxy.port();
        question = through(vertx, OutboundProxies.of(Map.of("HTTPS_PROXY", url, "http_proxy", url)), PATIENCE);
        int port = Integer.parseInt(issuer.url().replaceFirst(".*:", ""));
        String plain = "http://idp.invalid:" + port;
        issuer.metadata(Map.of("issuer", plain, "jwks_uri", plain + "/keys"));
        https(vertx)
                .compose(server -> question.trust(List.of(server.certificate()), AbandonedIssuers.NONE)
                        .map(server))
                .compose(server -> failure(server.url().replace("localhost", "secure.invalid"))
                        .onSuccess(failure -> test.verify(
                                () -> assertThat(failure).contains("redirects to where keys are not to be had from"))))
                .compose(secure -> ask(plain))
                .onComplete(test.succeeding(answer -> test.verify(() -> {
                    assertThat(answer.provider().issuer()).isEqualTo(plain);
                    assertThat(proxy.asked()).hasSize(3);
                    assertThat(proxy.asked().get(0)).startsWith("CONNECT secure.invalid:");
                    assertThat(proxy.asked().get(1)).startsWith("GET " + plain + "/.well-known/");
                    proxy.close();
                    test.completeNow();
                })));
    }

    @Test
    void a_proxy_that_refuses_is_told_of_without_what_it_was_shown(Vertx vertx, VertxTestContext test)
            throws Exception {
        LocalProxy proxy = LocalProxy.start("ca:another");
        question = through(
                vertx,
                OutboundProxies.of(Map.of("HTTPS_PROXY", "http://ca:the-password@127.0.0.1:" + proxy.port())),
                PATIENCE);
        failure("https://secure.invalid")
                .onComplete(test.succeeding(failure -> test.verify(() -> {
                    assertThat(failure).contains("407").doesNotContain("the-password");
                    assertThat(proxy.asked()).containsExactly("CONNECT secure.invalid:443 HTTP/1.1");
                    proxy.close();
                    test.completeNow();
                })));
    }

    @Test
    void from_https_nobody_is_led_to_http(Vertx vertx, VertxTestContext test) throws Exception {
        Checkpoint ofItsName = test.checkpoint();
        Checkpoint ofAnother = test.checkpoint();
        https(vertx)
                .compose(server -> question.trust(List.of(server.certificate()), AbandonedIssuers.NONE)
                        .map(server))
                .onComplete(test.succeeding(server -> {
                    failure(server.url())
                            .onComplete(test.succeeding(failure -> test.verify(() -> {
                                assertThat(failure).contains("redirects to where keys are not to be had from");
                                ofItsName.flag();
                            })));
                    failure(server.url().replace("localhost", "127.0.0.1"))
                            .onComplete(test.succeeding(failure -> test.verify(() -> {
                                assertThat(failure).contains("127.0.0.1");
                                ofAnother.flag();
                            })));
                }));
    }
}
