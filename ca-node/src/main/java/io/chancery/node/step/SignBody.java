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
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The body of {@code POST /sign} (wire contract s. 1.4), read as Go reads it: names in any case, unknown ones passed over. */
final class SignBody {
    private static final Set<String> CSR_TYPES = Set.of("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST");

    private SignBody() {}

    /** CaException MALFORMED in step-ca's words. */
    static SignCommand read(Buffer body) {
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
        try {
            return new JsonObject(body);
        } catch (DecodeException | ClassCastException | NullPointerException e) {
            throw undecodable();
        }
    }

    private static Der der(String pem) {
        try {
            return Pem.first(pem)
                    .filter(block -> CSR_TYPES.contains(block.type()))
                    .map(PemBlock::der)
                    .orElseThrow(SignBody::undecodable);
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
            return Optional.of(TimeOrDuration.parse(text));
        } catch (IllegalArgumentException e) {
            throw undecodable();
        }
    }

    private static CaException undecodable() {
        return CaException.of(ErrorCode.MALFORMED, "error decoding json");
    }
}
