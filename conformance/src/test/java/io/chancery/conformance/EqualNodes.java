package io.chancery.conformance;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.testing.FreePorts;
import io.chancery.testing.PostgresProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/** Nodes n1, n2, … of one cluster, each with API and signer, on one PostgreSQL. */
final class EqualNodes implements AutoCloseable {
    static final String DATABASE = "chancery";
    private static final int LAST_WORDS = 12;

    private final StepPki pki;
    private final Path folder;
    private final List<String> names;
    private final Map<String, NodePlace> places;
    private final String dataSource;
    private final Map<String, Object> settings;
    private final Map<String, ChanceryProcess> running = new HashMap<>();
    private final Map<String, String> roles = new HashMap<>();
    private final Map<String, Path> programs = new HashMap<>();
    private final Queue<ClusterLoad> loads = new ConcurrentLinkedQueue<>();
    private PostgresProcess server;

    private EqualNodes(
            StepPki pki,
            PostgresProcess server,
            String dataSource,
            Map<String, NodePlace> places,
            Map<String, Object> settings) {
        this.pki = pki;
        this.dataSource = dataSource;
        this.settings = settings;
        this.server = server;
        this.folder = pki.file("nodes");
        this.names = new CopyOnWriteArrayList<>(places.keySet());
        this.places = new ConcurrentHashMap<>(places);
    }

    /**
     * On loopback.
     *
     * @param server on which the database is made
     * @param settings of every node's chancery.json, beside what {@code chancery cluster init} writes
     */
    static EqualNodes make(StepPki pki, PostgresProcess server, int count, Map<String, Object> settings)
            throws Exception {
        return make(pki, server, server.dataSource(DATABASE), onLoopback(count), settings);
    }

