package io.chancery.cli.store;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.start.ConfigFiles;
import io.chancery.cli.start.OfflineStep;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.config.CaConfig;
import io.chancery.core.config.PostgresSource;
import io.chancery.node.store.CertificateSearch;
import io.chancery.node.store.CertificateSearch.Found;
import io.chancery.node.store.Reconciliation;
import io.chancery.node.store.StepImport;
import io.chancery.node.store.StoreBackup;
import io.chancery.node.store.StoreException;
import io.chancery.node.store.StorePlace;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code chancery store}: looks into the store, copies and puts it back, and holds it against the signers' logs. */
@Command(name = "store", description = "Look into the store of a CA, and keep it.", mixinStandardHelpOptions = true)
public final class StoreCommand implements Runnable {
    private final Surroundings surroundings;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    public StoreCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "store needs a command: " + String.join(", ", spec.subcommands().keySet()));
    }

    @Command(
            name = "list",
            description = "List certificates, newest first, also while the CA runs.",
            mixinStandardHelpOptions = true)
    int list(
            @Parameters(paramLabel = "CA_JSON") Path caJson,
            @Mixin SearchOptions search,
            @Option(names = "--json", description = "as JSON, with the certificates") boolean json,
            @Option(names = "--no-header", description = "without the line above the table") boolean noHeader)
            throws UsageException, StoreException {
        List<Found> found = CertificateSearch.in(place(caJson))
                .find(search.query(surroundings.clock().instant()));
        if (json) {
            CertificateTable.json(found, surroundings.out());
            return 0;
        }
        if (!noHeader) {
            surroundings.err().println(CertificateTable.HEADER);
            surroundings.err().flush();
        }
        found.forEach(one -> surroundings.out().println(CertificateTable.line(one)));
        return 0;
    }

    @Command(
            name = "show",
            description = "Show one certificate, with what happened to it.",
            mixinStandardHelpOptions = true)
    int show(
            @Parameters(paramLabel = "CA_JSON") Path caJson,
            @Parameters(paramLabel = "SERIAL", description = "decimal, hex after 0x, or as openssl prints it")
                    String text,
            @Option(names = "--json", description = "as JSON") boolean json)
            throws UsageException, StoreException {
        SerialNumber serial = SerialText.parse(text);
        Optional<Found> found = CertificateSearch.in(place(caJson)).show(serial);
        if (found.isEmpty()) {
            surroundings.err().println("chancery: no certificate with serial " + serial);
            return 1;
        }
        if (json) {
            surroundings.out().println(CertificateTable.json(found.get()).encodePrettily());
        } else {
            CertificateTable.show(found.get(), surroundings.out());
        }
        return 0;
    }

    @Command(
            name = "reconcile",
            description = {
                "Compare what the signers logged with what the store holds, also while the CA runs.",
                "Exit code 0 when all agree, 1 when not. One line for each difference: kind, serial, time, detail."
            },
            mixinStandardHelpOptions = true)
    int reconcile(
            @Parameters(paramLabel = "CA_JSON") Path caJson,
            @Option(
                            names = "--signatures",
                            paramLabel = "FILE",
                            description =
                                    "a signer's signatures.log; once for each signer, this node's own included; without it, the one in this node's folder")
                    @Nullable
                    List<Path> logs,
            @Option(
                            names = "--issued-since",
                            paramLabel = "TIME",
                            description =
                                    "issued earlier need not be in a log: the logs were cut then; 2026-12-01T00:00:00Z, or -24h for a day ago")
                    @Nullable
                    String since,
            @Option(
                            names = "--issued-until",
                            paramLabel = "TIME",
                            description =
                                    "issued later need not be in a log: the logs were copied then; a time as above")
                    @Nullable
                    String until,
            @Option(names = "--json", description = "as JSON") boolean json)
            throws UsageException, StoreException {
        CaConfig.Db db = db(caJson);
        // A certificate's line is in its log before the certificate is stored, so what is stored by now must be there.
        Instant now = surroundings.clock().instant();
        Instant from = SearchOptions.time("--issued-since", since, now).orElse(Instant.EPOCH);
        if (from.isAfter(now)) {
            throw new UsageException(
                    "--issued-since is a time that is over, such as 2026-12-01T00:00:00Z, or -24h for a day"
                            + " ago, not " + since);
        }
        Instant to = SearchOptions.time("--issued-until", until, now).orElse(now);
        ReconcileReport report = new ReconcileReport(json, surroundings.out(), surroundings.err());
        try (Reconciliation reconciliation = Reconciliation.in(place(db), now, report::finding)) {
            report.begin();
            Reconciliation.Summary summary = reconciliation.compare(
                    logs == null ? List.of(db.folder().resolve("signatures.log")) : logs, from, to);
            report.end(summary);
            OfflineStep.warning(db).ifPresent(surroundings.err()::println);
            return summary.agree() ? 0 : 1;
        }
    }

    @Command(
            name = "backup",
            description = "Copy the store to a new file, also while the CA runs.",
            mixinStandardHelpOptions = true)
    int backup(
            @Parameters(paramLabel = "CA_JSON") Path caJson,
            @Parameters(paramLabel = "FILE", description = "must not be there yet") Path file)
            throws UsageException, StoreException {
        StoreBackup.write(sqliteFolder(caJson, "pg_dump or pg_basebackup"), file, birthId());
        surroundings.err().println("the store was copied to " + file);
        return 0;
    }

    @Command(
            name = "restore",
            description = {
                "Put a backup in the place of the store, while the CA does not run.",
                "The old file is kept beside it. A new epoch begins: tokens issued until now are refused."
            },
            mixinStandardHelpOptions = true)
    int restore(
            @Parameters(paramLabel = "CA_JSON") Path caJson,
            @Parameters(paramLabel = "FILE", description = "what chancery store backup wrote") Path file)
            throws UsageException, StoreException {
        Path folder = sqliteFolder(caJson, "pg_restore");
        Optional<Path> kept = StoreBackup.restore(
                folder, file, birthId(), surroundings.clock().instant());
        surroundings.err().println("restored; a new epoch has begun: tokens issued until now are refused");
        kept.ifPresent(old -> surroundings.err().println("the old store is kept as " + old));
        surroundings
                .err()
                .println("certificates issued since the backup are not in the store: compare with the signers'"
                        + " logs (chancery store reconcile " + caJson + ")");
        return 0;
    }

    @Command(
            name = "new-epoch",
            description = {
                "Begin a new epoch: tokens issued until now are refused. With SQLite, while the CA does not run.",
                "Your duty after a snapshot of the disk was put back; a restore does it by itself."
            },
            mixinStandardHelpOptions = true)
    int newEpoch(@Parameters(paramLabel = "CA_JSON") Path caJson) throws UsageException, StoreException {
        Instant from = place(caJson).newEpoch(surroundings.clock().instant());
        surroundings.err().println("a new epoch has begun; tokens issued before " + from + " are refused");
        return 0;
    }

    @Command(
            name = "revoke-reserved",
            description = {
                "Revoke what was reserved in an earlier epoch and never finished, also while the CA runs.",
                "Such a certificate may be in use: its end may have been lost with the old store. Lists them;"
                        + " revokes with --yes."
            },
            mixinStandardHelpOptions = true)
    int revokeReserved(
            @Parameters(paramLabel = "CA_JSON") Path caJson,
            @Option(names = "--yes", description = "do it") boolean yes)
            throws UsageException, StoreException {
        StorePlace place = place(caJson);
        if (yes) {
            int revoked = place.revokeReserved(surroundings.clock().instant());
            surroundings.err().println(revoked + " certificate(s) abandoned and revoked");
            return 0;
        }
        List<Found> found = CertificateSearch.in(place).reservedEarlier();
        found.forEach(one -> surroundings.out().println(CertificateTable.line(one)));
        if (!found.isEmpty()) {
            surroundings.err().println(found.size() + " certificate(s) would be revoked; with --yes they are");
        }
        return found.isEmpty() ? 0 : 1;
    }

    private String birthId() {
        byte[] id = new byte[16];
        surroundings.random().nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    @Command(
            name = "migrate",
            description = {
                "Bring the tables of the store to what this version needs, also while nodes of the last version run.",
                "The first start on an empty PostgreSQL makes them by itself; a SQLite store is migrated at each start."
            },
            mixinStandardHelpOptions = true)
    int migrate(@Parameters(paramLabel = "CA_JSON") Path caJson) throws UsageException, StoreException {
        place(caJson).migrate();
        surroundings.err().println("the tables are those of this version");
        return 0;
    }

    @Command(
            name = "import-step",
            description = {
                "Take over what a step-ca knew in PostgreSQL: certificates, revocations and used tokens. Stop it first.",
                "All or nothing; a second run adds what is new. Tokens issued until now are refused then."
                        + " Exit code 1 when something could not be read: it is named and left out."
            },
            mixinStandardHelpOptions = true)
    int importStep(
            @Parameters(paramLabel = "CA_JSON", description = "its \"db\" is the PostgreSQL that Chancery uses")
                    Path caJson,
            @Option(
                            names = "--from",
                            paramLabel = "DATASOURCE",
                            description = "step-ca's database, when that is another one; without a password, which"
                                    + " belongs into a password file")
                    @Nullable
                    String from)
            throws UsageException, StoreException {
        PostgresSource into = db(caJson)
                .postgres()
                .orElseThrow(() -> new UsageException(
                        caJson + "#/db: is no PostgreSQL; a step-ca's tables are taken over into one alone"));
        StepImport.Report report =
                StepImport.run(into, from == null ? into : source(from), surroundings.err()::println);
        surroundings
                .err()
                .println("taken over: " + report.certificates() + " certificate(s), " + report.revocations()
                        + " revocation(s), " + report.tokens() + " used token(s); " + report.expired()
                        + " token(s) expired long ago, " + report.known()
                        + " row(s) were there, " + report.leftOut() + " left out");
        report.tokensNotBefore()
                .ifPresent(time -> surroundings
                        .err()
                        .println("a new epoch has begun; tokens issued before " + time + " are refused"));
        return report.leftOut() == 0 ? 0 : 1;
    }

    private static PostgresSource source(String text) throws UsageException {
        try {
            PostgresSource source = PostgresSource.parse(text, Optional.empty());
            if (source.password().isPresent()) {
                throw new UsageException("--from: a password in a command line is there for all to see; put it into a"
                        + " password file (~/.pgpass)");
            }
            return source;
        } catch (IllegalArgumentException e) {
            throw new UsageException("--from: " + e.getMessage());
        }
    }

    private CaConfig.Db db(Path caJson) throws UsageException {
        return ConfigFiles.read(caJson, false, surroundings.err()).ca().db();
    }

    private StorePlace place(Path caJson) throws UsageException {
        return place(db(caJson));
    }

    private static StorePlace place(CaConfig.Db db) {
        return db.postgres().map(StorePlace::postgres).orElseGet(() -> StorePlace.sqlite(db.folder()));
    }

    private Path sqliteFolder(Path caJson, String otherwise) throws UsageException, StoreException {
        CaConfig.Db db = db(caJson);
        if (db.postgres().isPresent()) {
            throw new StoreException("the store is " + db.postgres().get().place() + ": use " + otherwise
                    + ". A dump that was put back begins a new epoch by itself");
        }
        return db.folder();
    }
}
