package io.chancery.node.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;

/** Whether a SQLite file is a sound store of this version or an older one, and what brings it up to date. Blocks. */
final class StoreSchema {
    /** A larger file is not read through at each start; a backup and a restore do it. */
    static final long CHECKED_AT_START = 64L << 20;

    private StoreSchema() {}

    /**
     * Makes or changes the tables as this version needs them.
     *
     * @throws StoreException when the file is damaged, cannot be written, or comes from a newer version
     */
    static void bringUpToDate(Path file) throws StoreException {
        try {
            if (Files.size(file) <= CHECKED_AT_START) {
                check(file);
            }
            Flyway flyway = flyway(file);
            refuseNewer(flyway, file);
            org.flywaydb.core.api.output.MigrateResult unused = flyway.migrate();
        } catch (FlywayException e) {
            throw new StoreException("the store " + file + " cannot be brought up to date: " + reason(e), e);
        } catch (IOException e) {
            throw new StoreException("the store " + file + " cannot be read: " + SqlFault.explain(e), e);
        }
    }

    /** Reads the whole file; StoreException when it is damaged or none of ours. */
    static void check(Path file) throws StoreException {
        try (Connection connection = SqliteFile.forReading(file);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA quick_check(1)")) {
            String answer = rows.next() ? rows.getString(1) : "no answer";
            if (!answer.equals("ok")) {
                throw new StoreException("the store " + file + " is damaged (" + answer
                        + "); put a backup back (chancery store restore)");
            }
        } catch (SQLException e) {
            throw new StoreException("the store " + file + " cannot be read: " + SqlFault.explain(e), e);
        }
    }

    /** Whether the file is a store in which an epoch has begun. */
    static boolean hasEpoch(Path file) throws StoreException {
        try (Connection connection = SqliteFile.forReading(file);
                Statement statement = connection.createStatement()) {
            try (ResultSet tables = statement.executeQuery(
                    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'store_epoch'")) {
                if (!tables.next()) {
                    return false;
                }
            }
            try (ResultSet epochs = statement.executeQuery("SELECT 1 FROM store_epoch LIMIT 1")) {
                return epochs.next();
            }
        } catch (SQLException e) {
            throw new StoreException("the store " + file + " cannot be read: " + SqlFault.explain(e), e);
        }
    }

    /** StoreException when a newer version of Chancery has changed the tables. */
    static void refuseNewer(Path file) throws StoreException {
        try {
            refuseNewer(flyway(file), file);
        } catch (FlywayException e) {
            throw new StoreException("the store " + file + " cannot be read: " + reason(e), e);
        }
    }

    private static void refuseNewer(Flyway flyway, Path file) throws StoreException {
        for (MigrationInfo migration : flyway.info().all()) {
            if (migration.getState() == MigrationState.FUTURE_SUCCESS
                    || migration.getState() == MigrationState.FUTURE_FAILED) {
                throw new StoreException("the store " + file
                        + " was written by a newer Chancery (its tables are of version " + migration.getVersion()
                        + "); start that one, or put back a backup that this one made");
            }
        }
    }

    private static Flyway flyway(Path file) {
        return Flyway.configure(StoreSchema.class.getClassLoader())
                .dataSource("jdbc:sqlite:" + file, null, null)
                .locations("classpath:db/sqlite")
                .load();
    }

    static String reason(FlywayException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return SqlFault.explain(sql);
            }
        }
        return String.valueOf(failure.getMessage());
    }
}
