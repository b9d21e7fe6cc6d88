package io.chancery.node.step;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.chancery.node.http.ApiPorts;
import io.chancery.node.http.HttpApi;
import io.chancery.node.http.RequestRules;
import io.chancery.testing.Answers;
import io.chancery.testing.MutableInstantSource;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/** Whoever lets a balancer end TLS hears of it in the log, and not once a request. */
@ExtendWith(VertxExtension.class)
@Timeout(60)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class ForwardedCertificatesTest {
    private final MutableInstantSource clock = new MutableInstantSource(Instant.parse("2026-12-01T00:00:00Z"));
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(ForwardedCertificates.class);
    private final HttpClient client = HttpClient.newHttpClient();
    private int port;

    @BeforeEach
    void start(Vertx vertx) throws Exception {
        log.start();
        logger.addAppender(log);
        ForwardedCertificates forwarded = new ForwardedCertificates(
                () -> TimeUnit.SECONDS.toNanos(clock.instant().getEpochSecond()));
        HttpApi api = new HttpApi(
                router -> router.post("/renew").handler(ctx -> {
                    forwarded.notice(ctx);
                    StepReply.json(ctx, 200, new JsonObject());
                }),
                new RequestRules(Duration.ofSeconds(20), 10, Optional.empty(), Optional.empty()),
                List.of(),
                InstantSource.system(),
                Duration.ofSeconds(20));
        port = Answers.of(new ApiPorts(vertx, api)
                .open(new HttpServerOptions().setHost("127.0.0.1").setPort(0)));
    }

    @AfterEach
    void stop() {
        boolean unused = logger.detachAppender(log);
    }

    private void send(String header) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/renew"))
                .version(HttpClient.Version.HTTP_1_1)
                .header(header, ":AAAA:")
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
    }

    @Test
    void a_certificate_in_a_header_is_a_warning_once_an_hour() throws Exception {
        send("Client-Cert");
        send("client-cert");
        clock.advance(Duration.ofMinutes(59));
        send("Client-Cert");
        assertThat(log.list).hasSize(1);
        assertThat(log.list.get(0).getLevel()).isEqualTo(Level.WARN);
        assertThat(log.list.get(0).getFormattedMessage()).contains("Client-Cert is not believed", "docs/cluster.md");
        clock.advance(Duration.ofMinutes(1));
        send("Client-Cert");
        assertThat(log.list).hasSize(2);
    }

    @Test
    void other_headers_are_none() throws Exception {
        send("X-Forwarded-For");
        assertThat(log.list).isEmpty();
    }
}
