package io.chancery.core.policy;

import io.chancery.core.json.Json;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Policies as they stand in a file. */
final class PolicyText {
    private PolicyText() {}

    /** JSON with apostrophes for quotes. */
    static NamePolicy of(String json) {
        return read(map(Objects.requireNonNull(Json.parse(json.replace('\'', '"')))))
                .orElseThrow();
    }

    /** IllegalArgumentException naming the first rule that cannot be read. */
    static Optional<NamePolicy> read(Map<String, Object> policy) {
        return NamePolicy.of(
                rules(policy.get("allow")),
                rules(policy.get("deny")),
                Boolean.TRUE.equals(policy.get("allowWildcardNames")));
    }

    @SuppressWarnings("unchecked") // lists of strings
    private static NameRules rules(Object raw) {
        Map<String, Object> members = map(raw);
        return NameRules.of(
                kind -> (List<String>) members.getOrDefault(kind, List.of()), (kind, index, text, allowed) -> {
                    throw new IllegalArgumentException(kind + " " + text + ": " + allowed);
                });
    }

    @SuppressWarnings("unchecked") // JSON objects have string keys
    static Map<String, Object> map(Object raw) {
        return raw == null ? Map.of() : (Map<String, Object>) raw;
    }
}
