package io.chancery.node.step;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;

/** The bodies of {@code /revoke} and {@code /rekey}. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class JsonBodyFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void each_member_of_any_body_is_read_or_refused_as_malformed(byte[] data) {
        Buffer body = Buffer.buffer(data);
        for (Runnable reading : List.<Runnable>of(
                () -> assertThat(JsonBody.read(body).text("serial")).isNotNull(),
                () -> assertThat(JsonBody.read(body).text("reason")).isNotNull(),
                () -> assertThat(JsonBody.read(body).integer("reasonCode")).isBetween(Long.MIN_VALUE, Long.MAX_VALUE),
                () -> assertThat(JsonBody.read(body).flag("passive")).isIn(true, false),
                () -> assertThat(JsonBody.read(body).pem("csr")).isNotNull())) {
            try {
                reading.run();
            } catch (CaException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED);
                assertThat(e.publicDetail()).isNotBlank();
            }
        }
    }
}
