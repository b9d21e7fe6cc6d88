package io.chancery.conformance;

import io.chancery.testing.FreePorts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** HAProxy, by its shipped file, before three nodes of one cluster on loopback. */
final class ClusterBalancer implements AutoCloseable {
    /** Where the shipped file has its nodes. */
    private static final List<String> SHIPPED = List.of("10.0.0.11:9443", "10.0.0.12:9443", "10.0.0.13:9443");

    private static final long PATIENCE_SECONDS = 60;

    private final StepPki pki;
    private final Balancer haproxy;
    private final String url;

    private ClusterBalancer(StepPki pki, Balancer haproxy, String url) {
        this.pki = pki;
        this.haproxy = haproxy;
        this.url = url;
    }

    /**
     * Starts it, and gives each node the ports that it goes to; to be called before the nodes are started.
     *
     * @param folder for its file
     */
    static ClusterBalancer before(EqualNodes nodes, Path folder) throws Exception {
        Map<String, String> replaced = new LinkedHashMap<>();
        for (int i = 0; i < SHIPPED.size(); i++) {
            int[] ports = FreePorts.take(2);
            nodes.set(
                    nodes.names().get(i),
                    Map.of(
                            "listeners", Map.of("proxyAddress", "127.0.0.1:" + ports[0]),
                            "trustedProxies", List.of("127.0.0.1"),
                            "management", Map.of("address", "127.0.0.1:" + ports[1])));
            replaced.put(SHIPPED.get(i), "127.0.0.1:" + ports[0] + " port " + ports[1]);
        }
        int front = FreePorts.take();
        replaced.put("bind :443", "bind 127.0.0.1:" + front);
        replaced.put("log /dev/log local0", "log stdout format raw local0");
        Path file = DeployFiles.copy("haproxy/haproxy.cfg", folder.resolve("haproxy.cfg"), replaced);
        return new ClusterBalancer(
                nodes.pki(), Balancer.start("haproxy", "-db", "-f", file.toString()), "https://localhost:" + front);
    }

    /** Waits until a node behind it can issue. */
    void awaitNode() throws Exception {
        ApiClient api = api();
        ClusterJudge.await("a node behind HAProxy", PATIENCE_SECONDS, () -> {
            try {
                return api.get("/health").status() == 200;
            } catch (IOException e) {
                return false;
            }
        });
    }

    /** A client that knows of no node. */
    ApiClient api() throws Exception {
        return ApiClient.at(pki, url);
    }

    @Override
    public void close() throws InterruptedException {
        haproxy.close();
    }
}
