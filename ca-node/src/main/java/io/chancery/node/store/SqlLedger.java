package io.chancery.node.store;

import io.chancery.core.certificate.PreparedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.issuance.Grant;
import io.chancery.core.issuance.StepIssuance;
import io.chancery.core.issuance.TokenUse;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.issuance.IssuanceLedger;
import io.vertx.core.Future;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reserve, Finish and Release of the issuance protocol, as SQL. */
final class SqlLedger implements IssuanceLedger {
    /** How long after expiry and leeway a used token is remembered, and so how late a token may still be claimed. */
    static final Duration MEMORY = Duration.ofHours(1);

    /** How long a reservation that found no room counts, unless another one finds some. */
    private static final Duration FULL = Duration.ofSeconds(6);

    private final GroupCommitWriter writer;
    private volatile @Nullable Full full;

    SqlLedger(GroupCommitWriter writer) {
        this.writer = writer;
    }

    @Override
    public Future<Reservation> reserve(Claim claim, Deadline deadline) {
        GroupCommitWriter.Work<Reservation> work = session -> reserve(session, claim, deadline);
        return claim.use()
                .map(use -> writer.submit(work, deadline, use.key()))
                .orElseGet(() -> writer.submit(work, deadline))
                .onSuccess(reserved -> full = null)
                .onFailure(this::noteFull);
    }

    private void noteFull(Throwable failure) {
        if (failure instanceof CaException cause && SqlFault.isFull(cause.getCause())) {
            full = new Full(cause, System.nanoTime());
        }
    }

    /** Why nothing can be reserved, though the store takes smaller writes: a disk without room. */
    Optional<CaException> cannotReserve() {
        Full last = full;
        return last == null || System.nanoTime() - last.nanoTime() > FULL.toNanos()
                ? Optional.empty()
                : Optional.of(last.cause());
    }

    private record Full(CaException cause, long nanoTime) {}

    @Override
    public Future<Void> reserveOwn(PreparedCertificate certificate, String requestId, Deadline deadline) {
        String serial = certificate.serial().decimal();
        return writer.submit(
                session -> {
                    long until = pendingUntil(session, deadline);
                    CertificateRows.NewRow row = new CertificateRows.NewRow(serial, "", null, null, until, requestId);
                    CertificateRows.insert(session, certificate, row);
                    return nothing();
                },
                deadline);
    }

    @SuppressWarnings("NullAway") // Void has no other value
    private static Void nothing() {
        return null;
    }

    /** When a repeat may take the row up: the end of this request's deadline, by the store's clock. */
    private static long pendingUntil(SqlSession session, Deadline deadline) throws SQLException {
        return session.now().plus(deadline.left()).toEpochMilli();
    }

    private static Reservation reserve(SqlSession session, Claim claim, Deadline deadline) throws SQLException {
        Grant grant = claim.issuance().grant();
        if (grant.renews().isPresent()
                && RevocationRows.isRevoked(session, grant.renews().get().decimal())) {
            return new Reservation.Revoked();
        }
        if (RevocationRows.isAnyRevoked(session, grant.authorizedBy())) {
            return grant.renews().isPresent()
                    ? new Reservation.Revoked()
                    : new Reservation.Used("a certificate that the token rests on is revoked");
        }
        Optional<String> outOfTime =
                grant.token().isPresent() ? outOfTime(session, grant.token().get()) : Optional.empty();
        if (outOfTime.isPresent()) {
            return new Reservation.Used(outOfTime.get());
        }
        PreparedCertificate certificate = claim.issuance().certificate();
        String serial = certificate.serial().decimal();
        Optional<TokenUse> use = claim.use();
        if (use.isPresent()) {
            // The row decides, not a count of rows: a request owns its token only if its own serial stands there.
            String owner = owner(session, use.get(), serial);
            if (!owner.equals(serial)) {
                return repeat(session, claim, owner, deadline);
            }
        }
        CertificateRows.NewRow row = new CertificateRows.NewRow(
                serial,
                grant.provisioner(),
                use.map(token -> token.key().value()).orElse(null),
                claim.repeatKey().map(Sha256::value).orElse(null),
                pendingUntil(session, deadline),
                claim.requestId());
        CertificateRows.insert(session, certificate, row);
        return new Reservation.Owned();
    }

    /** The serial in the token's row, which is made with this one when there is none. */
    private static String owner(SqlSession session, TokenUse token, String serial) throws SQLException {
        return UsedTokenRow.insert(session, token, serial)
                ? serial
                : UsedTokenRow.serial(session, token.key()).orElseThrow(() -> freedMeanwhile());
    }

    /** Another node has freed the token between two statements of this transaction: it is to run again, alone. */
    private static SQLException freedMeanwhile() {
        return new SQLException("a token was freed at another node meanwhile", "40001");
    }

