package io.chancery.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.junit5.VertxExtension;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What one HTTP/2 connection can ask for. */
@ExtendWith(VertxExtension.class)
@Timeout(60)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class Http2LimitsTest {
    private Vertx vertx;
    private RunningApi running;

    @BeforeEach
    void start(Vertx vertx) throws Exception {
        this.vertx = vertx;
        running = RunningApi.http2On(vertx);
    }

    private HttpClient http2() {
        return vertx.createHttpClient(
                new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
    }

    private RequestOptions post() {
        return new RequestOptions().setMethod(HttpMethod.POST).setAbsoluteURI(running.url("/length"));
    }

    @Test
    void over_http_2_a_body_that_grows_too_large_is_refused_and_the_connection_serves_on() throws Exception {
        HttpClient client = http2();
        CompletableFuture<Integer> status = new CompletableFuture<>();
        HttpClientRequest request = await(client.request(post()));
        request.setChunked(true);
        request.response().onComplete(r -> {
            if (r.succeeded()) {
                status.complete(r.result().statusCode());
            } else {
                status.completeExceptionally(r.cause());
            }
        });
        for (int i = 0; i < 5; i++) {
            request.write(Buffer.buffer("a".repeat(0x4000)));
        }
        assertThat(status.get(20, TimeUnit.SECONDS)).isEqualTo(413);
        int next = await(client.request(post()).compose(r -> r.send("abc")).map(r -> r.statusCode()));
        assertThat(next).isEqualTo(200);
        assertThat(running.api.gate().inFlight()).isZero();
    }

    @Test
    void over_http_2_a_request_that_names_no_host_gets_400() throws Exception {
        String settings = "\0\0\0\4\0\0\0\0\0";
        String getRootOverHttp = "\0\0\3\1\5\0\0\0\1\u0082\u0086\u0084"; // RFC 7541 app. A: without :authority
        try (RunningApi.Client client = running.connect()) {
            client.say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings + getRootOverHttp);
            assertThat(client.until("}\n")).contains("{\"status\":400,").contains("names no host");
        }
    }

    @Test
    void over_http_2_so_many_streams_are_open_at_once_and_no_more() throws Exception {
        HttpClient client = http2();
        HttpClientRequest request = await(client.request(post()));
        Http2Settings settings = (Http2Settings) request.connection().remoteSettings();
        assertThat(settings.getMaxConcurrentStreams()).isEqualTo(100);
        assertThat(settings.getMaxHeaderListSize()).isEqualTo(16_384);
    }

    @Test
    void over_http_2_a_flood_of_resets_ends_the_connection() throws Exception {
        HttpClient client = http2();
        CompletableFuture<Void> closed = new CompletableFuture<>();
        HttpClientRequest first = await(client.request(post()));
        first.connection().closeHandler(gone -> closed.complete(null));
        flood(client, first.connection(), closed, 0);
        closed.get(30, TimeUnit.SECONDS);
    }

    private void flood(
            HttpClient client, io.vertx.core.http.HttpConnection on, CompletableFuture<Void> closed, int count) {
        if (count > 2_000 || closed.isDone()) {
            return;
        }
        client.request(post()).onComplete(r -> {
            if (r.succeeded()) {
                r.result().setChunked(true).writeHead().onComplete(written -> {
                    r.result().reset(8);
                    flood(client, on, closed, count + 1);
                });
            }
        });
    }

    private static <T> T await(io.vertx.core.Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
