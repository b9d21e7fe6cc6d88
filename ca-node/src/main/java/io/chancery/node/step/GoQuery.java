package io.chancery.node.step;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The query of a URL as Go's {@code url.Values} reads it: names in their case, pairs that cannot be read passed over. */
final class GoQuery {
    private GoQuery() {}

    /** The first value of a name; empty also when there is no query. */
    static Optional<String> first(@Nullable String query, String name) {
        if (query == null) {
            return Optional.empty();
        }
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            Optional<String> value = decoded(equals < 0 ? "" : pair.substring(equals + 1));
            // A semicolon separates nothing and spoils its pair, so that no proxy reads it in another way.
            if (pair.indexOf(';') < 0
                    && value.isPresent()
                    && decoded(key).filter(name::equals).isPresent()) {
                return value;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> decoded(String text) {
        try {
            return Optional.of(URLDecoder.decode(text, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
