package io.chancery.node.step;

import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.pem.Pem;
import io.chancery.core.pem.PemBlock;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A body as Go reads it: member names in any case, unknown ones passed over, what follows the first value never looked
 * at. CaException MALFORMED in step-ca's words when it cannot be read.
 */
final class JsonBody {
    private final JsonObject json;

    private JsonBody(JsonObject json) {
        this.json = json;
    }

    static JsonBody read(@Nullable Buffer body) {
        if (body == null) {
            throw undecodable();
        }
        String text = firstValue(body.toString(StandardCharsets.UTF_8));
        if (text.isEmpty()) {
            throw undecodable();
        }
        if (text.equals("null")) {
            return new JsonBody(new JsonObject()); // an absent object, to Go
        }
        try {
            return new JsonBody(new JsonObject(text));
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

    /** Empty when it is absent. */
    String text(String name) {
        Object value = value(name);
        if (value == null) {
            return "";
        }
        if (value instanceof String text) {
            return wellFormed(text);
        }
        throw undecodable();
    }

    /** With U+FFFD for each half of a surrogate pair, as Go reads it: half of one is no character, and in no encoding. */
    private static String wellFormed(String text) {
        return text.chars().noneMatch(c -> Character.isSurrogate((char) c))
                ? text
                : text.codePoints()
                        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
    }

    /** False when it is absent. */
    boolean flag(String name) {
        Object value = value(name);
        if (value == null || value instanceof Boolean) {
            return Boolean.TRUE.equals(value);
        }
        throw undecodable();
    }

    /** 0 when it is absent. */
    long integer(String name) {
        Object value = value(name);
        if (value == null) {
            return 0;
        }
        if (value instanceof Integer || value instanceof Long) {
            return ((Number) value).longValue();
        }
        throw undecodable();
    }

    /** DER of the first PEM block, whatever the block calls itself; MALFORMED naming the member when it is absent. */
    Der pem(String name) {
        String text = text(name);
        if (text.isEmpty() || text.equals("null")) {
            throw CaException.of(ErrorCode.MALFORMED, "missing " + name);
        }
        try {
            return Pem.first(text).map(PemBlock::der).orElseThrow(JsonBody::undecodable);
        } catch (CaException e) {
            throw undecodable();
        }
    }

    /** As maps, lists, text, numbers and truth; null when it is absent. */
    @Nullable
    Object plain(String name) {
        Object found = value(name);
        return found instanceof JsonObject object
                ? object.getMap()
                : found instanceof JsonArray array ? array.getList() : found;
    }

    private @Nullable Object value(String name) {
        Object value = json.getValue(name);
        if (value == null) {
            for (Map.Entry<String, Object> member : json) {
                if (member.getKey().equalsIgnoreCase(name)) {
                    value = member.getValue();
                }
            }
        }
        return value;
    }

    static CaException undecodable() {
        return CaException.of(ErrorCode.MALFORMED, "error decoding json");
    }
}
