package io.chancery.cli.cluster;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cluster.ca.ClusterCa;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chancery cluster renew}: a new bus certificate, which the running node takes up. */
@Command(
        name = "renew",
        description = "Make a new bus certificate and key for a node, good for a year, or until the cluster CA ends.",
        mixinStandardHelpOptions = true)
public final class RenewCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "ID", arity = "1..*", description = "the node; or several")
    @SuppressWarnings("NullAway.Init")
    private List<String> ids;

    @Option(names = "--folder", required = true, description = "what chancery cluster init made")
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    public RenewCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        ClusterFolder cluster = ClusterFolder.open(folder, surroundings);
        List<NodeFolder> all = cluster.nodes();
        List<String> known = all.stream().map(NodeFolder::id).toList();
        for (String id : ids) {
            if (!known.contains(id)) {
                throw new UsageException(
                        folder + " has no node " + id + ", but " + String.join(", ", known) + "; nothing was changed");
            }
        }
        ClusterCa issuer = cluster.issuer();
        for (NodeFolder node : all) {
            if (ids.contains(node.id())) {
                node.renew(issuer);
                surroundings
                        .out()
                        .println("copy " + folder.resolve(node.id()) + "/" + NodeFolder.CERTIFICATE + " and "
                                + NodeFolder.KEY + " to " + node.id() + "; " + RotateCaCommand.TAKEN_UP);
            }
        }
        ClusterFolder.sayShort(issuer, surroundings.out());
        return 0;
    }
}
