package io.chancery.node.store;

import io.chancery.node.issuance.Deadline;
import io.chancery.node.issuance.IssuanceLedger;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The store of one API node: a SQLite file in WAL mode with {@code synchronous=FULL}, so that what is acknowledged is on
 * disk. Opening and closing wait for the disk and belong on a worker thread; everything else may be called anywhere.
 */
public final class SqliteStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SqliteStore.class);
    private static final Duration STOP = Duration.ofSeconds(5);

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
     * @param birthId random text for a new store
     * @throws StoreException for people, with what to do
     */
    public static SqliteStore open(Path path, int queueLimit, boolean startEmpty, String birthId, InstantSource clock)
            throws StoreException {
        StoreFolder folder = StoreFolder.lock(path);
        try {
            folder.refuseHalfStore();
            Epoch.Reason ifNew = reasonIfNew(folder, startEmpty);
            folder.makeDatabaseFile();
            StoreSchema.bringUpToDate(SqliteFile.database(folder.path()));
            SqliteFile file = SqliteFile.in(folder.path());
            // The first one is opened here, so that what is wrong is said at the start.
            connect(file, ifNew, birthId, clock).close();
            GroupCommitWriter writer = new GroupCommitWriter(queueLimit, () -> connect(file, ifNew, birthId, clock));
            writer.start();
            return new SqliteStore(folder, writer, clock);
        } catch (SQLException e) {
            closeQuietly(folder);
            throw new StoreException("the store in " + path + " cannot be used: " + SqlFault.explain(e), e);
        } catch (StoreException | RuntimeException e) {
            closeQuietly(folder);
            throw e;
        }
    }

    /** Why the first epoch would begin; asked again after a start that was broken off before there was one. */
    private static Epoch.Reason reasonIfNew(StoreFolder folder, boolean startEmpty) throws StoreException {
        if (!folder.hasNoDatabase() && StoreSchema.hasEpoch(SqliteFile.database(folder.path()))) {
            return Epoch.Reason.RESTORED; // an epoch that goes missing later was taken away by hand
        }
        if (!folder.hasStepFiles()) {
            return folder.hasSigned() ? Epoch.Reason.STARTED_EMPTY : Epoch.Reason.NEW;
        }
        if (startEmpty) {
            return Epoch.Reason.STARTED_EMPTY;
        }
        throw new StoreException("a step-ca has kept its used tokens and revocations in " + folder.path()
                + ", and Chancery cannot read them. Start with --start-empty to go on without them:"
                + " tokens issued until now are then refused, and certificates it revoked must be revoked again");
    }

    /** A connection for the writer, once the file's birth id has been held against the epoch's. */
    private static SqlSession connect(SqliteFile file, Epoch.Reason ifNone, String birthId, InstantSource clock)
            throws SQLException {
        SqlSession session = file.forWriting();
        try {
            session.begin();
            Optional<Epoch> begun = Epoch.compare(session, ifNone, birthId, clock.instant());
            session.commit();
            begun.ifPresent(epoch -> LOG.atLevel(epoch.needsIssuedAt() ? Level.WARN : Level.INFO)
                    .addKeyValue("epoch", epoch.number())
                    .addKeyValue("tokensNotBefore", epoch.tokensNotBefore())
                    .addKeyValue("needsIssuedAt", epoch.needsIssuedAt())
                    .log("the store begins a new epoch: older tokens are refused"));
            return session;
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    /** The authority for "used" and "issued". */
    public IssuanceLedger ledger() {
        return ledger;
    }

    /** Jobs that must run now and then. */
    public StoreJobs jobs() {
        return new StoreJobs(writer, clock);
    }

    /** For metrics: who sees the writer's transactions from now on. */
    public void observe(WriteObserver observer) {
        writer.observe(observer);
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

    /** For tests of this package. */
    GroupCommitWriter writer() {
        return writer;
    }

    /**
     * Begins a new epoch: what was restored by hand may have forgotten tokens, so those issued until now are refused.
     * Answers when the tokens of the new one begin.
     */
    public Future<Instant> newEpoch(Deadline deadline) {
        return writer.submit(
                session -> Epoch.begin(session, Epoch.Reason.RESTORED, clock.instant())
                        .tokensNotBefore(),
                deadline);
    }

    /** Writes what waits and closes; not for an event loop. */
    @Override
    public void close() {
        if (writer.close(STOP)) {
            closeQuietly(folder);
        } else {
            // It may still write: the lock stays until the process ends.
            LOG.atError().log("the store's writer hangs; the store stays locked until this process ends");
        }
    }

    private static void closeQuietly(StoreFolder folder) {
        try {
            folder.close();
        } catch (IOException e) {
            // The lock goes with the process at the latest.
            LOG.debug("the lock file did not close", e);
        }
    }
}
