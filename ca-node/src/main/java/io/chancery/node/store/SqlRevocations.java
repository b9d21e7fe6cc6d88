package io.chancery.node.store;

import io.chancery.core.certificate.KeyId;
import io.chancery.core.chain.ClientCertificate;
import io.chancery.core.der.Sha256;
import io.chancery.core.issuance.TokenUse;
import io.chancery.core.revocation.PreparedRevocation;
import io.chancery.node.issuance.Deadline;
import io.chancery.node.revocation.RevocationLedger;
import io.vertx.core.Future;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Revocation as SQL: the token's row and the revocation's in one transaction. */
final class SqlRevocations implements RevocationLedger {
    private final GroupCommitWriter writer;

    SqlRevocations(GroupCommitWriter writer) {
        this.writer = writer;
    }

    @Override
    public Future<Outcome> revoke(Claim claim, Deadline deadline) {
        GroupCommitWriter.Work<Outcome> work = session -> revoke(session, claim);
        return claim.revocation()
                .token()
                .map(token -> writer.submit(work, deadline, token.key()))
                .orElseGet(() -> writer.submit(work, deadline));
    }

    private static Outcome revoke(SqlSession session, Claim claim) throws SQLException {
        PreparedRevocation revocation = claim.revocation();
        String serial = revocation.serial().decimal();
        Optional<Before> before = session.first(
                "SELECT token_key, repeat_key FROM revocation WHERE serial = ?",
                row -> new Before(row.getBytes(1), row.getBytes(2)),
                serial);
        if (before.isPresent() && before.get().isRepeatedBy(claim)) {
            return revoked(session, serial);
        }
        if (revocation.token().isPresent()) {
            Optional<String> unusable = unusable(session, revocation.token().get());
            if (unusable.isPresent()) {
                return new Outcome.Used(unusable.get());
            }
        }
        if (RevocationRows.isAnyRevoked(session, revocation.authorizedBy())) {
            return new Outcome.Used("a certificate that the token or the certificate shown rests on is revoked");
        }
        if (revocation.shown().isPresent()
                && !isOurs(session, revocation.shown().get())) {
            return new Outcome.NotOurs();
        }
        if (before.isPresent() || RevocationRows.isRevoked(session, serial)) {
            return new Outcome.AlreadyRevoked();
        }
        return record(session, claim, serial) ? revoked(session, serial) : new Outcome.AlreadyRevoked();
    }

    private static Outcome revoked(SqlSession session, String serial) throws SQLException {
        String issuer = session.first(
                        "SELECT COALESCE(issuer, '') FROM revocation WHERE serial = ?", row -> row.getString(1), serial)
                .orElse("");
        return new Outcome.Revoked(issuer.isEmpty() ? Optional.empty() : Optional.of(new KeyId(issuer)));
    }

    /** Another CA below the same root may have given its certificate the serial of one of ours. */
    private static boolean isOurs(SqlSession session, ClientCertificate shown) throws SQLException {
        return shown.issuedHere()
                || RevocationRows.der(session, shown.serial().decimal())
                        .equals(Optional.of(shown.leaf().der()));
    }

    private static Optional<String> unusable(SqlSession session, TokenUse token) throws SQLException {
        Optional<String> outOfTime = SqlLedger.outOfTime(session, token);
        return outOfTime.isPresent()
                ? outOfTime
                : UsedTokenRow.serial(session, token.key()).map(serial -> "used for " + serial);
    }

    /** False, with nothing written, when another node has revoked it meanwhile. */
    private static boolean record(SqlSession session, Claim claim, String serial) throws SQLException {
        PreparedRevocation revocation = claim.revocation();
        Optional<RevocationRows.Known> known = RevocationRows.certificate(session, serial);
        Optional<Long> end = known.map(RevocationRows.Known::endsAt)
                .or(() ->
                        revocation.shown().map(shown -> shown.leaf().notAfter().getEpochSecond()));
        long now = session.now().getEpochSecond();
        boolean inserted = RevocationRows.insert(
                session,
                new RevocationRows.NewRow(
                        serial,
                        now,
                        revocation.reasonCode(),
                        revocation.reason(),
                        end.orElse(null),
                        revocation.token().map(TokenUse::provisioner).orElse(""),
                        revocation.token().map(token -> token.key().value()).orElse(null),
                        claim.repeatKey().map(Sha256::value).orElse(null)));
        if (!inserted) {
            return false;
        }
        if (revocation.token().isPresent()) {
            use(session, revocation.token().get(), serial);
        }
        int unused = session.update("UPDATE certificate SET revoked_at = ? WHERE serial = ?", now, serial);
        CertificateRows.audit(
                session,
                "revoked",
                known.map(RevocationRows.Known::number).orElse(null),
                serial,
                claim.requestId(),
                "reason " + revocation.reasonCode());
        return true;
    }

    private static void use(SqlSession session, TokenUse token, String serial) throws SQLException {
        // No certificate's serial: nothing that befalls a certificate makes the token free again.
        if (!UsedTokenRow.insert(session, token, UsedTokenRow.REVOKES + serial)) {
            throw new SQLException("a token was used at another node meanwhile", "40001"); // to run again, alone
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // lives for one statement
    private record Before(byte @Nullable [] tokenKey, byte @Nullable [] repeatKey) {
        /** Only a request with the same credential, key and reason is answered again as the first one was. */
        boolean isRepeatedBy(Claim claim) {
            byte @Nullable [] token =
                    claim.revocation().token().map(each -> each.key().value()).orElse(null);
            return claim.repeatKey().isPresent()
                    && Arrays.equals(claim.repeatKey().get().value(), repeatKey)
                    && Arrays.equals(token, tokenKey);
        }
    }
}
