package io.chancery.node.step;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.pem.Pem;
import io.chancery.core.pem.PemBlock;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.jackson.JacksonCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A body as Go reads it: member names in any case, unknown ones passed over, what follows the first value never looked
 * at. CaException MALFORMED in step-ca's words when it cannot be read.
 */
final class JsonBody {
    private record Member(String name, Object value) {}

    /** In the order of the body, without those that are null. */
    private final List<Member> members;

    private JsonBody(List<Member> members) {
        this.members = members;
    }

    static JsonBody read(@Nullable Buffer body) {
        if (body == null) {
            throw undecodable();
        }
        try (JsonParser parser = JacksonCodec.createParser(body.toString(StandardCharsets.UTF_8))) {
            parser.disable(JsonParser.Feature.ALLOW_COMMENTS); // Vert.x reads them
            JsonToken first = parser.nextToken();
            if (first == JsonToken.VALUE_NULL) {
                return new JsonBody(List.of()); // an absent object, to Go
            }
            if (first != JsonToken.START_OBJECT) {
                throw undecodable();
            }
            return new JsonBody(members(parser));
        } catch (IOException | DecodeException e) {
            throw undecodable();
        }
    }

    private static List<Member> members(JsonParser parser) throws IOException {
        List<Member> members = new ArrayList<>();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken unused = parser.nextToken();
            Object value = JacksonCodec.parseValue(parser);
            if (value != null) {
                members.add(new Member(name, value));
            }
        }
        return members;
    }

    /** Empty when it is absent. */
    String text(String name) {
        return value(name, String.class::isInstance)
                .map(text -> wellFormed((String) text))
                .orElse("");
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
        return value(name, Boolean.class::isInstance).orElse(false).equals(true);
    }

    /** 0 when it is absent. */
    long integer(String name) {
        return value(name, each -> each instanceof Integer || each instanceof Long)
                .map(number -> ((Number) number).longValue())
                .orElse(0L);
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
        return value(name, any -> true).orElse(null);
    }

    /** Of those of the name in any case the last, as Go has it; each must be of the type. */
    private Optional<Object> value(String name, Predicate<Object> ofType) {
        Optional<Object> last = Optional.empty();
        for (Member each : members) {
            if (each.name().equalsIgnoreCase(name)) {
                if (!ofType.test(each.value())) {
                    throw undecodable();
                }
                last = Optional.of(each.value());
            }
        }
        return last;
    }

    static CaException undecodable() {
        return CaException.of(ErrorCode.MALFORMED, "error decoding json");
    }
}
