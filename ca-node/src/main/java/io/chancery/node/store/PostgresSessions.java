package io.chancery.node.store;

import io.chancery.cluster.bus.NodeId;
import io.chancery.core.config.ChanceryConfig.Replication;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens connections of one node's writer, each only after the server was found to be the one that it should be: it takes
 * writes, keeps them, has our tables, and has forgotten nothing, or else a new epoch begins. For one thread at a time.
 */
final class PostgresSessions implements GroupCommitWriter.SessionFactory {
    /** A server that is away is asked again after so long, not for each batch of writes. */
    static final long PAUSE_MILLIS = 250;

    /** A node that has not written for so long is not there any more. */
    private static final Duration LATELY = Duration.ofHours(24);

    /** Longer than a server is away: what a process finds of its own when it is back must not have been taken away. */
    private static final Duration LONG_AGO = Duration.ofDays(30);

    private static final Logger LOG = LoggerFactory.getLogger(PostgresSessions.class);

    private final PostgresServer server;
    private final PostgresTransactions transactions;
    private final StoreSettings settings;
    private final Probes probes;
    private final OldPrimaries oldPrimaries;
    private Epoch.Reason ifNone;
    private long failedAt = System.nanoTime() - 1_000_000 * PAUSE_MILLIS;
    private Optional<SQLException> failure = Optional.empty();

    /** @param ifNone why the first epoch begins when there is none */
    PostgresSessions(
            OldPrimaries oldPrimaries,
            PostgresTransactions transactions,
            StoreSettings settings,
            Probes probes,
            Epoch.Reason ifNone) {
        this.server = oldPrimaries.servers();
        this.oldPrimaries = oldPrimaries;
        this.transactions = transactions;
        this.settings = settings;
        this.probes = probes;
        this.ifNone = ifNone;
    }

    @Override
    public SqlSession open() throws SQLException {
        boolean pause = System.nanoTime() - failedAt < 1_000_000 * PAUSE_MILLIS;
        if (pause && failure.isPresent()) {
            throw new SQLException(failure.get().getMessage(), failure.get().getSQLState(), failure.get());
        }
        try {
            SqlSession session = openNow();
            failure = Optional.empty();
            return session;
        } catch (SQLException e) {
            failedAt = System.nanoTime();
            failure = Optional.of(e);
            throw e;
        }
    }

    /**
     * Where several servers take writes, as one that came back after its standby was promoted does, the driver takes
     * whichever stands first.
     */
    private SqlSession openNow() throws SQLException {
        if (oldPrimaries.noneSeen()) {
            oldPrimaries.lookAround(); // or a process that has just started would not know a successor
        }
        try {
            return openNow(server);
        } catch (OldPrimaries.RefusedException e) {
            for (PostgresServer each : server.each()) {
                try {
                    return openNow(each);
                } catch (RefusedException refused) {
                    throw refused;
                } catch (SQLException other) {
                    LOG.atDebug().addKeyValue("reason", other.getMessage()).log(each.place() + " is not used");
                }
            }
            throw e;
        }
    }

