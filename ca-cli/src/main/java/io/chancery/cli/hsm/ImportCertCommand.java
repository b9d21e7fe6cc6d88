package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.TokenSession;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chancery hsm import-cert}: the certificate that Java needs beside a key. */
@Command(
        name = "import-cert",
        description = {
            "Write the key's certificate to the token, with the key's CKA_ID: without one Java does not show the key.",
            "The file may hold a chain; its first certificate counts, and must be this key's."
        },
        mixinStandardHelpOptions = true)
public final class ImportCertCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private KeyPlace place;

    @Parameters(paramLabel = "CRT_FILE", description = "PEM")
    @SuppressWarnings("NullAway.Init")
    private Path file;

    @Option(names = "--replace", description = "in place of a certificate that the key has")
    private boolean replace;

    public ImportCertCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        try (TokenSession session = place.open(surroundings)) {
            ManagedKey key = session.key(place.uri(surroundings));
            key.writeCertificate(PemFiles.certificate(file), replace);
            surroundings
                    .err()
                    .println("the certificate is on token "
                            + session.token().slot().label() + " beside the key " + key.label() + " (id "
                            + key.idHex() + ")");
        }
        return 0;
    }
}
