package io.chancery.core.config;

import io.chancery.core.name.SubjectAltName;
import io.chancery.core.time.GoDuration;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads step's {@code crl} member of ca.json. */
final class CrlReader {
    private static final Duration CACHE = Duration.ofHours(24);
    /** As long as a signer signs them for. */
    private static final Duration LONGEST = Duration.ofDays(366);

    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final String RANGE = "a duration from 1s to 8784h";

    private CrlReader() {}

    /** @param dnsNames of the CA: the first one stands in the lists when no URL is given, without a port, as step-ca has it */
    static CaConfig.Crl read(Problems problems, Node node, List<String> dnsNames) {
        Duration cache = node.duration("cacheDuration").filter(d -> !d.isZero()).orElse(CACHE);
        if (cache.compareTo(SHORTEST) < 0 || cache.compareTo(LONGEST) > 0) {
            problems.error(node.pointer("cacheDuration"), GoDuration.print(cache), RANGE);
        }
        Optional<Duration> period = node.duration("renewPeriod").filter(d -> !d.isZero());
        Duration every = period.orElse(cache.multipliedBy(2).dividedBy(3));
        if (period.isPresent() && (every.compareTo(SHORTEST) < 0 || every.compareTo(cache) > 0)) {
            problems.error(
                    node.pointer("renewPeriod"), GoDuration.print(every), "a duration from 1s to the cacheDuration");
        }
        Optional<String> named = node.text("idpURL");
        if (named.isPresent() && !named.get().matches("[!-~]{1,2048}")) {
            problems.error(node.pointer("idpURL"), Node.quoted(named.get()), "a URL in ASCII, without spaces");
        }
        String url = named.orElseGet(() -> "https://" + host(dnsNames) + "/1.0/crl");
        CaConfig.Crl crl = new CaConfig.Crl(node.flag("enabled"), node.flag("generateOnRevoke"), cache, every, url);
        node.reportUnknown(false);
        return crl;
    }

    private static String host(List<String> dnsNames) {
        String first = dnsNames.isEmpty() ? "localhost" : dnsNames.get(0);
        return SubjectAltName.isAddress(first) && first.indexOf(':') >= 0 ? "[" + first + "]" : first;
    }
}
