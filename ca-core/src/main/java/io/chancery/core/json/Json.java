package io.chancery.core.json;

import com.nimbusds.jose.shaded.gson.JsonParseException;
import com.nimbusds.jose.shaded.gson.Strictness;
import com.nimbusds.jose.shaded.gson.stream.JsonReader;
import com.nimbusds.jose.shaded.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON (RFC 8259) strictly into maps, lists, strings, booleans, BigDecimal and null, in document order. A member
 * that stands twice is an error: which one counts would be a guess.
 */
public final class Json {
    private static final int MAX_DEPTH = 64;

    private Json() {}

    /** IllegalArgumentException with line and column when the text is not one JSON value. */
    public static @Nullable Object parse(String text) {
        if (text.startsWith("\ufeff")) {
            throw new IllegalArgumentException("not JSON: it starts with a byte order mark"); // RFC 8259 s. 8.1
        }
        JsonReader reader = new JsonReader(new StringReader(text));
        reader.setStrictness(Strictness.STRICT);
        try {
            Object value = value(reader, 0);
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new IllegalArgumentException(fault(text, reader));
            }
            return value;
        } catch (IOException | JsonParseException | NumberFormatException | IllegalStateException e) {
            throw new IllegalArgumentException(fault(text, reader), e);
        }
    }

    /** The library's own messages advise on calls of it. */
    private static String fault(String text, JsonReader reader) {
        return "not JSON: " + JsonFault.in(text).orElseGet(() -> "something is wrong at " + reader.getPath());
    }

    /** A member as Go finds it: by its exact name, else without regard to case; null when there is none, or it is null. */
    public static @Nullable Object member(Map<String, ? extends @Nullable Object> object, String name) {
        Object exact = object.get(name);
        if (exact != null) {
            return exact;
        }
        for (Map.Entry<String, ? extends @Nullable Object> each : object.entrySet()) {
            if (each.getKey().equalsIgnoreCase(name) && each.getValue() != null) {
                return each.getValue();
            }
        }
        return null;
    }

    private static @Nullable Object value(JsonReader reader, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("nested deeper than " + MAX_DEPTH + " levels");
        }
        JsonToken token = reader.peek();
        if (token == JsonToken.BEGIN_OBJECT) {
            return object(reader, depth);
        }
        if (token == JsonToken.BEGIN_ARRAY) {
            List<@Nullable Object> list = new ArrayList<>();
            reader.beginArray();
            while (reader.hasNext()) {
                list.add(value(reader, depth + 1));
            }
            reader.endArray();
            return list;
        }
        if (token == JsonToken.STRING) {
            return wellFormed(reader.nextString(), reader);
        }
        if (token == JsonToken.NUMBER) {
            String number = reader.nextString();
            if (number.length() > 40) {
                throw new IllegalArgumentException("a number of more than 40 characters at " + reader.getPath());
            }
            return new BigDecimal(number);
        }
        if (token == JsonToken.BOOLEAN) {
            return reader.nextBoolean();
        }
        reader.nextNull();
        return null;
    }

    private static Map<String, @Nullable Object> object(JsonReader reader, int depth) throws IOException {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        reader.beginObject();
        while (reader.hasNext()) {
            String name = wellFormed(reader.nextName(), reader);
            if (map.containsKey(name)) {
                throw new IllegalArgumentException("member " + reader.getPath() + " stands twice");
            }
            map.put(name, value(reader, depth + 1));
        }
        reader.endObject();
        return map;
    }

    /** RFC 8259 s. 8.2: half of a surrogate pair is no character, and nothing that follows could encode it. */
    private static String wellFormed(String text, JsonReader reader) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw new IllegalArgumentException("half of a surrogate pair at " + reader.getPath());
            }
        }
        return text;
    }
}
