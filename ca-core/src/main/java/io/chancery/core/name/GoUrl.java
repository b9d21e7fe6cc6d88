package io.chancery.core.name;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A URL with a scheme as Go's {@code net/url} (1.26) reads and prints it: step types names and compares audiences by
 * that, and it is neither RFC 3986 nor java.net.URI. Inside, text is UTF-8 octets, one in each char, as escapes name
 * octets.
 *
 * @param scheme in lower case
 * @param opaque what follows a scheme without a slash, as it came
 * @param user printed form with its {@code @}, or empty
 * @param authority whether {@code //} stood before the host
 * @param host unescaped, with port and brackets
 * @param path printed form
 * @param query with its {@code ?}, as it came, or empty
 * @param fragment printed form, without its {@code #}
 */
public record GoUrl(
        String scheme,
        String opaque,
        String user,
        boolean authority,
        String host,
        String path,
        String query,
        String fragment) {
    private static final String HEX = "0123456789ABCDEF";
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):(.*)", Pattern.DOTALL);
    private static final Pattern PORT = Pattern.compile("(?::[0-9]*)?");
    private static final Pattern USER_INFO = Pattern.compile("[A-Za-z0-9._~!$&'()*+,;=:%@-]*");
    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x1f\\x7f]");

    /** Which characters stand for themselves in a part, beside letters, digits and {@code -._~}. */
    private enum Part {
        HOST("!$&'()*+,;=:[]<>\""),
        ZONE("!$&'()*+,;=:[]<>\""),
        USER("$&+,;="),
        PATH("$&+,/:;=@"),
        FRAGMENT("$&+,/:;=?@!()*");

        private final String plain;

        Part(String plain) {
            this.plain = plain;
        }

        boolean escapes(char octet) {
            boolean word = octet < 0x80 && (Character.isLetterOrDigit(octet) || "-._~".indexOf(octet) >= 0);
            return !word && plain.indexOf(octet) < 0;
        }
    }

    /** Empty when Go finds a fault, or no scheme. */
    public static Optional<GoUrl> parse(String text) {
        String octets = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        int hash = octets.indexOf('#');
        String fragment = hash < 0 ? "" : octets.substring(hash + 1);
        String rest = hash < 0 ? octets : octets.substring(0, hash);
        Matcher scheme = SCHEME.matcher(rest);
        if (!scheme.matches() || CONTROL.matcher(rest).find()) {
            return Optional.empty();
        }
        return printed(fragment, Part.FRAGMENT)
                .flatMap(f -> hierarchy(scheme.group(1).toLowerCase(Locale.ROOT), scheme.group(2), f));
    }

    private static Optional<GoUrl> hierarchy(String scheme, String text, String fragment) {
        int mark = text.indexOf('?');
        String query = mark < 0 ? "" : text.substring(mark);
        String rest = mark < 0 ? text : text.substring(0, mark);
        if (!rest.startsWith("/")) {
            return Optional.of(new GoUrl(scheme, rest, "", false, "", "", query, fragment));
        }
        if (!rest.startsWith("//")) {
            return printed(rest, Part.PATH).map(p -> new GoUrl(scheme, "", "", false, "", p, query, fragment));
        }
        int slash = rest.indexOf('/', 2);
        String authority = rest.substring(2, slash < 0 ? rest.length() : slash);
        int at = authority.lastIndexOf('@');
        Optional<String> user = at < 0 ? Optional.of("") : user(authority.substring(0, at));
        Optional<String> host = host(authority.substring(at + 1));
        Optional<String> path = printed(slash < 0 ? "" : rest.substring(slash), Part.PATH);
        if (user.isEmpty() || host.isEmpty() || path.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new GoUrl(scheme, "", user.get(), true, host.get(), path.get(), query, fragment));
    }

    private static Optional<String> user(String text) {
        if (!USER_INFO.matcher(text).matches()) {
            return Optional.empty();
        }
        int colon = text.indexOf(':');
        Optional<String> name = unescaped(colon < 0 ? text : text.substring(0, colon), Part.USER);
        Optional<String> password = unescaped(colon < 0 ? "" : text.substring(colon + 1), Part.USER);
        return name.flatMap(n ->
                password.map(p -> escaped(n, Part.USER) + (colon < 0 ? "" : ":" + escaped(p, Part.USER)) + "@"));
    }

    private static Optional<String> host(String text) {
        int bracket = text.lastIndexOf('[');
        if (bracket == 0) {
            return literal(text);
        }
        int colon = text.indexOf(':');
        boolean badPort = colon >= 0 && !PORT.matcher(text.substring(colon)).matches();
        return bracket > 0 || badPort ? Optional.empty() : unescaped(text, Part.HOST);
    }

    /** {@code [address]}, {@code [address%25zone]}, each perhaps with a port. */
    private static Optional<String> literal(String text) {
        int end = text.lastIndexOf(']');
        if (end < 0 || !PORT.matcher(text.substring(end + 1)).matches()) {
            return Optional.empty();
        }
        String inner = text.substring(1, end);
        int percent = inner.indexOf("%25");
        String zone = percent < 0 ? "" : inner.substring(percent);
        Optional<String> address = unescaped(percent < 0 ? inner : inner.substring(0, percent), Part.HOST)
                .filter(a -> a.indexOf(':') >= 0 && IpLiteral.parse(a).isPresent());
        Optional<String> shown = unescaped(zone, Part.ZONE).filter(z -> !z.equals("%"));
        return address.flatMap(a -> shown.map(z -> "[" + a + z + "]" + text.substring(end + 1)));
    }

    /** The text as Go prints it again: as it is when it is a valid encoding, else escaped anew. Empty on a bad escape. */
    private static Optional<String> printed(String text, Part part) {
        boolean valid = text.chars().allMatch(c -> "!$&'()*+,;=:@[]%".indexOf(c) >= 0 || !part.escapes((char) c));
        return unescaped(text, part).map(plain -> valid ? text : escaped(plain, part));
    }

    private static String escaped(String octets, Part part) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < octets.length(); i++) {
            char octet = octets.charAt(i);
            if (part.escapes(octet)) {
                text.append('%').append(HEX.charAt(octet >> 4 & 0xf)).append(HEX.charAt(octet & 0xf));
            } else {
                text.append(octet);
            }
        }
        return text.toString();
    }

    private static Optional<String> unescaped(String text, Part part) {
        boolean inHost = part == Part.HOST || part == Part.ZONE;
        StringBuilder octets = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '%') {
                if (inHost && c < 0x80 && part.escapes(c)) {
                    return Optional.empty();
                }
                octets.append(c);
                continue;
            }
            int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
            int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
            char octet = (char) (16 * high + low);
            if (high < 0 || low < 0 || (inHost && !mayBeEscaped(octet, part))) {
                return Optional.empty();
            }
            octets.append(octet);
            i += 2;
        }
        return Optional.of(octets.toString());
    }

    /** In a host only what is not ASCII; in a zone also what needs no escape, the space and the percent sign itself. */
    private static boolean mayBeEscaped(char octet, Part part) {
        return octet == '%' || (part == Part.HOST ? octet >= 0x80 : octet == ' ' || !part.escapes(octet));
    }

    /** The same URL without port, and without the brackets of an IPv6 literal. */
    public GoUrl withoutPort() {
        int colon = host.lastIndexOf(':');
        String bare = colon >= 0 && PORT.matcher(host.substring(colon)).matches() ? host.substring(0, colon) : host;
        if (bare.startsWith("[") && bare.endsWith("]")) {
            bare = bare.substring(1, bare.length() - 1);
        }
        return new GoUrl(scheme, opaque, user, authority, bare, path, query, fragment);
    }

    /**
     * Whether Go reads a certificate that has it among its names: of the host, where there is one, no label is empty. With its
     * port, which to Go is a part of the last label.
     */
    public boolean canBeNamed() {
        return host.isEmpty() || Labels.stand(host);
    }

    /** A fragment that says this, as Go prints it. */
    public static String escapedFragment(String plain) {
        return escaped(new String(plain.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1), Part.FRAGMENT);
    }

    /** What the fragment says, unescaped; empty when there is none. */
    public String plainFragment() {
        return utf8(unescaped(fragment, Part.FRAGMENT).orElse(fragment));
    }

    /** As Go's {@code URL.String()} prints it. */
    public String print() {
        boolean slashes = authority && !(host.isEmpty() && path.isEmpty() && user.isEmpty());
        String octets = scheme + ":" + opaque + (slashes ? "//" + user + escaped(host, Part.HOST) : "") + path + query
                + (fragment.isEmpty() ? "" : "#" + fragment);
        return utf8(octets);
    }

    private static String utf8(String octets) {
        return new String(octets.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
