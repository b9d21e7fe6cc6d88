package io.chancery.cli.cluster;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cluster.ca.ClusterCa;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chancery cluster add}: one more node. Those that run go on running. */
@Command(
        name = "add",
        description = "Make a folder for one more node: its bus certificate and chancery.json.",
        mixinStandardHelpOptions = true)
public final class AddCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "ID=HOST:HAZELCAST_PORT:BUS_PORT", description = "the new node")
    @SuppressWarnings("NullAway.Init")
    private String node;

    @Option(names = "--folder", required = true, description = "what chancery cluster init made")
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    public AddCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        NodeSpec spec = NodeSpec.parse(node);
        ClusterFolder cluster = ClusterFolder.open(folder, surroundings);
        List<NodeFolder> others = cluster.nodes();
        if (Files.exists(folder.resolve(spec.id().value()))) {
            throw new UsageException(folder.resolve(spec.id().value()) + " is there already; nothing was changed");
        }
        for (NodeFolder other : others) {
            if (other.addresses().contains(spec.member()) || other.addresses().contains(spec.bus())) {
                throw new UsageException(node + ": " + other.id() + " listens there already (" + other.addresses()
                        + "); nothing was changed");
            }
        }
        NodeFolder first = others.get(0);
        List<String> members = new ArrayList<>(first.members());
        if (!members.contains(spec.member())) {
            members.add(spec.member());
        }
        // The folder last: that it is there says that the rest is done.
        for (NodeFolder other : others) {
            other.addMember(spec.member());
        }
        ClusterCa issuer = cluster.issuer();
        NodeFolder.make(
                folder, issuer, cluster.authorities(), spec.settings(first.clusterName(), first.apiNode(), members));
        surroundings
                .out()
                .println("made " + folder.resolve(spec.id().value())
                        + ": copy it to its node, put its ca.json into it, let it through firewalls and tunnels, and start it;"
                        + " it finds the others by itself");
        surroundings
                .out()
                .println("on each other node add \"" + spec.member()
                        + "\" to cluster.members in chancery.json (the files in " + folder
                        + " have it); it is read at that node's next start, and there is no hurry");
        ClusterFolder.sayShort(issuer, surroundings.out());
        return 0;
    }
}
