package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.start.ConfigFiles;
import io.chancery.core.config.ChanceryConfig;
import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.Pkcs11Uri;
import io.chancery.signer.key.PemKeyFile;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code chancery hsm load}: a CA that has its key in a file gets it into a token. */
@Command(
        name = "load",
        description = {
            "Take a CA's issuing key from its file into a token, and let ca.json (or chancery.json, where that names the key) point there.",
            "Needs --config and --kms, with object= and pin-source=: the PIN is the one that the CA will read. The old configuration file is kept beside the new one.",
            "If any step fails, the old set-up works as before. Restart the CA afterwards."
        },
        mixinStandardHelpOptions = true)
public final class LoadCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private KeyPlace place;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "with the password of the key's file, as start takes it")
    @Nullable
    private Path passwordFile;

    public LoadCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        Path caJson = place.config();
        if (caJson == null || !place.namesKms()) {
            throw new UsageException("load needs both: --config CA_JSON, whose key is moved, and --kms URI, where to");
        }
        place.refuseIssuer("load moves the key of ca.json's issuer");
        ConfigFiles files = place.files(surroundings).orElseThrow();
        Optional<ChanceryConfig.IssuerEntry> elsewhere = files.entryWithIssuersKey();
        if (elsewhere.isPresent()) {
            throw new UsageException("the CA takes the issuer's key from chancery.json#"
                    + files.pointerToKey(elsewhere.get()) + ", whose entry has the certificate of " + caJson
                    + ", and not from where load would write; either take key, kms and passwordFile out of that entry,"
                    + " so that ca.json's count, or chancery hsm import the key and name it in the entry");
        }
        String old = files.issuerKey();
        if (Pkcs11Uri.isPkcs11(old)) {
            throw new UsageException(caJson + " names a key on a token already: " + Pkcs11Uri.parse(old));
        }
        Pkcs11Uri uri = place.uri(surroundings);
        try (Secret pin = place.pinOfCa(surroundings)) {
            PrivateKey key = key(Path.of(old), files.ca().password());
            Path kept = new KeyLoad(files, caJson, uri, surroundings, step -> {})
                    .run(key, PemFiles.certificate(files.ca().pki().crt()), pin);
            surroundings
                    .err()
                    .println("the key is on the token, and " + caJson + " points there; the old file is " + kept);
        }
        surroundings
                .err()
                .println("now restart the CA. The key counts as imported: " + old
                        + " still holds it, so move that file to"
                        + " where backups are safe, or destroy it, once the CA has issued from the token");
        return 0;
    }

    private PrivateKey key(Path file, Optional<Secret> configured) throws UsageException {
        if (passwordFile == null && configured.isPresent()) {
            try (Secret password = configured.get().copy()) {
                return PemKeyFile.read(file, Optional.of(password));
            }
        }
        return ImportCommand.key(file, passwordFile == null ? null : "file:" + passwordFile);
    }
}
