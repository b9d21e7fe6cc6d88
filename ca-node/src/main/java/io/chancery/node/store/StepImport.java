package io.chancery.node.store;

import io.chancery.core.certificate.ForeignCertificate;
import io.chancery.core.config.PostgresSource;
import io.chancery.core.der.Sha256;
import io.chancery.core.issuance.TokenUse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Takes over what a step-ca knew in a PostgreSQL: certificates, revocations and used tokens, in one transaction. What is
 * there already stays as it is, so a second run adds what the first one did not see. Whenever something was added a new
 * epoch begins, as after a start that was empty: a token that step-ca took later is refused by its age. Tokens that
 * expired so long ago that this store would have forgotten them are passed over: years of them would be read by each node
 * that fills a grid, and their own expiry refuses them.
 */
public final class StepImport {
    /** Stands where a token's row names the certificate that the token bought. */
    private static final String BOUGHT_THERE = "step-ca";

    private static final long NEVER_ENDS = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();

    private final SqlSession session;
    private final long epoch;
    private final Consumer<String> leftOut;
    /** Tokens that expired by then are passed over. */
    private final Instant forgotten;

    private long certificates;
    private long revocations;
    private long tokens;
    private long expired;
    private long known;
    private long unreadable;

    private StepImport(SqlSession session, long epoch, Consumer<String> leftOut) throws SQLException {
        this.session = session;
        this.forgotten = UsedTokenRow.forgotten(session);
        this.epoch = epoch;
        this.leftOut = leftOut;
    }

    /**
     * What was done.
     *
     * @param expired tokens that were passed over, as they expired so long ago
     * @param known rows that were there already
     * @param leftOut rows that say nothing which could be kept
     * @param tokensNotBefore tokens issued before are refused from now on; empty when nothing was new
     */
    public record Report(
            long certificates,
            long revocations,
            long tokens,
            long expired,
            long known,
            long leftOut,
            Optional<Instant> tokensNotBefore) {}

    /**
     * Blocks, for as long as it takes to read and write it all. Makes our tables when there are none.
     *
     * @param into ours
     * @param from step-ca's, which may be the same
     * @param leftOut told of each row that is left out: its table, its key and why
     * @throws StoreException when a database cannot be used; nothing was taken over then
     */
    public static Report run(PostgresSource into, PostgresSource from, Consumer<String> leftOut) throws StoreException {
        try (StepTables tables = StepTables.open(from)) {
            PostgresServer server = new PostgresServer(into);
            PostgresSchema.migrate(server);
            Connection connection = server.forMigration().getConnection();
            connection.setAutoCommit(false);
            try (SqlSession session = new SqlSession(connection, PostgresTransactions.forTools())) {
                return run(session, tables, leftOut);
            }
        } catch (SQLException e) {
            throw new StoreException(
                    "nothing was taken over from " + from.place() + " into " + into.place() + ": "
                            + SqlFault.explain(e),
                    e);
        }
    }

    private static Report run(SqlSession session, StepTables tables, Consumer<String> leftOut)
            throws SQLException, StoreException {
        session.begin();
        if (PostgresSchema.fit(session) != PostgresSchema.Fit.FITS) {
            throw new StoreException("the tables are of a newer version; take over with the newer Chancery");
        }
        // Whoever begins an epoch, or takes over, does so one after the other.
        PostgresSessions.lockEpoch(session);
        Optional<Epoch> last = Epoch.find(session);
        StepImport taking = new StepImport(session, last.map(Epoch::number).orElse(0L) + 1, leftOut);
        tables.certificates((key, value, data) ->
                taking.row("x509_certs", key, () -> taking.take(StepRows.Certificate.read(key, value, data), value)));
        tables.revocations((key, value, none) ->
                taking.row("revoked_x509_certs", key, () -> taking.take(StepRows.Revocation.read(key, value))));
        tables.tokens(
                (key, value, none) -> taking.row("used_ott", key, () -> taking.take(StepRows.Token.read(key, value))));
        Optional<Instant> from = Optional.empty();
        if (last.isEmpty() || taking.certificates + taking.revocations + taking.tokens > 0) {
            String identity = PostgresIdentity.of(session).text();
            session.forgetNow(); // reading may have taken hours, and step-ca may have taken tokens meanwhile
            from = Optional.of(
                    Epoch.begin(session, identity, Epoch.Reason.STARTED_EMPTY).tokensNotBefore());
        }
        if (taking.expired > 0) {
            Epoch.noteForgotten(session, taking.forgotten);
        }
        if (taking.revocations > 0) {
            // Last, as who publishes a list waits for it.
            SqlCrl.wantLists(session);
        }
        session.commit();
        return taking.report(from);
    }

    private Report report(Optional<Instant> tokensNotBefore) {
        return new Report(certificates, revocations, tokens, expired, known, unreadable, tokensNotBefore);
    }

