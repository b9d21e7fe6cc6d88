package io.chancery.conformance;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.cluster.ca.ClusterCa;
import io.chancery.testing.FreePorts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A PKI served by processes that {@code chancery cluster init} has made one cluster: api, signer, and a third node. */
final class ClusterPki implements AutoCloseable {
    static final List<String> NODES = List.of("api", "signer", "third");

    private final StepPki pki;
    private final Path folder;
    /** For each node its Hazelcast port and then its bus port. */
    private final int[] ports;

    private final List<ChanceryProcess> started = new ArrayList<>();

    private ClusterPki(StepPki pki, Path folder, int[] ports) {
        this.pki = pki;
        this.folder = folder;
        this.ports = ports;
    }

    /**
     * @param name of the folder beside the PKI
     * @param settings of every node, beside what the command wrote
     */
    static ClusterPki make(StepPki pki, String name, Map<String, Object> settings) throws Exception {
        ClusterPki cluster = new ClusterPki(pki, pki.file(name), FreePorts.take(2 * NODES.size()));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("chancery.home"), "bin/chancery").toString(),
                "cluster",
                "init",
                cluster.folder.toString(),
                "--name",
                "conformance-" + cluster.ports[0]));
        for (int i = 0; i < NODES.size(); i++) {
            command.add("--node");
            command.add(NODES.get(i) + "=127.0.0.1:" + cluster.ports[2 * i] + ":" + cluster.ports[2 * i + 1]);
        }
        Commands.run(pki.folder(), Map.of(), command.toArray(String[]::new)).succeeded();
        for (String node : NODES) {
            cluster.writeCaJson(node);
            Map<String, Object> more = new HashMap<>(settings);
            more.put("management", Map.of("address", "127.0.0.1:0"));
            if (node.equals("third")) {
                more.put("cluster", cluster.asApiNode(node)); // a stranger writes what it likes
            }
            cluster.set(node, more);
        }
        return cluster;
    }

    /** The api node has the PKI's store and address; each other node what is its own. */
    private void writeCaJson(String node) throws Exception {
        Map<String, Object> ca = JSONObjectUtils.parse(StepPki.text(pki.caJson()));
        if (!node.equals("api")) {
            ca.put(
                    "db",
                    Map.of("type", "sqlite", "dataSource", node(node, "data").toString()));
        }
        if (node.equals("third")) {
            ca.put("address", "127.0.0.1:" + FreePorts.take(1)[0]);
        }
        Files.writeString(node(node, "ca.json"), JSONObjectUtils.toJSONString(ca), StandardCharsets.UTF_8);
    }

    private Map<String, Object> asApiNode(String node) throws Exception {
        Map<String, Object> own = new HashMap<>(JSONObjectUtils.getJSONObject(
                JSONObjectUtils.parse(StepPki.text(node(node, "chancery.json"))), "cluster"));
        own.put("apiNode", node);
        return own;
    }

    /** Changes members of a node's chancery.json. */
    void set(String node, Map<String, Object> members) throws Exception {
        Path file = node(node, "chancery.json");
        Map<String, Object> settings = new HashMap<>(JSONObjectUtils.parse(StepPki.text(file)));
        settings.putAll(members);
        Files.writeString(file, JSONObjectUtils.toJSONString(settings), StandardCharsets.UTF_8);
    }

    /** A file of a node. */
    Path node(String node, String file) {
        return folder.resolve(node).resolve(file);
    }

    Path file(String file) {
        return folder.resolve(file);
    }

    Path signatures() {
        return node("signer", "data/signatures.log");
    }

    int hazelcastPort(String node) {
        return ports[2 * NODES.indexOf(node)];
    }

    int busPort(String node) {
        return ports[2 * NODES.indexOf(node) + 1];
    }

    ChanceryProcess start(String node, String role) throws IOException {
        ChanceryProcess process = ChanceryProcess.start(
                pki.environment(),
                "start",
                node(node, "ca.json").toString(),
                "--password-file",
                pki.password(),
                "--role",
                role);
        started.add(process);
        return process;
    }

    ChanceryProcess startReady(String node) throws Exception {
        ChanceryProcess process = start(node, node);
        process.awaitReady();
        return process;
    }

    /** Makes a node a stranger on the bus: the files come from another cluster. */
    void takeBusFiles(String node, ClusterPki other) throws IOException {
        for (String file : Set.of("bus.crt", "bus.key", "cluster-ca.crt")) {
            Files.copy(other.node(node, file), node(node, file), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Gives nodes that were not started yet bus files that were made so long ago. */
    void age(Duration age, String... nodes) throws Exception {
        ClusterCa ca = ClusterCa.create("aged", Instant.now().minus(age), new SecureRandom());
        for (String node : nodes) {
            ClusterCa.NodeIdentity identity = ca.issue(node, "127.0.0.1");
            Files.writeString(node(node, "cluster-ca.crt"), ca.certificatePem(), StandardCharsets.US_ASCII);
            Files.writeString(node(node, "bus.crt"), identity.certificatePem(), StandardCharsets.US_ASCII);
            Files.writeString(node(node, "bus.key"), identity.keyPem(), StandardCharsets.US_ASCII);
        }
    }

    /** Kills what was started. */
    @Override
    public void close() throws InterruptedException {
        for (ChanceryProcess process : started) {
            process.kill();
        }
    }
}
