package io.chancery.node.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.output.MigrateResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
class SqliteLedgerTest extends LedgerContract {
    @TempDir
    private Path folder;

    private Store store;

    @BeforeEach
    void open() throws StoreException {
        store = SqliteStore.open(folder, new StoreSettings("n1", 1000, false, "birth"), clock);
        store.observe(batches);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Override
    boolean isShared() {
        return false;
    }

    @Override
    Store store() {
        return store;
    }

    @Override
    StorePlace place() {
        return StorePlace.sqlite(folder);
    }

    @Override
    void restart() throws Exception {
        store.close();
        open();
    }

    @Override
    void beginEpoch(SqlSession session) throws SQLException {
        Epoch unused = Epoch.begin(session, SqliteFile.birthId(session, ""), Epoch.Reason.RESTORED);
    }

    @Override
    void bringUpToDate(Change change) throws Exception {
        store.close();
        folder = Files.createDirectory(folder.resolve("earlier"));
        MigrateResult unused = Flyway.configure(StoreSchema.class.getClassLoader())
                .dataSource("jdbc:sqlite:" + SqliteFile.database(folder), null, null)
                .locations("classpath:db/sqlite")
                .target("2")
                .load()
                .migrate();
        try (SqlSession session = SqliteFile.in(folder).forWriting(clock)) {
            session.begin();
            change.in(session);
            session.commit();
        }
        open();
    }

    /** As chancery store new-epoch begins one. */
    static Instant newEpoch(Store store) throws Exception {
        return get(store.writer()
                .submit(
                        session -> Epoch.begin(session, SqliteFile.birthId(session, ""), Epoch.Reason.RESTORED)
                                .tokensNotBefore(),
                        soon()));
    }
}
