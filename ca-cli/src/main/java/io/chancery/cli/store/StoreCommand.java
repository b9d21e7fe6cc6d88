package io.chancery.cli.store;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.start.ConfigFiles;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.node.store.CertificateSearch;
import io.chancery.node.store.CertificateSearch.Found;
import io.chancery.node.store.StoreException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code chancery store}: looks into the store, while the CA runs or not. */
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
        List<Found> found = CertificateSearch.in(folder(caJson))
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
        Optional<Found> found = CertificateSearch.in(folder(caJson)).show(serial);
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

    private Path folder(Path caJson) throws UsageException {
        return ConfigFiles.read(caJson, false, surroundings.err()).ca().db().folder();
    }
}
