package io.chancery.node.outbound;

import io.chancery.core.name.AddressRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Servers that are called directly, as Go's programs read {@code NO_PROXY}: names with all below them ({@code .y.com}:
 * only those below), addresses, ranges, each name or address perhaps with a port; {@code *} is every server. This machine
 * itself is always among them. What cannot be read is passed over. Immutable.
 */
final class NoProxy {
    private static final List<AddressRange> LOOPBACK =
            List.of(AddressRange.parse("127.0.0.0/8"), AddressRange.parse("::1"));

    private final List<Rule> rules;

    private NoProxy(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /** Whether a server is called directly. */
    private interface Rule {
        boolean holds(String host, int port);
    }

    static NoProxy of(String list) {
        List<Rule> rules = new ArrayList<>();
        rules.add(
                (host, port) -> host.equals("localhost") || LOOPBACK.stream().anyMatch(range -> range.contains(host)));
        for (String each : list.split(",")) {
            String entry = each.strip().toLowerCase(Locale.ROOT);
            if (entry.equals("*")) {
                rules.add((host, port) -> true);
            } else if (!entry.isEmpty()) {
                rule(entry).ifPresent(rules::add);
            }
        }
        return new NoProxy(rules);
    }

    private static Optional<Rule> rule(String entry) {
        int colon = entry.lastIndexOf(':');
        boolean hasPort =
                colon >= 0 && (entry.startsWith("[") ? entry.indexOf(']') == colon - 1 : entry.indexOf(':') == colon);
        String place = unbracketed(hasPort ? entry.substring(0, colon) : entry);
        String port = hasPort ? entry.substring(colon + 1) : "";
        if (place.isEmpty()) {
            return Optional.empty();
        }
        Rule where = range(place)
                .<Rule>map(range -> (host, any) -> range.contains(host))
                .orElseGet(() -> name(place));
        return Optional.of(
                (host, its) -> where.holds(host, its) && (port.isEmpty() || port.equals(String.valueOf(its))));
    }

    /** An IPv6 address as it is beside a port, without its brackets; anything else as it is. */
    static String unbracketed(String place) {
        return place.startsWith("[") && place.endsWith("]") ? place.substring(1, place.length() - 1) : place;
    }

    private static Optional<AddressRange> range(String place) {
        try {
            return Optional.of(AddressRange.around(place));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Rule name(String place) {
        String name = place.startsWith("*.") ? place.substring(1) : place;
        String below = name.startsWith(".") ? name : "." + name;
        return (host, port) ->
                range(host).isEmpty() && (host.equals(name) || host.endsWith(below)); // an address ends with no name
    }

    /** @param host name or address, as a URL has it or without brackets */
    boolean has(String host, int port) {
        String lower = unbracketed(host.toLowerCase(Locale.ROOT));
        return rules.stream().anyMatch(rule -> rule.holds(lower, port));
    }
}
