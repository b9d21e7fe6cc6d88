package io.chancery.core.config;

import io.chancery.core.time.GoDuration;
import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object on its way to a record: each getter notes the member as known and reports what does not fit, and goes
 * on with a stand-in, so that all problems of a file are found in one pass.
 */
final class Node {
    private final Problems problems;
    private final String pointer;
    private final Map<String, @Nullable Object> members;
    private final Set<String> known = new LinkedHashSet<>();

    Node(Problems problems, String pointer, Map<String, @Nullable Object> members) {
        this.problems = problems;
        this.pointer = pointer;
        this.members = members;
    }

    /** Its own place. */
    String pointer() {
        return pointer;
    }

    String pointer(String name) {
        return pointer + "/" + ConfigProblem.escaped(name);
    }

    /** The value, matched as Go does: exactly, else without regard to case. Absent and null are the same. */
    @Nullable
    Object raw(String name) {
        known.add(name);
        if (members.containsKey(name)) {
            return members.get(name);
        }
        for (Map.Entry<String, @Nullable Object> entry : members.entrySet()) {
            if (entry.getKey().equalsIgnoreCase(name)) {
                return entry.getValue();
            }
        }
        return null;
    }

    boolean has(String name) {
        return raw(name) != null;
    }

    Optional<String> text(String name) {
        Object value = raw(name);
        if (value == null || "".equals(value)) {
            return Optional.empty();
        }
        if (value instanceof String text) {
            return Optional.of(text);
        }
        problems.error(pointer(name), found(name, value), "a text");
        return Optional.empty();
    }

    /** A text that must be there; reports when it is not. */
    String required(String name, String allowed) {
        Optional<String> value = text(name);
        if (value.isEmpty() && (raw(name) == null || "".equals(raw(name)))) {
            problems.error(pointer(name), "nothing", allowed);
        }
        return value.orElse("");
    }

