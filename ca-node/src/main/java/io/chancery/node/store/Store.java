package io.chancery.node.store;

import io.chancery.core.der.Sha256;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.issuance.IssuanceLedger;
import io.chancery.node.revocation.CrlLedger;
import io.chancery.node.revocation.RevocationLedger;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The authority for "used" and "issued": a database behind one group-committing writer. Opened by {@link SqliteStore} or
 * {@link PostgresStore}; closing waits for the database and belongs on a worker thread, everything else may be called
 * anywhere.
 */
public final class Store implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Store.class);
    private static final Duration STOP = Duration.ofSeconds(5);

    private final GroupCommitWriter writer;
    private final SqlLedger ledger;
    private final StoreJobs jobs;
    private final Probes probes;
    private final SqlRevocations revocations;
    private final SqlCrl lists;
    private final SqlIssuers issuers;
    private final boolean shared;
    private final Runnable release;
    private @Nullable Future<Probe> probing;

    /**
     * @param shared whether other processes write, too
     * @param release gives up what was held beside the database; run once nothing writes any more
     */
    Store(GroupCommitWriter writer, Probes probes, boolean shared, Runnable release) {
        this.writer = writer;
        this.ledger = new SqlLedger(writer);
        this.jobs = new StoreJobs(writer, probes.rows());
        this.probes = probes;
        this.revocations = new SqlRevocations(writer);
        this.lists = new SqlCrl(writer, probes.ofProcess(), shared);
        this.issuers = new SqlIssuers(writer, probes.node());
        this.shared = shared;
        this.release = release;
    }

    /** Whether other nodes' processes write to it, too. */
    public boolean isShared() {
        return shared;
    }

    public IssuanceLedger ledger() {
        return ledger;
    }

    public RevocationLedger revocations() {
        return revocations;
    }

    public CrlLedger lists() {
        return lists;
    }

    public SqlIssuers issuers() {
        return issuers;
    }

    /** Jobs that must run now and then, on one node of all. */
    public StoreJobs jobs() {
        return jobs;
    }

    /** For metrics: who sees the writer's transactions from now on. */
    public void observe(WriteObserver observer) {
        writer.observe(observer);
    }

    /**
     * Writes, so that a full or read-only disk shows; answers the store's clock, who does its jobs, and its epoch. Goes before all
     * that waits: a store that has much to do is no store that cannot be written. While an earlier one has no end yet, it
     * is that one, with that one's deadline: a store that hangs may keep it for longer than this deadline, so whoever asks
     * limits its own wait.
     */
    public synchronized Future<Probe> probe(Deadline deadline) {
        Future<Probe> running = probing;
        if (running != null && !running.isComplete()) {
            return running;
        }
        Future<Probe> started = probeNow(deadline);
        probing = started;
        return started;
    }

    private Future<Probe> probeNow(Deadline deadline) {
        return writer.submitFirst(
                        session -> {
                            long number = probes.write(session);
                            Optional<String> jobNode = JobLease.find(session).map(JobLease::node);
                            return new Probe(
                                    session.now(),
                                    jobNode,
                                    number,
                                    session.epoch().number(),
                                    SqlCrl.builders(session));
                        },
                        deadline)
                .onSuccess(probe -> probes.acknowledged(probe.number()))
                .compose(probe -> ledger.cannotReserve()
                        .<Future<Probe>>map(Future::failedFuture)
                        .orElseGet(() -> Future.succeededFuture(probe)));
    }

    /** A page of tokens that are used for good, in the order of their keys; empty after the last one. */
    public Future<List<UsedTokenRow>> usedTokens(Optional<Sha256> after, Deadline deadline) {
        return writer.submit(session -> UsedTokenRow.page(session, after), deadline);
    }

    /** Writes waiting at this moment, for the gauge. */
    public int waiting() {
        return writer.waiting();
    }

    /** For tests of this package. */
    GroupCommitWriter writer() {
        return writer;
    }

    /** Writes what waits and closes; not for an event loop. */
    @Override
    public void close() {
        if (writer.close(STOP)) {
            release.run();
        } else {
            // It may still write: what is held stays held until the process ends.
            LOG.atError().log("the store's writer hangs; the store stays locked until this process ends");
        }
    }

    /**
     * What a probe found.
     *
     * @param clock the store's
     * @param jobNode the node that does the store's jobs
     * @param number of the probe
     * @param epoch the number of the store's epoch
     * @param listNodes the nodes that make the lists of revoked certificates, or made the last ones
     */
    public record Probe(Instant clock, Optional<String> jobNode, long number, long epoch, List<String> listNodes) {}
}
