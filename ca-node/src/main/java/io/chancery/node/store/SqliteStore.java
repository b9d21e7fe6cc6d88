package io.chancery.node.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the store of one API node: a SQLite file in WAL mode with {@code synchronous=FULL}, so that what is acknowledged
 * is on disk. Waits for the disk, so it belongs on a worker thread.
 */
public final class SqliteStore {
    private static final Logger LOG = LoggerFactory.getLogger(SqliteStore.class);

    private SqliteStore() {}

    /**
     * Opens the store in a folder, made when it is not there.
     *
     * @throws StoreException for people, with what to do
     */
    public static Store open(Path path, StoreSettings settings, InstantSource clock) throws StoreException {
        StoreFolder folder = StoreFolder.lock(path);
        try {
            folder.refuseHalfStore();
            SqliteFile.rollBackJournal(folder.path());
            Epoch.Reason ifNew = reasonIfNew(folder, settings);
            folder.makeDatabaseFile();
            StoreSchema.bringUpToDate(SqliteFile.database(folder.path()));
            SqliteFile file = SqliteFile.in(folder.path());
            Probes probes = new Probes(settings.node(), settings.random(), false);
            GroupCommitWriter.SessionFactory sessions = () -> connect(file, ifNew, settings.random(), clock, probes);
            openOnce(sessions);
            GroupCommitWriter writer = new GroupCommitWriter(settings.queueLimit(), sessions);
            writer.start();
            return new Store(writer, probes, false, () -> closeQuietly(folder));
        } catch (SQLException e) {
            closeQuietly(folder);
            throw new StoreException("the store in " + path + " cannot be used: " + SqlFault.explain(e), e);
        } catch (StoreException | RuntimeException e) {
            closeQuietly(folder);
            throw e;
        }
    }

    /** So that what is wrong is said at the start; a disk without room keeps no node from serving what needs no store. */
    private static void openOnce(GroupCommitWriter.SessionFactory sessions) throws SQLException {
        try {
            sessions.open().close();
        } catch (SQLException e) {
            if (!SqlFault.isFull(e)) {
                throw e;
            }
            LOG.atWarn().addKeyValue("reason", SqlFault.explain(e)).log("started without the store; it is tried again");
        }
    }

    /** Why the first epoch would begin; asked again after a start that was broken off before there was one. */
    private static Epoch.Reason reasonIfNew(StoreFolder folder, StoreSettings settings) throws StoreException {
        if (!folder.hasNoDatabase() && StoreSchema.hasEpoch(SqliteFile.database(folder.path()))) {
            return Epoch.Reason.RESTORED; // an epoch that goes missing later was taken away by hand
        }
        Optional<Path> former = settings.bboltFile().map(SqliteFile::database).filter(Files::exists);
        if (former.isPresent()) {
            throw new StoreException(
                    "the store is " + former.get() + ", made where the dataSource of a bbolt was taken for"
                            + " a folder: say so in ca.json by \"type\": \"sqlite\"");
        }
        Optional<Path> bboltFile = settings.bboltFile().filter(Files::exists);
        if (bboltFile.isEmpty() && !folder.hasStepFiles()) {
            return folder.hasWorked() ? Epoch.Reason.STARTED_EMPTY : Epoch.Reason.NEW;
        }
        if (settings.startEmpty()) {
            return Epoch.Reason.STARTED_EMPTY;
        }
        throw new StoreException(
                "a step-ca has kept its used tokens and revocations in " + bboltFile.orElse(folder.path())
                        + ", and Chancery cannot read them. Start with --start-empty to go on without them:"
                        + " tokens issued until now are then refused, and certificates it revoked must be revoked again");
    }

    /**
     * A connection for the writer, once the file's birth id has been held against the epoch's. What a commit left that could
     * not be synced is read by the next connection as if it had been: so the first transaction of each writes, and what
     * the log holds then is written anew, or there is no connection.
     */
    private static SqlSession connect(
            SqliteFile file, Epoch.Reason ifNone, String birthId, InstantSource clock, Probes probes)
            throws SQLException {
        SqlSession session = file.forWriting(clock);
        try {
            session.begin();
            Optional<Epoch> begun = Epoch.compare(session, SqliteFile.birthId(session, birthId), ifNone);
            long unused = probes.write(session);
            session.commit();
            SqliteFile.settle(session);
            begun.ifPresent(Epoch::announce);
            return session;
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
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
