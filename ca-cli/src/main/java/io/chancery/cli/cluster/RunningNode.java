package io.chancery.cli.cluster;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cli.start.ConfigFiles;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The node of a ca.json that runs here, which is asked about its cluster. */
final class RunningNode {
    @Option(names = "--config", required = true, paramLabel = "CA_JSON", description = "the node's ca.json")
    @SuppressWarnings("NullAway.Init")
    private Path caJson;

    @Option(
            names = "--management",
            paramLabel = "HOST:PORT",
            description = "the node's management port, when it is another than chancery.json's")
    private @Nullable String management;

    /** The JSON text that it answers at a path of its management port. */
    String ask(String path, Surroundings surroundings) throws UsageException, IOException, InterruptedException {
        ConfigFiles files = ConfigFiles.read(caJson, false, surroundings.err());
        return ClusterStatus.ask(
                management != null
                        ? management
                        : ClusterStatus.address(files.chancery().management()),
                path);
    }
}
