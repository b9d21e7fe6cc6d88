package io.chancery.cli.start;

import io.chancery.core.der.Sha256;
import io.chancery.core.json.Json;
import io.vertx.core.json.JsonArray;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A hash of all that both files say of who gets which certificates: what nodes of one cluster are to agree on. */
final class WhoGetsWhat {
    private static final List<String> OF_AUTHORITY =
            List.of("provisioners", "claims", "policy", "template", "backdate");

    private WhoGetsWhat() {}

    /** Of files that were read without an error; the order of members and spaces make no difference. */
    static Sha256 hash(String caJson, String chanceryJson) {
        List<@Nullable Object> all = new ArrayList<>();
        Map<String, @Nullable Object> authority =
                object(object(Json.parse(caJson)).get("authority"));
        OF_AUTHORITY.forEach(name -> all.add(ordered(Json.member(authority, name))));
        Map<String, @Nullable Object> chancery = object(Json.parse(chanceryJson));
        Map<String, @Nullable Object> policies = new TreeMap<>();
        // Not where a node keeps its secrets: that is its own affair.
        object(chancery.get("provisioners"))
                .forEach((name, settings) ->
                        policies.put(name, ordered(object(settings).get("policy"))));
        all.add(policies);
        all.add(ordered(object(chancery.get("certificates")).get("lint")));
        return Sha256.digest(new JsonArray(all).encode().getBytes(StandardCharsets.UTF_8));
    }

    @SuppressWarnings("unchecked") // JSON objects have string keys
    private static Map<String, @Nullable Object> object(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, @Nullable Object>) map : Map.of();
    }

    private static @Nullable Object ordered(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> sorted = new TreeMap<>();
            map.forEach((name, inner) -> sorted.put(String.valueOf(name), ordered(inner)));
            return sorted;
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> inner = new ArrayList<>();
            list.forEach(each -> inner.add(ordered(each)));
            return inner;
        }
        return value;
    }
}
