package io.chancery.node.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What operators decide about a store that may have forgotten something. Blocks. */
public final class StoreRepair {
    private StoreRepair() {}

    /**
     * Begins a new epoch, for a file that was put back by other means than a restore; answers when its tokens begin.
     *
     * @throws StoreException when a node has the store open, or it cannot be written
     */
    public static Instant newEpoch(Path folder, Instant now) throws StoreException {
        try (StoreFolder locked = StoreFolder.lock(folder)) {
            locked.refuseHalfStore();
            if (locked.hasNoDatabase()) {
                throw new StoreException("there is no store in " + folder);
            }
            StoreSchema.bringUpToDate(SqliteFile.database(locked.path()));
            try (SqlSession session = SqliteFile.in(locked.path()).forWriting()) {
                session.begin();
                Epoch epoch = Epoch.begin(session, Epoch.Reason.RESTORED, now);
                session.commit();
                return epoch.tokensNotBefore();
            }
        } catch (SQLException | IOException e) {
            throw cannotWrite(folder, e);
        }
    }

    /** What each start would do, too, had this been broken off: the file's birth id is another one than its epoch's. */
    static void beginEpochOfRestored(Path folder, Instant now) throws StoreException {
        StoreSchema.bringUpToDate(SqliteFile.database(folder));
        try (SqlSession session = SqliteFile.in(folder).forWriting()) {
            session.begin();
            Optional<Epoch> unused = Epoch.compare(session, Epoch.Reason.RESTORED, "", now);
            session.commit();
        } catch (SQLException e) {
            throw cannotWrite(folder, e);
        }
    }

    /** Rows that were reserved in an earlier epoch: their certificates may be out there. At most 10,000, newest first. */
    public static List<CertificateSearch.Found> reservedEarlier(Path folder) throws StoreException {
        return CertificateSearch.in(folder).find(CertificateQuery.reserved()).stream()
                .filter(one -> one.history().earlierEpoch())
                .toList();
    }

    /**
     * Marks rows that were reserved in an earlier epoch as abandoned, and their serials revoked; answers how many. Also
     * beside a running CA, which leaves such rows alone.
     *
     * @throws StoreException when the store cannot be written
     */
    public static int revokeReserved(Path folder, Instant now) throws StoreException {
        if (!Files.exists(SqliteFile.database(folder))) {
            throw new StoreException("there is no store in " + folder);
        }
        try (SqlSession session = SqliteFile.in(folder).forWriting()) {
            int all = 0;
            for (int some = StoreJobs.STEP; some == StoreJobs.STEP; all += some) {
                session.begin();
                some = StoreJobs.giveUp(
                        session,
                        "epoch < ?",
                        "revoked by command",
                        now,
                        session.epoch().number());
                session.commit();
            }
            return all;
        } catch (SQLException e) {
            throw cannotWrite(folder, e);
        }
    }

    private static StoreException cannotWrite(Path folder, Exception cause) {
        return new StoreException("the store in " + folder + " cannot be written: " + SqlFault.explain(cause), cause);
    }
}
