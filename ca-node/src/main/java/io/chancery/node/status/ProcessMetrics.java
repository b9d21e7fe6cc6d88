package io.chancery.node.status;

import io.chancery.cluster.members.ClusterMembers;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What a process of any role measures, by the names of {@link MetricNames}: what runs, keys, certificates, JVM. Any thread. */
public final class ProcessMetrics {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private volatile Optional<SignerMetrics> signers = Optional.empty();

    /** @param version of Chancery */
    public ProcessMetrics(String version) {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        collections.bindTo(registry);
        Meter unused = Gauge.builder(MetricNames.BUILD_INFO, () -> 1)
                .description("What runs here")
                .tag("version", version)
                .tag("java", String.valueOf(Runtime.version().feature()))
                .register(registry);
    }

    MeterRegistry registry() {
        return registry;
    }

    /** In Prometheus' text form. */
    String scrape() {
        signers.ifPresent(SignerMetrics::look);
        return registry.scrape();
    }

    /** @param value asked at every scrape, without waiting */
    public void gauge(String name, String description, Supplier<Number> value) {
        Meter unused = Gauge.builder(name, value).description(description).register(registry);
    }

    /**
     * Shows how the signers of this process are, one for each issuer whose key is here.
     *
     * @param own asked at every scrape, without waiting
     */
    public void signers(Supplier<List<OwnSigner>> own) {
        signers = Optional.of(new SignerMetrics(registry, own));
    }

    /** Shows how many nodes are in the cluster, and whether they hear each other. */
    public void nodes(ClusterMembers members) {
        for (boolean reached : new boolean[] {true, false}) {
            Meter unused = Gauge.builder(
                            MetricNames.CLUSTER_NODES,
                            () -> members.members().stream()
                                    .filter(m -> (m.self() || m.roundTrip().isPresent()) == reached)
                                    .count())
                    .description("Nodes of the cluster, this one included")
                    .tag("state", reached ? "reached" : "silent")
                    .register(registry);
        }
        gauge(
                MetricNames.CLUSTER_DEAF,
                "1 when no other node reaches this one over the bus",
                () -> members.deaf().isPresent() ? 1 : 0);
    }

    /**
     * A gauge for each kind of certificate that is there now: when the first of that kind ends.
     *
     * @param certificates asked at every scrape, without waiting
     */
    public void ends(Supplier<List<WatchedCertificate>> certificates) {
        certificates.get().stream()
                .map(WatchedCertificate::kind)
                .distinct()
                .forEach(kind -> gauge(kind.metric(), kind.description(), () -> firstEnd(certificates.get(), kind)));
    }

    private static long firstEnd(List<WatchedCertificate> certificates, WatchedCertificate.Kind kind) {
        return certificates.stream()
                .filter(watched -> watched.kind() == kind)
                .mapToLong(watched -> watched.end().getEpochSecond())
                .min()
                .orElse(0);
    }
}
