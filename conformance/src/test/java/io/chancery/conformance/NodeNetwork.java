package io.chancery.conformance;

import io.chancery.testing.PostgresProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A network of a test's own on this machine: each node in a namespace, all on one bridge, by whose address the test
 * reaches them and they reach the test. Names hold this process's id, so that what a killed test has left is known as
 * such and removed by the next.
 */
final class NodeNetwork implements AutoCloseable {
    private static final Pattern NAMESPACE = Pattern.compile("(?m)^(chancery-(\\d+)-\\w+)\\b");
    private static final Pattern BRIDGE = Pattern.compile("\\bchbr(\\d+)\\b");
    private static final Pattern COUNTED = Pattern.compile("counter packets (\\d+)");
    private static final Pattern DROPPED = Pattern.compile("\\(dropped (\\d+),");
    private static final int FIRST_NODE = 11;
    private static final int TRIES = 100;
    /** Bytes of an IP packet that brings nothing but an acknowledgement. */
    private static final int ACKNOWLEDGEMENT = 84;
    /** No host takes or passes on what is for "this network" (RFC 1122 §3.2.1.3). */
    private static final String NOWHERE = "0.0.0.1";

    private final Path folder;
    private final String id = Long.toString(ProcessHandle.current().pid());
    private final String prefix;
    private final List<String> nodes;
    private final Thread closing = new Thread(this::remove, "network-removal");

    private NodeNetwork(Path folder, String prefix, List<String> nodes) {
        this.folder = folder;
        this.prefix = prefix;
        this.nodes = nodes;
    }

    /** Why there can be none here; empty when there can. */
    static Optional<String> missing(Path folder) throws IOException, InterruptedException {
        String named = "chancery-" + ProcessHandle.current().pid() + "-try";
        Commands.Result tried = tried(
                folder,
                "ip link add name try0 type bridge; ip link add name try1 type veth peer name try2; nft add table ip t;"
                        + " ip netns add " + named + "; ip netns del " + named);
        return tried.exitCode() == 0
                ? Optional.empty()
                : Optional.of("no network namespaces, bridges and nftables here ("
                        + tried.output().strip() + ")");
    }

    /** How many packets the kernel has dropped at the nodes since {@link #slow} had it. */
    long droppedByNetem() throws IOException, InterruptedException {
        long dropped = 0;
        for (String node : nodes) {
            String told = Commands.run(
                            folder, Map.of(), ("tc -n " + namespace(node) + " -s qdisc show dev eth0").split(" "))
                    .succeeded()
                    .output();
            dropped += sum(DROPPED, told);
        }
        return dropped;
    }

    /** Whether the kernel itself can delay packets (netem). */
    static boolean hasNetem(Path folder) throws IOException, InterruptedException {
        return tried(folder, "ip link add name try0 type bridge; tc qdisc add dev try0 root netem delay 1ms loss 1%")
                        .exitCode()
                == 0;
    }

    /** What becomes of it in a network of its own. */
    private static Commands.Result tried(Path folder, String script) throws IOException, InterruptedException {
        return Commands.run(folder, Map.of(), "unshare", "--net", "sh", "-ec", script);
    }

    /**
     * Has the kernel hold up every packet between nodes, and between them and the test, each way, and lose one in a
     * hundred; with 0 it no longer does.
     */
    void slow(long millis) throws IOException, InterruptedException {
        String how = millis == 0 ? "del" : "add";
        String netem = millis == 0 ? "root" : "root netem delay " + millis + "ms loss 1%";
        // What the bridge passes on between nodes it does not send itself.
        run("tc qdisc " + how + " dev " + bridge() + " " + netem);
        for (String node : nodes) {
            run("tc -n " + namespace(node) + " qdisc " + how + " dev eth0 " + netem);
        }
    }

    /** @param folder for what commands print */
    static NodeNetwork make(Path folder, List<String> nodes) throws IOException, InterruptedException {
        removeLeftovers(folder);
        NodeNetwork network = new NodeNetwork(folder, freePrefix(folder), nodes);
        Runtime.getRuntime().addShutdownHook(network.closing);
        network.build();
        return network;
    }

