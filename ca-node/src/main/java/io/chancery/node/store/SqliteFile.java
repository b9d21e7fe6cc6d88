package io.chancery.node.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
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
    SqlSession forWriting() throws SQLException {
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
        return new SqlSession(connection, () -> {
            checkSame(file, key);
            if (logKey != null) {
                checkSame(log, logKey);
            }
        });
    }

    private static void checkSame(Path file, @Nullable Object key) throws SQLException {
        if (key == null || !Objects.equals(key, StoreFolder.keyOf(file))) {
            throw new SQLException(
                    file + " was replaced or removed under the running node, so nothing is recorded any more;"
                            + " if the file was put back from a snapshot, stop the node, run chancery store new-epoch, then start");
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
