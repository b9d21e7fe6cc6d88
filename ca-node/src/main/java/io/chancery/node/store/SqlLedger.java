package io.chancery.node.store;

import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.StepIssuance;
import io.chancery.core.issuance.TokenUse;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.issuance.IssuanceLedger;
import io.vertx.core.Future;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reserve, Finish and Release of the issuance protocol, as SQL. */
final class SqlLedger implements IssuanceLedger {
    /** How long after expiry and leeway a used token is remembered, and so how late a token may still be claimed. */
    static final Duration MEMORY = Duration.ofHours(1);

    private final GroupCommitWriter writer;
    private final InstantSource clock;

    SqlLedger(GroupCommitWriter writer, InstantSource clock) {
        this.writer = writer;
        this.clock = clock;
    }

    @Override
    public Future<Reservation> reserve(Claim claim, Deadline deadline) {
        return writer.submit(session -> reserve(session, claim), deadline);
    }

    @Override
    public Future<Void> reserveOwn(PreparedCertificate certificate, String requestId, Deadline deadline) {
        return writer.submit(
                session -> {
                    Row row = new Row("", null, null, clock.instant().toEpochMilli(), requestId);
                    insert(session, certificate, row);
                    return nothing();
                },
                deadline);
    }

    @SuppressWarnings("NullAway") // Void has no other value
    private static Void nothing() {
        return null;
    }

    private Reservation reserve(SqlSession session, Claim claim) throws SQLException {
        TokenUse token = claim.issuance().token();
        Optional<String> outOfTime = outOfTime(session, token);
        if (outOfTime.isPresent()) {
            return new Reservation.Used(outOfTime.get());
        }
        PreparedCertificate certificate = claim.issuance().certificate();
        byte[] key = token.key().value();
        int unused = session.update(
                "INSERT INTO used_token (token_key, serial, issued_at, expires_at, provisioner) VALUES (?, ?, ?, ?, ?)"
                        + " ON CONFLICT (token_key) DO NOTHING",
                key,
                certificate.serial().decimal(),
                token.issuedAt().map(Instant::getEpochSecond).orElse(null),
                token.expiresAt().map(Instant::getEpochSecond).orElse(null),
                token.provisioner());
        // The row decides, not the count of rows: a request owns its token only if its own serial stands there.
        String owner = session.first("SELECT serial FROM used_token WHERE token_key = ?", row -> row.getString(1), key)
                .orElseThrow(() -> CaException.hidden(ErrorCode.STORE_UNAVAILABLE, "a token row that is not there"));
        if (owner.equals(certificate.serial().decimal())) {
            byte @Nullable [] repeatKey = claim.repeatKey().map(Sha256::value).orElse(null);
            insert(
                    session,
                    certificate,
                    new Row(
                            token.provisioner(),
                            key,
                            repeatKey,
                            claim.pendingUntil().toEpochMilli(),
                            claim.requestId()));
            return new Reservation.Owned();
        }
        return repeat(session, claim, owner);
    }

    /** Issuance protocol, Reserve, 5: a machine may have slept between check and commit. */
    private Optional<String> outOfTime(SqlSession session, TokenUse token) throws SQLException {
        Instant now = clock.instant();
        Epoch epoch = Epoch.current(session);
        if (token.issuedAt().isEmpty() && epoch.needsIssuedAt()) {
            return Optional.of("a token without iat, and the store may have forgotten tokens");
        }
        if (token.issuedAt().isPresent()) {
            Instant issued = token.issuedAt().get();
            if (issued.isBefore(epoch.tokensNotBefore())) {
                return Optional.of("issued before this store's memory begins");
            }
            if (issued.isAfter(now.plus(StepIssuance.LEEWAY))) {
                return Optional.of("issued in the future");
            }
        }
        boolean forgotten = token.expiresAt()
                .map(end -> !end.plus(StepIssuance.LEEWAY).plus(MEMORY).isAfter(now))
                .orElse(false);
        return forgotten ? Optional.of("expired so long ago that its use may be forgotten") : Optional.empty();
    }

    /** Issuance protocol, Idempotency-Key. */
    private Reservation repeat(SqlSession session, Claim claim, String owner) throws SQLException {
        Optional<StoredRow> stored = session.first(
                "SELECT state, repeat_key, pending_until, tbs, der, epoch FROM certificate WHERE serial = ?",
                StoredRow::read,
                owner);
        boolean same = stored.isPresent()
                && claim.repeatKey().isPresent()
                && Arrays.equals(claim.repeatKey().get().value(), stored.get().repeatKey());
        if (!same) {
            return new Reservation.Used("used for " + owner);
        }
        SerialNumber serial = SerialNumber.parseDecimal(owner);
        StoredRow row = stored.get();
        if (row.state().equals("issued") && row.der() != null) {
            return new Reservation.AlreadyIssued(serial, Der.of(row.der()));
        }
        if (!row.state().equals("reserved")
                || row.epoch() != Epoch.current(session).number()) {
            return new Reservation.Used("used for " + owner + ", which is " + row.state());
        }
        if (row.pendingUntil() > clock.instant().toEpochMilli()) {
            return new Reservation.StillRunning();
        }
        int unused = session.update(
                "UPDATE certificate SET taken_up = 1, pending_until = ? WHERE serial = ? AND state = 'reserved'",
                claim.pendingUntil().toEpochMilli(),
                owner);
        audit(session, "taken-up", owner, claim.requestId(), "");
        return new Reservation.TakenUp(serial, Der.of(row.tbs()));
    }