    private static String freePrefix(Path folder) throws IOException, InterruptedException {
        String taken = Commands.run(folder, Map.of(), "ip", "-4", "route", "show", "table", "all")
                .succeeded()
                .output();
        for (int i = 0; i < TRIES; i++) {
            ThreadLocalRandom random = ThreadLocalRandom.current();
            String prefix = "10." + random.nextInt(1, 255) + "." + random.nextInt(1, 255) + ".";
            if (!taken.contains(prefix)) {
                return prefix;
            }
        }
        throw new IOException("no subnet of 10.0.0.0/8 is free");
    }

    private void build() throws IOException, InterruptedException {
        ip("link add " + bridge() + " type bridge");
        ip("addr add " + gateway() + "/24 dev " + bridge());
        ip("link set " + bridge() + " up");
        for (String node : nodes) {
            String outside = "chv" + id + node;
            ip("netns add " + namespace(node));
            ip("link add " + outside + " type veth peer name eth0 netns " + namespace(node));
            ip("link set " + outside + " master " + bridge() + " up");
            ip("-n " + namespace(node) + " addr add " + address(node) + "/24 dev eth0");
            ip("-n " + namespace(node) + " link set eth0 up");
            ip("-n " + namespace(node) + " link set lo up");
        }
    }

    private void ip(String arguments) throws IOException, InterruptedException {
        run("ip " + arguments);
    }

    private void run(String command) throws IOException, InterruptedException {
        Commands.run(folder, Map.of(), command.split(" ")).succeeded();
    }

    private String bridge() {
        return "chbr" + id;
    }

    private String namespace(String node) {
        return "chancery-" + id + "-" + node;
    }

    /** The test's own address on this network. */
    String gateway() {
        return prefix + "1";
    }

    String subnet() {
        return prefix + "0/24";
    }

    String address(String node) {
        return prefix + (FIRST_NODE + nodes.indexOf(node));
    }

    /** What a command is put behind so that it runs where the node is. */
    List<String> inside(String node) {
        return List.of("ip", "netns", "exec", namespace(node));
    }

    /** A node in its namespace, where every port is free. */
    NodePlace place(String node) {
        return new NodePlace(address(node), 5701, 5702, 9000, address(node) + ":9090", inside(node));
    }

    /** An empty PostgreSQL that nodes reach by the gateway. */
    PostgresProcess startServer() throws IOException, InterruptedException {
        PostgresProcess server = PostgresProcess.start("listen_addresses = '127.0.0.1, " + gateway() + "'");
        Files.writeString(
                server.folder().resolve("data/pg_hba.conf"),
                "host all all " + subnet() + " trust\n",
                StandardCharsets.US_ASCII,
                StandardOpenOption.APPEND);
        String unused = server.sql("postgres", "SELECT pg_reload_conf()");
        return server;
    }

    /** All nodes of this network, on such a server. */
    EqualNodes makeNodes(StepPki pki, PostgresProcess server, Map<String, Object> settings) throws Exception {
        Map<String, NodePlace> places = new LinkedHashMap<>();
        nodes.forEach(name -> places.put(name, place(name)));
        String dataSource = server.dataSource(EqualNodes.DATABASE).replace("127.0.0.1", gateway());
        return EqualNodes.make(pki, server, dataSource, places, settings);
    }

    /** Between a node and these addresses nothing passes to or from these ports of either side. */
    static String cut(Collection<String> others, String ports) {
        String addresses = set(others);
        return "chain out { type filter hook output priority 0; policy accept;"
                + " ip daddr " + addresses + " tcp dport " + ports + " drop;"
                + " ip daddr " + addresses + " tcp sport " + ports + " drop; }\n"
                + "chain in { type filter hook input priority 0; policy accept;"
                + " ip saddr " + addresses + " tcp dport " + ports + " drop;"
                + " ip saddr " + addresses + " tcp sport " + ports + " drop; }\n";
    }

    /**
     * What a node says does not arrive there; it hears them, and they hear that it hears them. Its words go astray, to an
     * address that whoever gets them drops: of a packet that is dropped here its kernel knows, and tries each acknowledgement
     * that is due as a part of it, so that none goes out either.
     */
    static String mute(Collection<String> others, String ports) {
        String astray = " ip daddr set " + NOWHERE + ";";
        String words = " ip daddr " + set(others) + " ip length > " + ACKNOWLEDGEMENT;
        return "chain out { type filter hook output priority 0; policy accept;"
                + words + " tcp dport " + ports + astray
                + words + " tcp sport " + ports + astray + " }\n";
    }

