package io.chancery.node.store;

import io.chancery.core.config.ChanceryConfig.Replication;
import io.chancery.core.config.PostgresSource;
import java.nio.file.Path;
import java.time.InstantSource;

/**
 * A new store that a test of any database's contract works with.
 *
 * @param place where it is, for those who read beside it
 */
record OpenedStore(Store store, StorePlace place) {
    static OpenedStore inSqlite(Path folder, InstantSource clock) throws StoreException {
        return new OpenedStore(
                SqliteStore.open(folder, new StoreSettings("n1", 1000, false, "birth"), clock),
                StorePlace.sqlite(folder));
    }

    /** In a database of its own of the real server. */
    static OpenedStore inPostgres(Path folder, InstantSource clock) throws Exception {
        PostgresSource source = SharedPostgres.database();
        return new OpenedStore(inPostgres(source, folder, clock), StorePlace.postgres(source));
    }

    /** Also one that was there before. */
    static Store inPostgres(PostgresSource source, Path folder, InstantSource clock) throws StoreException {
        return PostgresStore.open(
                source,
                Replication.asynchronous,
                now -> clock.instant(),
                folder,
                new StoreSettings("n1", 1000, false, "process"));
    }
}
