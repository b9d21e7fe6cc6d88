package io.chancery.node.store;

import io.chancery.core.certificate.KeyId;
import io.chancery.core.crl.PreparedCrl;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.revocation.CrlLedger;
import io.vertx.core.Future;
import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Lists of revoked certificates as SQL: read and written in steps of some milliseconds, so that certificates are written between them. */
final class SqlCrl implements CrlLedger {
    /** A process that has not made a step for so long is taken for dead. */
    static final Duration STEP_WITHIN = Duration.ofSeconds(30);

    static final int PAGE = 5_000;
    private static final int DROPPED = 1_000;
    /**
     * Rows of a transaction that is still under way may come late; they are passed over until the next list. No transaction
     * takes so long.
     */
    static final Duration LATE = Duration.ofMinutes(1);

    private static final String OF_NODES = " WHERE issuer IN (SELECT key_id FROM issuer)";

    private final GroupCommitWriter writer;
    private final String process;
    private final boolean severalWriters;

    /**
     * @param process no other process has this name
     * @param severalWriters whether rows can be committed in another order than that of their numbers
     */
    SqlCrl(GroupCommitWriter writer, String process, boolean severalWriters) {
        this.writer = writer;
        this.process = process;
        this.severalWriters = severalWriters;
    }

    @Override
    public Future<State> state(KeyId issuer, Deadline deadline) {
        return writer.submit(
                session -> {
                    Last last = last(session, issuer);
                    Optional<Instant> settled = severalWriters && last.number() > 0
                            ? Optional.of(last.revokedAt().plus(LATE))
                            : Optional.empty();
                    Instant now = session.now();
                    return session.first(
                                    "SELECT covered, published, this_update, next_update, parts FROM crl WHERE issuer = ?",
                                    row -> new State(published(row), last.number(), row.getLong(1), settled, now),
                                    issuer.value())
                            .orElse(new State(Optional.empty(), last.number(), 0, settled, now));
                },
                deadline);
    }

    /** @param number 0 when there is none */
    private record Last(long number, Instant revokedAt) {
        static final Last NONE = new Last(0, Instant.EPOCH);

        static Last read(ResultSet row) throws SQLException {
            return new Last(row.getLong(1), Instant.ofEpochSecond(row.getLong(2)));
        }
    }

    /** Of those that its list names. */
    private static Last last(SqlSession session, KeyId issuer) throws SQLException {
        String newest = " ORDER BY number DESC LIMIT 1";
        Last its = session.first(
                        "SELECT number, revoked_at FROM revocation WHERE issuer = ?" + newest,
                        Last::read,
                        issuer.value())
                .orElse(Last.NONE);
        Last nobodys = session.first(
                        "SELECT number, revoked_at FROM revocation WHERE issuer IS NULL" + newest, Last::read)
                .orElse(Last.NONE);
        return its.number() > nobodys.number() ? its : nobodys;
    }

    private static long last(SqlSession session) throws SQLException {
        return session.first("SELECT number FROM revocation ORDER BY number DESC LIMIT 1", row -> row.getLong(1))
                .orElse(0L);
    }

    private static Optional<Published> published(ResultSet row) throws SQLException {
        long number = row.getLong(2);
        return row.wasNull()
                ? Optional.empty()
                : Optional.of(new Published(
                        BigInteger.valueOf(number),
                        Instant.ofEpochSecond(row.getLong(3)),
                        Instant.ofEpochSecond(row.getLong(4)),
                        row.getInt(5)));
    }

    /**
     * For revocations that come in sight long after they were given their places: no list counts as having seen them, nor
     * does one that is being made, which is begun anew.
     */
    static void wantLists(SqlSession session) throws SQLException {
        int unused = session.update("UPDATE crl SET covered = 0, builder = '', builder_until = 0");
    }

    /** The nodes that make lists, or made the last ones, one for each issuer, each named once. */
    static List<String> builders(SqlSession session) throws SQLException {
        return session
                .all("SELECT builder FROM crl WHERE builder <> ''", row -> Probes.nodeOf(row.getString(1)))
                .stream()
                .distinct()
                .sorted()
                .toList();
    }

    @Override
    public Future<Optional<Build>> begin(KeyId issuer, BigInteger above, Deadline deadline) {
        return writer.submit(session -> begin(session, issuer, above.longValueExact()), deadline);
    }

    private Optional<Build> begin(SqlSession session, KeyId issuer, long above) throws SQLException {
        int unused = session.update(
                "INSERT INTO crl (issuer, last_number, builder, builder_until, covered) VALUES (?, 0, '', 0, 0)"
                        + " ON CONFLICT (issuer) DO NOTHING",
                issuer.value());
        long last = last(session);
        Instant now = session.now();
        long seconds = now.getEpochSecond();
        // Milliseconds since 1970 unless that is no higher: so a store that was put back does not give out one twice.
        long next = Math.max(now.toEpochMilli(), above + 1);
        // With one writer, another builder is a process that is no longer there: the store is locked for this one.
        int alone = severalWriters ? 0 : 1;
        return session.first(
                        "UPDATE crl SET builder = ?, builder_until = ?,"
                                + " last_number = CASE WHEN last_number < ? THEN ? ELSE last_number + 1 END"
                                + " WHERE issuer = ? AND (builder_until <= ? OR builder_until > ?"
                                + " OR (? = 1 AND builder <> ?)) RETURNING last_number",
                        row -> row.getLong(1),
                        process,
                        seconds + STEP_WITHIN.toSeconds(),
                        next,
                        next,
                        issuer.value(),
                        seconds,
                        seconds + STEP_WITHIN.toSeconds(), // taken while the clock was ahead
                        alone,
                        process)
                .map(number -> new Build(issuer, BigInteger.valueOf(number), last, now));
    }

