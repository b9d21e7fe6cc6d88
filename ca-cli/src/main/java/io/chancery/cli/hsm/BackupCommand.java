package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.core.secret.Secret;
import io.chancery.signer.admin.HsmModule;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.SoftHsmFolder;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.hsm.HsmException;
import io.chancery.signer.hsm.Pkcs11Uri;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code chancery hsm backup}: a copy of a token, where there can be one. */
@Command(
        name = "backup",
        description = {
            "Copy the URI's token: SoftHSM's folder as a whole, or by the maker's tool.",
            "Refuses, and says why, what PKCS#11 does not allow: a key that is not extractable leaves its token by the"
                    + " maker's cloning alone, or has shares from its beginning (keygen --shares)."
        },
        mixinStandardHelpOptions = true)
public final class BackupCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private KeyPlace place;

    @Option(names = "--to", paramLabel = "FOLDER", description = "for SoftHSM's folder; must not be there yet")
    @Nullable
    private Path folder;

    @Option(
            names = "--tool",
            paramLabel = "PROGRAM",
            description = "for other HSMs: your program that calls the maker's tool; it gets label and serial number")
    @Nullable
    private Path tool;

    @Option(names = "--shares", description = "refused: shares are made with the key")
    private boolean shares;

    public BackupCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws UsageException {
        Pkcs11Uri uri = place.uri(surroundings);
        try (Secret pin = place.pin(surroundings)) {
            if (shares) {
                refuseShares(uri, pin);
            }
            HsmModule module = HsmModule.open(uri.modulePath());
            if (tool != null) {
                VendorClone.run(tool, module.token(uri));
                surroundings.err().println("the token is cloned, as " + tool + " says");
                return 0;
            }
            if (folder == null) {
                throw new UsageException("where to? --to FOLDER for SoftHSM, --tool PROGRAM for others");
            }
            if (!SoftHsmFolder.isSoftHsm(module)) {
                throw HsmException.misconfigured("tokens of " + module.info().manufacturer()
                        + " are cloned with its maker's own tool, which alone can move keys that are not extractable:"
                        + " put it into a program and name that with --tool; nothing was copied");
            }
            Path copy = SoftHsmFolder.copy(uri, pin, folder);
            surroundings
                    .err()
                    .println("the token is copied to " + copy
                            + ", and the copy took the PIN; try it with SOFTHSM2_CONF=" + copy.resolve("softhsm2.conf")
                            + ", put it back with chancery hsm restore --clone " + copy);
        }
        return 0;
    }

    private void refuseShares(Pkcs11Uri uri, Secret pin) throws UsageException {
        try (TokenSession session = place.open(pin, surroundings)) {
            ManagedKey key = session.key(uri);
            throw HsmException.misconfigured(
                    "the key " + key.label() + " is "
                            + key.attributes().text()
                            + ": it cannot be taken out of its token to be split. Shares are made with the key: keygen --shares");
        }
    }
}
