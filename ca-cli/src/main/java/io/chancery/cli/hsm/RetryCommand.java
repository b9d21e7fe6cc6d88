package io.chancery.cli.hsm;

import io.chancery.cli.Surroundings;
import io.chancery.cli.start.ConfigFiles;
import io.chancery.signer.key.RefusedPins;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code chancery hsm retry}: an operator's word that a PIN is worth another try. */
@Command(
        name = "retry",
        description = {
            "Let this node's signer log in once more, with the PIN that its token refused or after somebody gave a wrong one.",
            "A running signer does so within seconds, one that is stopped when it starts. A wrong PIN brings the token"
                    + " nearer to its lock."
        },
        mixinStandardHelpOptions = true)
public final class RetryCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "CA_JSON", description = "that this node is started with")
    @SuppressWarnings("NullAway.Init")
    private Path caJson;

    public RetryCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        ConfigFiles files = ConfigFiles.read(caJson, false, surroundings.err());
        int forgotten =
                RefusedPins.in(files.ca().db().folder(), surroundings.random()).permitRetry();
        surroundings
                .out()
                .println("the signer of this node may log in once more; " + forgotten + " refused PIN(s) forgotten");
        return 0;
    }
}
