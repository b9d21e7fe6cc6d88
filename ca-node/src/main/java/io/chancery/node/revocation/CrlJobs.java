package io.chancery.node.revocation;

import io.chancery.core.certificate.KeyId;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Sha256;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** The lists of revoked certificates of all issuers, one each. Any thread. */
public final class CrlJobs {
    private final Vertx vertx;
    private final CrlJob.Ports ports;
    private final PublicKeys keys;
    private final BiConsumer<Boolean, Duration> observer;
    private volatile Map<Sha256, CrlJob> jobs = Map.of();
    private volatile boolean enabled;
    private boolean started;

    /** @param observer told of each list that is made: whether it was published, and how long it took */
    public CrlJobs(Vertx vertx, CrlJob.Ports ports, PublicKeys keys, BiConsumer<Boolean, Duration> observer) {
        this.vertx = vertx;
        this.ports = ports;
        this.keys = keys;
        this.observer = observer;
    }

    /** From now on lists of these issuers are made, and so; none when the settings are empty. */
    public synchronized void use(Issuers issuers, Optional<CrlSettings> settings) {
        Map<Sha256, CrlJob> next = new LinkedHashMap<>();
        Map<Sha256, CrlJob> before = jobs;
        for (Issuer issuer : issuers.all()) {
            Sha256 id = issuer.certificate().hash();
            CrlJob job = before.get(id);
            if (job == null) {
                job = new CrlJob(vertx, ports, issuer.certificate(), keys, observer);
            }
            job.use(settings.map(lists -> lists.at(issuer.listUrl())));
            if (started && !before.containsKey(id)) {
                job.start();
            }
            next.put(id, job);
        }
        before.forEach((id, job) -> {
            if (!next.containsKey(id)) {
                job.stop();
            }
        });
        enabled = settings.isPresent();
        jobs = next;
    }

    public synchronized void start() {
        started = true;
        jobs.values().forEach(CrlJob::start);
    }

    /** Begins nothing any more. */
    public synchronized void stop() {
        started = false;
        jobs.values().forEach(CrlJob::stop);
    }

    /** Whether lists are made. */
    public boolean enabled() {
        return enabled;
    }

    /** The list of an issuer that this node serves; empty before the first. */
    public Optional<CrlShelf.Listed> current(Issuer issuer) {
        return Optional.ofNullable(jobs.get(issuer.certificate().hash()))
                .flatMap(job -> job.shelf().current());
    }

    /** As {@link CrlJob#wanted}, of the list of this issuer; of each of them when it is empty. */
    Future<Void> wanted(Optional<KeyId> issuer) {
        List<Future<Void>> all = new ArrayList<>();
        jobs.values().stream()
                .filter(job -> issuer.isEmpty() || job.isOf(issuer.get()))
                .forEach(job -> all.add(job.wanted()));
        return Future.join(all).mapEmpty();
    }

    /** When the first of the lists that this node serves ends; empty when one of them is not there yet. */
    public Optional<Instant> servedUntil() {
        List<CrlJob> all = List.copyOf(jobs.values());
        List<Instant> ends =
                all.stream().flatMap(job -> job.servedUntil().stream()).sorted().toList();
        return ends.size() < all.size() || ends.isEmpty() ? Optional.empty() : Optional.of(ends.get(0));
    }
}
