package io.chancery.node.step;

import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.SignCommand;
import io.chancery.core.pem.Pem;
import io.chancery.core.pem.PemBlock;
import io.chancery.core.time.TimeOrDuration;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The body of {@code POST /sign} (wire contract s. 1.4), read as Go reads it: names in any case, unknown ones passed over. */
final class SignBody {
    /** Go's zero time, and a zero duration, mean that nothing was asked for. */
    private static final Set<TimeOrDuration> NOTHING = Set.of(
            new TimeOrDuration.At(Instant.parse("0001-01-01T00:00:00Z")), new TimeOrDuration.After(Duration.ZERO));

    private SignBody() {}

    /** CaException MALFORMED in step-ca's words. */
    static SignCommand read(@Nullable Buffer body) {
        if (body == null) {
            throw undecodable();
        }
        JsonObject json = json(body);
        String csr = text(json, "csr");
        Optional<TimeOrDuration> notBefore = time(json, "notBefore");
        Optional<TimeOrDuration> notAfter = time(json, "notAfter");
        String ott = text(json, "ott");
        if (csr.isEmpty() || csr.equals("null")) {
            throw CaException.of(ErrorCode.MALFORMED, "missing csr");
        }
        return new SignCommand(der(csr), ott, notBefore, notAfter);
    }

    private static JsonObject json(Buffer body) {
        String text = firstValue(body.toString(StandardCharsets.UTF_8));
        if (text.isEmpty()) {
            throw undecodable();
        }
        if (text.equals("null")) {
            return new JsonObject(); // an absent object, to Go
        }
        try {
            return new JsonObject(text);
        } catch (DecodeException | ClassCastException | NullPointerException e) {
            throw undecodable();
        }
    }

    /** Go's decoder stops at the end of the first value; what follows is never looked at. */
    private static String firstValue(String body) {
        String text = body.strip();
        if (!text.startsWith("{")) {
            return text;
        }
        int depth = 0;
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted) {
                if (c == '\\') {
                    i++;
                } else if (c == '"') {
                    quoted = false;
                }
            } else if (c == '"') {
                quoted = true;
            } else if (c == '{') {
                depth++;
            } else if (c == '}' && --depth == 0) {
                return text.substring(0, i + 1);
            }
        }
        return text;
    }

    private static Der der(String pem) {
        try {
            // Whatever the block calls itself: the bytes decide.
            return Pem.first(pem).map(PemBlock::der).orElseThrow(SignBody::undecodable);
        } catch (CaException e) {
            throw undecodable();
        }
    }

    private static String text(JsonObject json, String name) {
        Object value = json.getValue(name);
        if (value == null) {
            for (Map.Entry<String, Object> member : json) {
                if (member.getKey().equalsIgnoreCase(name)) {
                    value = member.getValue();
                }
            }
        }
        if (value == null) {
            return "";
        }
        if (value instanceof String text) {
            return text;
        }
        throw undecodable();
    }

    private static Optional<TimeOrDuration> time(JsonObject json, String name) {
        String text = text(json, name);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(TimeOrDuration.parse(text)).filter(asked -> !NOTHING.contains(asked));
        } catch (IllegalArgumentException e) {
            throw undecodable();
        }
    }

    private static CaException undecodable() {
        return CaException.of(ErrorCode.MALFORMED, "error decoding json");
    }
}
