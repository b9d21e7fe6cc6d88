package io.chancery.node.status;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;

/** Counts, and says to who scrapes what is counted. Any thread. */
final class Counters implements CountedReplayFilter.Counter {
    private static final Map<String, String> MEANINGS = Map.of(
            MetricNames.REQUESTS, "Requests that are over",
            MetricNames.REFUSALS, "Refused requests by the code of the refusal",
            MetricNames.ADMISSION_REFUSED, "Requests refused at the door, over the limit of those under way",
            MetricNames.CERTIFICATES_ISSUED, "Requests answered with a certificate",
            MetricNames.REVOCATIONS, "Requests answered with a revocation",
            MetricNames.CRL_BUILDS, "Lists of revoked certificates made by this node",
            MetricNames.STORE_FAILED, "Writes that the store failed: not done, or their commit in doubt",
            MetricNames.OIDC_ASKED, "Questions to OpenID providers",
            MetricNames.GRID_ASKED, "What the grid said of a token",
            MetricNames.GRID_TOLD, "Used tokens given to the grid");

    private final MeterRegistry registry;

    Counters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** @throws IllegalArgumentException for a name whose meaning is not known here */
    @Override
    public void count(String name, double by, String... labels) {
        String meaning = MEANINGS.get(name);
        if (meaning == null) {
            throw new IllegalArgumentException("nobody says what " + name + " counts");
        }
        Counter.builder(name)
                .description(meaning)
                .tags(labels)
                .register(registry)
                .increment(by);
    }
}
