package io.chancery.cli.store;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.start.ConfigFiles;
import io.chancery.core.pem.PemBlock;
import io.chancery.node.store.CertificateSearch;
import io.chancery.node.store.CertificateSearch.Found;
import io.chancery.node.store.StoreException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code chancery store}: looks into the store, while the CA runs or not. */
@Command(name = "store", description = "Look into the store of a CA.", mixinStandardHelpOptions = true)
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
        throw new ParameterException(spec.commandLine(), "store needs a command: list or show");
    }

    @Command(name = "list", description = "List certificates, newest first.", mixinStandardHelpOptions = true)
    int list(
            @Parameters(paramLabel = "CA_JSON") Path caJson,
            @Option(names = "--name", description = "a subject alternative name or common name") @Nullable String name,
            @Option(names = "--provisioner") @Nullable String provisioner,
            @Option(names = "--state", description = "reserved, issued, voided or abandoned") @Nullable String state,
            @Option(names = "--limit", defaultValue = "100", description = "at most so many (${DEFAULT-VALUE})")
                    int limit,
            @Option(names = "--offset", defaultValue = "0", description = "pass over so many first") int offset)
            throws UsageException, StoreException {
        List<Found> found = CertificateSearch.in(folder(caJson))
                .find(
                        Optional.ofNullable(name),
                        Optional.ofNullable(provisioner),
                        Optional.ofNullable(state),
                        limit,
                        offset);
        for (Found one : found) {
            surroundings
                    .out()
                    .println(String.join(
                            "\t",
                            one.serial(),
                            one.state(),
                            one.notAfter().toString(),
                            one.provisioner(),
                            String.join(",", one.names())));
        }
        return 0;
    }

    @Command(name = "show", description = "Show one certificate by its serial number.", mixinStandardHelpOptions = true)
    int show(
            @Parameters(paramLabel = "CA_JSON") Path caJson,
            @Parameters(paramLabel = "SERIAL", description = "decimal") String serial)
            throws UsageException, StoreException {
        Optional<Found> found = CertificateSearch.in(folder(caJson)).show(serial);
        if (found.isEmpty()) {
            surroundings.err().println("chancery: no certificate with serial " + serial);
            return 1;
        }
        Found one = found.get();
        surroundings.out().println("serial: " + one.serial());
        surroundings.out().println("state: " + one.state());
        surroundings.out().println("subject: " + one.subject());
        surroundings.out().println("names: " + String.join(", ", one.names()));
        surroundings.out().println("provisioner: " + one.provisioner());
        surroundings.out().println("valid: " + one.notBefore() + " to " + one.notAfter());
        one.events().forEach(event -> surroundings.out().println("event: " + event));
        one.certificate()
                .ifPresent(der -> surroundings.out().print(new PemBlock("CERTIFICATE", Map.of(), der).encode()));
        return 0;
    }

    private Path folder(Path caJson) throws UsageException {
        return ConfigFiles.read(caJson, false, surroundings.err()).ca().db().folder();
    }
}
