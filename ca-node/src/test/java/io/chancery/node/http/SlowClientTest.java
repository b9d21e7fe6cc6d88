package io.chancery.node.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.error.ErrorCode;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients that let others wait: each is cut off and frees what it holds. */
@ExtendWith(VertxExtension.class)
@Timeout(60)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class SlowClientTest {
    private final ScheduledExecutorService drip = Executors.newSingleThreadScheduledExecutor();
    private RunningApi running;

    @BeforeEach
    void start(Vertx vertx) throws Exception {
        running = RunningApi.on(vertx);
    }

    @AfterEach
    void stop() {
        drip.shutdownNow();
    }

    /** A byte every 50 ms, for as long as it is let. */
    private void keepSaying(RunningApi.Client client, String text) {
        drip.scheduleAtFixedRate(
                () -> {
                    try {
                        client.say(text);
                    } catch (IOException hungUp) {
                        throw new IllegalStateException(hungUp);
                    }
                },
                0,
                50,
                TimeUnit.MILLISECONDS);
    }

    @Test
    void one_that_says_nothing_is_hung_up_on() throws Exception {
        try (RunningApi.Client client = running.connect()) {
            assertThat(client.untilTheEnd()).isEmpty();
        }
    }

    @Test
    void one_whose_headers_trickle_in_is_hung_up_on_though_it_is_never_quite_silent() throws Exception {
        try (RunningApi.Client client = running.connect()) {
            client.say("GET /ok HTTP/1.1\r\nHost: x\r\nX-Slow: ");
            keepSaying(client, "a");
            assertThat(client.untilTheEnd()).doesNotContain("HTTP/1.1 200");
        }
    }

    @Test
    void one_whose_body_trickles_in_gets_408_and_frees_its_place() throws Exception {
        try (RunningApi.Client client = running.connect()) {
            client.say("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n");
            keepSaying(client, "a");
            assertThat(client.until("in time"))
                    .startsWith("HTTP/1.1 408 ")
                    .containsIgnoringCase("connection: close")
                    .containsIgnoringCase("x-request-id: ");
            assertThat(running.nextAnswered().context().facts().error()).contains(ErrorCode.TOO_SLOW);
            assertThat(running.api.gate().inFlight()).isZero();
            client.untilTheEnd();
        }
    }

    @Test
    void one_that_goes_in_mid_body_frees_its_place() throws Exception {
        try (RunningApi.Client client = running.connect()) {
            client.say("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\nabc");
        }
        assertThat(running.nextAnswered().status()).isZero();
        assertThat(running.api.gate().inFlight()).isZero();
    }

    @Test
    void one_that_stays_without_a_further_request_is_hung_up_on() throws Exception {
        try (RunningApi.Client client = running.connect()) {
            client.say("GET /ok HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(client.until("\r\n\r\nok")).startsWith("HTTP/1.1 200 ");
            assertThat(client.untilTheEnd()).isEmpty();
        }
    }

    @Test
    void one_that_asks_and_does_not_read_is_not_served_without_end_and_is_cut_off() throws Exception {
        byte[] request = "GET /big HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1_000).getBytes(StandardCharsets.US_ASCII);
        try (RunningApi.Client client = running.connect()) {
            OutputStream out = client.socket().getOutputStream();
            drip.schedule(() -> closeQuietly(client), 20, TimeUnit.SECONDS); // far too late
            assertThatThrownBy(() -> {
                        while (running.answered.size() < 2_000) {
                            out.write(request);
                        }
                    })
                    .isInstanceOf(SocketException.class)
                    .hasMessageNotContaining("Socket closed");
            assertThat(running.answered.size()).isLessThan(500);
        }
    }

    private static void closeQuietly(RunningApi.Client client) {
        try {
            client.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void an_endpoint_that_never_answers_holds_its_client_no_longer_than_deadline_and_patience() throws Exception {
        try (RunningApi.Client client = running.connect()) {
            client.say("GET /never HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(client.untilTheEnd()).isEmpty();
        }
        assertThat(running.nextAnswered().status()).isZero();
        assertThat(running.api.gate().inFlight()).isZero();
    }
}
