package io.chancery.node.store;

import java.sql.SQLException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;

/**
 * The tables of a PostgreSQL store, in a schema of their own. A start makes them where there are none; later changes are
 * made by {@code chancery store migrate} alone, so that nodes of two versions run beside each other. Blocks.
 */
final class PostgresSchema {
    /** Of the newest migration. */
    static final int VERSION = 4;

    private PostgresSchema() {}

    /** What stands in the database, as far as it concerns this version. */
    enum Fit {
        NONE,
        FITS,
        OLDER,
        NEWER
    }

    static Fit fit(SqlSession session) throws SQLException {
        boolean there = session.first(
                        "SELECT to_regclass('" + PostgresServer.SCHEMA + ".store_schema') IS NOT NULL",
                        row -> row.getBoolean(1))
                .orElse(false);
        if (!there) {
            return Fit.NONE;
        }
        int applied = session.first(
                        "SELECT max(version::integer) FROM flyway_schema_history WHERE success AND version IS NOT NULL",
                        row -> row.getInt(1))
                .orElse(0);
        int usableFrom = session.first("SELECT usable_from FROM store_schema WHERE id = 1", row -> row.getInt(1))
                .orElse(Integer.MAX_VALUE);
        if (usableFrom > VERSION) {
            return Fit.NEWER;
        }
        return applied < VERSION ? Fit.OLDER : Fit.FITS;
    }

    /** Whether a step-ca has made its tables here. */
    static boolean hasStepTables(SqlSession session) throws SQLException {
        return session.first(
                        "SELECT to_regclass('public.used_ott') IS NOT NULL OR to_regclass('public.x509_certs') IS NOT NULL",
                        row -> row.getBoolean(1))
                .orElse(false);
    }

    /** Makes or changes the tables; of several nodes that do so at once, one after the other. */
    static void migrate(PostgresServer server) throws StoreException {
        migrate(server, server.forMigration());
    }

    /** The same for a node that starts where there are none: whoever waits for it does so for a minute. */
    static void make(PostgresServer server) throws StoreException {
        migrate(server, server.forFirstTables());
    }

    private static void migrate(PostgresServer server, DataSource connections) throws StoreException {
        try {
            FluentConfiguration flyway = Flyway.configure(PostgresSchema.class.getClassLoader())
                    .dataSource(connections)
                    .schemas(PostgresServer.SCHEMA)
                    .locations("classpath:db/postgresql")
                    // In one transaction: a node that starts meanwhile sees none of the tables or all, never an older
                    // version.
                    .group(true)
                    .ignoreMigrationPatterns("*:future"); // of a newer version, which this one can use
            // With Flyway's usual lock, which lasts as long as a transaction, it writes its history by a second
            // connection, that commits later: whoever looks, or dies, in between leaves or finds tables of no version.
            flyway.getConfigurationExtension(PostgreSQLConfigurationExtension.class)
                    .setTransactionalLock(false);
            org.flywaydb.core.api.output.MigrateResult unused = flyway.load().migrate();
        } catch (FlywayException e) {
            throw new StoreException(
                    "the tables in " + server.place() + " cannot be made or changed: " + StoreSchema.reason(e)
                            + ". The user needs CREATE on the database, or the owner of schema "
                            + PostgresServer.SCHEMA + " runs chancery store migrate",
                    e);
        }
    }
}
