package io.chancery.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.junit5.Checkpoint;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How clients with kept connections learn that a node stops: none of their requests is lost for it. */
@ExtendWith(VertxExtension.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class DrainTest {
    private static final String REQUEST = "GET /ok HTTP/1.1\r\nHost: x\r\n\r\n";

    @Test
    void a_kept_connection_is_answered_once_more_and_told_that_it_ends(Vertx vertx) throws Exception {
        RunningApi running = RunningApi.patientOn(vertx);
        try (RunningApi.Client client = running.connect()) {
            client.say(REQUEST);
            assertThat(client.until("\r\nok")).doesNotContainIgnoringCase("connection: close");
            running.api.beginDrain();
            client.say(REQUEST);
            assertThat(client.untilTheEnd())
                    .startsWith("HTTP/1.1 200 ")
                    .containsIgnoringCase("\r\nconnection: close\r\n")
                    .endsWith("\r\nok");
        }
    }

    @Test
    void a_request_that_is_under_way_is_answered_and_told_too(Vertx vertx) throws Exception {
        RunningApi running = RunningApi.patientOn(vertx);
        try (RunningApi.Client client = running.connect()) {
            client.say("POST /length HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
            assertThat(client.until("\r\n\r\n")).startsWith("HTTP/1.1 100 ");
            running.api.beginDrain();
            client.say("abc");
            assertThat(client.untilTheEnd())
                    .startsWith("HTTP/1.1 200 ")
                    .containsIgnoringCase("\r\nconnection: close\r\n")
                    .endsWith("length 3");
        }
    }

    @Test
    void new_connections_are_served_once_for_those_who_have_not_noticed(Vertx vertx) throws Exception {
        RunningApi running = RunningApi.patientOn(vertx);
        running.api.beginDrain();
        for (int i = 0; i < 3; i++) {
            try (RunningApi.Client client = running.connect()) {
                client.say(REQUEST);
                assertThat(client.untilTheEnd()).startsWith("HTTP/1.1 200 ").containsIgnoringCase("connection: close");
            }
        }
    }

    @Test
    void a_node_that_lacks_its_store_sends_the_client_away_with_its_answer(Vertx vertx) throws Exception {
        RunningApi running = RunningApi.patientOn(vertx);
        try (RunningApi.Client client = running.connect()) {
            client.say("GET /away HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(client.untilTheEnd())
                    .startsWith("HTTP/1.1 503 ")
                    .containsIgnoringCase("\r\nretry-after: 1\r\n")
                    .containsIgnoringCase("\r\nconnection: close\r\n")
                    .endsWith("}\n");
        }
    }

    @Test
    void over_http_2_a_connection_without_requests_is_ended_with_a_goaway(Vertx vertx, VertxTestContext test)
            throws Exception {
        RunningApi running = RunningApi.http2On(vertx);
        Checkpoint told = test.checkpoint();
        Checkpoint ended = test.checkpoint();
        http2(vertx)
                .request(ok(running))
                .compose(request -> {
                    request.connection()
                            .goAwayHandler(goAway -> test.verify(() -> {
                                assertThat(goAway.getErrorCode()).as("NO_ERROR").isZero();
                                told.flag();
                            }));
                    request.connection().closeHandler(gone -> ended.flag());
                    return request.send();
                })
                .onComplete(test.succeeding(answer -> test.verify(() -> {
                    assertThat(answer.statusCode()).isEqualTo(200);
                    running.api.beginDrain();
                })));
    }

    @Test
    void over_http_2_what_is_under_way_is_answered_after_the_goaway(Vertx vertx, VertxTestContext test)
            throws Exception {
        RunningApi running = RunningApi.http2On(vertx);
        Promise<Void> told = Promise.promise();
        Promise<Void> arrived = Promise.promise();
        http2(vertx)
                .request(ok(running).setMethod(HttpMethod.POST))
                .compose(request -> {
                    request.connection().goAwayHandler(goAway -> told.complete());
                    request.continueHandler(arrived::complete).putHeader("Expect", "100-continue");
                    return request.setChunked(true)
                            .writeHead()
                            .compose(written -> arrived.future())
                            .compose(taken -> {
                                running.api.beginDrain();
                                return told.future();
                            })
                            .compose(goAway -> request.end("abc"))
                            .compose(ended -> request.response());
                })
                .onComplete(test.succeeding(answer -> test.verify(() -> {
                    assertThat(answer.statusCode()).isEqualTo(200);
                    test.completeNow();
                })));
        assertThat(running.nextAnswered().status()).isEqualTo(200);
    }

    @Test
    void over_http_2_a_new_connection_is_served_and_ended(Vertx vertx, VertxTestContext test) throws Exception {
        RunningApi running = RunningApi.http2On(vertx);
        running.api.beginDrain();
        Checkpoint served = test.checkpoint();
        Checkpoint ended = test.checkpoint();
        http2(vertx)
                .request(ok(running))
                .compose(request -> {
                    request.connection().closeHandler(gone -> ended.flag());
                    return request.send();
                })
                .onComplete(test.succeeding(answer -> test.verify(() -> {
                    assertThat(answer.statusCode()).isEqualTo(200);
                    served.flag();
                })));
    }

    private static HttpClient http2(Vertx vertx) {
        return vertx.createHttpClient(
                new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
    }

    private static RequestOptions ok(RunningApi running) {
        return new RequestOptions().setMethod(HttpMethod.GET).setAbsoluteURI(running.url("/ok"));
    }
}
