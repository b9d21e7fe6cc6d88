package io.chancery.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.chancery.core.error.ErrorCode;
import io.chancery.testing.Eventually;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/** What is too large, too long, too many or no HTTP at all. */
@ExtendWith(VertxExtension.class)
@Timeout(60)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class HttpLimitsTest {
    private static final String TOO_LARGE = "larger than 64 KiB";

    private RunningApi running;

    @BeforeEach
    void start(Vertx vertx) throws Exception {
        running = RunningApi.patientOn(vertx);
    }

    @Test
    void a_body_that_says_it_is_too_large_is_refused_before_it_is_sent() throws Exception {
        assertThat(running.answerTo("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ")
                .contains(TOO_LARGE)
                .containsIgnoringCase("x-request-id: ");
    }

    @Test
    void one_that_waits_for_100_continue_is_refused_without_it() throws Exception {
        String answer = running.answerTo(
                "POST /length HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 65537\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 413 ").doesNotContain("100 Continue");
    }

    @Test
    void one_that_fits_is_told_to_continue() throws Exception {
        try (RunningApi.Client client = running.connect()) {
            client.say("POST /length HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
            assertThat(client.until("\r\n\r\n")).startsWith("HTTP/1.1 100 ");
            client.say("abc");
            assertThat(client.until("length 3")).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void a_chunked_body_is_refused_as_soon_as_it_is_too_large() throws Exception {
        try (RunningApi.Client client = running.connect()) {
            client.say("POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
            String chunk = "4000\r\n" + "a".repeat(0x4000) + "\r\n";
            for (int i = 0; i < 5; i++) {
                client.say(chunk);
            }
            assertThat(client.until(TOO_LARGE)).startsWith("HTTP/1.1 413 ");
            client.untilTheEnd();
        }
        assertThat(running.nextAnswered().status()).isEqualTo(413);
        assertThat(running.api.gate().inFlight()).isZero();
    }

    @Test
    void who_still_sends_a_body_that_was_refused_reads_the_answer_and_is_hung_up_on_then() throws Exception {
        for (String head : List.of(
                "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n\r\n",
                "POST /length HTTP/1.1\r\nHost: x\r\nHost: y\r\nContent-Length: 1048576\r\n\r\n")) {
            try (RunningApi.Client client = running.connect()) {
                client.say(head);
                String answer = client.until("\r\n\r\n");
                for (int i = 0; i < 16; i++) {
                    client.say("a".repeat(65_536)); // no reset, however much of it comes after the answer
                }
                assertThat(answer).containsPattern("^HTTP/1.1 4[0-9]{2} ");
                assertThat(client.untilTheEnd()).contains("\"status\":4").doesNotContain("(reset)");
            }
        }
    }

    @Test
    void nobody_asks_anything_behind_a_body_that_was_refused() throws Exception {
        String refused = "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n" + "a".repeat(65_537);
        for (String behind : List.of("GET /ok HTTP/1.1\r\nHost: x\r\n\r\n", "hello\r\n\r\n")) {
            assertThat(running.answerTo(refused + behind))
                    .as(behind)
                    .startsWith("HTTP/1.1 413 ")
                    .containsOnlyOnce("HTTP/1.");
        }
    }

    @Test
    void the_largest_body_is_read() throws Exception {
        try (RunningApi.Client client = running.connect()) {
            client.say("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n" + "a".repeat(65_536));
            assertThat(client.until("length 65536")).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void what_is_no_http_gets_400_with_an_id() throws Exception {
        for (String garbage : new String[] {
            "hello\r\n\r\n", "GET /ok HTTP/1.1\r\nbad header\r\n\r\n", "GET /ok HTTP/1.1\r\nContent-Length: -1\r\n\r\n"
        }) {
            assertThat(running.answerTo(garbage))
                    .as(garbage)
                    .containsPattern("^HTTP/1\\.[01] 400 ")
                    .containsIgnoringCase("x-request-id: ")
                    .contains("{\"status\":400,");
        }
    }

    @Test
    void one_that_names_no_host_or_no_path_gets_400_with_an_id_and_leaves_the_server_well() throws Exception {
        for (String head : new String[] {
            "GET /ok HTTP/1.1\r\n",
            "GET /ok HTTP/1.1\r\nHost: a b\r\n",
            "OPTIONS * HTTP/1.1\r\nHost: x\r\n",
            "CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n",
            "GET ok HTTP/1.1\r\nHost: x\r\n"
        }) {
            assertThat(running.answerTo(head + "\r\n"))
                    .as(head)
                    .startsWith("HTTP/1.1 400 ")
                    .containsIgnoringCase("x-request-id: ")
                    .contains("{\"status\":400,");
        }
        assertThat(running.answerTo("GET /ok HTTP/1.0\r\n\r\n")).containsPattern("^HTTP/1\\.[01] 200 ");
    }

    @Test
    void a_path_with_an_escape_that_is_none_and_an_expectation_that_nobody_meets_are_refused() throws Exception {
        for (String request : new String[] {
            "GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "GET /named/% HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "GET /named/%f HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "POST /length HTTP/1.1\r\nHost: x\r\nExpect: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"
        }) {
            assertThat(running.answerTo(request))
                    .as(request)
                    .startsWith("HTTP/1.1 400 ")
                    .containsIgnoringCase("x-request-id: ")
                    .contains("{\"status\":400,");
            assertThat(running.nextAnswered().context().facts().error()).contains(ErrorCode.MALFORMED);
        }
        assertThat(running.answerTo("GET /named/%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ");
    }

    @Test
    void two_lengths_of_one_body_are_no_http() throws Exception {
        assertThat(running.answerTo(
                        "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"))
                .containsPattern("^HTTP/1\\.[01] 400 ");
    }

    @Test
    void headers_and_addresses_have_an_end() throws Exception {
        assertThat(running.answerTo("GET /ok HTTP/1.1\r\nHost: x\r\nX-Long: " + "a".repeat(17_000) + "\r\n\r\n"))
                .containsPattern("^HTTP/1\\.[01] 431 ")
                .containsIgnoringCase("x-request-id: ");
        assertThat(running.answerTo("GET /ok?" + "a".repeat(5_000) + " HTTP/1.1\r\nHost: x\r\n\r\n"))
                .containsPattern("^HTTP/1\\.[01] 414 ")
                .containsIgnoringCase("x-request-id: ");
    }

    @Test
    void a_request_that_needs_no_body_may_have_a_small_one() throws Exception {
        assertThat(running.answerTo("GET /ok HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1024\r\n\r\n"
                        + "a".repeat(1_024)))
                .startsWith("HTTP/1.1 200 ");
        assertThat(running.answerTo("GET /ok HTTP/1.1\r\nHost: x\r\nContent-Length: 1025\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ")
                .contains("over 1 KiB");
    }

    @Test
    void requests_whose_bodies_do_not_come_take_no_place_of_those_that_make_work() throws Exception {
        List<RunningApi.Client> silent = new ArrayList<>();
        try {
            String head = "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n";
            silent.add(running.connect());
            // The answer shows that it is known: of connections that are ready at once an event loop takes any first.
            silent.get(0).say(head + "Expect: 100-continue\r\n\r\n");
            assertThat(silent.get(0).until("\r\n\r\n")).startsWith("HTTP/1.1 100 ");
            for (int i = 1; i <= ComingBodies.MOST; i++) {
                silent.add(running.connect());
                silent.get(i).say(head + "\r\n");
            }
            // The first has been coming for longest when there is one too many.
            assertThat(silent.get(0).untilTheEnd())
                    .startsWith("HTTP/1.1 503 ")
                    .containsIgnoringCase("retry-after: 1\r\n");
            assertThat(running.api.gate().inFlight()).isZero();
            assertThat(running.answerTo(
                            "POST /length HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab"))
                    .startsWith("HTTP/1.1 200 ");
            silent.get(ComingBodies.MOST).say("abc");
            assertThat(silent.get(ComingBodies.MOST).until("length 3")).startsWith("HTTP/1.1 200 ");
        } finally {
            for (RunningApi.Client each : silent) {
                each.close();
            }
        }
    }

    @Test
    void pipelined_requests_are_answered_in_order() throws Exception {
        try (RunningApi.Client client = running.connect()) {
            client.say("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab"
                    + "GET /none HTTP/1.1\r\nHost: x\r\n\r\n"
                    + "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde");
            assertThat(client.until("length 5"))
                    .containsSubsequence("HTTP/1.1 200 ", "length 2", "HTTP/1.1 404 ", "HTTP/1.1 200 ");
        }
    }

    @Test
    void an_unexpected_failure_is_500_with_the_id_and_without_its_reason() throws Exception {
        try (RunningApi.Client client = running.connect()) {
            client.say("GET /broken HTTP/1.1\r\nHost: x\r\nX-Request-Id: my-id\r\n\r\n");
            assertThat(client.until("}\n"))
                    .startsWith("HTTP/1.1 500 ")
                    .containsIgnoringCase("x-request-id: my-id\r\n")
                    .contains("Internal Server Error")
                    .doesNotContain("secret")
                    .doesNotContain("Exception");
        }
    }

    @Test
    void a_refusal_that_quotes_the_client_at_length_is_cut_in_the_log_alone() throws Exception {
        Logger log = (Logger) LoggerFactory.getLogger(StepErrors.class);
        ListAppender<ILoggingEvent> told = new ListAppender<>();
        told.start();
        Level before = log.getLevel();
        log.setLevel(Level.INFO);
        log.addAppender(told);
        try (RunningApi.Client client = running.connect()) {
            client.say("GET /wordy HTTP/1.1\r\nHost: x\r\nX-Request-Id: wordy\r\n\r\n");
            assertThat(client.until("}\n")).startsWith("HTTP/1.1 403 ").contains(": " + RunningApi.WORDS + ".");
        } finally {
            log.detachAppender(told);
            log.setLevel(before);
        }
        assertThat(told.list)
                .filteredOn(each -> String.valueOf(each.getKeyValuePairs()).contains("wordy"))
                .hasSize(1)
                .allSatisfy(each -> assertThat(String.valueOf(each.getKeyValuePairs()))
                        .contains("w".repeat(1_000))
                        .hasSizeLessThan(1_300));
    }

    @Test
    void a_request_is_named_by_step_s_header_where_it_has_no_name_of_its_own() throws Exception {
        String get = "GET /ok HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
        assertThat(running.answerTo(get + "X-Smallstep-Id: of-step\r\n\r\n"))
                .containsIgnoringCase("x-request-id: of-step\r\n");
        assertThat(running.answerTo(get + "X-Smallstep-Id: of-step\r\nX-Request-Id: own\r\n\r\n"))
                .containsIgnoringCase("x-request-id: own\r\n");
        assertThat(running.answerTo(get + "X-Smallstep-Id: of-step\r\nX-Request-Id: " + "x".repeat(129) + "\r\n\r\n"))
                .containsIgnoringCase("x-request-id: of-step\r\n");
        assertThat(running.answerTo(get + "X-Smallstep-Id: of step\r\n\r\n"))
                .containsPattern(
                        "(?i)x-request-id: [0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\r\n");
    }

    @Test
    void over_the_limit_of_requests_under_way_the_answer_is_503_with_retry_after() throws Exception {
        running.api.use(new RequestRules(Duration.ofSeconds(20), 1, Optional.empty(), Optional.empty()));
        try (RunningApi.Client first = running.connect();
                RunningApi.Client second = running.connect();
                RunningApi.Client third = running.connect()) {
            first.say("POST /never HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
            AtomicReference<String> answer = new AtomicReference<>("");
            Eventually.holds("the first has arrived", () -> {
                second.say("POST /ok HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
                answer.set(second.until("\r\n\r\n"));
                boolean full = answer.get().startsWith("HTTP/1.1 503 ");
                second.until(full ? "}\n" : "ok");
                return full;
            });
            assertThat(answer.get()).containsIgnoringCase("retry-after: 1");
            third.say("GET /ok HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(third.until("ok")).as("what is answered from memory").startsWith("HTTP/1.1 200 ");
        }
    }
}
