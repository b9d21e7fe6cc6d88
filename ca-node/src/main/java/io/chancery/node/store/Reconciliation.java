package io.chancery.node.store;

import io.chancery.core.der.Sha256;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Compares what signers say they signed with what the store says was issued. Reads both in a stream, beside a running CA
 * and without hindering it. Blocks; for one thread, used once.
 */
public final class Reconciliation implements AutoCloseable {
    private static final int STEP = 1_000;

    private final Connection store;
    private final SeenSerials seen;
    private final Consumer<Finding> findings;
    private final Instant now;
    private final ExpiredCertificates.Forgotten forgottenRows;

    private long signatures;
    private long certificates;
    private long found;
    private long torn;
    private long underWay;
    private long forgotten;

    private Reconciliation(Connection store, SeenSerials seen, Consumer<Finding> findings, Instant now) {
        this.store = store;
        this.seen = seen;
        this.findings = findings;
        this.now = now;
        this.forgottenRows = new ExpiredCertificates.Forgotten(store);
    }

    /**
     * @param findings gets each as it is found
     * @param now what is reserved and still within its deadline then counts as under way
     * @throws StoreException when there is no store, or it cannot be read
     */
    public static Reconciliation in(StorePlace place, Instant now, Consumer<Finding> findings) throws StoreException {
        try {
            Connection store = place.forReading();
            try {
                return new Reconciliation(store, SeenSerials.make(), findings, now);
            } catch (SQLException | IOException e) {
                store.close();
                throw e;
            }
        } catch (SQLException | IOException e) {
            throw new StoreException("the store cannot be read: " + SqlFault.explain(e), e);
        }
    }

    /**
     * Each line of the logs against the store, then each certificate of the store against the lines.
     *
     * @param since issued earlier is not looked for in the logs: they have been cut
     * @param until issued at this second or later is not looked for: the logs were copied then
     */
    public Summary compare(List<Path> logs, Instant since, Instant until) throws StoreException {
        try {
            for (Path log : logs) {
                readLog(log);
            }
            readStore(since, until);
            return new Summary(signatures, certificates, found, torn, underWay, forgotten);
        } catch (SQLException e) {
            throw new StoreException("the store cannot be read: " + SqlFault.explain(e), e);
        }
    }

    private void readLog(Path log) throws StoreException, SQLException {
        try (BufferedReader lines = Files.newBufferedReader(log, StandardCharsets.ISO_8859_1);
                PreparedStatement row =
                        store.prepareStatement("SELECT state, tbs, pending_until FROM certificate WHERE serial = ?")) {
            SignatureLines reader = new SignatureLines(lines);
            for (Optional<String> text = reader.next(); text.isPresent(); text = reader.next()) {
                Optional<SignatureLine> line = SignatureLine.parse(text.get());
                if (line.isPresent()) {
                    torn += line.get().torn() ? 1 : 0;
                    compare(line.get(), row);
                } else if (!SignatureLine.isOfList(text.get())) {
                    report(Kind.UNREADABLE, "", Optional.empty(), "line " + reader.number() + " of " + log);
                }
            }
            torn += reader.endsTorn() ? 1 : 0;
        } catch (IOException e) {
            throw new StoreException("the log " + log + " cannot be read: " + SqlFault.explain(e), e);
        }
    }

    private void compare(SignatureLine line, PreparedStatement row) throws SQLException {
        signatures++;
        if (!seen.add(line.serial(), line.tbs())) {
            return; // signed again over the same bytes: harmless, and compared before
        }
        row.setString(1, line.serial());
        try (ResultSet rows = row.executeQuery()) {
            if (!rows.next()) {
                if (forgottenRows.mayBe(line.time())) {
                    forgotten++;
                    return;
                }
                report(Kind.NOT_RECORDED, line.serial(), Optional.of(line.time()), "asked for by " + line.caller());
                return;
            }
            if (!Sha256.digest(rows.getBytes(2)).hex().equals(line.tbs())) {
                report(Kind.OTHER_BYTES, line.serial(), Optional.of(line.time()), "asked for by " + line.caller());
                return;
            }
            CertificateState state = CertificateState.valueOf(rows.getString(1));
            if (state == CertificateState.reserved && rows.getLong(3) > now.toEpochMilli()) {
                underWay++;
            } else if (state != CertificateState.issued) {
                report(Kind.NOT_ISSUED, line.serial(), Optional.of(line.time()), "its row is " + state);
            }
        }
    }

    /** In steps, each a read of its own: a long one would keep the running CA from shortening its log. */
    private void readStore(Instant since, Instant until) throws SQLException {
        try (PreparedStatement step = store.prepareStatement("SELECT number, serial, finished_at FROM certificate"
                + " WHERE number > ? AND state = 'issued' AND finished_at >= ? AND finished_at < ?"
                + " ORDER BY number LIMIT " + STEP)) {
            long last = 0;
            step.setLong(2, Math.max(0, since.getEpochSecond()));
            step.setLong(3, until.getEpochSecond());
            for (int rows = STEP; rows == STEP; ) {
                rows = 0;
                step.setLong(1, last);
                try (ResultSet some = step.executeQuery()) {
                    while (some.next()) {
                        rows++;
                        last = some.getLong(1);
                        compare(some.getString(2), Instant.ofEpochSecond(some.getLong(3)));
                    }
                }
            }
        }
    }

    private void compare(String serial, Instant finished) throws SQLException {
        certificates++;
        if (!seen.has(serial)) {
            report(Kind.NOT_LOGGED, serial, Optional.of(finished), "a log is missing, or was cut");
        }
    }

    private void report(Kind kind, String serial, Optional<Instant> time, String detail) {
        found++;
        findings.accept(new Finding(kind, serial, time, detail));
    }

    @Override
    public void close() throws StoreException {
        try {
            try {
                store.close();
            } finally {
                seen.close();
            }
        } catch (SQLException | IOException e) {
            throw new StoreException("a file of the comparison was not removed: " + SqlFault.explain(e), e);
        }
    }

    /** How logs and store can differ. */
    public enum Kind {
        /** Signed, and the store has no such serial: the store lost it, or a node asked past the store. */
        NOT_RECORDED,
        /** Signed, and the store recorded other bytes under the serial. */
        OTHER_BYTES,
        /** Signed, and the row was voided, abandoned, or is still reserved: revoke it. */
        NOT_ISSUED,
        /** Issued, and no log has a line for it: a log is missing, or another signer signed. */
        NOT_LOGGED,
        /** No line of a log, and not merely broken off. */
        UNREADABLE;

        /** As it is printed: {@code not-recorded}. */
        public String text() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * One difference.
     *
     * @param serial decimal; empty when a line cannot be read
     * @param time when it was signed, or for NOT_LOGGED issued
     */
    public record Finding(Kind kind, String serial, Optional<Instant> time, String detail) {}

    /**
     * What was compared.
     *
     * @param torn lines that a killed signer broke off; their signatures never left it
     * @param underWay signed, and their requests not over yet
     * @param forgotten signed so long ago that their rows may have been forgotten, and not in the store
     */
    public record Summary(long signatures, long certificates, long findings, long torn, long underWay, long forgotten) {
        public boolean agree() {
            return findings == 0;
        }
    }
}
