package io.chancery.node.store;

import io.chancery.node.issuance.Deadline;
import io.chancery.node.issuance.IssuanceLedger;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Properties;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.sqlite.SQLiteConfig;

/**
 * The store of one API node: a SQLite file in WAL mode with {@code synchronous=FULL}, so that what is acknowledged is on
 * disk. Opening and closing wait for the disk and belong on a worker thread; everything else may be called anywhere.
 */
public final class SqliteStore implements AutoCloseable {
    private static final int BUSY_MILLIS = 5_000;

    private final StoreFolder folder;
    private final GroupCommitWriter writer;
    private final SqlLedger ledger;
    private final InstantSource clock;

    private SqliteStore(StoreFolder folder, GroupCommitWriter writer, InstantSource clock) {
        this.folder = folder;
        this.writer = writer;
        this.clock = clock;
        this.ledger = new SqlLedger(writer, clock);
    }

    /**
     * Opens the store in a folder, made when it is not there.
     *
     * @param queueLimit writes that may wait before OVERLOADED
     * @param startEmpty go on although a step-ca has worked here; what it knew is then guarded against by the epoch
     * @param birthId random text for a new store or epoch
     * @throws StoreException for people, with what to do
     */
    public static SqliteStore open(Path path, int queueLimit, boolean startEmpty, String birthId, InstantSource clock)
            throws StoreException {
        StoreFolder folder = StoreFolder.lock(path);
        try {
            boolean fresh = folder.isNew();
            boolean stepWasHere = fresh && folder.hasStepFiles();
            if (stepWasHere && !startEmpty) {
                throw new StoreException(
                        "a step-ca has kept its used tokens and revocations in " + path
                                + ", and Chancery cannot read them. Start with --start-empty to go on without them:"
                                + " tokens issued until now are then refused, and certificates it revoked must be revoked again");
            }
            migrate(path);
            beginEpoch(path, stepWasHere ? Epoch.Reason.STARTED_EMPTY : Epoch.Reason.NEW, birthId, clock.instant());
            GroupCommitWriter writer = new GroupCommitWriter(queueLimit, () -> connect(path));
            writer.start();
            return new SqliteStore(folder, writer, clock);
        } catch (StoreException | RuntimeException e) {
            closeQuietly(folder);
            throw e;
        }
    }

    private static void migrate(Path path) throws StoreException {
        try {
            org.flywaydb.core.api.output.MigrateResult unused = Flyway.configure(SqliteStore.class.getClassLoader())
                    .dataSource("jdbc:sqlite:" + StoreFolder.database(path), null, null)
                    .locations("classpath:db/migration")
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            throw new StoreException("the store in " + path + " cannot be brought up to date: " + e.getMessage(), e);
        }
    }

    private static void beginEpoch(Path path, Epoch.Reason reason, String birthId, Instant now) throws StoreException {
        try (SqlSession session = connect(path)) {
            if (Epoch.find(session).isEmpty()) {
                Epoch unused = Epoch.begin(session, reason, birthId, now);
            }
            session.commit();
        } catch (SQLException e) {
            throw new StoreException("the store in " + path + " cannot be written: " + e.getMessage(), e);
        }
    }

    static SqlSession connect(Path path) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        config.setBusyTimeout(BUSY_MILLIS);
        config.enforceForeignKeys(true);
        Properties properties = config.toProperties();
        java.sql.Connection connection =
                new org.sqlite.JDBC().connect("jdbc:sqlite:" + StoreFolder.database(path), properties);
        connection.setAutoCommit(false);
        return new SqlSession(connection);
    }

    /** The authority for "used" and "issued". */
    public IssuanceLedger ledger() {
        return ledger;
    }

    /** Jobs that must run now and then. */
    public StoreJobs jobs() {
        return new StoreJobs(writer, clock);
    }

    /** Writes, so that a full or read-only disk shows; answers the store's clock. */
    public Future<Instant> probe(Deadline deadline) {
        return writer.submit(
                session -> {
                    Instant now = clock.instant();
                    int unused = session.update("UPDATE store_probe SET at = ? WHERE id = 1", now.getEpochSecond());
                    return now;
                },
                deadline);
    }

    /** Writes waiting at this moment, for the gauge. */
    public int waiting() {
        return writer.waiting();
    }

    /**
     * Begins a new epoch: what was restored by hand may have forgotten tokens, so those issued until now are refused.
     */
    public Future<Instant> newEpoch(String birthId, Deadline deadline) {
        return writer.submit(
                session -> Epoch.begin(session, Epoch.Reason.RESTORED, birthId, clock.instant())
                        .tokensNotBefore(),
                deadline);
    }

    /** Writes what waits and closes; not for an event loop. */
    @Override
    public void close() {
        writer.close();
        closeQuietly(folder);
    }

    private static void closeQuietly(StoreFolder folder) {
        try {
            folder.close();
        } catch (IOException e) {
            // The lock goes with the process at the latest.
            org.slf4j.LoggerFactory.getLogger(SqliteStore.class).debug("the lock file did not close", e);
        }
    }
}