    /** Places for nodes n1, n2, … on free ports. */
    static Map<String, NodePlace> onLoopback(int count) throws IOException {
        int[] ports = FreePorts.take(3 * count);
        Map<String, NodePlace> places = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            places.put("n" + (i + 1), NodePlace.onLoopback(ports[3 * i], ports[3 * i + 1], ports[3 * i + 2]));
        }
        return places;
    }

    /** @param dataSource by which nodes reach the database */
    static EqualNodes make(
            StepPki pki,
            PostgresProcess server,
            String dataSource,
            Map<String, NodePlace> places,
            Map<String, Object> settings)
            throws Exception {
        EqualNodes nodes = new EqualNodes(pki, server, dataSource, places, settings);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("chancery.home"), "bin/chancery").toString(),
                "cluster",
                "init",
                nodes.folder.toString(),
                "--name",
                "conformance-" + FreePorts.take()));
        places.forEach((name, place) -> {
            command.add("--node");
            command.add(name + "=" + place.host() + ":" + place.hazelcast() + ":" + place.bus());
        });
        Commands.run(pki.folder(), Map.of(), command.toArray(String[]::new)).succeeded();
        String unused = server.createDatabase(DATABASE);
        for (String name : nodes.names) {
            nodes.configure(name);
        }
        return nodes;
    }

    private void configure(String name) throws Exception {
        changeCaJson(name, ownCaJson(name, dataSource));
        Map<String, Object> more = new HashMap<>(settings);
        more.put("management", Map.of("address", place(name).management()));
        set(name, more);
    }

    /** Makes one more node, on free ports of loopback, by {@code chancery cluster add}; it is not started. */
    void add(String name) throws Exception {
        int[] ports = FreePorts.take(3);
        NodePlace place = NodePlace.onLoopback(ports[0], ports[1], ports[2]);
        places.put(name, place);
        Commands.run(
                        pki.folder(),
                        Map.of(),
                        Path.of(System.getProperty("chancery.home"), "bin/chancery")
                                .toString(),
                        "cluster",
                        "add",
                        name + "=" + place.host() + ":" + place.hazelcast() + ":" + place.bus(),
                        "--folder",
                        folder.toString())
                .succeeded();
        configure(name);
        names.add(name);
    }

    private Map<String, Object> ownCaJson(String name, String dataSource) throws Exception {
        NodePlace place = place(name);
        Map<String, Object> ca = JSONObjectUtils.parse(StepPki.text(pki.caJson()));
        ca.put("address", place.host() + ":" + place.api());
        ca.put("db", Map.of("type", "postgresql", "dataSource", dataSource));
        if (!place.onLoopback()) {
            // All serve the same names, or a token for one node would be refused at another.
            List<String> hosts = new ArrayList<>(List.of("localhost"));
            names.forEach(each -> hosts.add(place(each).host()));
            ca.put("dnsNames", hosts);
        }
        return ca;
    }

    /** From its next start on, a node reaches the database by this way. */
    void changeDataSource(String name, String dataSource) throws Exception {
        changeCaJson(name, ownCaJson(name, dataSource));
    }

    /** From its next start on, a node runs the program that stands in this folder. */
    void changeProgram(String name, Path home) {
        programs.put(name, home);
    }

    /** So that what its clients hold is looked for in the store, also when its test fails. */
    void add(ClusterLoad load) {
        loads.add(load);
    }

    /** Every load that was ever started here. */
    List<ClusterLoad> loads() {
        return List.copyOf(loads);
    }

    /** Another server has the store from now on. */
    void useServer(PostgresProcess other) {
        server = other;
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

    private NodePlace place(String name) {
        return Objects.requireNonNull(places.get(name), name);
    }

    int hazelcastPort(String name) {
        return place(name).hazelcast();
    }

    int busPort(String name) {
        return place(name).bus();
    }

    int apiPort(String name) {
        return place(name).api();
    }

    List<String> names() {
        return List.copyOf(names);
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
        NodePlace place = place(name);
        return "https://" + (place.onLoopback() ? "localhost" : place.host()) + ":" + place.api();
    }

    /** What a node's management port answers to a GET. */
    HttpResponse<String> management(String name, String path) throws Exception {
        return management(HttpClient.newHttpClient(), name, path);
    }

    /** The same by a client that may keep its connection. */
    HttpResponse<String> management(HttpClient client, String name, String path) throws Exception {
        String url =
                process(name).awaitManagement().replace("127.0.0.1", place(name).host()) + path;
        return client.send(
                HttpRequest.newBuilder(URI.create(url))
                        .timeout(Duration.ofSeconds(20))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** The value of a metric with its labels, of all lines that begin so; 0 while the node has none. */
    double metric(HttpClient client, String node, String metric) throws Exception {
        return management(client, node, "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(metric + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(metric.length() + 1)))
                .sum();
    }

    /** The nodes of the grid as one of them sees it, itself included, by its management port. */
    Set<String> gridOf(String name) throws Exception {
        return members(name, false);
    }

    /** Those of them that it also hears over the bus. */
    Set<String> reachedBy(String name) throws Exception {
        return members(name, true);
    }

    private Set<String> members(String name, boolean reachedOnly) throws Exception {
        Set<String> found = new TreeSet<>();
        Object members =
                JSONObjectUtils.parse(management(name, "/cluster").body()).get("members");
        for (Object each : (List<?>) Objects.requireNonNull(members)) {
            Map<?, ?> member = (Map<?, ?>) each;
            if (!reachedOnly || Boolean.TRUE.equals(member.get("reached"))) {
                found.add(String.valueOf(member.get("node")));
            }
        }
        return found;
    }

    /** Whether its management port says that it can issue. */
    boolean canIssue(String name) throws Exception {
        return management(name, "/can-issue").statusCode() == 200;
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
        return start(name, role, Map.of());
    }

    ChanceryProcess start(String name, String role, Map<String, String> more) throws IOException {
        Map<String, String> environment = new HashMap<>(pki.environment());
        environment.putAll(more);
        ChanceryProcess process = ChanceryProcess.startFrom(
                programs.getOrDefault(name, Path.of(System.getProperty("chancery.home"))),
                place(name).launcher(),
                environment,
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

    /** From its next start on, a node is alone, with neither grid nor bus. */
    void withoutCluster(String name) throws Exception {
        Path file = file(name, "chancery.json");
        Map<String, Object> settings = new HashMap<>(JSONObjectUtils.parse(StepPki.text(file)));
        settings.remove("cluster");
        Files.writeString(file, JSONObjectUtils.toJSONString(settings), StandardCharsets.UTF_8);
    }

    /** CPU time that the running nodes have had, user and system, in the kernel's ticks. */
    long cpuTicks() {
        return running.values().stream()
                .filter(ChanceryProcess::isAlive)
                .mapToLong(ChanceryProcess::cpuTicks)
                .sum();
    }

    /** What each node last logged that was not a matter of course, for somebody who must find out why a test failed. */
    String lastWords() {
        StringBuilder words = new StringBuilder();
        for (Map.Entry<String, ChanceryProcess> each : running.entrySet()) {
            List<String> told = each.getValue().lines().stream()
                    .filter(line -> !line.contains(" INFO ") && !line.contains("status=201"))
                    .toList();
            words.append("\n").append(each.getKey()).append(each.getValue().isAlive() ? ":" : ", dead:");
            told.subList(Math.max(0, told.size() - LAST_WORDS), told.size())
                    .forEach(line -> words.append("\n  ").append(line));
        }
        return words.toString();
    }

    /** Kills what was started; the database is the caller's. */
    @Override
    public void close() throws InterruptedException {
        for (ChanceryProcess process : running.values()) {
            process.kill();
        }
    }
}
