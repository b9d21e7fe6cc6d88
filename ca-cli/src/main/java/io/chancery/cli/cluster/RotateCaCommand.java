package io.chancery.cli.cluster;

import io.chancery.cli.Surroundings;
import io.chancery.cli.UsageException;
import io.chancery.cluster.ca.ClusterCa;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code chancery cluster rotate-ca}: another cluster CA takes the place of the one that there is, in three steps, each
 * followed by copying files to all nodes. A step may be repeated: it does what is missing, and else nothing.
 */
@Command(
        name = "rotate-ca",
        description = {
            "Put another cluster CA in the place of the one there is, while all nodes run. Three steps, in this order:",
            "trust: every node believes both. issue: every node gets a certificate from the new one. finish: nobody"
                    + " believes the old one any more.",
            "After each step copy the files that it names to all nodes, and wait until each has taken them up. A step may"
                    + " be repeated."
        },
        mixinStandardHelpOptions = true)
public final class RotateCaCommand implements Callable<Integer> {
    static final String TAKEN_UP = "it takes them up within 5 s, or at once on SIGHUP, and logs"
            + " \"the bus certificate and its CAs were taken up\"";

    private final Surroundings surroundings;

    @Parameters(paramLabel = "STEP", description = "trust, issue or finish")
    @SuppressWarnings("NullAway.Init")
    private Step step;

    @Option(names = "--folder", required = true, description = "what chancery cluster init made")
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /** Of the way from one CA to another. */
    public enum Step {
        /** The new CA beside the old one in what every node believes. */
        trust,
        /** Certificates from the new CA. */
        issue,
        /** The old CA out of what every node believes. */
        finish
    }

    public RotateCaCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        ClusterFolder cluster = ClusterFolder.open(folder, surroundings);
        switch (step) {
            case trust -> trust(cluster);
            case issue -> issue(cluster);
            case finish -> finish(cluster);
        }
        return 0;
    }

    private void trust(ClusterFolder cluster) throws IOException, GeneralSecurityException, UsageException {
        List<NodeFolder> nodes = cluster.nodes();
        if (cluster.rotating() && cluster.next().isEmpty()) {
            throw new UsageException("the last rotation was broken off in its last step; run rotate-ca finish again");
        }
        if (!cluster.rotating()) {
            cluster.addNext(ClusterCa.create(nodes.get(0).clusterName(), cluster.now(), cluster.random()));
        }
        for (NodeFolder node : nodes) {
            node.believe(cluster.authorities());
        }
        say("every node's " + NodeFolder.AUTHORITIES + " has both CAs: copy each to its node; " + TAKEN_UP);
        say("when every node has: chancery cluster rotate-ca issue --folder " + folder);
    }

    private void issue(ClusterFolder cluster) throws IOException, GeneralSecurityException, UsageException {
        Optional<ClusterCa> next = cluster.next();
        if (next.isEmpty()) {
            throw new UsageException(
                    "there is no new CA in " + folder + ": run rotate-ca trust first, and copy its files");
        }
        List<NodeFolder> nodes = cluster.nodes();
        for (NodeFolder node : nodes) {
            if (!node.authorities().contains(cluster.nextCertificate())) {
                throw new UsageException(node.id() + " does not believe the new CA yet: run rotate-ca trust again, and"
                        + " copy its files; nothing was changed");
            }
        }
        for (NodeFolder node : nodes) {
            if (!next.get().issued(node.certificate())) {
                node.renew(next.get());
            }
        }
        say("every node's " + NodeFolder.CERTIFICATE + " and " + NodeFolder.KEY
                + " are from the new CA: copy each to its node; " + TAKEN_UP);
        say("when every node has: chancery cluster rotate-ca finish --folder " + folder);
    }

    private void finish(ClusterFolder cluster) throws IOException, UsageException {
        if (!cluster.rotating()) {
            say("there is one CA: nothing is left to do in " + folder + ". Copy each node's " + NodeFolder.AUTHORITIES
                    + " to its node where that is not done");
            return;
        }
        List<NodeFolder> nodes = cluster.nodes();
        Optional<ClusterCa> next = cluster.next();
        for (NodeFolder node : nodes) {
            if (next.isPresent() && !next.get().issued(node.certificate())) {
                throw new UsageException(node.id() + " has a certificate from the old CA: run rotate-ca issue first,"
                        + " and copy its files; nothing was changed");
            }
        }
        for (NodeFolder node : nodes) {
            node.believe(cluster.nextCertificate());
        }
        cluster.promote();
        say("every node's " + NodeFolder.AUTHORITIES + " has the new CA alone, and the old one's key is gone: copy each"
                + " to its node; " + TAKEN_UP);
        say("15 s later it has closed every connection with a certificate of the old CA");
    }

    private void say(String line) {
        surroundings.out().println(line);
    }
}
