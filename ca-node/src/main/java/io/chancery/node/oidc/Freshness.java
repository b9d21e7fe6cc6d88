package io.chancery.node.oidc;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** For how long a key set is good, by what came with it (RFC 9111 s. 5.2.2.1). */
final class Freshness {
    static final Duration LEAST = Duration.ofMinutes(1);
    static final Duration MOST = Duration.ofDays(1);
    /** Where the provider does not say: so long a withdrawn key goes on being believed. */
    static final Duration USUAL = Duration.ofHours(1);

    private static final Pattern MAX_AGE =
            Pattern.compile("(?:^|[\\s,])max-age\\s*=\\s*\"?([0-9]{1,9})", Pattern.CASE_INSENSITIVE);

    private Freshness() {}

    static Duration of(String cacheControl) {
        Matcher found = MAX_AGE.matcher(cacheControl);
        if (!found.find()) {
            return USUAL;
        }
        Duration age = Duration.ofSeconds(Long.parseLong(found.group(1)));
        return age.compareTo(LEAST) < 0 ? LEAST : age.compareTo(MOST) > 0 ? MOST : age;
    }
}