    @Override
    public Future<Der> finish(SerialNumber serial, Der certificate, String requestId, Deadline deadline) {
        return writer.submit(session -> finish(session, serial.decimal(), certificate, requestId), deadline);
    }

    private Der finish(SqlSession session, String serial, Der certificate, String requestId) throws SQLException {
        int changed = session.update(
                "UPDATE certificate SET state = 'issued', der = ?, finished_at = ? WHERE serial = ? AND state = 'reserved'",
                certificate.bytes(),
                clock.instant().getEpochSecond(),
                serial);
        if (changed == 1) {
            audit(
                    session,
                    "issued",
                    serial,
                    requestId,
                    Sha256.digest(certificate.bytes()).hex());
            return certificate;
        }
        return session.first(
                        "SELECT der FROM certificate WHERE serial = ? AND state = 'issued'",
                        row -> Der.of(row.getBytes(1)),
                        serial)
                .orElseThrow(() -> CaException.hidden(
                        ErrorCode.STORE_UNAVAILABLE, "certificate " + serial + " is no longer reserved"));
    }

    @Override
    public Future<Boolean> release(SerialNumber serial, String requestId, String reason, Deadline deadline) {
        return writer.submit(session -> release(session, serial.decimal(), requestId, reason), deadline);
    }

    private boolean release(SqlSession session, String serial, String requestId, String reason) throws SQLException {
        int changed = session.update(
                "UPDATE certificate SET state = 'voided', finished_at = ?"
                        + " WHERE serial = ? AND state = 'reserved' AND taken_up = 0",
                clock.instant().getEpochSecond(),
                serial);
        if (changed == 1) {
            int unused = session.update(
                    "DELETE FROM used_token WHERE serial = ?"
                            + " AND token_key = (SELECT token_key FROM certificate WHERE serial = ?)",
                    serial,
                    serial);
            audit(session, "voided", serial, requestId, reason);
        }
        return changed == 1;
    }

    private void insert(SqlSession session, PreparedCertificate certificate, Row row) throws SQLException {
        String serial = certificate.serial().decimal();
        int unused = session.update(
                "INSERT INTO certificate (serial, state, tbs, subject, provisioner, not_before, not_after, token_key,"
                        + " repeat_key, pending_until, epoch, request_id, reserved_at)"
                        + " VALUES (?, 'reserved', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                serial,
                certificate.tbs().bytes(),
                certificate.subject(),
                row.provisioner(),
                certificate.notBefore().getEpochSecond(),
                certificate.notAfter().getEpochSecond(),
                row.tokenKey(),
                row.repeatKey(),
                row.pendingUntilMillis(),
                Epoch.current(session).number(),
                row.requestId(),
                clock.instant().getEpochSecond());
        for (String name : certificate.names()) {
            int ignored = session.update(
                    "INSERT INTO certificate_name (name, serial) VALUES (?, ?) ON CONFLICT (name, serial) DO NOTHING",
                    name.toLowerCase(Locale.ROOT),
                    serial);
        }
        audit(
                session,
                "intent",
                serial,
                row.requestId(),
                Sha256.digest(certificate.tbs().bytes()).hex());
    }

    private void audit(SqlSession session, String event, String serial, String requestId, String detail)
            throws SQLException {
        int unused = session.update(
                "INSERT INTO audit_event (at, event, serial, request_id, detail) VALUES (?, ?, ?, ?, ?)",
                clock.instant().getEpochSecond(),
                event,
                serial,
                requestId,
                detail);
    }

    @SuppressWarnings("ArrayRecordComponent") // lives for one statement
    private record Row(
            String provisioner,
            byte @Nullable [] tokenKey,
            byte @Nullable [] repeatKey,
            long pendingUntilMillis,
            String requestId) {}

    @SuppressWarnings("ArrayRecordComponent") // lives for one statement
    private record StoredRow(
            String state,
            byte @Nullable [] repeatKey,
            long pendingUntil,
            byte[] tbs,
            byte @Nullable [] der,
            long epoch) {
        static StoredRow read(java.sql.ResultSet row) throws SQLException {
            return new StoredRow(
                    row.getString(1),
                    row.getBytes(2),
                    row.getLong(3),
                    row.getBytes(4),
                    row.getBytes(5),
                    row.getLong(6));
        }
    }
}
