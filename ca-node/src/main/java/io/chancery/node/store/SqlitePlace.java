package io.chancery.node.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** The SQLite file of a folder. */
record SqlitePlace(Path folder) implements StorePlace {
    @Override
    public Connection forReading() throws StoreException {
        Path file = existing();
        try {
            return SqliteFile.forReading(file);
        } catch (SQLException e) {
            throw new StoreException("the store " + file + " cannot be read: " + SqlFault.explain(e), e);
        }
    }

    private Path existing() throws StoreException {
        Path file = SqliteFile.database(folder);
        if (!Files.exists(file)) {
            throw new StoreException(
                    "there is no store in " + folder + " (or no right to look into it); the first start makes one");
        }
        return file;
    }

    @Override
    public Instant newEpoch(Instant now) throws StoreException {
        try (StoreFolder locked = StoreFolder.lock(folder)) {
            locked.refuseHalfStore();
            SqliteFile.rollBackJournal(locked.path());
            if (locked.hasNoDatabase()) {
                throw new StoreException("there is no store in " + folder);
            }
            StoreSchema.bringUpToDate(SqliteFile.database(locked.path()));
            try (SqlSession session = SqliteFile.in(locked.path()).forWriting(InstantSource.fixed(now))) {
                session.begin();
                Epoch epoch = Epoch.begin(session, SqliteFile.birthId(session, ""), Epoch.Reason.RESTORED);
                session.commit();
                return epoch.tokensNotBefore();
            }
        } catch (SQLException | IOException e) {
            throw cannotWrite(e);
        }
    }

    /** What each start would do, too, had this been broken off: the file's birth id is another one than its epoch's. */
    void beginEpochOfRestored(Instant now) throws StoreException {
        StoreSchema.bringUpToDate(SqliteFile.database(folder));
        try (SqlSession session = SqliteFile.in(folder).forWriting(InstantSource.fixed(now))) {
            session.begin();
            Optional<Epoch> unused = Epoch.compare(session, SqliteFile.birthId(session, ""), Epoch.Reason.RESTORED);
            session.commit();
        } catch (SQLException e) {
            throw cannotWrite(e);
        }
    }

    @Override
    public int revokeReserved(Instant now) throws StoreException {
        Path unused = existing();
        try (SqlSession session = SqliteFile.in(folder).forWriting(InstantSource.fixed(now))) {
            return StoreJobs.revokeReservedEarlier(session);
        } catch (SQLException e) {
            throw cannotWrite(e);
        }
    }

    @Override
    public void migrate() throws StoreException {
        try (StoreFolder locked = StoreFolder.lock(folder)) {
            Path unused = existing();
            SqliteFile.rollBackJournal(locked.path());
            StoreSchema.bringUpToDate(SqliteFile.database(locked.path()));
        } catch (IOException e) {
            throw cannotWrite(e);
        }
    }

    private StoreException cannotWrite(Exception cause) {
        return new StoreException("the store in " + folder + " cannot be written: " + SqlFault.explain(cause), cause);
    }
}