    private SqlSession openNow(PostgresServer used) throws SQLException {
        Connection connection = used.forWriting("chancery " + settings.node());
        OldPrimaries.Guarded guarded = oldPrimaries.guard(transactions);
        SqlSession session = new SqlSession(connection, guarded);
        try {
            session.begin();
            checkServer(session);
            checkTables(session);
            PostgresIdentity now = PostgresIdentity.of(session);
            guarded.use(now);
            Optional<Epoch> begun = compareEpoch(session, now);
            declareReplication(session);
            forgetFormerProcesses(session);
            session.commit();
            ifNone = Epoch.Reason.RESTORED; // an epoch that goes missing now was taken away by hand
            begun.ifPresent(epoch -> probes.begin());
            begun.ifPresent(Epoch::announce);
            return session;
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private static void checkServer(SqlSession session) throws SQLException {
        if (isStandby(session)) {
            throw new SQLException("the server is a read-only standby");
        }
        boolean readOnly = session.first(
                        "SELECT current_setting('transaction_read_only')::boolean", row -> row.getBoolean(1))
                .orElse(true);
        if (readOnly) {
            throw new SQLException("the database is set to read only (default_transaction_read_only)");
        }
        boolean keeps = session.first("SELECT current_setting('fsync')::boolean", row -> row.getBoolean(1))
                .orElse(false);
        if (!keeps) {
            throw new SQLException("the server runs with fsync = off, so nothing that it acknowledges is durable");
        }
    }

    static boolean isStandby(SqlSession session) throws SQLException {
        return session.first("SELECT pg_is_in_recovery()", row -> row.getBoolean(1))
                .orElse(true);
    }

    private void checkTables(SqlSession session) throws SQLException {
        PostgresSchema.Fit fit = PostgresSchema.fit(session);
        if (fit == PostgresSchema.Fit.NONE) {
            makeTables(session);
        } else if (fit == PostgresSchema.Fit.OLDER) {
            throw new RefusedException(
                    "the tables are of an older version; run chancery store migrate, which running nodes of that version survive");
        } else if (fit == PostgresSchema.Fit.NEWER) {
            throw new RefusedException(
                    "the tables are of a newer version that this one cannot use; start the newer Chancery");
        }
    }

    private void makeTables(SqlSession session) throws SQLException {
        refuseToForget(session);
        session.rollback();
        try {
            PostgresSchema.make(server);
        } catch (StoreException e) {
            throw new SQLException(e.getMessage(), e);
        }
        session.begin();
    }

    /** Before the first epoch: what a step-ca knew is taken over, or given up by somebody's word. */
    private void refuseToForget(SqlSession session) throws SQLException {
        if (!PostgresSchema.hasStepTables(session)) {
            return;
        }
        if (!settings.startEmpty()) {
            throw new RefusedException("a step-ca has kept its used tokens and revocations in this database."
                    + " Stop it and take them over with chancery store import-step, or start with --start-empty to go"
                    + " on without them: tokens issued until now are then refused, and certificates it revoked"
                    + " must be revoked again");
        }
        ifNone = Epoch.Reason.STARTED_EMPTY;
    }

    private Optional<Epoch> compareEpoch(SqlSession session, PostgresIdentity now) throws SQLException {
        boolean remembered = probes.remembered(session);
        boolean sameServer = Epoch.begunUnder(session).equals(Optional.of(now.text()));
        if (sameServer && remembered) {
            return Optional.empty();
        }
        // One node; the others wait, and find that it is done.
        lockEpoch(session);
        Optional<String> begunUnder = Epoch.begunUnder(session);
        if (begunUnder.isEmpty()) {
            refuseToForget(session); // the tables may have been made by hand, or by an import that failed
            return Optional.of(Epoch.begin(session, now.text(), ifNone));
        }
        // What this process was told is durable is not there: whatever the server says of itself, something is lost.
        if (begunUnder.get().equals(now.text()) && remembered) {
            return Optional.empty();
        }
        return Optional.of(
                remembered && nothingIsLost(session, begunUnder.get(), now)
                        ? Epoch.goOn(session, now.text())
                        : Epoch.begin(session, now.text(), Epoch.Reason.RESTORED));
    }

    /** Until the end of the transaction nobody else begins an epoch. */
    static void lockEpoch(SqlSession session) throws SQLException {
        boolean unused = session.first(
                        "SELECT pg_advisory_xact_lock(hashtextextended('chancery epoch', 0))", row -> true)
                .isPresent();
    }

    /**
     * A promotion under replication that is declared synchronous, by this node now and in the store, and by no node that
     * was there lately otherwise. The caller has seen that the last write which counted is there.
     */
    private boolean nothingIsLost(SqlSession session, String begunUnder, PostgresIdentity now) throws SQLException {
        Optional<PostgresIdentity> before = PostgresIdentity.parse(begunUnder);
        boolean promoted = before.isPresent()
                && now.sameTables(before.get())
                && now.timeline() > before.get().timeline();
        return promoted && transactions.synchronous() && probes.hasMemory() && declaredByAll(session);
    }

    private boolean declaredByAll(SqlSession session) throws SQLException {
        boolean here = session.first(
                        "SELECT 1 FROM store_replication WHERE node = ? AND declared = 'synchronous'",
                        row -> true,
                        probes.rows())
                .isPresent();
        boolean othersToo = session.first(
                        "SELECT 1 FROM store_replication r JOIN store_probe p ON p.node = r.node"
                                + " WHERE r.declared <> 'synchronous' AND p.at > ?",
                        row -> true,
                        session.now().minus(LATELY).getEpochSecond())
                .isEmpty();
        return here && othersToo;
    }

    private void declareReplication(SqlSession session) throws SQLException {
        Replication here = transactions.synchronous() ? Replication.synchronous : Replication.asynchronous;
        int unused = session.update(
                "INSERT INTO store_replication (node, declared) VALUES (?, ?)"
                        + " ON CONFLICT (node) DO UPDATE SET declared = excluded.declared",
                probes.rows(),
                here.name());
    }

    /** Each process of a node without a cluster leaves rows of its own. */
    private static void forgetFormerProcesses(SqlSession session) throws SQLException {
        int unused = session.update(
                "WITH former AS (DELETE FROM store_probe WHERE node LIKE '" + NodeId.ALONE
                        + " %' AND at < ? RETURNING node)"
                        + " DELETE FROM store_replication WHERE node IN (SELECT node FROM former)",
                session.now().minus(LONG_AGO).getEpochSecond());
    }

    /** What no waiting mends: somebody must decide. */
    static final class RefusedException extends SQLException {
        private static final long serialVersionUID = 1L;

        RefusedException(String reason) {
            super(reason);
        }
    }
}
