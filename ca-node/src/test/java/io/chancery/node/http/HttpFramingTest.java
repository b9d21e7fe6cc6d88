package io.chancery.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a proxy before the server could read as another number of requests. */
@ExtendWith(VertxExtension.class)
@Timeout(60)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class HttpFramingTest {
    private RunningApi running;

    @BeforeEach
    void start(Vertx vertx) throws Exception {
        running = RunningApi.patientOn(vertx);
    }

    @Test
    void a_transfer_encoding_other_than_chunked_gets_501_and_what_follows_is_no_request() throws Exception {
        for (String encoding : new String[] {
            "xchunked", "identity", "gzip, chunked", "chunked, chunked", "", "chunked\r\nTransfer-Encoding: chunked"
        }) {
            String answer = running.answerTo("POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + encoding
                    + "\r\n\r\nGET /ok HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(answer)
                    .as(encoding)
                    .startsWith("HTTP/1.1 501 ")
                    .containsIgnoringCase("connection: close\r\n")
                    .containsIgnoringCase("x-request-id: ")
                    .contains("{\"status\":501,")
                    .containsOnlyOnce("HTTP/1.1 ");
            assertThat(running.answered).as(encoding).isEmpty();
        }
    }

    @Test
    void chunks_beside_another_encoding_or_a_length_or_in_http_1_0_get_400() throws Exception {
        for (String head : new String[] {
            "POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
            "POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            "POST /length HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        }) {
            assertThat(running.answerTo(head + "\r\n0\r\n\r\nGET /ok HTTP/1.1\r\nHost: x\r\n\r\n"))
                    .as(head)
                    .containsPattern("^HTTP/1\\.[01] 400 ")
                    .doesNotContain(" 200 ");
        }
    }

    @Test
    void chunks_are_read_however_their_name_is_written() throws Exception {
        String head = "POST /length HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: ChunKed\r\n\r\n";
        assertThat(running.answerTo(head + "3\r\nabc\r\n0\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("length 3");
    }

    @Test
    void two_hosts_are_refused_be_they_the_same() throws Exception {
        for (String head : new String[] {
            "GET /ok HTTP/1.1\r\nHost: x\r\nHost: x\r\n",
            "GET /ok HTTP/1.1\r\nHost: x\r\nHost: y\r\n",
            "GET /ok HTTP/1.0\r\nHost: x\r\nHost: y\r\n"
        }) {
            assertThat(running.answerTo(head + "\r\nGET /ok HTTP/1.1\r\nHost: x\r\n\r\n"))
                    .as(head)
                    .containsPattern("^HTTP/1\\.[01] 400 ")
                    .contains("{\"status\":400,", "more than one host")
                    .doesNotContain(" 200 ");
        }
    }
}
