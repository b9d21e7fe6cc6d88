package io.chancery.node.status;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** How the signers of this process are, by the issuer whose key each has. A reload may bring some and take others away. */
final class SignerMetrics {
    private static final String ISSUER = "issuer";

    private final MeterRegistry registry;
    private final Supplier<List<OwnSigner>> signers;
    private final Map<String, Shown> shown = new HashMap<>();

    SignerMetrics(MeterRegistry registry, Supplier<List<OwnSigner>> signers) {
        this.registry = registry;
        this.signers = signers;
    }

    /** What is shown of one. */
    private static final class Shown {
        private final List<Meter> meters = new ArrayList<>();
        private volatile OwnSigner last;

        Shown(OwnSigner first) {
            last = first;
        }
    }

    /** Looks at them, so that the next scrape shows them as they are now. */
    synchronized void look() {
        Map<String, OwnSigner> now = new HashMap<>();
        signers.get().forEach(signer -> now.putIfAbsent(signer.issuer(), signer));
        for (String gone : List.copyOf(shown.keySet())) {
            Shown former = now.containsKey(gone) ? null : shown.remove(gone);
            if (former != null) {
                former.meters.forEach(registry::remove);
            }
        }
        now.forEach((issuer, signer) -> shown.computeIfAbsent(issuer, name -> register(signer)).last = signer);
    }

    private Shown register(OwnSigner signer) {
        Shown one = new Shown(signer);
        for (String state : OwnSigner.STATES) {
            one.meters.add(Gauge.builder(
                            MetricNames.SIGNER_STATE,
                            one,
                            each -> each.last.state().equals(state) ? 1 : 0)
                    .description("1 for the state of this process's key of an issuer")
                    .tag(ISSUER, signer.issuer())
                    .tag("state", state)
                    .register(registry));
        }
        counter(one, MetricNames.SIGNER_LOSSES, "Times the key was lost", OwnSigner::losses);
        counter(one, MetricNames.SIGNER_RECOVERIES, "Times the key was brought back", OwnSigner::recoveries);
        counter(one, MetricNames.SIGNER_RETRIED, "Requests tried once more", OwnSigner::retried);
        one.meters.add(Gauge.builder(MetricNames.SIGNER_ABANDONED, one, each -> each.last.abandonedCalls())
                .description("Calls into the HSM's library that hang")
                .tag(ISSUER, signer.issuer())
                .register(registry));
        return one;
    }

    private void counter(Shown one, String name, String description, ToDoubleFunction<OwnSigner> value) {
        one.meters.add(FunctionCounter.builder(name, one, each -> value.applyAsDouble(each.last))
                .description(description)
                .tag(ISSUER, one.last.issuer())
                .register(registry));
    }
}
