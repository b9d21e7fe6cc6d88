package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.signer.admin.KeyShares;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.SoftHsmFolder;
import io.chancery.signer.admin.TokenSession;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chancery hsm restore}: a key comes back from its backup. */
@Command(
        name = "restore",
        description = {
            "Bring a key back from its backup and enough shares, or a copied SoftHSM token as a whole.",
            "With --backup, under the URI's object on any token; with --clone, where this machine's SoftHSM has its tokens."
        },
        mixinStandardHelpOptions = true)
public final class RestoreCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private KeyPlace place;

    @Option(names = "--clone", paramLabel = "FOLDER", description = "what chancery hsm backup made")
    @Nullable
    private Path clone;

    @Option(names = "--backup", paramLabel = "FILE", description = "the key's encrypted backup")
    @Nullable
    private Path backup;

    @Option(names = "--cert", paramLabel = "CRT_FILE", description = "also write this certificate beside the key")
    @Nullable
    private Path certificateFile;

    @Parameters(paramLabel = "SHARE_FILE", arity = "0..*", description = "as many as the key needs")
    private List<Path> shares = List.of();

    public RestoreCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws UsageException {
        if (clone != null) {
            SoftHsmFolder.putBack(clone);
            surroundings.err().println("the token is back; chancery hsm doctor looks at it");
            return 0;
        }
        if (backup == null) {
            throw new UsageException("restore needs --backup FILE with SHARE_FILEs, or --clone FOLDER");
        }
        Optional<X509Certificate> certificate =
                certificateFile == null ? Optional.empty() : Optional.of(PemFiles.certificate(certificateFile));
        List<String> texts = new ArrayList<>();
        for (Path share : shares) {
            texts.add(PemFiles.text(share));
        }
        KeyShares.Restored restored = KeyShares.restore(PemFiles.text(backup), texts);
        try (TokenSession session = place.open(surroundings)) {
            ManagedKey key = CertifiedImport.run(
                    session, place.uri(surroundings), restored.key(), restored.publicKey(), certificate, surroundings);
            surroundings.out().println("object=" + key.label() + " id=" + key.idHex());
        }
        return 0;
    }
}
