package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.start.ConfigFiles;
import io.chancery.signer.key.RefusedPins;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chancery hsm retry}: an operator's word that a PIN is worth another try. */
@Command(
        name = "retry",
        description = {
            "Let this node's signer log in once more: to each token that refused its PIN, and to one that somebody else gave a"
                    + " wrong PIN.",
            "A running signer does so within seconds, one that is stopped when it starts. A wrong PIN brings the token"
                    + " nearer to its lock."
        },
        mixinStandardHelpOptions = true)
public final class RetryCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "CA_JSON", arity = "0..1", description = "that this node is started with")
    @Nullable
    private Path caJson;

    @Option(names = "--config", paramLabel = "CA_JSON", description = "the same, as the other verbs have it")
    @Nullable
    private Path config;

    public RetryCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        Path named = caJson == null ? config : caJson;
        if (named == null || (caJson != null && config != null)) {
            throw new UsageException("which node? Name the ca.json that it is started with, once");
        }
        ConfigFiles files = ConfigFiles.read(named, false, surroundings.err());
        int forgotten =
                RefusedPins.in(files.ca().db().folder(), surroundings.random()).permitRetry();
        surroundings
                .out()
                .println(
                        "the signer of this node may log in once more to each token that refused its PIN, and to one that"
                                + " somebody else gave a wrong one; " + forgotten + " refused PIN(s) forgotten");
        return 0;
    }
}