    @Override
    public Future<List<Entry>> entries(Build build, long after, Deadline deadline) {
        return writer.submit(
                session -> {
                    keep(session, build);
                    // Not "issuer = ? OR issuer IS NULL": SQLite would fetch all that are left, and sort them, for each
                    // page.
                    return session.all(
                            "SELECT * FROM (" + page("issuer = ?") + ") AS its UNION ALL SELECT * FROM ("
                                    + page("issuer IS NULL") + ") AS nobodys ORDER BY number LIMIT " + PAGE,
                            row -> new Entry(
                                    row.getLong(1),
                                    new BigInteger(row.getString(2)),
                                    Instant.ofEpochSecond(row.getLong(3)),
                                    row.getInt(4)),
                            after,
                            build.issuer().value(),
                            after);
                },
                deadline);
    }

    private static String page(String whose) {
        return "SELECT number, serial, revoked_at, reason_code FROM revocation WHERE listed = 1 AND number > ? AND "
                + whose + " ORDER BY number LIMIT " + PAGE;
    }

    @Override
    public Future<Void> put(Build build, int part, Der octets, Deadline deadline) {
        return writer.submit(
                session -> {
                    keep(session, build);
                    int unused = session.update(
                            "INSERT INTO crl_part (issuer, number, part, octets) VALUES (?, ?, ?, ?)",
                            build.issuer().value(),
                            build.number().longValueExact(),
                            part,
                            octets.bytes());
                    return nothing();
                },
                deadline);
    }

    /** The build stays this process's for a while; CaException STORE_UNAVAILABLE when it no longer is. */
    private void keep(SqlSession session, Build build) throws SQLException {
        int kept = session.update(
                "UPDATE crl SET builder_until = ? WHERE issuer = ? AND builder = ? AND last_number = ?",
                session.now().plus(STEP_WITHIN).getEpochSecond(),
                build.issuer().value(),
                process,
                build.number().longValueExact());
        if (kept == 0) {
            throw takenOver(build);
        }
    }

    private static CaException takenOver(Build build) {
        return CaException.hidden(
                ErrorCode.STORE_UNAVAILABLE, "another process has taken over from list " + build.number());
    }

    @Override
    public Future<Void> publish(Build build, PreparedCrl list, int parts, long covered, Deadline deadline) {
        return writer.submit(
                session -> {
                    long number = build.number().longValueExact();
                    Optional<Long> before = session.first(
                            "SELECT published FROM crl WHERE issuer = ?",
                            row -> row.getLong(1),
                            build.issuer().value());
                    int published = session.update(
                            "UPDATE crl SET published = ?, this_update = ?, next_update = ?, parts = ?, covered = ?,"
                                    + " builder_until = 0 WHERE issuer = ? AND builder = ? AND last_number = ?",
                            number,
                            list.thisUpdate().getEpochSecond(),
                            list.nextUpdate().getEpochSecond(),
                            parts,
                            covered,
                            build.issuer().value(),
                            process,
                            number);
                    if (published == 0) {
                        throw takenOver(build);
                    }
                    // A node may just be reading the one before.
                    int unused = session.update(
                            "DELETE FROM crl_part WHERE issuer = ? AND number < ?",
                            build.issuer().value(),
                            before.orElse(0L));
                    return nothing();
                },
                deadline);
    }

    @Override
    public Future<Void> giveUp(Build build, Deadline deadline) {
        return writer.submit(
                session -> {
                    int unused = session.update(
                            "UPDATE crl SET builder_until = 0 WHERE issuer = ? AND builder = ? AND last_number = ?",
                            build.issuer().value(),
                            process,
                            build.number().longValueExact());
                    return nothing();
                },
                deadline);
    }

    @Override
    public Future<Integer> drop(KeyId issuer, Instant listed, long covered, Deadline deadline) {
        return writer.submit(
                session -> session.update(
                        "UPDATE revocation SET listed = 0 WHERE number IN (SELECT number FROM revocation"
                                + " WHERE listed = 1 AND ends_at < ? AND number <= ? AND revoked_at < ? AND (issuer = ?"
                                // What every list names stays until every list that a node has has named it so late.
                                + " OR (issuer IS NULL AND ends_at < (SELECT min(this_update) FROM crl" + OF_NODES
                                + ") AND number <= (SELECT min(covered) FROM crl" + OF_NODES + "))) LIMIT ?)",
                        listed.getEpochSecond(),
                        covered,
                        listed.minus(LATE).getEpochSecond(),
                        issuer.value(),
                        DROPPED),
                deadline);
    }

    @Override
    public Future<Optional<Der>> part(KeyId issuer, BigInteger number, int part, Deadline deadline) {
        return writer.submit(
                session -> session.first(
                        "SELECT octets FROM crl_part WHERE issuer = ? AND number = ? AND part = ?",
                        row -> Der.of(row.getBytes(1)),
                        issuer.value(),
                        number.longValueExact(),
                        part),
                deadline);
    }

    @SuppressWarnings("NullAway") // Void has no other value
    private static Void nothing() {
        return null;
    }
}
