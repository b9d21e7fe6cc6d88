package io.chancery.node.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a node from servers that another one has succeeded, though they take writes: fencing them is the operator's duty,
 * and may be late. Any thread.
 */
final class OldPrimaries {
    private static final Logger LOG = LoggerFactory.getLogger(OldPrimaries.class);

    private final PostgresServer servers;
    private final String application;
    private final SeenTimelines timelines = new SeenTimelines();

    /** @param servers all that may be used */
    OldPrimaries(PostgresServer servers, String application) {
        this.servers = servers;
        this.application = application;
    }

    PostgresServer servers() {
        return servers;
    }

    /** Whether no server was seen yet that takes writes. */
    boolean noneSeen() {
        return timelines.none();
    }

    /**
     * Looks at each of several servers, a second each at most: one that takes writes beside another, and is older, is
     * not used from then on, also where its connection has lasted.
     */
    void lookAround() {
        servers.each().forEach(this::look);
    }

    private void look(PostgresServer one) {
        try (SqlSession session = new SqlSession(one.forLooking(application), PostgresTransactions.forTools())) {
            session.begin();
            if (!PostgresSessions.isStandby(session)) {
                Optional<String> unused = timelines.refuse(PostgresIdentity.of(session));
            }
        } catch (SQLException | RuntimeException e) {
            LOG.atDebug().addKeyValue("reason", e.getMessage()).log(one.place() + " does not say which one it is");
        }
    }

    Guarded guard(PostgresTransactions transactions) {
        return new Guarded(transactions);
    }

    /** Transactions on one server, in its tables, that begin only while none has succeeded it. For the thread of its connection. */
    final class Guarded implements SqlSession.Transactions {
        private final PostgresTransactions transactions;
        private Optional<PostgresIdentity> server = Optional.empty();

        private Guarded(PostgresTransactions transactions) {
            this.transactions = transactions;
        }

        /** RefusedException when it is an old primary already. */
        void use(PostgresIdentity known) throws SQLException {
            server = Optional.of(known);
            check();
        }

        private void check() throws SQLException {
            Optional<String> refusal = server.flatMap(timelines::refuse);
            if (refusal.isPresent()) {
                throw new RefusedException(refusal.get());
            }
        }

        @Override
        public void begin(Connection connection) throws SQLException {
            check();
            transactions.begin(connection);
        }

        @Override
        public void commit(SqlSession session, Connection connection) throws SQLException {
            transactions.commit(session, connection);
        }

        @Override
        public void rollback(Connection connection) throws SQLException {
            transactions.rollback(connection);
        }

        @Override
        public Instant now(SqlSession session) throws SQLException {
            return server.isPresent() ? transactions.now(session, server.get()) : transactions.now(session);
        }
    }

    /** A server that another one has succeeded. */
    static final class RefusedException extends SQLException {
        private static final long serialVersionUID = 1L;

        RefusedException(String reason) {
            super(reason);
        }
    }
}
