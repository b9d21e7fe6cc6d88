package io.chancery.node.status;

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
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Future;
import java.math.BigInteger;
import java.time.Duration;
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

    private final ProcessMetrics process;
    private final MeterRegistry registry;
    private final Counters counters;
    private final StepMetrics step;
    private final DistributionSummary batches;
    private final Timer commits;

    /** @param process of the process that this node is in */
    public NodeMetrics(ProcessMetrics process) {
        this.process = process;
        this.registry = process.registry();
        this.counters = new Counters(registry);
        this.step = new StepMetrics(registry);
        batches = DistributionSummary.builder(MetricNames.STORE_BATCH)
                .description("Writes that shared one commit")
                .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64, 128, 256)
                .register(registry);
        commits = timer(MetricNames.STORE_COMMIT_SECONDS, "Time of one commit, until it is on disk");
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

    /** @param value asked at every scrape, without waiting */
    public void gauge(String name, String description, Supplier<Number> value) {
        process.gauge(name, description, value);
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
