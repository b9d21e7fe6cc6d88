package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.core.secret.Secret;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.PublicHalf;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.key.PemKeyFile;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chancery hsm import}: a key that exists in a file goes to the token. */
@Command(
        name = "import",
        description = {
            "Import a private key from a PEM file under the URI's object: wrapped on its way, not extractable from then on.",
            "The file is left as it is. Such a key counts as imported: it has been where it could be copied.",
            "To move a CA's own key and its configuration in one go, see load."
        },
        mixinStandardHelpOptions = true)
public final class ImportCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private KeyPlace place;

    @Parameters(paramLabel = "KEY_FILE", description = "PEM: PKCS#8, SEC1 or PKCS#1, plain or encrypted")
    @SuppressWarnings("NullAway.Init")
    private Path file;

    @Option(names = "--cert", paramLabel = "CRT_FILE", description = "also write this certificate beside the key")
    @Nullable
    private Path certificateFile;

    @Option(
            names = "--password",
            paramLabel = "SOURCE",
            description = "where the password of an encrypted key is: " + PinSource.FORMS)
    @Nullable
    private String passwordSource;

    public ImportCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        Optional<X509Certificate> certificate =
                certificateFile == null ? Optional.empty() : Optional.of(PemFiles.certificate(certificateFile));
        PrivateKey key = key(file, passwordSource);
        try (TokenSession session = place.open(surroundings)) {
            ManagedKey imported = CertifiedImport.run(
                    session, place.uri(surroundings), key, PublicHalf.of(key), certificate, surroundings);
            surroundings.out().println("object=" + imported.label() + " id=" + imported.idHex());
            surroundings
                    .err()
                    .println("warning: this key has existed outside the token; whoever has a copy of " + file
                            + " has the key. Move that file to where backups are safe, or destroy it");
        }
        return 0;
    }

    /** Asks for a password only when the file needs one. */
    public static PrivateKey key(Path file, @Nullable String passwordSource) throws UsageException {
        boolean encrypted = PemFiles.blocks(file).stream()
                .anyMatch(block -> block.type().contains("ENCRYPTED")
                        || block.headers().values().stream().anyMatch(value -> value.contains("ENCRYPTED")));
        if (!encrypted && passwordSource == null) {
            return PemKeyFile.read(file, Optional.empty());
        }
        try (Secret password = PinSource.read(passwordSource, "password of " + file)) {
            return PemKeyFile.read(file, Optional.of(password));
        }
    }
}