    private void row(String table, byte[] key, Taking taking) throws SQLException {
        try {
            taking.take();
        } catch (IllegalArgumentException e) {
            unreadable++;
            // A token's id is no secret once it was used; whatever else stands there may be.
            String name = StepRows.printable(new String(key, StandardCharsets.UTF_8));
            leftOut.accept(table + " " + name + ": " + e.getMessage());
        }
    }

    private void take(StepRows.Certificate row, byte[] der) throws SQLException {
        ForeignCertificate certificate = row.certificate();
        Optional<Long> number = session.first(
                "INSERT INTO certificate (serial, state, subject, names, provisioner, not_before, not_after,"
                        + " pending_until, epoch, request_id, reserved_at, finished_at, tbs, der)"
                        + " VALUES (?, 'issued', ?, ?, ?, ?, ?, 0, ?, '', ?, ?, ?, ?)"
                        + " ON CONFLICT (serial) DO NOTHING RETURNING number",
                inserted -> inserted.getLong(1),
                certificate.serial().decimal(),
                certificate.subject(),
                String.join("\n", certificate.names()),
                row.provisioner(),
                certificate.notBefore().getEpochSecond(),
                certificate.notAfter().getEpochSecond(),
                epoch,
                certificate.notBefore().getEpochSecond(),
                certificate.notBefore().getEpochSecond(),
                certificate.tbs().bytes(),
                der);
        if (number.isEmpty()) {
            known++;
            return;
        }
        certificates++;
        CertificateRows.insertNames(
                session, new CertificateRows.Named(number.get(), certificate.names(), certificate.subject()));
        note("imported", number.get(), certificate.serial().decimal(), "from a step-ca");
    }

    private void take(StepRows.Revocation revocation) throws SQLException {
        String serial = revocation.serial().decimal();
        Optional<Long> end = revocation.end().map(Instant::getEpochSecond);
        if (end.isEmpty()) { // step-ca did not always write it, and without it a serial stays on every list for ever
            end = RevocationRows.certificate(session, serial).map(RevocationRows.Known::endsAt);
        }
        boolean unused = RevocationRows.insert(
                session,
                new RevocationRows.NewRow(
                        serial,
                        revocation.at().getEpochSecond(),
                        revocation.reasonCode(),
                        revocation.reason(),
                        end.orElse(null),
                        revocation.provisioner(),
                        null,
                        null));
        Optional<Long> revoked = session.first(
                "UPDATE certificate SET revoked_at = ? WHERE serial = ? AND revoked_at IS NULL RETURNING number",
                row -> row.getLong(1),
                revocation.at().getEpochSecond(),
                serial);
        Optional<Long> number = revoked.isPresent() ? revoked : withoutCertificate(revocation, serial);
        if (number.isEmpty()) {
            known++;
            return;
        }
        revocations++;
        note(
                "revoked",
                number.get(),
                serial,
                "at a step-ca, reason " + revocation.reasonCode() + " " + revocation.reason());
    }

    /** A serial that was revoked and that step-ca had no certificate for: nobody here has seen it, and it stays revoked. */
    private Optional<Long> withoutCertificate(StepRows.Revocation revocation, String serial) throws SQLException {
        return session.first(
                "INSERT INTO certificate (serial, state, subject, names, provisioner, not_before, not_after,"
                        + " pending_until, epoch, request_id, reserved_at, finished_at, revoked_at, tbs)"
                        + " VALUES (?, 'abandoned', '', '', ?, 0, ?, 0, ?, '', ?, ?, ?, ''::bytea)"
                        + " ON CONFLICT (serial) DO NOTHING RETURNING number",
                row -> row.getLong(1),
                serial,
                revocation.provisioner(),
                revocation.end().map(Instant::getEpochSecond).orElse(NEVER_ENDS),
                epoch,
                revocation.at().getEpochSecond(),
                revocation.at().getEpochSecond(),
                revocation.at().getEpochSecond());
    }

    private void take(StepRows.Token token) throws SQLException {
        if (token.expiresAt().filter(end -> !end.isAfter(forgotten)).isPresent()) {
            expired++;
            return;
        }
        boolean added = false;
        for (Sha256 key : token.keys()) {
            TokenUse use = new TokenUse(key, token.issuedAt(), token.expiresAt(), token.provisioner());
            added |= UsedTokenRow.insert(session, use, BOUGHT_THERE);
        }
        if (added) {
            tokens++;
        } else {
            known++;
        }
    }

    private void note(String event, long certificate, String serial, String detail) throws SQLException {
        CertificateRows.audit(session, new CertificateRows.Event(event, certificate, serial, "", detail));
    }

    @FunctionalInterface
    private interface Taking {
        void take() throws SQLException;
    }
}
