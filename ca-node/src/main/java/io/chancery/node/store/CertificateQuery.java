package io.chancery.node.store;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which certificates to find: those that meet every condition that is there.
 *
 * @param name a name in the certificate, in any case; a {@code *} at its start or end stands for anything
 * @param revoked whether its serial is
 * @param expiresBefore whose validity ends earlier
 * @param validAt whose validity has this moment, both ends included
 * @param limit at most so many, and never more than {@value #MOST}
 * @param offset pass over so many first
 */
public record CertificateQuery(
        Optional<String> name,
        Optional<String> provisioner,
        Optional<CertificateState> state,
        Optional<Boolean> revoked,
        Optional<Instant> expiresBefore,
        Optional<Instant> validAt,
        int limit,
        int offset) {
    public static final int MOST = 10_000;
    /** After every other character, in the order of UTF-8. */
    private static final String LAST = Character.toString(Character.MAX_CODE_POINT);

    /** Every reserved row, newest first. */
    static CertificateQuery reserved() {
        return new CertificateQuery(
                Optional.empty(),
                Optional.empty(),
                Optional.of(CertificateState.reserved),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                MOST,
                0);
    }

    /** A condition for SQL, and the values of its parameters in their order. */
    record Where(String sql, List<Object> values) {
        Where {
            values = List.copyOf(values);
        }
    }

    Where where() {
        StringBuilder sql = new StringBuilder(" WHERE 1 = 1");
        List<Object> values = new ArrayList<>();
        name.ifPresent(text -> names(CertificateRows.searched(text), sql, values));
        provisioner.ifPresent(text -> {
            sql.append(" AND provisioner = ?");
            values.add(text);
        });
        state.ifPresent(s -> {
            // Named twice so that the index of unfinished rows serves.
            sql.append(s == CertificateState.issued ? " AND state = ?" : " AND state = ? AND state <> 'issued'");
            values.add(s.name());
        });
        revoked.ifPresent(is -> sql.append(is ? " AND revoked_at IS NOT NULL" : " AND revoked_at IS NULL"));
        expiresBefore.ifPresent(time -> {
            sql.append(" AND not_after < ?");
            values.add(time.getEpochSecond());
        });
        validAt.ifPresent(time -> {
            sql.append(" AND not_before <= ? AND not_after >= ?");
            values.add(time.getEpochSecond());
            values.add(time.getEpochSecond());
        });
        sql.append(" ORDER BY number DESC LIMIT ? OFFSET ?");
        values.add((long) Math.max(0, Math.min(limit, MOST)));
        values.add((long) Math.max(0, offset));
        return new Where(sql.toString(), values);
    }

    private static void names(String text, StringBuilder sql, List<Object> values) {
        boolean anyStart = text.startsWith("*");
        boolean anyEnd = text.endsWith("*") && text.length() > 1;
        String fixed = text.substring(anyStart ? 1 : 0, text.length() - (anyEnd ? 1 : 0));
        sql.append(" AND number IN (SELECT certificate FROM certificate_name WHERE ");
        if (anyStart && anyEnd) {
            sql.append("replace(name, ?, '') <> name)"); // both databases know it, and no pattern to escape
            values.add(fixed);
        } else if (anyStart) {
            int length = fixed.codePointCount(0, fixed.length());
            sql.append("length(name) >= ? AND substr(name, length(name) - ? + 1) = ?)");
            values.add(length); // PostgreSQL's substr takes no wider number
            values.add(length);
            values.add(fixed);
        } else if (anyEnd) {
            sql.append("name >= ? AND name < ?)");
            values.add(fixed);
            values.add(fixed + LAST);
        } else {
            sql.append("name = ?)");
            values.add(fixed);
        }
    }
}
