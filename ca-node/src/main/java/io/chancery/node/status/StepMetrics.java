package io.chancery.node.status;

import io.chancery.node.http.AnsweredRequest;
import io.chancery.node.http.RequestFacts;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** What step-ca measures of certificates, under its names, so that dashboards made for it go on. Any thread. */
final class StepMetrics implements Consumer<AnsweredRequest> {
    private static final int ISSUED = 201;
    private static final Series RENEWED = new Series(MetricNames.STEP_RENEWED, "Number of certificates renewed");
    private static final Map<String, Series> BY_ROUTE = Map.of(
            "/sign",
            new Series(MetricNames.STEP_SIGNED, "Number of certificates signed"),
            "/renew",
            RENEWED,
            "/re-sign",
            RENEWED,
            "/rekey",
            new Series(MetricNames.STEP_REKEYED, "Number of certificates rekeyed"));

    private final MeterRegistry registry;

    private record Series(String name, String meaning) {}

    StepMetrics(MeterRegistry registry) {
        this.registry = registry;
        long began = System.nanoTime();
        Meter unused = Gauge.builder(
                        MetricNames.STEP_UPTIME, () -> TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began))
                .description("Number of seconds since service start")
                .register(registry);
    }

    /** As step-ca, counts from when it is known by whose rules a request is judged. */
    @Override
    public void accept(AnsweredRequest request) {
        RequestFacts facts = request.context().facts();
        Series series = BY_ROUTE.get(facts.route());
        if (series != null && facts.provisioner().isPresent()) {
            Counter.builder(series.name())
                    .description(series.meaning())
                    .tag("provisioner", facts.provisioner().get())
                    .tag("success", String.valueOf(request.status() == ISSUED))
                    .register(registry)
                    .increment();
        }
    }
}
