package io.chancery.core.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What a policy allows, or what it denies: a list of rules for each kind of name. Immutable. */
public final class NameRules {
    /** No rules. */
    public static final NameRules NONE = of(kind -> List.of(), (kind, index, text, allowed) -> {});

    private final List<CommonNameRule> commonNames;
    private final List<DnsRule> dns;
    private final List<IpRule> addresses;
    private final List<EmailRule> emails;
    private final List<UriRule> uris;

    private NameRules(Reader reader) {
        commonNames = reader.rules("cn", CommonNameRule::parse);
        dns = reader.rules("dns", DnsRule::parse);
        addresses = reader.rules("ip", IpRule::parse);
        emails = reader.rules("email", EmailRule::parse);
        uris = reader.rules("uri", UriRule::parse);
    }

    /** Is told of each rule that cannot be read. */
    @FunctionalInterface
    public interface Report {
        void wrong(String kind, int index, String text, String allowed);
    }

    /**
     * Reads the rules of every kind; what cannot be read is reported and left out, so whoever reports must not use the
     * outcome.
     *
     * @param lists the texts under {@code cn}, {@code dns}, {@code ip}, {@code email} and {@code uri}
     */
    public static NameRules of(Function<String, List<String>> lists, Report report) {
        return new NameRules(new Reader(lists, report));
    }

    private record Reader(Function<String, List<String>> lists, Report report) {
        <R> List<R> rules(String kind, Function<String, R> parser) {
            List<String> texts = lists.apply(kind);
            List<R> rules = new ArrayList<>();
            for (int i = 0; i < texts.size(); i++) {
                try {
                    rules.add(parser.apply(texts.get(i)));
                } catch (IllegalArgumentException e) {
                    report.wrong(kind, i, texts.get(i), String.valueOf(e.getMessage()));
                }
            }
            return List.copyOf(rules);
        }
    }

    /** Whether there is no rule of any kind. */
    public boolean isEmpty() {
        return commonNames.isEmpty() && dns.isEmpty() && addresses.isEmpty() && emails.isEmpty() && uris.isEmpty();
    }

    /** Whether there are rules for common names. */
    public boolean haveCommonNames() {
        return !commonNames.isEmpty();
    }

    List<CommonNameRule> commonNames() {
        return commonNames;
    }

    List<DnsRule> dns() {
        return dns;
    }

    List<IpRule> addresses() {
        return addresses;
    }

    List<EmailRule> emails() {
        return emails;
    }

    List<UriRule> uris() {
        return uris;
    }
}
