package io.chancery.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.issuer.Issuers;
import io.chancery.core.name.NameConstraints;
import io.chancery.node.revocation.CrlJob;
import io.chancery.node.revocation.CrlJobs;
import io.chancery.node.revocation.CrlSettings;
import io.chancery.node.revocation.ListSigner;
import io.chancery.node.step.CrlApi;
import io.chancery.node.store.SqliteStore;
import io.chancery.node.store.Store;
import io.chancery.node.store.StoreSettings;
import io.chancery.testing.Answers;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.junit5.VertxExtension;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CRL;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The list of revoked certificates as it is served, in both forms, and before there is one. */
@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class CrlApiTest {
    private static final Instant START = Instant.parse("2026-11-24T12:00:00Z");

    @TempDir
    private Path folder;

    private Store store;
    private CrlJobs lists;
    private int port;

    @BeforeEach
    void serve(Vertx vertx) throws Exception {
        store = SqliteStore.open(folder, new StoreSettings("n1", 1000, false, "birth"), InstantSource.fixed(START));
        ListSigner signer = new ListSigner(START);
        Issuers issuers = Issuers.only(signer.issuer, NameConstraints.of(List.of(signer.issuer.certificate())));
        lists = new CrlJobs(
                vertx,
                new CrlJob.Ports(store.lists(), signer, ListSigner.NOWHERE),
                new PublicKeys(new BouncyCastleProvider()),
                (published, took) -> {});
        lists.use(
                issuers,
                Optional.of(new CrlSettings(
                        false, Duration.ofHours(1), Duration.ofMinutes(40), Optional.of("https://ca/crl"))));
        HttpApi api = new HttpApi(
                router -> new CrlApi(lists, () -> issuers).mountOn(router),
                new RequestRules(Duration.ofSeconds(20), 10, Optional.empty(), Optional.empty()),
                List.of(),
                InstantSource.system(),
                Duration.ofSeconds(20));
        HttpServerOptions options = new HttpServerOptions().setHost("127.0.0.1").setPort(0);
        BlockingQueue<HttpServer> started = new LinkedBlockingQueue<>();
        Answers.of(vertx.deployVerticle(new HttpApiVerticle(options, api, peer -> true, started::add)));
        port = started.take().actualPort();
    }

    @AfterEach
    void close() {
        lists.stop();
        store.close();
    }

    private HttpResponse<String> get(String path) throws Exception {
        // Over HTTP/2 some JDKs give up an answer when they are told that its connection ends.
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .build()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .timeout(Duration.ofSeconds(20))
                                .build(),
                        HttpResponse.BodyHandlers.ofString(StandardCharsets.ISO_8859_1));
    }

    private static CRL read(HttpResponse<String> answer) throws Exception {
        return CertificateFactory.getInstance("X.509")
                .generateCRL(new ByteArrayInputStream(answer.body().getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static void header(HttpResponse<String> answer, String name, String value) {
        assertThat(answer.headers().firstValue(name)).contains(value);
    }

    @Test
    void before_the_first_list_there_is_none_yet() throws Exception {
        for (String path : List.of("/crl", "/1.0/crl?pem")) {
            HttpResponse<String> answer = get(path);
            assertThat(answer.statusCode()).isEqualTo(503);
            header(answer, "Retry-After", "1");
            assertThat(answer.body()).startsWith("{\"status\":503,");
        }
    }

    @Test
    void both_forms_say_what_they_are_and_are_one_list() throws Exception {
        lists.start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (lists.servedUntil().isEmpty()) {
            assertThat(System.nanoTime()).isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        HttpResponse<String> octets = get("/crl");
        header(octets, "Content-Type", "application/pkix-crl");
        header(octets, "Content-Disposition", "attachment; filename=\"crl.crl\"");
        header(octets, "Expires", "Tue, 24 Nov 2026 13:00:00 UTC");
        for (String query : List.of("?pem", "?pem=", "?pem=false", "?x=y&pem=1")) {
            HttpResponse<String> text = get("/1.0/crl" + query);
            header(text, "Content-Type", "application/x-pem-file");
            header(text, "Content-Disposition", "attachment; filename=\"crl.pem\"");
            header(text, "Expires", "Tue, 24 Nov 2026 13:00:00 UTC");
            assertThat(text.body()).startsWith("-----BEGIN X509 CRL-----\n").endsWith("-----END X509 CRL-----\n");
            assertThat(read(text)).isEqualTo(read(octets));
        }
    }
}
