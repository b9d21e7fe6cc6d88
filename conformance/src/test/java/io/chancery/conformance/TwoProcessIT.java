package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One process has the API and the store, another the key: they meet in the grid and speak over a bus with mTLS. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class TwoProcessIT {
    @TempDir
    private Path folder;

    private StepPki pki;
    private final List<ChanceryProcess> started = new ArrayList<>();

    @BeforeEach
    void cluster() throws Exception {
        pki = StepPki.init(folder);
        makeCluster("cluster", ports(6));
    }

    @AfterEach
    void stop() throws Exception {
        for (ChanceryProcess process : started) {
            process.kill();
        }
    }

    /** Three nodes; each gets the PKI's ca.json, and the management port is any. */
    private void makeCluster(String name, int[] port) throws Exception {
        String chancery =
                Path.of(System.getProperty("chancery.home"), "bin/chancery").toString();
        Commands.run(
                        folder,
                        Map.of(),
                        chancery,
                        "cluster",
                        "init",
                        folder.resolve(name).toString(),
                        "--name",
                        "conformance-" + port[0],
                        "--node",
                        "api=127.0.0.1:" + port[0] + ":" + port[1],
                        "--node",
                        "signer=127.0.0.1:" + port[2] + ":" + port[3],
                        "--node",
                        "third=127.0.0.1:" + port[4] + ":" + port[5])
                .succeeded();
        for (String node : List.of("api", "signer", "third")) {
            Path own = folder.resolve(name).resolve(node);
            Map<String, Object> ca = JSONObjectUtils.parse(StepPki.text(pki.caJson()));
            if (!node.equals("api")) {
                ca.put(
                        "db",
                        Map.of(
                                "type",
                                "sqlite",
                                "dataSource",
                                own.resolve("data").toString()));
            }
            Files.writeString(own.resolve("ca.json"), JSONObjectUtils.toJSONString(ca), StandardCharsets.UTF_8);
            Map<String, Object> settings =
                    new HashMap<>(JSONObjectUtils.parse(StepPki.text(own.resolve("chancery.json"))));
            settings.put("management", Map.of("address", "127.0.0.1:0"));
            Files.writeString(
                    own.resolve("chancery.json"), JSONObjectUtils.toJSONString(settings), StandardCharsets.UTF_8);
        }
    }

    private static int[] ports(int count) throws IOException {
        int[] ports = new int[count];
        List<ServerSocket> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            ports[i] = sockets.get(i).getLocalPort();
        }
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return ports;
    }

    private ChanceryProcess start(String cluster, String node, String role) throws IOException {
        ChanceryProcess process = ChanceryProcess.start(
                Map.of(),
                "start",
                folder.resolve(cluster).resolve(node).resolve("ca.json").toString(),
                "--password-file",
                pki.password(),
                "--role",
                role);
        started.add(process);
        return process;
    }

    @Test
    void they_issue_together_and_a_lost_signer_is_a_503_until_it_is_back() throws Exception {
        ChanceryProcess signer = start("cluster", "signer", "signer");
        signer.awaitReady();
        ChanceryProcess api = start("cluster", "api", "api");
        api.awaitReady();
        ApiClient client = ApiClient.of(pki);
        String csr = client.csr("two.example");
        assertThat(client.sign(csr, client.token("two.example")).status()).isEqualTo(201);
        assertThat(librariesOf(api)).noneMatch(line -> line.contains("j2pkcs11") || line.contains("softhsm"));

        signer.kill();
        String token = client.token("two.example");
        ApiClient.Answer refused = client.sign(csr, token);
        assertThat(refused.status()).as(refused.body()).isEqualTo(503);
        assertThat(refused.header("Retry-After")).isNotEmpty();

        start("cluster", "signer", "signer").awaitReady();
        String fresh = eventuallyIssued(client, csr);
        assertThat(client.sign(csr, fresh).status()).isEqualTo(401);
    }

    /** Tries with new tokens until one is answered with a certificate; answers that token. */
    private static String eventuallyIssued(ApiClient client, String csr) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        ApiClient.Answer last;
        do {
            String token = client.token("two.example");
            last = client.sign(csr, token);
            if (last.status() == 201) {
                return token;
            }
            assertThat(last.status()).isEqualTo(503);
        } while (System.nanoTime() - end < 0);
        throw new AssertionError("no certificate after the signer came back: " + last.body());
    }

    @Test
    void a_process_in_the_grid_without_a_bus_certificate_of_the_cluster_gets_no_signature() throws Exception {
        // The intruder is in the same grid, with a certificate of another cluster CA.
        makeCluster("strangers", ports(6));
        Path stranger = folder.resolve("strangers/third");
        Path own = folder.resolve("cluster/third");
        for (String file : List.of("bus.crt", "bus.key", "cluster-ca.crt")) {
            Files.copy(stranger.resolve(file), own.resolve(file), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        start("cluster", "signer", "signer").awaitReady();
        start("cluster", "api", "api").awaitReady();
        ApiClient client = ApiClient.of(pki);
        Map<String, Object> ca = JSONObjectUtils.parse(StepPki.text(own.resolve("ca.json")));
        ca.put("address", "127.0.0.1:" + ports(1)[0]);
        Files.writeString(own.resolve("ca.json"), JSONObjectUtils.toJSONString(ca), StandardCharsets.UTF_8);
        ChanceryProcess intruder = start("cluster", "third", "api");
        // It needs a signature for its own server certificate first, and never gets one.
        intruder.awaitLine("the API port stays closed: no server certificate yet");
        assertThat(intruder.lines()).noneMatch(line -> line.startsWith("ready: "));
        assertThat(client.sign(client.csr("two.example"), client.token("two.example"))
                        .status())
                .isEqualTo(201);
        assertThat(StepPki.text(folder.resolve("cluster/signer/data/signatures.log")))
                .doesNotContain("third");
    }

    private static List<String> librariesOf(ChanceryProcess process) throws IOException {
        try (Stream<String> maps = Files.lines(Path.of("/proc/" + process.pid() + "/maps"))) {
            return maps.toList();
        }
    }
}
