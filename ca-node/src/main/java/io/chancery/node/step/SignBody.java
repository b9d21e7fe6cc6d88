package io.chancery.node.step;

import io.chancery.core.der.Der;
import io.chancery.core.issuance.SignCommand;
import io.chancery.core.time.TimeOrDuration;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The body of {@code POST /sign} (wire contract s. 1.4). */
final class SignBody {
    /** Go's zero time, and a zero duration, mean that nothing was asked for. */
    private static final Set<TimeOrDuration> NOTHING = Set.of(
            new TimeOrDuration.At(Instant.parse("0001-01-01T00:00:00Z")), new TimeOrDuration.After(Duration.ZERO));

    private SignBody() {}

    /** CaException MALFORMED in step-ca's words. */
    static SignCommand read(@Nullable Buffer body) {
        JsonBody json = JsonBody.read(body);
        Optional<TimeOrDuration> notBefore = time(json, "notBefore");
        Optional<TimeOrDuration> notAfter = time(json, "notAfter");
        String ott = json.text("ott");
        Der csr = json.pem("csr");
        // Any JSON will do: only a template of the provisioner's own looks at it.
        return new SignCommand(csr, ott, notBefore, notAfter, json.plain("templateData"));
    }

    private static Optional<TimeOrDuration> time(JsonBody json, String name) {
        String text = json.text(name);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(TimeOrDuration.parse(text)).filter(asked -> !NOTHING.contains(asked));
        } catch (IllegalArgumentException e) {
            throw JsonBody.undecodable();
        }
    }
}
