package io.chancery.core.template;

import io.chancery.core.der.Der;
import io.chancery.core.json.GoBase64;
import io.chancery.core.time.TimeOrDuration;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Members of a JSON object as Go reads them into a struct: names in any case, null as if absent, a list also as its only text.
 * IllegalArgumentException names the member that has another type, or that stands twice in different case. One thread.
 */
record Members(String place, Map<String, @Nullable Object> all) {
    private static final Instant ZERO = Instant.parse("0001-01-01T00:00:00Z");

    Members {
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        for (String name : all.keySet()) {
            if (!names.add(name)) { // which one counts would be a guess
                throw new IllegalArgumentException(place + name + ": stands there in another case as well");
            }
        }
    }

    @Nullable
    Object raw(String name) {
        Object exact = all.get(name);
        if (exact != null) {
            return exact;
        }
        for (Map.Entry<String, @Nullable Object> each : all.entrySet()) {
            if (each.getKey().equalsIgnoreCase(name)) {
                return each.getValue();
            }
        }
        return null;
    }

    IllegalArgumentException wrong(String name, String wanted) {
        return new IllegalArgumentException(place + name + ": " + wanted);
    }

    String text(String name) {
        Object value = raw(name);
        if (value == null || value instanceof String) {
            return value == null ? "" : (String) value;
        }
        throw wrong(name, "not a text");
    }

    boolean flag(String name) {
        Object value = raw(name);
        if (value == null || value instanceof Boolean) {
            return value != null && (Boolean) value;
        }
        throw wrong(name, "neither true nor false");
    }

    int number(String name) {
        Object value = raw(name);
        if (value == null) {
            return 0;
        }
        try {
            if (value instanceof BigDecimal number) {
                return number.intValueExact();
            }
        } catch (ArithmeticException e) {
            // said below
        }
        throw wrong(name, "not a whole number of 32 bits");
    }

    List<String> texts(String name) {
        return texts(raw(name), name);
    }

    private List<String> texts(@Nullable Object value, String name) {
        List<String> texts = new ArrayList<>();
        if (value instanceof String text) {
            texts.add(text);
        } else if (value instanceof List<?> list) {
            for (Object each : list) {
                if (each != null && !(each instanceof String)) {
                    throw wrong(name, "not a list of texts");
                }
                texts.add(each == null ? "" : (String) each);
            }
        } else if (value != null) {
            throw wrong(name, "neither a text nor a list of texts");
        }
        texts.removeIf(String::isEmpty);
        return texts;
    }

    Optional<Members> object(String name) {
        Object value = raw(name);
        return value == null ? Optional.empty() : Optional.of(object(value, name));
    }

    private Members object(Object value, String name) {
        if (value instanceof Map<?, ?> map) {
            @SuppressWarnings("unchecked") // JSON objects have string keys
            Map<String, @Nullable Object> members = (Map<String, @Nullable Object>) map;
            return new Members(place + name + ".", members);
        }
        throw wrong(name, "not an object");
    }

    List<Members> objects(String name) {
        Object value = raw(name);
        List<Members> objects = new ArrayList<>();
        if (value instanceof List<?> list) {
            for (Object each : list) {
                objects.add(each == null ? new Members(place + name + ".", Map.of()) : object(each, name));
            }
        } else if (value != null) {
            throw wrong(name, "not a list of objects");
        }
        return objects;
    }

    Optional<Der> octets(String name) {
        try {
            String text = text(name);
            return text.isEmpty() ? Optional.empty() : Optional.of(Der.of(GoBase64.decode(text)));
        } catch (IllegalArgumentException e) {
            throw wrong(name, "not Base64");
        }
    }

    Optional<Instant> time(String name) {
        String text = text(name);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            if (TimeOrDuration.parse(text) instanceof TimeOrDuration.At at) {
                return Optional.of(at.time()).filter(time -> !time.equals(ZERO));
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw wrong(name, "not a time of RFC 3339");
    }
}