    /** A list of texts; a lone text counts as a list of one. */
    List<String> texts(String name) {
        Object value = raw(name);
        if (value instanceof String text) {
            return text.isEmpty() ? List.of() : List.of(text);
        }
        List<String> result = new ArrayList<>();
        if (value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                if (list.get(i) instanceof String text) {
                    result.add(text);
                } else {
                    problems.error(pointer(name) + "/" + i, found(name, list.get(i)), "a text");
                }
            }
        } else if (value != null) {
            problems.error(pointer(name), found(name, value), "a text, or a list of them");
        }
        return result;
    }

    boolean flag(String name) {
        Object value = raw(name);
        if (value instanceof Boolean flag) {
            return flag;
        }
        if (value != null) {
            problems.error(pointer(name), found(name, value), "true or false");
        }
        return false;
    }

    Optional<BigDecimal> number(String name) {
        Object value = raw(name);
        if (value == null || value instanceof BigDecimal) {
            return Optional.ofNullable((BigDecimal) value);
        }
        problems.error(pointer(name), found(name, value), "a number");
        return Optional.empty();
    }

    int integer(String name, int least, int most, int otherwise) {
        Optional<BigDecimal> value = number(name);
        if (value.isEmpty()) {
            return otherwise;
        }
        try {
            int whole = value.get().intValueExact();
            if (whole >= least && whole <= most) {
                return whole;
            }
        } catch (ArithmeticException e) {
            problems.error(pointer(name), value.get().toString(), "a whole number from " + least + " to " + most);
            return otherwise;
        }
        problems.error(pointer(name), value.get().toString(), "a whole number from " + least + " to " + most);
        return otherwise;
    }

    Optional<Duration> duration(String name) {
        Optional<String> value = text(name);
        try {
            return value.map(GoDuration::parse);
        } catch (IllegalArgumentException e) {
            problems.error(pointer(name), quoted(value.orElse("")), "a duration such as \"24h\" or \"5m30s\"");
            return Optional.empty();
        }
    }

    Optional<Path> path(String name, Path folder) {
        return text(name).flatMap(text -> toPath(pointer(name), text, folder));
    }

    Optional<Path> toPath(String where, String text, Path folder) {
        try {
            return Optional.of(folder.resolve(text).toAbsolutePath().normalize());
        } catch (InvalidPathException e) {
            problems.error(where, quoted(text), "a path");
            return Optional.empty();
        }
    }

    /** A key's place: a path, or a URI as it is, which is never shown since it may hold a PIN. */
    Optional<String> key(String name, Path folder) {
        Optional<String> text = text(name);
        if (text.filter(key -> CaConfigReader.isUri(key.strip())).isEmpty()) {
            return text.flatMap(key -> toPath(pointer(name), key, folder)).map(Path::toString);
        }
        if (!CaConfigReader.isUri(text.get()) || text.get().chars().anyMatch(Character::isISOControl)) {
            problems.error(pointer(name), "a URI with a line end in it or a blank before it", "a URI without");
            return Optional.empty();
        }
        return text;
    }

    /** {@code host:port} or {@code :port}; an IPv6 host stands in brackets. */
    Optional<CaConfig.HostPort> hostPort(String name) {
        return text(name).flatMap(text -> {
            int colon = text.lastIndexOf(':');
            if (colon >= 0 && text.substring(colon + 1).matches("\\d{1,5}")) {
                int port = Integer.parseInt(text.substring(colon + 1));
                String host = text.substring(0, colon);
                boolean bracketed = host.startsWith("[") && host.endsWith("]");
                if (bracketed) {
                    host = host.substring(1, host.length() - 1);
                }
                // Without brackets nobody could tell where an IPv6 address ends and the port begins.
                if (port <= 65535 && (bracketed || host.indexOf(':') < 0)) {
                    return Optional.of(new CaConfig.HostPort(host, port));
                }
            }
            problems.error(pointer(name), quoted(text), "host:port or :port, such as \":9000\"");
            return Optional.empty();
        });
    }

    /** An object member, empty when absent. */
    @SuppressWarnings("unchecked") // JSON objects have string keys
    Node object(String name) {
        Object value = raw(name);
        if (value instanceof Map<?, ?> map) {
            return new Node(problems, pointer(name), (Map<String, @Nullable Object>) map);
        }
        if (value != null) {
            // A URL or URI that stands in its member's place may hold a PIN or a password.
            problems.error(pointer(name), value instanceof String ? "a text" : found(name, value), "an object");
        }
        return new Node(problems, pointer(name), Map.of());
    }

    Map<String, @Nullable Object> members() {
        return members;
    }

    boolean isEmpty() {
        return members.isEmpty();
    }

    /** Notes members that are known and pass without a word. */
    void accept(String... names) {
        for (String name : names) {
            known.add(name);
        }
    }

    /** Warns of members of step-ca that have no effect here yet, when they are set to something. */
    void unsupported(String... names) {
        for (String name : names) {
            Object value = raw(name);
            boolean unset = value == null
                    || value.equals("")
                    || value.equals(false)
                    || (value instanceof Map<?, ?> map && map.isEmpty())
                    || (value instanceof List<?> list && list.isEmpty());
            if (!unset) {
                problems.warning(
                        pointer(name), "a setting of step-ca that is not supported yet", "nothing; it has no effect");
            }
        }
    }

    /** Reports the members that nobody asked for, with the nearest known name. */
    void reportUnknown(boolean asError) {
        for (String name : members.keySet()) {
            if (known.stream().noneMatch(k -> k.equalsIgnoreCase(name))) {
                String hint = nearest(name, known)
                        .map(n -> "did you mean \"" + n + "\"?")
                        .orElse("one of " + String.join(", ", known));
                if (asError) {
                    problems.error(pointer(name), "a member that is not known", hint);
                } else {
                    problems.warning(pointer(name), "a member that is not known", hint);
                }
            }
        }
    }

    /** The candidate that is most like it, if one is at all. */
    static Optional<String> nearest(String name, Collection<String> candidates) {
        String best = "";
        int least = Math.max(2, name.length() / 3) + 1;
        for (String candidate : candidates) {
            int distance = distance(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (distance < least) {
                least = distance;
                best = candidate;
            }
        }
        return best.isEmpty() ? Optional.empty() : Optional.of(best);
    }

    /** Levenshtein's edit distance. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j] + 1, row[j - 1] + 1), diagonal + change);
                diagonal = above;
            }
        }
        return row[b.length()];
    }

    static String quoted(String text) {
        return '"' + (text.length() > 80 ? text.substring(0, 80) + "…" : text) + '"';
    }

    /** The value in short; never that of a member that holds a secret. */
    private static String found(String name, @Nullable Object value) {
        if (name.equalsIgnoreCase("password") || name.equalsIgnoreCase("pin")) {
            return "a value (hidden)";
        }
        if (value instanceof String text) {
            return quoted(text);
        }
        return value instanceof Map ? "an object" : value instanceof List ? "a list" : String.valueOf(value);
    }
}
