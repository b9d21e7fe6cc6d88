package io.chancery.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What stands in the head of every answer. */
@ExtendWith(VertxExtension.class)
@Timeout(60)
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class AnswerHeadTest {
    private RunningApi running;

    @BeforeEach
    void start(Vertx vertx) throws Exception {
        running = RunningApi.patientOn(vertx);
    }

    @Test
    void head_is_told_how_long_the_answer_to_get_is() throws Exception {
        String head = running.answerTo("HEAD /ok HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assertThat(head)
                .startsWith("HTTP/1.1 200 ")
                .containsIgnoringCase("content-length: 2\r\n")
                .endsWith("\r\n\r\n");
    }

    @Test
    void each_answer_has_its_date() throws Exception {
        for (String head : new String[] {
            "GET /ok HTTP/1.1\r\nHost: x\r\nConnection: close\r\n",
            "GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n",
            "GET /away HTTP/1.1\r\nHost: x\r\n",
            "GET /ok HTTP/1.1\r\n",
            "GET /ok HTTP/1.1\r\nno header\r\n"
        }) {
            Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            Matcher date = Pattern.compile("(?im)^date: (.*)$").matcher(running.answerTo(head + "\r\n"));
            assertThat(date.find()).as(head).isTrue();
            assertThat(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date.group(1))))
                    .as(head)
                    .isBetween(before, Instant.now());
            assertThat(date.group(1)).matches("[A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT");
        }
    }
}
