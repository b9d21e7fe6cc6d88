package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.core.secret.Secret;
import io.chancery.signer.admin.HsmModule;
import io.chancery.signer.admin.KeyAlgorithm;
import io.chancery.signer.admin.KeyMaker;
import io.chancery.signer.admin.ManagedKey;
import io.chancery.signer.admin.ModuleFile;
import io.chancery.signer.admin.TokenSession;
import io.chancery.signer.admin.TokenState;
import io.chancery.signer.hsm.HsmException;
import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code chancery hsm}: what concerns tokens and keys as such; certificates and longer work have classes of their own. */
@Command(
        name = "hsm",
        description = {
            "Administer tokens and the keys on them.",
            "A PIN comes from pin-source in the URI, or --pin; as long as a CA serves from a SoftHSM token, make no keys on it."
        },
        mixinStandardHelpOptions = true)
public final class HsmCommand implements Runnable {
    private final Surroundings surroundings;
    private final PrintStream out;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    public HsmCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.out = surroundings.out();
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "hsm needs a command: " + String.join(", ", spec.subcommands().keySet()));
    }

    @Command(
            name = "modules",
            description = "Show PKCS#11 libraries, their slots, tokens and mechanisms; needs no PIN.",
            mixinStandardHelpOptions = true)
    int modules(
            @Option(
                            names = "--module",
                            paramLabel = "FILE",
                            description = "this library; without it, every known one that is installed")
                    @Nullable
                    String module,
            @Option(names = "--mechanisms", description = "also what each token can do") boolean mechanisms,
            @Option(names = "--json", description = "as JSON, always with mechanisms") boolean json) {
        List<String> files = module == null ? ModuleFile.installed() : List.of(module);
        if (files.isEmpty()) {
            surroundings
                    .err()
                    .println("no PKCS#11 library is where they usually are; name one with --module, or install one:"
                            + " apt-get install softhsm2");
        }
        JsonArray all = new JsonArray();
        int failures = 0;
        for (String file : files) {
            try {
                HsmModule opened = HsmModule.open(file);
                if (json) {
                    all.add(ModuleReport.json(opened));
                } else {
                    ModuleReport.print(opened, mechanisms, out);
                }
            } catch (HsmException e) {
                surroundings.err().println("chancery: " + e.getMessage());
                failures++;
            }
        }
        if (json) {
            out.println(all.encodePrettily());
        }
        return failures == 0 || module == null ? 0 : 1;
    }

    @Command(
            name = "init-token",
            description = {
                "Make a token with a PIN, in a slot that has none: for tests. Never touches a token that is there,",
                "but for one of this label that has no PIN yet, as after a try that was broken off: it gets the PIN.",
                "A real HSM's tokens are made with its maker's tool."
            },
            mixinStandardHelpOptions = true)
    int initToken(
            @Option(names = "--module", paramLabel = "FILE", required = true, description = "the PKCS#11 library")
                    String module,
            @Option(names = "--label", required = true, description = "the new token's label, 1 to 32 octets")
                    String label,
            @Option(names = "--pin", paramLabel = "SOURCE", description = "the user's PIN: " + PinSource.FORMS)
                    @Nullable
                    String pin,
            @Option(names = "--so-pin", paramLabel = "SOURCE", description = "the security officer's PIN") @Nullable
                    String soPin)
            throws UsageException {
        try (Secret officer = PinSource.readNew(soPin, "PIN of the security officer");
                Secret user = PinSource.readNew(pin, "PIN of token " + label)) {
            TokenState made = HsmModule.open(module).initToken(label, officer, user);
            out.println(
                    "token=" + made.slot().label() + " serial=" + made.slot().serial());
        }
        return 0;
    }

    @Command(
            name = "change-pin",
            description = {
                "Change the user's PIN of a token. The old one is tried once.",
                "A running signer stays logged in; give it the new PIN before its next start or lost session."
            },
            mixinStandardHelpOptions = true)
    int changePin(
            @Mixin KeyPlace place,
            @Option(names = "--new-pin", paramLabel = "SOURCE", description = "the new PIN: " + PinSource.FORMS)
                    @Nullable
                    String newPin)
            throws UsageException {
        try (Secret old = place.pin(surroundings);
                Secret fresh = PinSource.readNew(newPin, "new PIN");
                TokenSession session = TokenSession.open(place.uri(surroundings), Optional.empty())) {
            KnownPins known = place.knownPins(surroundings);
            TokenSession unused = known.trying(place.uri(surroundings), Optional.of(old), () -> {
                session.changePin(old, fresh);
                return session;
            });
            known.accepted(place.uri(surroundings), fresh);
            surroundings
                    .err()
                    .println("the PIN of token " + session.token().slot().label()
                            + " is changed; now put the new one where pin-source points, on every node that uses this"
                            + " token");
        }
        return 0;
    }

    @Command(
            name = "keygen",
            description = {
                "Make a key on the token, under the URI's object: sensitive, never extractable, for signing.",
                "Next: selfsign, or csr and import-cert; Java shows a key only beside its certificate."
            },
            mixinStandardHelpOptions = true)
    int keygen(
            @Mixin KeyPlace place,
            @Option(
                            names = "--algorithm",
                            defaultValue = "ec-p256",
                            description =
                                    "ec-p256, ec-p384, ec-p521, rsa-2048, rsa-3072 or rsa-4096 (${DEFAULT-VALUE})")
                    String algorithm,
            @Option(
                            names = "--shares",
                            paramLabel = "MofN",
                            description =
                                    "make the key here and import it, with a backup that M of N shares open, as 2of3")
                    @Nullable
                    String shares,
            @Option(
                            names = "--backup-folder",
                            paramLabel = "FOLDER",
                            description = "a new folder for backup and shares; take the shares apart at once")
                    @Nullable
                    Path folder)
            throws UsageException, IOException {
        KeyAlgorithm wanted = algorithm(algorithm);
        if ((shares == null) != (folder == null)) {
            throw new UsageException("--shares and --backup-folder go together");
        }
        try (TokenSession session = place.open(surroundings)) {
            ManagedKey made = shares == null || folder == null
                    ? KeyMaker.generate(session, place.uri(surroundings), wanted)
                    : SharedKey.make(session, place.uri(surroundings), wanted, shares, folder, surroundings);
            out.println("object=" + made.label() + " id=" + made.idHex() + " algorithm=" + wanted);
            surroundings.err().println("the key is " + made.attributes().text());
        }
        return 0;
    }

    static KeyAlgorithm algorithm(String text) throws UsageException {
        try {
            return KeyAlgorithm.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--algorithm: " + e.getMessage());
        }
    }

    @Command(
            name = "list",
            description = "List keys and certificates on a token, with what the token says of each key.",
            mixinStandardHelpOptions = true)
    int list(@Mixin KeyPlace place, @Option(names = "--json", description = "as JSON") boolean json)
            throws UsageException {
        try (TokenSession session = place.open(surroundings)) {
            if (json) {
                out.println(ObjectTable.json(session.objects()).encodePrettily());
            } else {
                ObjectTable.print(session.objects(), out, surroundings.err());
            }
        }
        return 0;
    }

    @Command(
            name = "delete",
            description = {
                "Delete a key for good, with its public key and its certificates.",
                "Only with --confirm LABEL, and not the key that --config uses, nor one whose certificate is valid, without --force."
            },
            mixinStandardHelpOptions = true)
    int delete(
            @Mixin KeyPlace place,
            @Option(names = "--confirm", paramLabel = "LABEL", description = "the key's label, once more") @Nullable
                    String confirm,
            @Option(
                            names = "--force",
                            description =
                                    "also a key whose certificate is still valid, or that may be an issuer's of --config")
                    boolean force)
            throws UsageException {
        try (TokenSession session = place.open(surroundings)) {
            ManagedKey key = session.key(place.uri(surroundings));
            KeyDeletion.refuse(session, key, place, confirm, force, surroundings);
            key.delete();
            surroundings.err().println("the key " + key.label() + " (id " + key.idHex() + ") is gone");
        }
        return 0;
    }

    @Command(
            name = "bench",
            description = {
                "Measure signatures a second by the number of sessions, to choose limits.pkcs11Sessions.",
                "Signs texts that can be no certificate, as the running signer does, with the key of the URI."
            },
            mixinStandardHelpOptions = true)
    int bench(
            @Mixin KeyPlace place,
            @Option(
                            names = "--sessions",
                            split = ",",
                            defaultValue = "1,2,4,8,16",
                            description = "numbers of sessions, one run each (${DEFAULT-VALUE})")
                    List<Integer> sessions,
            @Option(names = "--seconds", defaultValue = "3", description = "how long each run takes (${DEFAULT-VALUE})")
                    int seconds,
            @Option(names = "--json", description = "as JSON") boolean json)
            throws UsageException, InterruptedException {
        if (seconds < 1 || seconds > 600 || sessions.stream().anyMatch(n -> n < 1 || n > 256)) {
            throw new UsageException("bench takes 1 to 600 seconds, and 1 to 256 sessions");
        }
        try (Secret pin = place.pin(surroundings)) {
            SessionBench bench = new SessionBench(place, pin, seconds, place.scheme(surroundings));
            bench.run(sessions, json, surroundings);
        }
        return 0;
    }
}
