package io.chancery.conformance;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.testing.PostgresProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Nodes n1, n2, … of one cluster, each with API and signer, on one PostgreSQL. */
final class EqualNodes implements AutoCloseable {
    static final String DATABASE = "chancery";

    private final StepPki pki;
    private final PostgresProcess server;
    private final Path folder;
    private final List<String> names;
    /** For each node its Hazelcast, bus and API port. */
    private final int[] ports;

    private final Map<String, ChanceryProcess> running = new HashMap<>();
    private final Map<String, String> roles = new HashMap<>();

    private EqualNodes(StepPki pki, PostgresProcess server, List<String> names, int[] ports) {
        this.pki = pki;
        this.server = server;
        this.folder = pki.file("nodes");
        this.names = names;
        this.ports = ports;
    }

    /**
     * @param server on which the database is made
     * @param settings of every node's chancery.json, beside what {@code chancery cluster init} writes
     */
    static EqualNodes make(StepPki pki, PostgresProcess server, int count, Map<String, Object> settings)
            throws Exception {
        List<String> names =
                IntStream.rangeClosed(1, count).mapToObj(i -> "n" + i).toList();
        EqualNodes nodes = new EqualNodes(pki, server, names, ClusterPki.ports(3 * count));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("chancery.home"), "bin/chancery").toString(),
                "cluster",
                "init",
                nodes.folder.toString(),
                "--name",
                "conformance-" + nodes.ports[0]));
        for (String name : names) {
            command.add("--node");
            command.add(name + "=127.0.0.1:" + nodes.port(name, 0) + ":" + nodes.port(name, 1));
        }
        Commands.run(pki.folder(), Map.of(), command.toArray(String[]::new)).succeeded();
        String unused = server.createDatabase(DATABASE);
        for (String name : names) {
            nodes.changeCaJson(name, nodes.ownCaJson(name));
            Map<String, Object> more = new HashMap<>(settings);
            more.put("management", Map.of("address", "127.0.0.1:0"));
            nodes.set(name, more);
        }
        return nodes;
    }

    private Map<String, Object> ownCaJson(String name) throws Exception {
        Map<String, Object> ca = JSONObjectUtils.parse(StepPki.text(pki.caJson()));
        ca.put("address", "127.0.0.1:" + port(name, 2));
        ca.put("db", Map.of("type", "postgresql", "dataSource", server.dataSource(DATABASE)));
        return ca;
    }

    /** Writes a node's ca.json. */
    void changeCaJson(String name, Map<String, Object> content) throws IOException {
        Files.writeString(file(name, "ca.json"), JSONObjectUtils.toJSONString(content), StandardCharsets.UTF_8);
    }

    /** Changes members of a node's chancery.json. */
    void set(String name, Map<String, Object> members) throws Exception {
        Path file = file(name, "chancery.json");
        Map<String, Object> settings = new HashMap<>(JSONObjectUtils.parse(StepPki.text(file)));
        settings.putAll(members);
        Files.writeString(file, JSONObjectUtils.toJSONString(settings), StandardCharsets.UTF_8);
    }

    private int port(String name, int which) {
        return ports[3 * names.indexOf(name) + which];
    }

    int hazelcastPort(String name) {
        return port(name, 0);
    }

    int busPort(String name) {
        return port(name, 1);
    }

    int apiPort(String name) {
        return port(name, 2);
    }

    List<String> names() {
        return names;
    }

    /** Those that serve the API: all that were not started as signers alone. */
    List<String> apiNodes() {
        return names.stream().filter(name -> !"signer".equals(roles.get(name))).toList();
    }

    StepPki pki() {
        return pki;
    }

    PostgresProcess server() {
        return server;
    }

    Path file(String name, String file) {
        return folder.resolve(name).resolve(file);
    }

    String url(String name) {
        return "https://localhost:" + apiPort(name);
    }

    ApiClient api(String name) throws Exception {
        return ApiClient.at(pki, url(name));
    }

    StoreRows store() {
        return StoreRows.of(server, DATABASE);
    }

    /** The log of each node's signer that there is. */
    List<Path> signatures() {
        return names.stream()
                .map(name -> file(name, "signatures.log"))
                .filter(Files::exists)
                .toList();
    }

    /** Starts a node as API and signer; it may not be ready yet. */
    ChanceryProcess start(String name) throws IOException {
        return start(name, "all");
    }

    ChanceryProcess start(String name, String role) throws IOException {
        ChanceryProcess process = ChanceryProcess.start(
                pki.environment(),
                "start",
                file(name, "ca.json").toString(),
                "--password-file",
                pki.password(),
                "--role",
                role);
        running.put(name, process);
        roles.put(name, role);
        return process;
    }

    /** Starts all of them, side by side, and waits until each is ready. */
    void startAll() throws Exception {
        for (String name : names) {
            ChanceryProcess unused = start(name);
        }
        for (String name : names) {
            String unused = process(name).awaitReady();
        }
    }

    ChanceryProcess process(String name) {
        ChanceryProcess process = running.get(name);
        if (process == null) {
            throw new IllegalStateException(name + " was not started");
        }
        return process;
    }

    /** Kills what was started; the database is the caller's. */
    @Override
    public void close() throws InterruptedException {
        for (ChanceryProcess process : running.values()) {
            process.kill();
        }
    }
}
