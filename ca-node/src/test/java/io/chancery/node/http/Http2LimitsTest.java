package io.chancery.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.testing.Answers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What one HTTP/2 connection can ask for. */
@ExtendWith(VertxExtension.class)
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
    void over_http_2_a_body_that_grows_too_large_is_refused_and_the_connection_serves_on(VertxTestContext test) {
        HttpClient client = http2();
        client.request(post())
                .compose(request -> {
                    request.setChunked(true);
                    for (int i = 0; i < 5; i++) {
                        request.write(Buffer.buffer("a".repeat(0x4000)));
                    }
                    return request.response();
                })
                .compose(refused -> {
                    assertThat(refused.statusCode()).isEqualTo(413);
                    return client.request(post()).compose(request -> request.send("abc"));
                })
                .compose(next -> {
                    assertThat(next.statusCode()).isEqualTo(200);
                    return nothingInFlight();
                })
                .onComplete(test.succeedingThenComplete());
    }

    private Future<Void> nothingInFlight() {
        return running.api.gate().inFlight() == 0
                ? Future.succeededFuture()
                : vertx.timer(5).compose(waited -> nothingInFlight());
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
    void over_http_2_head_gets_the_head_of_the_answer_to_get_and_no_body() throws Exception {
        HttpClient client = http2();
        for (String path : new String[] {"/ok", "/none"}) {
            HttpClientResponse answer = Answers.of(client.request(
                            new RequestOptions().setMethod(HttpMethod.HEAD).setAbsoluteURI(running.url(path)))
                    .compose(HttpClientRequest::send));
            assertThat(answer.statusCode()).isEqualTo(path.equals("/ok") ? 200 : 404);
            assertThat(answer.getHeader("Content-Length")).isEqualTo(path.equals("/ok") ? "2" : "19");
            assertThat(answer.getHeader("Date")).endsWith(" GMT");
            assertThat(Answers.of(answer.body()).length()).isZero();
        }
        assertThat(running.nextAnswered().bytes()).isZero();
    }

    @Test
    void over_http_2_a_head_request_that_names_no_host_gets_400_without_a_body() throws Exception {
        String settings = "\0\0\0\4\0\0\0\0\0";
        String headOverHttp = "\0\0\10\1\5\0\0\0\1\2\4HEAD\u0086\u0084"; // RFC 7541 s. 6.2.2
        String ping = "\0\0\10\6\0\0\0\0\0pingpong";
        try (RunningApi.Client client = running.connect()) {
            client.say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings + headOverHttp);
            client.until("application/json");
            client.say(ping);
            assertThat(client.until("pingpong")).doesNotContain("status");
        }
    }

    @Test
    void over_http_2_so_many_streams_are_open_at_once_and_no_more(VertxTestContext test) {
        http2().request(post())
                .onComplete(test.succeeding(request -> test.verify(() -> {
                    Http2Settings settings =
                            (Http2Settings) request.connection().remoteSettings();
                    assertThat(settings.getMaxConcurrentStreams()).isEqualTo(100);
                    assertThat(settings.getMaxHeaderListSize()).isEqualTo(16_384);
                    test.completeNow();
                })));
    }

    @Test
    void over_http_2_a_flood_of_resets_ends_the_connection(VertxTestContext test) {
        HttpClient client = http2();
        client.request(post()).onComplete(test.succeeding(first -> {
            first.connection().closeHandler(gone -> test.completeNow());
            flood(client, test, 0);
        }));
    }

    private void flood(HttpClient client, VertxTestContext test, int count) {
        if (count > 2_000 || test.completed()) {
            return;
        }
        client.request(post())
                .onSuccess(request -> request.setChunked(true).writeHead().onComplete(written -> {
                    request.reset(8);
                    flood(client, test, count + 1);
                }));
    }
}
