package io.chancery.core.config;

import io.chancery.core.time.GoDuration;
import java.time.Duration;
import java.util.List;

/** What chancery.json says of the longest certificate must leave something after ca.json's backdate. */
public final class LongestValidity {
    private LongestValidity() {}

    /**
     * A problem where a certificate that nothing is asked for would have ended by the time it is made.
     *
     * @param file the name of chancery.json, for messages
     */
    public static List<ConfigProblem> check(String file, CaConfig ca, ChanceryConfig chancery) {
        Duration backdate = ca.authority().backdate();
        return chancery.keyRules().maxValidity().stream()
                .filter(longest -> longest.compareTo(backdate) <= 0)
                .map(longest -> new ConfigProblem(
                        file,
                        "/keyRules/maxValidity",
                        GoDuration.print(longest),
                        "more than authority.backdate of ca.json, " + GoDuration.print(backdate)
                                + ", by which a certificate begins before it is made",
                        ConfigProblem.Severity.ERROR))
                .toList();
    }
}
