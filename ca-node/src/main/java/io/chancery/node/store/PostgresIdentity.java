package io.chancery.node.store;

import java.sql.SQLException;
import java.util.Optional;

/**
 * Which server this is, with which tables, and in which of its lives (issuance protocol, The epoch of the store): a dump
 * that was put back has other tables or another system, a promoted or rewound server another timeline.
 *
 * @param system identifier that initdb gave
 * @param table object id of the table of epochs
 * @param timeline one more with each promotion and each recovery to a point in time
 */
record PostgresIdentity(String system, long table, long timeline) {
    static PostgresIdentity of(SqlSession session) throws SQLException {
        return session.first(
                        "SELECT (SELECT system_identifier::text FROM pg_control_system()),"
                                + " to_regclass('" + PostgresServer.SCHEMA + ".store_epoch')::oid::bigint,"
                                + " ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint",
                        row -> new PostgresIdentity(row.getString(1), row.getLong(2), row.getLong(3)))
                .orElseThrow(() -> new SQLException("the server did not say which one it is"));
    }

    /** As an epoch keeps it. */
    String text() {
        return system + "/" + table + "/" + timeline;
    }

    static Optional<PostgresIdentity> parse(String text) {
        String[] parts = text.split("/", -1);
        try {
            return parts.length == 3
                    ? Optional.of(new PostgresIdentity(parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2])))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    boolean sameTables(PostgresIdentity other) {
        return system.equals(other.system) && table == other.table;
    }
}
