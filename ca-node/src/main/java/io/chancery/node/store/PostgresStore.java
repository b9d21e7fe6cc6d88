package io.chancery.node.store;

import io.chancery.core.config.ChanceryConfig.Replication;
import io.chancery.core.config.PostgresSource;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the store that several API nodes share. Waits for the server, so it belongs on a worker thread. */
public final class PostgresStore {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresStore.class);
    /** Classes of SQLSTATE that waiting does not mend: no such user, password or database; no right. */
    private static final Set<String> FOR_PEOPLE = Set.of("28000", "28P01", "3D000", "42501");

    /**
     * Far shorter than what a new epoch adds to the present: tokens that count at a successor were issued after nodes that
     * reach it have left the old primary.
     */
    private static final int LOOK_SECONDS = 10;

    private PostgresStore() {}

    /**
     * Opens the store. A server that is away, or takes no writes, does not keep a node from starting: it serves what
     * needs no store, says why it cannot issue, and goes on by itself.
     *
     * @param replication as the operator declares it
     * @param folder what this node keeps for itself, its signer's log included
     * @throws StoreException for people, when somebody must decide
     */
    public static Store open(PostgresSource source, Replication replication, Path folder, StoreSettings settings)
            throws StoreException {
        return open(source, replication, UnaryOperator.identity(), folder, settings);
    }

    static Store open(
            PostgresSource source,
            Replication replication,
            UnaryOperator<Instant> clock,
            Path folder,
            StoreSettings settings)
            throws StoreException {
        warnOfUnverified(source);
        PostgresServer server = new PostgresServer(source);
        Probes probes = new Probes(settings.node(), settings.random(), true);
        boolean begunBefore = settings.startEmpty() || StoreFolder.hasWorked(folder);
        Epoch.Reason ifNone = begunBefore ? Epoch.Reason.STARTED_EMPTY : Epoch.Reason.NEW;
        PostgresTransactions transactions = new PostgresTransactions(
                replication == Replication.synchronous ? Optional.of(probes) : Optional.empty(), clock);
        OldPrimaries oldPrimaries = new OldPrimaries(server, "chancery " + settings.node());
        PostgresSessions sessions = new PostgresSessions(oldPrimaries, transactions, settings, probes, ifNone);
        try {
            sessions.open().close();
        } catch (SQLException e) {
            String reason = "the store " + server.place() + " cannot be used: " + SqlFault.explain(e);
            if (e instanceof PostgresSessions.RefusedException
                    || FOR_PEOPLE.contains(String.valueOf(e.getSQLState()))) {
                throw new StoreException(reason, e);
            }
            LOG.atWarn().addKeyValue("reason", reason).log("started without the store; it is tried again");
        }
        GroupCommitWriter writer = new GroupCommitWriter(settings.queueLimit(), sessions);
        writer.start();
        return new Store(writer, probes, true, lookout(source, oldPrimaries)::shutdownNow);
    }

    /** On a thread of its own, as a server that is away takes its time; nothing where there is one server only. */
    private static ScheduledExecutorService lookout(PostgresSource source, OldPrimaries oldPrimaries) {
        ScheduledExecutorService lookout = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "store-lookout");
            thread.setDaemon(true);
            return thread;
        });
        if (source.hosts().size() > 1) {
            var unused = lookout.scheduleWithFixedDelay(
                    oldPrimaries::lookAround, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
        }
        return lookout;
    }

    /** Whoever can stand between could be the server, and forget what was used. */
    private static void warnOfUnverified(PostgresSource source) {
        boolean verified = PostgresServer.sslMode(source).startsWith("verify-");
        boolean remote = source.hosts().stream().anyMatch(host -> !host.host().matches("localhost|127\\..*|::1"));
        if (remote && !verified) {
            LOG.atWarn()
                    .addKeyValue("store", source.place())
                    .log("the database's certificate is not verified: add sslmode=verify-full and sslrootcert to"
                            + " ca.json#/db/dataSource");
        }
    }
}
