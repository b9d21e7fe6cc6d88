package io.chancery.node.store;

import io.chancery.core.config.PostgresSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;

/** A PostgreSQL. Every change that people make runs beside the nodes: they see it with their next transaction. */
record PostgresPlace(PostgresSource source) implements StorePlace {
    @Override
    public Connection forReading() throws StoreException {
        try {
            Connection connection = new PostgresServer(source).forReading();
            if (!hasTables(connection)) {
                connection.close();
                throw new StoreException("there is no store in " + source.place() + "; the first start makes one");
            }
            return connection;
        } catch (SQLException e) {
            throw new StoreException("the store " + source.place() + " cannot be read: " + SqlFault.explain(e), e);
        }
    }

    private static boolean hasTables(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT to_regclass('" + PostgresServer.SCHEMA + ".certificate') IS NOT NULL")) {
            return row.next() && row.getBoolean(1);
        }
    }

    @Override
    public Instant newEpoch(Instant now) throws StoreException {
        return change(session -> {
            session.begin();
            PostgresSessions.lockEpoch(session);
            String identity = PostgresIdentity.of(session).text();
            Epoch epoch = Epoch.begin(session, identity, Epoch.Reason.RESTORED);
            session.commit();
            return epoch.tokensNotBefore();
        });
    }

    @Override
    public int revokeReserved(Instant now) throws StoreException {
        return change(StoreJobs::revokeReservedEarlier);
    }

    @Override
    public void migrate() throws StoreException {
        PostgresSchema.migrate(new PostgresServer(source));
    }

    private <T> T change(Change<T> change) throws StoreException {
        try (SqlSession session = new SqlSession(
                new PostgresServer(source).forWriting("chancery store"), PostgresTransactions.forTools())) {
            if (PostgresSchema.fit(session) != PostgresSchema.Fit.FITS) {
                throw new StoreException(
                        "there is no store of this version in " + source.place() + "; chancery store migrate makes it");
            }
            session.rollback();
            return change.on(session);
        } catch (SQLException e) {
            throw new StoreException("the store " + source.place() + " cannot be written: " + SqlFault.explain(e), e);
        }
    }

    private interface Change<T> {
        T on(SqlSession session) throws SQLException;
    }
}
