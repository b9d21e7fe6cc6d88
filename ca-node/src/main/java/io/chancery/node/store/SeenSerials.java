package io.chancery.node.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Properties;
import org.sqlite.SQLiteConfig;

/** The serials of a log, in a file of its own that goes when this is closed: a log may be larger than the memory. */
final class SeenSerials implements AutoCloseable {
    private final Path file;
    private final Connection connection;
    private final PreparedStatement insert;
    private final PreparedStatement select;

    private SeenSerials(Path file, Connection connection) throws SQLException {
        this.file = file;
        this.connection = connection;
        connection.setAutoCommit(false);
        connection
                .createStatement()
                .executeUpdate("CREATE TABLE seen (serial TEXT NOT NULL, tbs TEXT NOT NULL, PRIMARY KEY (serial, tbs))"
                        + " WITHOUT ROWID");
        this.insert =
                connection.prepareStatement("INSERT INTO seen (serial, tbs) VALUES (?, ?) ON CONFLICT DO NOTHING");
        this.select = connection.prepareStatement("SELECT 1 FROM seen WHERE serial = ? LIMIT 1");
    }

    static SeenSerials make() throws IOException, SQLException {
        Path file = Files.createTempFile("chancery-reconcile", ".db");
        SQLiteConfig config = new SQLiteConfig();
        // It is thrown away after use: nothing of it need survive.
        config.setJournalMode(SQLiteConfig.JournalMode.OFF);
        config.setSynchronous(SQLiteConfig.SynchronousMode.OFF);
        Properties properties = config.toProperties();
        return new SeenSerials(file, SqliteFile.connect(file.toString(), properties));
    }

    /** Whether the pair is new. */
    boolean add(String serial, String tbs) throws SQLException {
        insert.setString(1, serial);
        insert.setString(2, tbs);
        return insert.executeUpdate() == 1;
    }

    boolean has(String serial) throws SQLException {
        select.setString(1, serial);
        try (ResultSet rows = select.executeQuery()) {
            return rows.next();
        }
    }

    @Override
    public void close() throws SQLException, IOException {
        try {
            connection.close();
        } finally {
            boolean unused = Files.deleteIfExists(file);
        }
    }
}
