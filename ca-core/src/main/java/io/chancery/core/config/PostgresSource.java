package io.chancery.core.config;

import io.chancery.core.secret.Secret;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where a PostgreSQL database is, and who asks: step's {@code dataSource} in either form that libpq knows, a
 * {@code postgresql://} URL or {@code keyword=value} words (PostgreSQL 15 documentation, s. 34.1.1), with the name in
 * {@code database} before the one in it.
 *
 * @param hosts one or more, asked in their order for the one that takes writes
 * @param database empty when none is named: the user's own name then
 * @param password empty when none stands there: a password file or a certificate is used then
 * @param ssl {@code sslmode}, {@code sslrootcert}, {@code sslcert} and {@code sslkey}, as written
 * @param unknown other settings, which have no effect
 */
public record PostgresSource(
        List<CaConfig.HostPort> hosts,
        Optional<String> database,
        Optional<String> user,
        Optional<Secret> password,
        Map<String, String> ssl,
        List<String> unknown) {
    private static final int PORT = 5432;
    private static final Set<String> SSL = Set.of("sslmode", "sslrootcert", "sslcert", "sslkey");
    private static final Set<String> SSL_MODES =
            Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");
    /** Ours are set by the store itself, and where to write is found out. */
    private static final Set<String> ACCEPTED = Set.of("connect_timeout", "application_name", "target_session_attrs");

    public PostgresSource {
        hosts = List.copyOf(hosts);
        ssl = Map.copyOf(ssl);
        unknown = List.copyOf(unknown);
    }

    /**
     * @param database step's member of that name
     * @throws IllegalArgumentException for people, without the text itself: it may hold a password
     */
    public static PostgresSource parse(String text, Optional<String> database) {
        String scheme = text.toLowerCase(Locale.ROOT);
        boolean url = scheme.startsWith("postgresql://") || scheme.startsWith("postgres://");
        Map<String, String> words = url ? ofUrl(text.substring(text.indexOf("://") + 3)) : ofWords(text);
        database.ifPresent(name -> words.put("dbname", name));
        return of(words);
    }

    /** Whether a connection would be made in the same way, password included. */
    public boolean sameAs(PostgresSource other) {
        return hosts.equals(other.hosts)
                && database.equals(other.database)
                && user.equals(other.user)
                && ssl.equals(other.ssl)
                && password.map(Secret::chars)
                        .map(String::new)
                        .equals(other.password.map(Secret::chars).map(String::new));
    }

    /** The same database at one host alone. */
    public PostgresSource at(CaConfig.HostPort host) {
        return new PostgresSource(List.of(host), database, user, password, ssl, unknown);
    }

    /** For people: where it is, without who asks. */
    public String place() {
        StringBuilder place = new StringBuilder("postgresql://");
        for (int i = 0; i < hosts.size(); i++) {
            CaConfig.HostPort host = hosts.get(i);
            String name = host.host().contains(":") ? "[" + host.host() + "]" : host.host();
            place.append(i == 0 ? "" : ",").append(name).append(':').append(host.port());
        }
        return place.append('/').append(database.or(() -> user).orElse("")).toString();
    }

    private static PostgresSource of(Map<String, String> words) {
        Map<String, String> ssl = new LinkedHashMap<>();
        List<String> unknown = new ArrayList<>();
        Set<String> own = Set.of("host", "hostaddr", "port", "dbname", "user", "password");
        words.forEach((name, value) -> {
            if (SSL.contains(name)) {
                ssl.put(name, value);
            } else if (!own.contains(name) && !ACCEPTED.contains(name)) {
                unknown.add(name);
            }
        });
        if (ssl.containsKey("sslmode") && !SSL_MODES.contains(ssl.get("sslmode"))) {
            throw new IllegalArgumentException(
                    "sslmode must be one of " + "disable, allow, prefer, require, verify-ca, verify-full");
        }
        return new PostgresSource(
                hosts(
                        words.getOrDefault("hostaddr", words.getOrDefault("host", "localhost")),
                        words.getOrDefault("port", "")),
                text(words, "dbname"),
                text(words, "user"),
                text(words, "password").map(Secret::of),
                ssl,
                unknown);
    }

    private static Optional<String> text(Map<String, String> words, String name) {
        return Optional.ofNullable(words.get(name)).filter(value -> !value.isEmpty());
    }

    private static List<CaConfig.HostPort> hosts(String names, String ports) {
        List<String> all = List.of(names.split(",", -1));
        List<String> numbers = List.of(ports.split(",", -1));
        if (numbers.size() != 1 && numbers.size() != all.size()) {
            throw new IllegalArgumentException("there must be one port, or one for each host");
        }
        List<CaConfig.HostPort> hosts = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            String name = all.get(i).isEmpty() ? "localhost" : all.get(i);
            if (name.startsWith("/") || name.startsWith("@")) {
                throw new IllegalArgumentException("a host name or address is needed, not the folder of a socket");
            }
            hosts.add(new CaConfig.HostPort(name, port(numbers.get(numbers.size() == 1 ? 0 : i))));
        }
        return hosts;
    }

    private static int port(String text) {
        if (text.isEmpty()) {
            return PORT;
        }
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > 65_535) {
            throw new IllegalArgumentException("a port is a number from 1 to 65535");
        }
        return Integer.parseInt(text);
    }

    /** {@code user:password@host:port,host:port/database?name=value&…} */
    private static Map<String, String> ofUrl(String text) {
        Map<String, String> words = new LinkedHashMap<>();
        Map<String, String> query = new LinkedHashMap<>();
        int question = text.indexOf('?');
        String before = question < 0 ? text : text.substring(0, question);
        if (question >= 0) {
            for (String parameter : text.substring(question + 1).split("&", -1)) {
                int equals = parameter.indexOf('=');
                if (equals > 0) {
                    query.put(decoded(parameter.substring(0, equals)), decoded(parameter.substring(equals + 1)));
                } else if (!parameter.isEmpty()) {
                    throw new IllegalArgumentException("after ? there must be name=value, joined by &");
                }
            }
        }
        int slash = before.indexOf('/');
        String authority = slash < 0 ? before : before.substring(0, slash);
        if (slash >= 0 && slash + 1 < before.length()) {
            words.put("dbname", decoded(before.substring(slash + 1)));
        }
        int at = authority.lastIndexOf('@');
        if (at >= 0) {
            String[] userAndPassword = authority.substring(0, at).split(":", 2);
            words.put("user", decoded(userAndPassword[0]));
            if (userAndPassword.length == 2) {
                words.put("password", decoded(userAndPassword[1]));
            }
        }
        String places = authority.substring(at + 1);
        if (!places.isEmpty()) {
            places(places, words);
        }
        // What stands both before the ? and after it counts as it stands after it, in libpq as in step's driver.
        words.putAll(query);
        return words;
    }

    private static void places(String text, Map<String, String> words) {
        List<String> names = new ArrayList<>();
        List<String> ports = new ArrayList<>();
        for (String place : text.split(",", -1)) {
            boolean bracketed = place.startsWith("[");
            int end = place.indexOf(']');
            if (bracketed && end < 0) {
                throw new IllegalArgumentException("an IPv6 address stands in brackets, [::1]:5432");
            }
            int colon = bracketed ? end + 1 : place.indexOf(':');
            boolean hasPort = colon >= 0 && colon < place.length();
            if (hasPort && place.charAt(colon) != ':') {
                throw new IllegalArgumentException("after the host comes :port or nothing");
            }
            String name = hasPort ? place.substring(0, colon) : place;
            names.add(decoded(bracketed ? name.substring(1, end) : name));
            ports.add(hasPort ? place.substring(colon + 1) : "");
        }
        words.put("host", String.join(",", names));
        words.put("port", String.join(",", ports));
    }

    private static String decoded(String text) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        byte[] raw = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < raw.length; i++) {
            if (raw[i] != '%') {
                octets.write(raw[i]);
                continue;
            }
            int high = i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
            int low = i + 2 < raw.length ? Character.digit(raw[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw new IllegalArgumentException("a % must be followed by two hexadecimal digits");
            }
            octets.write(high * 16 + low);
            i += 2;
        }
        return octets.toString(StandardCharsets.UTF_8);
    }

    /** {@code host=db user='with a space' …}; {@code \} before a quote or a {@code \} in a value. */
    private static Map<String, String> ofWords(String text) {
        Map<String, String> words = new LinkedHashMap<>();
        int at = 0;
        while (true) {
            at = pastSpace(text, at);
            if (at == text.length()) {
                return words;
            }
            int equals = text.indexOf('=', at);
            String name = equals < 0 ? "" : text.substring(at, equals).strip();
            if (!name.matches("[a-z_]+")) {
                throw new IllegalArgumentException(
                        "expected a URL, postgresql://user@host:5432/database, or words such as host=db user=chancery");
            }
            StringBuilder value = new StringBuilder();
            at = value(text, pastSpace(text, equals + 1), value);
            words.put(name, value.toString());
        }
    }

    private static int pastSpace(String text, int from) {
        int at = from;
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /** Reads one value; answers where it ends. */
    private static int value(String text, int from, StringBuilder value) {
        boolean quoted = from < text.length() && text.charAt(from) == '\'';
        int at = quoted ? from + 1 : from;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (quoted ? c == '\'' : Character.isWhitespace(c)) {
                return at + 1;
            }
            if (c == '\\' && at + 1 < text.length()) {
                at++;
                c = text.charAt(at);
            }
            value.append(c);
            at++;
        }
        if (quoted) {
            throw new IllegalArgumentException("a value's closing quote is missing");
        }
        return at;
    }
}
