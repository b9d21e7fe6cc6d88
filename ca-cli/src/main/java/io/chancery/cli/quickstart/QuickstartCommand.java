package io.chancery.cli.quickstart;

import io.chancery.cli.Surroundings;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Placeholder until the parts below compile. */
@Command(
        name = "quickstart",
        description = "Make a PKI with its key in SoftHSM, start it, and issue a first certificate.",
        mixinStandardHelpOptions = true)
public final class QuickstartCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "FOLDER", description = "where the PKI is kept")
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    public QuickstartCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        surroundings.err().println(folder);
        return 0;
    }
}
