package io.chancery.node.status;

import io.chancery.cluster.members.ClusterMembers;
import io.chancery.cluster.replay.ReplayFilter;
import io.chancery.core.certificate.IssuerCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.webhook.Webhook;
import io.chancery.node.http.AnsweredRequest;
import io.chancery.node.http.RequestFacts;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.issuance.SigningClient;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** What one API node measures, by the names of {@link MetricNames}. Any thread; labels have small fixed sets. */
public final class NodeMetrics implements Consumer<AnsweredRequest> {
    private static final Set<String> ISSUING = Set.of("/sign", "/renew", "/re-sign", "/rekey");
    private static final String REVOKE = "/revoke";
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(5),
        Duration.ofMillis(20),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10)
    };

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Counters counters = new Counters(registry);
    private final StepMetrics step = new StepMetrics(registry);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final DistributionSummary batches;
    private final Timer commits;

    public NodeMetrics(String version) {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        collections.bindTo(registry);
        batches = DistributionSummary.builder(MetricNames.STORE_BATCH)
                .description("Writes that shared one commit")
                .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64, 128, 256)
                .register(registry);
        commits = timer(MetricNames.STORE_COMMIT_SECONDS, "Time of one commit, until it is on disk");
        Meter unused = Gauge.builder(MetricNames.BUILD_INFO, () -> 1)
                .description("What runs here")
                .tag("version", version)
                .tag("java", String.valueOf(Runtime.version().feature()))
                .register(registry);
        counters.count(MetricNames.ADMISSION_REFUSED, 0);
        counters.count(MetricNames.CERTIFICATES_ISSUED, 0);
        counters.count(MetricNames.REVOCATIONS, 0);
        counters.count(MetricNames.CRL_BUILDS, 0, "outcome", "published");
        counters.count(MetricNames.CRL_BUILDS, 0, "outcome", "failed");
        counters.count(MetricNames.STORE_FAILED, 0);
        counters.count(MetricNames.OIDC_ASKED, 0, "outcome", "answered");
        counters.count(MetricNames.OIDC_ASKED, 0, "outcome", "failed");
        CountedReplayFilter.zero(counters);
    }

    /** In Prometheus' text form. */
    String scrape() {
        return registry.scrape();
    }

    /** @param value asked at every scrape, without waiting */
    public void gauge(String name, String description, Supplier<Number> value) {
        Meter unused = Gauge.builder(name, value).description(description).register(registry);
    }

    /** Shows how the signer of this process is. */
    public void signer(Supplier<OwnSigner> signer) {
        for (String state : OwnSigner.STATES) {
            Meter unused = Gauge.builder(
                            MetricNames.SIGNER_STATE, () -> signer.get().state().equals(state) ? 1 : 0)
                    .description("1 for the state of this process's signing key")
                    .tag("state", state)
                    .register(registry);
        }
        counter(
                MetricNames.SIGNER_LOSSES,
                "Times the key was lost",
                () -> signer.get().losses());
        counter(
                MetricNames.SIGNER_RECOVERIES,
                "Times the key was brought back",
                () -> signer.get().recoveries());
        counter(
                MetricNames.SIGNER_RETRIED,
                "Requests tried once more",
                () -> signer.get().retried());
        gauge(
                MetricNames.SIGNER_ABANDONED,
                "Calls into the HSM's library that hang",
                () -> signer.get().abandonedCalls());
    }

    private void counter(String name, String description, LongSupplier value) {
        // Micrometer holds its object weakly: this one lives as long as the registry.
        Meter unused = FunctionCounter.builder(name, this, self -> value.getAsLong())
                .description(description)
                .register(registry);
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

    /** A gauge for each kind of certificate that is there now: when the first of that kind ends. */
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

    /** Counts a request that is over. */
    @Override
    public void accept(AnsweredRequest request) {
        step.accept(request);
        RequestFacts facts = request.context().facts();
        counters.count(MetricNames.REQUESTS, 1, "route", facts.route(), "status", String.valueOf(request.status()));
        timer(MetricNames.REQUEST_SECONDS, "From a request's head to its answer", "route", facts.route())
                .record(request.took());
        facts.error().ifPresent(code -> counters.count(MetricNames.REFUSALS, 1, "code", code.name()));
        boolean atTheGate = facts.route().equals(RequestFacts.NO_ROUTE);
        if (atTheGate && facts.error().filter(ErrorCode.OVERLOADED::equals).isPresent()) {
            counters.count(MetricNames.ADMISSION_REFUSED, 1);
        }
        if (facts.route().equals(REVOKE) && request.status() == 200) {
            counters.count(MetricNames.REVOCATIONS, 1);
        }
        if (ISSUING.contains(facts.route()) && request.status() == 201) {
            counters.count(MetricNames.CERTIFICATES_ISSUED, 1);
        }
    }

    /** Notes one commit of the store. */
    public void committed(int writes, Duration took) {
        batches.record(writes);
        commits.record(took);
    }

    /** Counts writes that the store failed. */
    public void failed(int writes) {
        counters.count(MetricNames.STORE_FAILED, writes);
    }

    /** The same signers, with the time and the outcome of each asking noted. */
    public SigningClient timing(SigningClient signers) {
        return new SigningClient() {
            @Override
            public Future<Outcome> sign(IssuerCertificate issuer, SerialNumber serial, Der tbs, Deadline deadline) {
                return timed(() -> signers.sign(issuer, serial, tbs, deadline));
            }

            @Override
            public Future<Outcome> signList(IssuerCertificate issuer, BigInteger number, Der tbs, Deadline deadline) {
                return signers.signList(issuer, number, tbs, deadline); // rare, and its size would blur the picture
            }
        };
    }

    private Future<SigningClient.Outcome> timed(Supplier<Future<SigningClient.Outcome>> asking) {
        long began = System.nanoTime();
        return asking.get()
                .onSuccess(outcome -> timer(
                                MetricNames.SIGNER_SECONDS,
                                "From asking the signers to their last word",
                                "outcome",
                                name(outcome))
                        .record(Duration.ofNanos(System.nanoTime() - began)));
    }

    /** Shows how many OpenID providers are in one condition. */
    public void openIdProviders(String condition, LongSupplier count) {
        Meter unused = Gauge.builder(MetricNames.OIDC_PROVIDERS, count::getAsLong)
                .description("OpenID providers of the configuration in force")
                .tag("state", condition)
                .register(registry);
    }

    /** Notes that an OpenID provider was asked who it is. */
    public void openIdAsked(boolean answered) {
        counters.count(MetricNames.OIDC_ASKED, 1, "outcome", answered ? "answered" : "failed");
    }

    /** Notes the making of a list of revoked certificates. */
    public void list(boolean published, Duration took) {
        counters.count(MetricNames.CRL_BUILDS, 1, "outcome", published ? "published" : "failed");
        timer(MetricNames.CRL_BUILD_SECONDS, "From the beginning of a list to its publication or failure")
                .record(took);
    }

    /** The same filter, with its answers counted. */
    public ReplayFilter counting(ReplayFilter replay) {
        return new CountedReplayFilter(replay, counters);
    }

    private static String name(SigningClient.Outcome outcome) {
        if (outcome instanceof SigningClient.Outcome.Signed) {
            return "signed";
        }
        if (outcome instanceof SigningClient.Outcome.Refused) {
            return "refused";
        }
        return outcome instanceof SigningClient.Outcome.SurelyNotSigned ? "not-signed" : "maybe-signed";
    }

    /** Notes a call of a webhook. */
    public void webhook(Webhook.Kind kind, String outcome, Duration took) {
        timer(
                        MetricNames.WEBHOOK_SECONDS,
                        "Calls of webhooks, both attempts together",
                        "kind",
                        kind.name().toLowerCase(Locale.ROOT),
                        "outcome",
                        outcome)
                .record(took);
    }

    private Timer timer(String name, String description, String... labels) {
        return Timer.builder(name)
                .description(description)
                .tags(labels)
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }
}