    /** One in a hundred packets to and from these addresses, on these ports of either side, is lost. */
    static String lose(Collection<String> others, String ports) {
        String addresses = set(others);
        String lost = " numgen random mod 100 < 1 counter drop;";
        return "chain out { type filter hook output priority 0; policy accept;"
                + " ip daddr " + addresses + " tcp dport " + ports + lost
                + " ip daddr " + addresses + " tcp sport " + ports + lost + " }\n"
                + "chain in { type filter hook input priority 0; policy accept;"
                + " ip saddr " + addresses + " tcp dport " + ports + lost
                + " ip saddr " + addresses + " tcp sport " + ports + lost + " }\n";
    }

    /** New connections to a port there come to one of the test's own instead. */
    String divert(String address, int port, int to) {
        return "chain nat { type nat hook output priority -100; policy accept;" + " ip daddr " + address + " tcp dport "
                + port + " dnat to " + gateway() + ":" + to + "; }\n";
    }

    private static String set(Collection<String> addresses) {
        return "{ " + String.join(", ", addresses) + " }";
    }

    /** Puts rules of nftables, made by the methods above, in force at a node, in the place of those before. */
    void set(String node, String... chains) throws IOException, InterruptedException {
        StringBuilder rules = new StringBuilder("table ip fault\ndelete table ip fault\n");
        for (int i = 0; i < chains.length; i++) {
            rules.append("table ip fault {\n")
                    .append(chains[i].replaceAll("chain (\\w+)", "chain $1" + i))
                    .append("}\n");
        }
        Path file = Files.writeString(
                Files.createTempFile(folder, "rules", ".nft"), rules.toString(), StandardCharsets.UTF_8);
        ip("netns exec " + namespace(node) + " nft -f " + file);
    }

    /** How many packets the rules of {@link #lose} that are in force at a node have dropped. */
    long dropped(String node) throws IOException, InterruptedException {
        String rules = Commands.run(
                        folder, Map.of(), ("ip netns exec " + namespace(node) + " nft list table ip fault").split(" "))
                .succeeded()
                .output();
        return sum(COUNTED, rules);
    }

    private static long sum(Pattern counter, String told) {
        return counter.matcher(told)
                .results()
                .mapToLong(match -> Long.parseLong(match.group(1)))
                .sum();
    }

    void heal(String node) throws IOException, InterruptedException {
        set(node);
    }

    @Override
    public void close() {
        remove();
        boolean unused = Runtime.getRuntime().removeShutdownHook(closing);
    }

    private void remove() {
        List<List<String>> commands = new ArrayList<>();
        nodes.forEach(node -> commands.add(List.of("ip", "netns", "del", namespace(node))));
        commands.add(List.of("ip", "link", "del", bridge()));
        for (List<String> command : commands) {
            try {
                int unused = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor();
            } catch (IOException e) {
                System.out.println("not removed by " + command + ": " + e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Networks of tests that are gone, with the processes that still run in them. */
    private static void removeLeftovers(Path folder) throws IOException, InterruptedException {
        Matcher spaces = NAMESPACE.matcher(
                Commands.run(folder, Map.of(), "ip", "netns", "list").output());
        while (spaces.find()) {
            if (ProcessHandle.of(Long.parseLong(spaces.group(2))).isEmpty()) {
                String name = spaces.group(1);
                // Two tests may find the same one.
                Commands.Result left = Commands.run(folder, Map.of(), "ip", "netns", "pids", name);
                if (left.exitCode() == 0) {
                    left.output()
                            .lines()
                            .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream())
                            .forEach(ProcessHandle::destroyForcibly);
                }
                Commands.Result unused = Commands.run(folder, Map.of(), "ip", "netns", "del", name);
            }
        }
        Matcher links = BRIDGE.matcher(Commands.run(folder, Map.of(), "ip", "-o", "link", "show", "type", "bridge")
                .output());
        while (links.find()) {
            if (ProcessHandle.of(Long.parseLong(links.group(1))).isEmpty()) {
                Commands.Result unused = Commands.run(folder, Map.of(), "ip", "link", "del", links.group());
            }
        }
    }
}
