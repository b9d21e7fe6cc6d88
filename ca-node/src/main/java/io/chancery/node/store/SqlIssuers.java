package io.chancery.node.store;

import io.chancery.core.certificate.KeyId;
import io.chancery.core.der.Sha256;
import io.chancery.core.issuer.Issuer;
import io.chancery.core.issuer.Issuers;
import io.chancery.node.issuance.Deadline;
import io.vertx.core.Future;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Which issuers the nodes had, in a table. */
public final class SqlIssuers implements IssuerMemory {
    private final GroupCommitWriter writer;
    private final String node;

    SqlIssuers(GroupCommitWriter writer, String node) {
        this.writer = writer;
        this.node = node;
    }

    @Override
    public Future<List<Missed>> missed(Issuers configured, Deadline deadline) {
        return writer.submit(
                session -> {
                    List<Missed> found = new ArrayList<>();
                    for (Row before : before(session)) {
                        if (configured.withKey(before.key()).isEmpty()) {
                            end(session, before)
                                    .ifPresent(until -> found.add(
                                            new Missed(before.name(), before.key(), before.certificate(), until)));
                        }
                    }
                    return found;
                },
                deadline);
    }

    private record Row(KeyId key, String name, Sha256 certificate, boolean hasUnnamed) {}

    private List<Row> before(SqlSession session) throws SQLException {
        return session.all(
                "SELECT key_id, name, certificate, has_unnamed FROM issuer WHERE node = ?",
                row -> new Row(
                        new KeyId(row.getString(1)),
                        row.getString(2),
                        Sha256.ofValue(HexFormat.of().parseHex(row.getString(3))),
                        row.getInt(4) == 1),
                node);
    }

    /** Two questions, each answered by one look at an index. */
    private static Optional<Instant> end(SqlSession session, Row issuer) throws SQLException {
        Optional<Instant> named = end(session, "issuer = ?", issuer.key().value());
        Optional<Instant> unnamed = issuer.hasUnnamed() ? end(session, "issuer IS NULL") : Optional.empty();
        return Stream.of(named, unnamed).flatMap(Optional::stream).max(Comparator.naturalOrder());
    }

    private static Optional<Instant> end(SqlSession session, String whose, Object... key) throws SQLException {
        Object[] values = Stream.concat(
                        Stream.of(key), Stream.of((Object) session.now().getEpochSecond()))
                .toArray();
        return session.first(
                "SELECT not_after FROM certificate WHERE " + whose
                        + " AND not_after > ? AND state <> 'voided' ORDER BY not_after DESC LIMIT 1",
                row -> Instant.ofEpochSecond(row.getLong(1)),
                values);
    }

    @Override
    public Future<Void> remember(Issuers configured, Deadline deadline) {
        return writer.submit(
                session -> {
                    boolean first = session.first("SELECT 1 FROM issuer LIMIT 1", row -> row.getInt(1))
                            .isEmpty();
                    for (Issuer each : configured.all()) {
                        remember(session, each, first && each.equals(configured.standing()));
                    }
                    for (Row before : before(session)) {
                        if (configured.withKey(before.key()).isEmpty()) {
                            forget(session, before.key());
                        }
                    }
                    return nothing();
                },
                deadline);
    }

    private void remember(SqlSession session, Issuer issuer, boolean hasUnnamed) throws SQLException {
        String key = issuer.keyId().value();
        int unused = session.update(
                "INSERT INTO issuer (key_id, node, name, certificate, has_unnamed)"
                        + " VALUES (?, ?, ?, ?, COALESCE((SELECT max(has_unnamed) FROM issuer WHERE key_id = ?), ?))"
                        + " ON CONFLICT (key_id, node) DO UPDATE SET name = excluded.name,"
                        + " certificate = excluded.certificate",
                key,
                node,
                issuer.name(),
                issuer.certificate().hash().hex(),
                key,
                hasUnnamed ? 1 : 0);
    }

    private void forget(SqlSession session, KeyId key) throws SQLException {
        int unused = session.update("DELETE FROM issuer WHERE key_id = ? AND node = ?", key.value(), node);
        for (String table : List.of("crl_part", "crl")) {
            int unusedRows = session.update(
                    "DELETE FROM " + table + " WHERE issuer = ? AND NOT EXISTS"
                            + " (SELECT 1 FROM issuer WHERE key_id = ?)",
                    key.value(),
                    key.value());
        }
    }

    @SuppressWarnings("NullAway") // Void has no other value
    private static Void nothing() {
        return null;
    }
}
