package io.chancery.node.step;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.SignCommand;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SignBodyFuzzTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final Duration LONGEST = Duration.ofDays(4_000_000);

    @FuzzTest(maxDuration = "10m")
    void any_body_is_a_command_or_is_refused_as_malformed(byte[] data) {
        try {
            SignCommand command = SignBody.read(Buffer.buffer(data));
            assertThat(command.toString()).doesNotContain("ott");
            // Whatever times were asked for can be reckoned with.
            Instant from = command.notBefore().map(t -> t.resolve(NOW)).orElse(NOW);
            Instant to = command.notAfter().map(t -> t.resolve(from)).orElse(from);
            assertThat(Duration.between(from, to).abs()).isLessThan(LONGEST);
        } catch (CaException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED);
            assertThat(e.publicDetail()).isIn("error decoding json", "missing csr");
        }
    }
}
