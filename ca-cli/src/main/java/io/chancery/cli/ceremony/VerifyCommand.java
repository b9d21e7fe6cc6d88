package io.chancery.cli.ceremony;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.hsm.KeyPlace;
import io.chancery.cli.hsm.PemFiles;
import io.chancery.core.pem.PemBlock;
import io.chancery.signer.admin.TokenSession;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chancery hsm verify}: whether a ceremony was what its transcript says. */
@Command(
        name = "verify",
        description = {
            "Check a ceremony's transcript: its signatures, its chain of steps, and the files beside it.",
            "With --kms also the keys and certificates on that token. Exit code 0 when all is right.",
            "Anybody can write a transcript with keys of their own: say whose you expect with --person."
        },
        mixinStandardHelpOptions = true)
public final class VerifyCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private KeyPlace place;

    @Parameters(paramLabel = "TRANSCRIPT", description = "transcript.json, in the folder of the results")
    @SuppressWarnings("NullAway.Init")
    private Path file;

    @Option(
            names = "--person",
            paramLabel = "NAME=FILE",
            description = "somebody's public key (PEM), as you had it from them")
    private Map<String, Path> expected = Map.of();

    public VerifyCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        Map<String, PublicKey> trusted = new HashMap<>();
        for (Map.Entry<String, Path> each : expected.entrySet()) {
            trusted.put(each.getKey(), key(each.getValue()));
        }
        List<String> confirmed = new ArrayList<>();
        List<String> problems = new ArrayList<>(TranscriptCheck.problems(file, trusted, confirmed));
        List<String> looked = new ArrayList<>();
        if (problems.isEmpty() && place.isGiven()) {
            try (TokenSession session = place.open(surroundings)) {
                problems.addAll(TokenCheck.problems(file, session, looked));
                if (looked.isEmpty()) {
                    problems.add("token " + session.token().slot().label() + " (serial "
                            + session.token().slot().serial() + ") is none of this ceremony's");
                }
            }
        }
        problems.forEach(surroundings.out()::println);
        confirmed.forEach(surroundings.err()::println);
        if (problems.isEmpty()) {
            Path folder = file.toAbsolutePath().resolveSibling("");
            if (Files.exists(folder.resolve(LeftBehind.FILE))) {
                surroundings.err().println(LeftBehind.outlived(folder));
            }
            surroundings
                    .err()
                    .println("the transcript is whole, and its files are those that were made"
                            + (looked.isEmpty()
                                    ? "; no token was looked at"
                                    : "; on the token: " + String.join(", ", looked))
                            + (trusted.isEmpty() ? "; whose keys signed is the transcript's own word (--person)" : ""));
        }
        return problems.isEmpty() ? 0 : 1;
    }

    private static PublicKey key(Path file) throws UsageException {
        for (PemBlock block : PemFiles.blocks(file)) {
            PublicKey key = block.type().equals("PUBLIC KEY")
                    ? PlanReader.publicKey(block.der().bytes())
                    : null;
            if (key != null) {
                return key;
            }
        }
        throw new UsageException(file + " holds no PEM block PUBLIC KEY, EC or RSA");
    }
}
