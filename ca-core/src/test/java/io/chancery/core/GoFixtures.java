package io.chancery.core;

import io.chancery.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What Go's own libraries gave for the same inputs; {@code make.go.txt} beside the files made them. */
public final class GoFixtures {
    private GoFixtures() {}

    /** A file of one JSON list in each line. */
    public static List<List<?>> lines(String name) {
        return text(name)
                .lines()
                .<List<?>>map(line -> (List<?>) Json.parse(line))
                .toList();
    }

    /** A file of one JSON object in each line. */
    @SuppressWarnings("unchecked") // JSON objects have string keys
    public static List<Map<String, Object>> rows(String name) {
        return text(name)
                .lines()
                .map(line -> (Map<String, Object>) Objects.requireNonNull(Json.parse(line)))
                .toList();
    }

    /** A file of one JSON list of objects. */
    @SuppressWarnings("unchecked") // JSON objects have string keys
    public static List<Map<String, Object>> objects(String name) {
        return (List<Map<String, Object>>) Objects.requireNonNull(Json.parse(text(name)));
    }

    public static byte[] bytes(Map<String, Object> object, String name) {
        return Base64.getDecoder().decode((String) object.get(name));
    }

    @SuppressWarnings("unchecked") // lists of strings, or null for none
    public static List<String> strings(Map<String, Object> object, String name) {
        return object.get(name) == null ? List.of() : (List<String>) object.get(name);
    }

    private static String text(String name) {
        try (InputStream file = Objects.requireNonNull(GoFixtures.class.getResourceAsStream("/go/" + name), name)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
