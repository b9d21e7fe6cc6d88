package io.chancery.cli.cluster;

import io.chancery.cli.FindingList;
import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cluster.ca.ClusterCa;
import io.chancery.signer.admin.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code chancery cluster}: what several nodes need to be one CA. */
@Command(
        name = "cluster",
        description = "Make what the nodes of a cluster need, and see how they are.",
        mixinStandardHelpOptions = true)
public final class ClusterCommand implements Runnable {
    private final Surroundings surroundings;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    public ClusterCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "cluster needs a command: "
                        + String.join(", ", spec.subcommands().keySet()));
    }

    @Command(
            name = "status",
            description = "Show who is in the cluster, as the node of a ca.json knows it; it must be running here.",
            mixinStandardHelpOptions = true)
    int status(@Mixin RunningNode node, @Option(names = "--json", description = "as JSON") boolean json)
            throws UsageException, IOException, InterruptedException {
        String answer = node.ask("/cluster", surroundings);
        surroundings.out().print(json ? answer : ClusterStatus.table(answer));
        surroundings.out().flush();
        return 0;
    }

    @Command(
            name = "doctor",
            description = {
                "Ask every node how it is, by the node of a ca.json, which must be running here, and compare what they say.",
                "One line for each check, with what was found and what to do. Exit code 0 when nothing failed."
            },
            mixinStandardHelpOptions = true)
    int doctor(@Mixin RunningNode node, @Option(names = "--json", description = "as JSON") boolean json)
            throws UsageException, IOException, InterruptedException {
        String answer = node.ask("/cluster/doctor", surroundings);
        List<Finding> findings =
                ClusterDoctor.examine(answer, surroundings.clock().instant());
        FindingList.print(findings, json, surroundings.out());
        return FindingList.exitCode(findings);
    }

    private static void refuseSharedAddresses(List<NodeSpec> specs) throws UsageException {
        Map<String, String> listening = new HashMap<>();
        for (NodeSpec spec : specs) {
            for (String address : List.of(spec.member(), spec.bus())) {
                String other = listening.putIfAbsent(address, spec.id().value());
                if (other != null) {
                    throw new UsageException(other + " and " + spec.id().value() + " would both listen at " + address
                            + "; nothing was made");
                }
            }
        }
    }

    @Command(
            name = "init",
            description =
                    "Make the cluster's own CA, and for each node a folder with its bus certificate and chancery.json.",
            mixinStandardHelpOptions = true)
    int init(
            @Parameters(paramLabel = "FOLDER", description = "must not be there yet") Path folder,
            @Option(names = "--name", required = true, description = "the cluster's name") String name,
            @Option(
                            names = "--node",
                            required = true,
                            paramLabel = "ID=HOST:HAZELCAST_PORT:BUS_PORT",
                            description = "a node; once for each; with SQLite the first one has the API and the store")
                    List<String> nodes)
            throws UsageException, IOException, GeneralSecurityException {
        List<NodeSpec> specs = new ArrayList<>();
        for (String node : nodes) {
            specs.add(NodeSpec.parse(node));
        }
        if (specs.stream().map(NodeSpec::id).distinct().count() < specs.size()) {
            throw new UsageException("two nodes with the same id; nothing was made");
        }
        refuseSharedAddresses(specs);
        if (Files.exists(folder)) {
            throw new UsageException(folder + " is there already; nothing was changed");
        }
        Instant now = surroundings.clock().instant().truncatedTo(ChronoUnit.SECONDS);
        ClusterCa ca = ClusterCa.create(name, now, surroundings.random());
        Path made = ClusterFolder.make(folder, ca, now, surroundings.random()).path();
        for (NodeSpec node : specs) {
            NodeFolder.make(
                    made,
                    ca,
                    ca.certificatePem(),
                    node.settings(
                            name,
                            Optional.of(specs.get(0).id().value()),
                            specs.stream().map(NodeSpec::member).toList()));
        }
        surroundings
                .out()
                .println("made " + made + ": copy each node's folder to its node, and put its ca.json into it");
        surroundings
                .out()
                .println("keep " + made.resolve("cluster-ca.key") + " where no node is: it makes bus certificates");
        return 0;
    }
}
