package io.chancery.node.store;

import io.chancery.core.config.PostgresSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Instant;

/** Where a store is, for what people do to it: search, compare, repair. All of it blocks. */
public sealed interface StorePlace permits SqlitePlace, PostgresPlace {
    /** A SQLite file in a folder. */
    static StorePlace sqlite(Path folder) {
        return new SqlitePlace(folder);
    }

    static StorePlace postgres(PostgresSource source) {
        return new PostgresPlace(source);
    }

    /** Reads beside a running CA and without hindering it. StoreException when there is no store. */
    Connection forReading() throws StoreException;

    /**
     * Begins a new epoch, for a store that was put back by hand; answers when its tokens begin.
     *
     * @param now by this machine's clock; a server goes by its own
     * @throws StoreException when it cannot be written, or, with SQLite, a node has it open
     */
    Instant newEpoch(Instant now) throws StoreException;

    /**
     * Marks rows that were reserved in an earlier epoch as abandoned, and their serials revoked; answers how many. Also
     * beside a running CA, which leaves such rows alone.
     *
     * @throws StoreException when the store cannot be written
     */
    int revokeReserved(Instant now) throws StoreException;

    /**
     * Brings the tables up to what this version needs. A SQLite store's are, at each start.
     *
     * @throws StoreException when there are none, they are of a newer version, or it cannot be written
     */
    void migrate() throws StoreException;
}
