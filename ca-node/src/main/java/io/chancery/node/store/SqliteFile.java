package io.chancery.node.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/**
 * One SQLite file and the ways to open it. Remembers which file it was, as a file that was put in its place under a
 * running node is another store, and one that was deleted keeps nothing. Blocks.
 */
final class SqliteFile {
    static final String NAME = "chancery.db";

    /** A write waits so long for another program's; less than the probe of health waits. */
    private static final int BUSY_MILLIS = 1_500;

    private static final int CACHE_KIB = 64 * 1024;
    /** Pages of 4 KiB: a page that many certificates change is written to the file once for all of them. */
    private static final int PAGES_BETWEEN_CHECKPOINTS = 8_000;

    private final Path file;
    private final @Nullable Object key;

    private SqliteFile(Path file) {
        this.file = file;
        this.key = StoreFolder.keyOf(file);
    }

    static Path database(Path folder) {
        return folder.resolve(NAME);
    }

    /** The file as it stands there now. */
    static SqliteFile in(Path folder) {
        return new SqliteFile(database(folder));
    }

    /** For the one writer. Makes no file. SQLException also when the file is no longer the one it was. */
    SqlSession forWriting(InstantSource clock) throws SQLException {
        checkSame(file, key);
        SQLiteConfig config = new SQLiteConfig();
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setBusyTimeout(BUSY_MILLIS);
        config.setCacheSize(-CACHE_KIB);
        config.setPragma(SQLiteConfig.Pragma.WAL_AUTOCHECKPOINT, Integer.toString(PAGES_BETWEEN_CHECKPOINTS));
        config.enforceForeignKeys(true);
        Connection connection = connect(file.toString(), config.toProperties());
        Path log = file.resolveSibling(NAME + "-wal");
        Object logKey = StoreFolder.keyOf(log);
        return new SqlSession(connection, new Transactions(file, key, log, logKey, clock));
    }

    /**
     * @param key of the file when it was opened
     * @param logKey of its -wal file; null when there was none
     */
    private record Transactions(
            Path file,
            @Nullable Object key,
            Path log,
            @Nullable Object logKey,
            InstantSource clock) implements SqlSession.Transactions {
        /** Said in SQL, as the driver's own begin the next one with each commit, and so keep the write lock idle. */
        @Override
        public void begin(Connection connection) throws SQLException {
            control(connection, "BEGIN IMMEDIATE");
        }

        @Override
        public void commit(SqlSession session, Connection connection) throws SQLException {
            checkFiles();
            control(connection, "COMMIT");
            // Once more: what was committed to a file that is no longer there is not durable.
            checkFiles();
        }

        @Override
        public void rollback(Connection connection) throws SQLException {
            control(connection, "ROLLBACK");
        }

        @Override
        public Instant now(SqlSession session) {
            return clock.instant();
        }

        private void checkFiles() throws SQLException {
            checkSame(file, key);
            if (logKey != null) {
                checkSame(log, logKey);
            }
        }

        private static void control(Connection connection, String sql) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                boolean unused = statement.execute(sql);
            }
        }
    }

    /**
     * Writes what the log holds to the file itself, and empties the log: pages of it whose sync failed count as written
     * from then on, and no later sync writes them. Not where another program reads it just then, or the disk is full, which
     * keeps nobody from finishing what is begun. Outside a transaction.
     *
     * @throws SQLException when the disk does not take it
     */
    static void settle(SqlSession session) throws SQLException {
        try {
            Optional<Integer> unused =
                    session.first("PRAGMA wal_checkpoint(TRUNCATE)", row -> row.getInt(1)); // 1: another program reads
        } catch (SQLException e) {
            if (!SqlFault.isFull(e)) {
                throw e;
            }
        }
    }

    /** The file's own; a file that has none gets the given one. In a transaction. */
    static String birthId(SqlSession session, String ifNone) throws SQLException {
        Optional<String> birthId =
                session.first("SELECT birth_id FROM store_identity WHERE id = 1", row -> row.getString(1));
        if (birthId.isPresent()) {
            return birthId.get();
        }
        int unused = session.update("INSERT INTO store_identity (id, birth_id) VALUES (1, ?)", ifNone);
        return ifNone;
    }

    private static void checkSame(Path file, @Nullable Object key) throws SQLException {
        if (key == null || !Objects.equals(key, StoreFolder.keyOf(file))) {
            throw new SQLException(
                    file + " was replaced or removed under the running node, so nothing is recorded any more;"
                            + " if the file was put back from a snapshot, stop the node, run chancery store new-epoch, then start");
        }
    }

    /**
     * Undoes what a process had begun that was killed while it wrote without the write-ahead log, as a new file and a
     * migration are written: nobody who may only read can do that. For those who hold the folder's lock.
     */
    static void rollBackJournal(Path folder) throws StoreException {
        Path file = database(folder);
        if (!Files.exists(file) || !Files.exists(file.resolveSibling(NAME + "-journal"))) {
            return;
        }
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_MILLIS);
        try (Connection connection = connect(file.toString(), config.toProperties());
                Statement statement = connection.createStatement()) {
            boolean unused = statement.execute("SELECT count(*) FROM sqlite_master");
        } catch (SQLException e) {
            throw new StoreException("the store " + file + " cannot be used: " + SqlFault.explain(e), e);
        }
    }

    /** For people: reads beside a running CA without hindering it, also where the reader may not write. */
    static Connection forReading(Path file) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        config.setBusyTimeout(BUSY_MILLIS);
        boolean nobodyWrites = !Files.exists(file.resolveSibling(file.getFileName() + "-wal"));
        if (nobodyWrites && !Files.isWritable(file.toAbsolutePath().getParent())) {
            // WAL mode wants to make its files even to read; where it cannot, and nothing is in them, the file is all.
            return connect("file:" + file.toUri().getRawPath() + "?immutable=1", config.toProperties());
        }
        return connect(file.toString(), config.toProperties());
    }

    static Connection connect(String place, Properties properties) throws SQLException {
        return new org.sqlite.JDBC().connect("jdbc:sqlite:" + place, properties);
    }
}
