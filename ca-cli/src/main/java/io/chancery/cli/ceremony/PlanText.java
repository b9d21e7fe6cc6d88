package io.chancery.cli.ceremony;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Members of a plan on their way to records: what does not fit is noted with its place, and a stand-in goes on. */
final class PlanText {
    private final List<String> problems = new ArrayList<>();

    /** In the order in which they were found. */
    List<String> problems() {
        return problems;
    }

    /** What the supplier gives, or its problem and the other value. */
    <T> T or(String place, T otherwise, Supplier<T> value) {
        try {
            return value.get();
        } catch (IllegalArgumentException e) {
            problem(place, String.valueOf(e.getMessage()), "see there");
            return otherwise;
        }
    }

    /** Reads one item of a list. */
    interface Item {
        void read(String place, @Nullable Object value);
    }

    void each(Map<?, ?> map, String name, Item item) {
        if (map.get(name) instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                item.read(name + "/" + i, list.get(i));
            }
        } else {
            problem(name, "no list", "a list");
        }
    }

    Map<?, ?> map(String place, @Nullable Object value, Set<String> known) {
        if (!(value instanceof Map<?, ?> map)) {
            problem(
                    place,
                    "no mapping",
                    String.join(", ", known.stream().sorted().toList()));
            return Map.of();
        }
        for (Object key : map.keySet()) {
            if (!known.contains(String.valueOf(key))) {
                problem(
                        place + "/" + key,
                        "not known",
                        String.join(", ", known.stream().sorted().toList()));
            }
        }
        return map;
    }

    String text(String place, Map<?, ?> map, String name) {
        Optional<String> value = optional(place, map, name);
        if (value.isEmpty()) {
            problem(place + "/" + name, "nothing", "a text");
        }
        return value.orElse("");
    }

    Optional<String> optional(String place, Map<?, ?> map, String name) {
        Object value = map.get(name);
        if (value != null && !(value instanceof String)) {
            problem(place + "/" + name, String.valueOf(value), "a text");
        }
        return value instanceof String text ? Optional.of(text) : Optional.empty();
    }

    OptionalInt number(String place, Map<?, ?> map, String name) {
        Object value = map.get(name);
        if (value != null && !(value instanceof Integer)) {
            problem(place + "/" + name, String.valueOf(value), "a whole number");
        }
        return value instanceof Integer number ? OptionalInt.of(number) : OptionalInt.empty();
    }

    List<String> texts(String place, Map<?, ?> map, String name) {
        List<String> texts = new ArrayList<>();
        if (map.get(name) != null && !(map.get(name) instanceof List<?>)) {
            problem(place + "/" + name, String.valueOf(map.get(name)), "a list of texts");
        } else if (map.get(name) != null) {
            each(map, name, (at, value) -> texts.add(String.valueOf(value)));
        }
        return texts;
    }

    void problem(String place, String found, String allowed) {
        problems.add(place + ": found " + found + "; allowed: " + allowed);
    }
}
