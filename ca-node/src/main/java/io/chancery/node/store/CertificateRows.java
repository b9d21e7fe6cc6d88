package io.chancery.node.store;

import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.der.Sha256;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes certificate rows, the names under which they are found, and their audit events. */
final class CertificateRows {
    /** Characters; of four octets each, they are less than a page of an index takes. */
    private static final int LONGEST_SEARCHED = 600;

    private CertificateRows() {}

    /**
     * A new row in state <i>reserved</i>.
     *
     * @param serial decimal; printed once, as that takes as long as writing the row
     * @param tokenKey null for the server's own certificates
     * @param repeatKey null when the client sent none
     */
    @SuppressWarnings("ArrayRecordComponent") // lives for one statement
    record NewRow(
            String serial,
            String provisioner,
            byte @Nullable [] tokenKey,
            byte @Nullable [] repeatKey,
            long pendingUntilMillis,
            String requestId) {}

    static void insert(SqlSession session, PreparedCertificate certificate, NewRow row) throws SQLException {
        byte[] tbs = certificate.tbs().bytes();
        long number = session.first(
                        "INSERT INTO certificate (serial, state, subject, names, provisioner, not_before, not_after,"
                                + " token_key, repeat_key, pending_until, epoch, request_id, reserved_at, issuer, tbs)"
                                + " VALUES (?, 'reserved', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number",
                        inserted -> inserted.getLong(1),
                        row.serial(),
                        certificate.subject(),
                        String.join("\n", certificate.names()),
                        row.provisioner(),
                        certificate.notBefore().getEpochSecond(),
                        certificate.notAfter().getEpochSecond(),
                        row.tokenKey(),
                        row.repeatKey(),
                        row.pendingUntilMillis(),
                        session.epoch().number(),
                        row.requestId(),
                        session.now().getEpochSecond(),
                        certificate.issuer().keyId().value(),
                        tbs)
                .orElseThrow(() -> new SQLException("a row was inserted and not answered"));
        insertNames(session, new Named(number, certificate.names(), certificate.subject()));
        audit(
                session,
                new Event(
                        "intent",
                        number,
                        row.serial(),
                        row.requestId(),
                        Sha256.digest(tbs).hex()));
    }

    /** What a row is found by: each name of its certificate, and the subject if there is one. */
    record Named(long number, List<String> names, String subject) {}

    static void insertNames(SqlSession session, Named certificate) throws SQLException {
        for (String name : searched(certificate)) {
            session.insertLater(
                    "INSERT INTO certificate_name (name, certificate) VALUES (?, ?)", name, certificate.number());
        }
    }

    static void deleteNames(SqlSession session, List<Named> certificates) throws SQLException {
        List<Object[]> pairs = new ArrayList<>();
        for (Named each : certificates) {
            searched(each).forEach(name -> pairs.add(new Object[] {name, each.number()}));
        }
        for (List<Object[]> some : pieces(pairs)) {
            int unused = session.update(
                    "DELETE FROM certificate_name WHERE (name, certificate) IN (VALUES "
                            + String.join(", ", Collections.nCopies(some.size(), "(?, ?)")) + ")",
                    some.stream().flatMap(Stream::of).toArray());
        }
    }

    /** As many as a list in SQL has. */
    static String marks(int count) {
        return String.join(", ", Collections.nCopies(count, "?"));
    }

    /**
     * In few pieces, each of which is one way to the database and back: a certificate may have thousands of names. Of few
     * sizes, as each is a statement that is prepared.
     */
    static <T> List<List<T>> pieces(Collection<T> all) {
        List<T> rest = List.copyOf(all);
        List<List<T>> pieces = new ArrayList<>();
        int from = 0;
        for (int size : new int[] {100, 10, 1}) {
            for (; rest.size() - from >= size; from += size) {
                pieces.add(rest.subList(from, from + size));
            }
        }
        return pieces;
    }

    private static Set<String> searched(Named certificate) {
        Set<String> all = new LinkedHashSet<>();
        certificate.names().forEach(name -> all.add(searched(name)));
        if (!certificate.subject().isEmpty()) {
            all.add(searched(certificate.subject()));
        }
        return all;
    }

    /** What a name is found by: in lower case, and no longer than an index takes in any database. */
    static String searched(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        int end = lower.codePointCount(0, lower.length()) > LONGEST_SEARCHED
                ? lower.offsetByCodePoints(0, LONGEST_SEARCHED)
                : lower.length();
        return lower.substring(0, end);
    }

    /**
     * {@code reserved → } another state, by one conditional statement; answers the row's number if that was this call.
     *
     * @param certificate null unless it is issued
     * @param neverTakenUp whether the row must never have been taken up by a repeat
     */
    static Optional<Long> finish(SqlSession session, String serial, byte @Nullable [] certificate, boolean neverTakenUp)
            throws SQLException {
        return session.first(
                "UPDATE certificate SET state = ?, der = ?, finished_at = ?"
                        + " WHERE serial = ? AND state = 'reserved'" + (neverTakenUp ? " AND taken_up = 0" : "")
                        + " RETURNING number",
                row -> row.getLong(1),
                certificate == null ? "voided" : "issued",
                certificate,
                session.now().getEpochSecond(),
                serial);
    }

    static void audit(SqlSession session, Event event) throws SQLException {
        audit(session, event.name(), event.certificate(), event.serial(), event.requestId(), event.detail());
    }

    /** @param certificate its number; null when only the serial is known */
    static void audit(
            SqlSession session,
            String event,
            @Nullable Long certificate,
            String serial,
            String requestId,
            String detail)
            throws SQLException {
        session.insertLater(
                "INSERT INTO audit_event (at, event, certificate, serial, request_id, detail) VALUES (?, ?, ?, ?, ?, ?)",
                session.now().getEpochSecond(),
                event,
                certificate,
                serial,
                requestId,
                detail);
    }

    /** What happened to a certificate's row. */
    record Event(String name, long certificate, String serial, String requestId, String detail) {}
}
