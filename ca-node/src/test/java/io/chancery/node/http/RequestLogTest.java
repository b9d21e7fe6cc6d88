package io.chancery.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.node.issuance.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What ca.json's {@code logger} makes of a request. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class RequestLogTest {
    private static List<String> lines(Optional<LogFormat> format, String path, long bytes) {
        List<String> lines = new ArrayList<>();
        new RequestLog(() -> new RequestRules(Duration.ofSeconds(10), 10, Optional.empty(), format), lines::add)
                .accept(new AnsweredRequest(
                        new RequestContext("id-1", Deadline.in(Duration.ofSeconds(10)), new RequestFacts()),
                        new AnsweredRequest.Client("192.0.2.7", "HTTP/2.0", "step"),
                        "POST",
                        path,
                        201,
                        bytes,
                        Instant.parse("2026-11-24T12:34:56Z"),
                        Duration.ofMillis(3)));
        return lines;
    }

    @Test
    void the_common_format_is_apache_s() {
        assertThat(lines(Optional.of(LogFormat.common), "/1.0/sign", 1234))
                .containsExactly("192.0.2.7 - - [24/Nov/2026:12:34:56 +0000] \"POST /1.0/sign HTTP/2.0\" 201 1234");
        assertThat(lines(Optional.of(LogFormat.common), "/a\"b", 0))
                .containsExactly("192.0.2.7 - - [24/Nov/2026:12:34:56 +0000] \"POST /a\\\"b HTTP/2.0\" 201 -");
    }

    @Test
    void without_a_logger_no_request_is_logged() {
        assertThat(lines(Optional.empty(), "/1.0/sign", 1234)).isEmpty();
        assertThat(lines(Optional.of(LogFormat.text), "/1.0/sign", 1234)).hasSize(1);
    }
}
