package io.chancery.conformance;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.testing.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocket;

/**
 * API nodes of one PKI behind a balancer, each at a loopback address of its own and all on the same ports, as on machines
 * of their own. Each has its own store: what a balancer does is the same.
 */
final class BalancedNodes implements AutoCloseable {
    /** Where the shipped files have their nodes; those that are not started are dead. */
    private static final List<String> SHIPPED = List.of("10.0.0.11", "10.0.0.12", "10.0.0.13");

    private static final int SOCKET_MILLIS = 30_000;

    private final StepPki pki;
    private final int[] ports = FreePorts.take(4);
    private final List<ChanceryProcess> nodes = new ArrayList<>();

    private BalancedNodes(StepPki pki) {
        this.pki = pki;
    }

    static BalancedNodes start(StepPki pki, int count) throws Exception {
        BalancedNodes started = new BalancedNodes(pki);
        for (int i = 0; i < count; i++) {
            started.nodes.add(started.startNode(i));
        }
        for (ChanceryProcess node : started.nodes) {
            node.awaitReady();
        }
        return started;
    }

    private static String address(int node) {
        return "127.0.10." + (11 + node);
    }

    private ChanceryProcess startNode(int node) throws Exception {
        Path folder = Files.createDirectories(pki.file("node" + node));
        Map<String, Object> ca = JSONObjectUtils.parse(StepPki.text(pki.caJson()));
        ca.put("address", address(node) + ":" + ports[0]);
        ca.put(
                "db",
                Map.of("type", "sqlite", "dataSource", folder.resolve("data").toString()));
        ca.put("logger", Map.of("format", "text"));
        write(folder.resolve("ca.json"), ca);
        write(
                folder.resolve("chancery.json"),
                Map.of(
                        "management", Map.of("address", address(node) + ":" + ports[2]),
                        "listeners", Map.of("proxyAddress", address(node) + ":" + ports[1]),
                        "trustedProxies", List.of("127.0.0.1"),
                        "limits", Map.of("drain", "2m")));
        return ChanceryProcess.start(
                Map.of(), "start", folder.resolve("ca.json").toString(), "--password-file", pki.password());
    }

    private static void write(Path file, Map<String, Object> json) throws IOException {
        Files.writeString(file, JSONObjectUtils.toJSONString(json), StandardCharsets.UTF_8);
    }

    ChanceryProcess node(int node) {
        return nodes.get(node);
    }

    int balancerPort() {
        return ports[3];
    }

    String url() {
        return "https://localhost:" + balancerPort();
    }

    /** What the shipped file says, and what it must say here. */
    Map<String, String> haproxy(Map<String, String> more) {
        Map<String, String> replaced = servers();
        replaced.putAll(more);
        replaced.put("check port 9090", "check port " + ports[2]);
        return replaced;
    }

    Map<String, String> nginx(Map<String, String> more) {
        Map<String, String> replaced = servers();
        replaced.putAll(more);
        return replaced;
    }

    private Map<String, String> servers() {
        Map<String, String> replaced = new LinkedHashMap<>();
        for (int i = 0; i < SHIPPED.size(); i++) {
            replaced.put(SHIPPED.get(i) + ":9443", proxyPort(i));
        }
        return replaced;
    }

    private String proxyPort(int node) {
        return address(node) + ":" + ports[1];
    }

    /** The whole answer to a GET on a connection of its own, from an address of this machine. */
    String get(String path, String from) throws Exception {
        try (SSLSocket socket = (SSLSocket) ApiClient.trusting(pki.root())
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), balancerPort(), InetAddress.getByName(from), 0)) {
            socket.setSoTimeout(SOCKET_MILLIS);
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Lines of all nodes that contain a text. */
    List<String> linesWith(String text) {
        return nodes.stream()
                .flatMap(node -> node.lines().stream())
                .filter(line -> line.contains(text))
                .toList();
    }

    long requestsOf(int node) {
        return nodes.get(node).lines().stream()
                .filter(line -> line.contains(" method="))
                .count();
    }

    /** Kills what was started: they drain for longer than a test lasts. */
    @Override
    public void close() throws InterruptedException {
        for (ChanceryProcess node : nodes) {
            node.kill();
        }
    }
}
