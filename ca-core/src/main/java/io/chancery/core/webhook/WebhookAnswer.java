package io.chancery.core.webhook;

import io.chancery.core.json.Json;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a webhook answered.
 *
 * @param data for the template, JSON of any kind
 * @param refusal its own words, where it does not allow and has any
 */
public record WebhookAnswer(boolean allow, @Nullable Object data, Optional<String> refusal) {
    private static final int LONGEST_REFUSAL = 1_000;

    /** IllegalArgumentException saying what is wrong with it. */
    public static WebhookAnswer read(String json) {
        @Nullable Object value = Json.parse(json);
        if (value == null) {
            return new WebhookAnswer(false, null, Optional.empty());
        }
        if (!(value instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException("no JSON object");
        }
        @SuppressWarnings("unchecked") // JSON objects have string keys
        Map<String, @Nullable Object> answer = (Map<String, @Nullable Object>) map;
        boolean allow = flag(Json.member(answer, "allow"));
        return new WebhookAnswer(
                allow, Json.member(answer, "data"), allow ? Optional.empty() : refusal(Json.member(answer, "error")));
    }

    private static boolean flag(@Nullable Object value) {
        if (value == null || value instanceof Boolean) {
            return value != null && (Boolean) value;
        }
        throw new IllegalArgumentException("allow is neither true nor false");
    }

    private static Optional<String> refusal(@Nullable Object value) {
        if (value == null) {
            return Optional.empty();
        }
        if (!(value instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException("error is no object");
        }
        @SuppressWarnings("unchecked") // JSON objects have string keys
        Map<String, @Nullable Object> error = (Map<String, @Nullable Object>) map;
        String words = text(error, "message") + " (" + text(error, "code") + ")";
        return Optional.of(words.length() > LONGEST_REFUSAL ? cut(words) + "…" : words);
    }

    /** Never in the middle of a character. */
    private static String cut(String words) {
        boolean between = Character.isSurrogatePair(words.charAt(LONGEST_REFUSAL - 1), words.charAt(LONGEST_REFUSAL));
        return words.substring(0, between ? LONGEST_REFUSAL - 1 : LONGEST_REFUSAL);
    }

    private static String text(Map<String, @Nullable Object> error, String name) {
        @Nullable Object value = Json.member(error, name);
        if (value == null || value instanceof String) {
            return value == null ? "" : (String) value;
        }
        throw new IllegalArgumentException("error/" + name + " is no text");
    }
}
