package io.chancery.core.policy;

import java.util.Locale;

/** Domain names as text, compared label by label. */
final class DomainName {
    private static final int LEAST_PRINTABLE = 33;
    private static final int MOST_PRINTABLE = 126;

    private DomainName() {}

    /**
     * The name in lower case, when it has no empty label and none but printable ASCII. Nothing before the first dot is let
     * pass, as step-ca does: such a name is covered by no rule.
     *
     * @throws IllegalArgumentException saying what it has
     */
    static String labels(String name) {
        if (name.endsWith(".") || name.contains("..")) {
            throw new IllegalArgumentException("it has an empty label");
        }
        if (name.chars().anyMatch(c -> c < LEAST_PRINTABLE || c > MOST_PRINTABLE)) {
            throw new IllegalArgumentException("it has a character that is not of domain names");
        }
        return name.toLowerCase(Locale.ROOT);
    }

    /** Whether the rule is the name itself, or, when it begins with a dot, the rest of it after one label. */
    static boolean covers(String rule, String name) {
        if (!rule.startsWith(".")) {
            return rule.equals(name);
        }
        int label = name.length() - rule.length();
        return label > 0 && name.endsWith(rule) && name.lastIndexOf('.', label - 1) < 0;
    }

    /**
     * A rule's domain in the form that is compared: {@code a.example} as it is, {@code *.a.example} without its asterisk.
     *
     * @throws IllegalArgumentException when it is neither
     */
    static String rule(String text) {
        boolean below = text.startsWith("*.");
        String domain = below ? text.substring(2) : text;
        if (domain.isEmpty() || domain.startsWith(".") || domain.indexOf('*') >= 0) {
            throw new IllegalArgumentException("not a domain name");
        }
        return (below ? "." : "") + labels(Idna.ascii(domain));
    }
}