    /** Issuance protocol, Reserve, 5: a machine may have slept between check and commit. */
    static Optional<String> outOfTime(SqlSession session, TokenUse token) throws SQLException {
        Instant now = session.now();
        Epoch epoch = session.epoch();
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
                .map(end -> !end.plus(StepIssuance.LEEWAY).plus(MEMORY).isAfter(now)
                        || !end.isAfter(epoch.forgottenUntil()))
                .orElse(false);
        return forgotten ? Optional.of("expired so long ago that its use may be forgotten") : Optional.empty();
    }

    /** Issuance protocol, Idempotency-Key. */
    private static Reservation repeat(SqlSession session, Claim claim, String owner, Deadline deadline)
            throws SQLException {
        Optional<StoredRow> stored = session.first(
                "SELECT state, repeat_key, tbs, der, epoch, number FROM certificate WHERE serial = ?",
                StoredRow::read,
                owner);
        boolean same = stored.isPresent()
                && claim.repeatKey().isPresent()
                && Arrays.equals(claim.repeatKey().get().value(), stored.get().repeatKey());
        if (!same) {
            return new Reservation.Used("used for " + owner, stored.flatMap(SqlLedger::spent));
        }
        SerialNumber serial = SerialNumber.parseDecimal(owner);
        StoredRow row = stored.get();
        if (row.state().equals("issued") && row.der() != null) {
            return new Reservation.AlreadyIssued(serial, Der.of(row.der()));
        }
        if (row.state().equals("voided")) {
            throw freedMeanwhile();
        }
        if (!row.state().equals("reserved") || row.epoch() != session.epoch().number()) {
            return new Reservation.Used("used for " + owner + ", which is " + row.state(), spent(row));
        }
        int taken = session.update(
                "UPDATE certificate SET taken_up = 1, pending_until = ?"
                        + " WHERE serial = ? AND state = 'reserved' AND pending_until <= ?",
                pendingUntil(session, deadline),
                owner,
                session.now().toEpochMilli());
        if (taken == 0) {
            return new Reservation.StillRunning(); // the first request, or a repeat at another node
        }
        CertificateRows.audit(
                session, new CertificateRows.Event("taken-up", row.number(), owner, claim.requestId(), ""));
        return new Reservation.TakenUp(serial, Der.of(row.tbs()));
    }

    /** Only a row that can never be voided any more makes its token used for good. */
    private static Optional<Spent> spent(StoredRow row) {
        return switch (row.state()) {
            case "issued" ->
                Optional.of(new Spent(Optional.ofNullable(row.repeatKey()).map(Sha256::ofValue)));
            case "abandoned" -> Optional.of(new Spent(Optional.empty()));
            default -> Optional.empty();
        };
    }

    @Override
    public Future<Optional<String>> recordedProvisioner(SerialNumber serial, Deadline deadline) {
        String decimal = serial.decimal();
        return writer.submit(
                session -> session.first(
                                "SELECT provisioner FROM certificate WHERE serial = ?",
                                row -> row.getString(1),
                                decimal)
                        .filter(name -> !name.isEmpty()),
                deadline);
    }

    @Override
    public Future<Der> finish(SerialNumber serial, Der certificate, String requestId, Deadline deadline) {
        String decimal = serial.decimal();
        return writer.submitEnd(session -> finish(session, decimal, certificate, requestId), deadline);
    }

    private static Der finish(SqlSession session, String serial, Der certificate, String requestId)
            throws SQLException {
        byte[] der = certificate.bytes();
        Optional<Long> number = CertificateRows.finish(session, serial, der, false);
        if (number.isPresent()) {
            String hash = Sha256.digest(der).hex();
            CertificateRows.audit(session, new CertificateRows.Event("issued", number.get(), serial, requestId, hash));
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
        String decimal = serial.decimal();
        return writer.submitEnd(session -> release(session, decimal, requestId, reason), deadline);
    }

    private static boolean release(SqlSession session, String serial, String requestId, String reason)
            throws SQLException {
        Optional<Long> number = CertificateRows.finish(session, serial, null, true);
        if (number.isPresent()) {
            int unused = session.update(
                    "DELETE FROM used_token WHERE serial = ?"
                            + " AND token_key = (SELECT token_key FROM certificate WHERE serial = ?)",
                    serial,
                    serial);
            CertificateRows.audit(
                    session, new CertificateRows.Event("voided", number.get(), serial, requestId, reason));
        }
        return number.isPresent();
    }

    @SuppressWarnings("ArrayRecordComponent") // lives for one statement
    private record StoredRow(
            String state, byte @Nullable [] repeatKey, byte[] tbs, byte @Nullable [] der, long epoch, long number) {
        static StoredRow read(java.sql.ResultSet row) throws SQLException {
            return new StoredRow(
                    row.getString(1),
                    row.getBytes(2),
                    row.getBytes(3),
                    row.getBytes(4),
                    row.getLong(5),
                    row.getLong(6));
        }
    }
}
