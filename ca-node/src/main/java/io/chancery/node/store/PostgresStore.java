package io.chancery.node.store;

import io.chancery.core.config.ChanceryConfig.Replication;
import io.chancery.core.config.PostgresSource;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the store that several API nodes share. Waits for the server, so it belongs on a worker thread. */
public final class PostgresStore {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresStore.class);
    /** Classes of SQLSTATE that waiting does not mend: no such user, password or database; no right. */
    private static final Set<String> FOR_PEOPLE = Set.of("28000", "28P01", "3D000", "42501");

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
        boolean synchronous = replication == Replication.synchronous;
        return open(source, new PostgresTransactions(synchronous, PostgresTransactions::serverTime), folder, settings);
    }

    static Store open(PostgresSource source, PostgresTransactions transactions, Path folder, StoreSettings settings)
            throws StoreException {
        PostgresServer server = new PostgresServer(source);
        Probes probes = new Probes(settings.node(), settings.random());
        Epoch.Reason ifNone = StoreFolder.hasSigned(folder) ? Epoch.Reason.STARTED_EMPTY : Epoch.Reason.NEW;
        PostgresSessions sessions = new PostgresSessions(server, transactions, settings, probes, ifNone);
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
        return new Store(writer, probes, () -> {});
    }
}
