package io.chancery.conformance;

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

/** A cluster of one API node and one signer on one PKI, in processes of their own; each may be started again. */
final class TwoProcesses implements AutoCloseable {
    private final StepPki pki;
    private final List<ChanceryProcess> started = new ArrayList<>();

    TwoProcesses(StepPki pki) throws Exception {
        this.pki = pki;
        int[] port = ports(4);
        Commands.run(
                        pki.folder(),
                        Map.of(),
                        Path.of(System.getProperty("chancery.home"), "bin/chancery")
                                .toString(),
                        "cluster",
                        "init",
                        pki.folder().resolve("cluster").toString(),
                        "--name",
                        "conformance-" + port[0],
                        "--node",
                        "api=127.0.0.1:" + port[0] + ":" + port[1],
                        "--node",
                        "signer=127.0.0.1:" + port[2] + ":" + port[3])
                .succeeded();
        for (String node : List.of("api", "signer")) {
            prepare(node);
        }
    }

    private Path folder(String node) {
        return pki.folder().resolve("cluster").resolve(node);
    }

    /** The PKI's ca.json, a data folder of the signer's own, and any management port. */
    private void prepare(String node) throws Exception {
        Map<String, Object> ca = JSONObjectUtils.parse(StepPki.text(pki.caJson()));
        if (node.equals("signer")) {
            String data = folder(node).resolve("data").toString();
            ca.put("db", Map.of("type", "sqlite", "dataSource", data));
        }
        write(folder(node).resolve("ca.json"), ca);
        Path chanceryJson = folder(node).resolve("chancery.json");
        Map<String, Object> settings = new HashMap<>(JSONObjectUtils.parse(StepPki.text(chanceryJson)));
        settings.put("management", Map.of("address", "127.0.0.1:0"));
        write(chanceryJson, settings);
    }

    private static void write(Path file, Map<String, Object> json) throws IOException {
        Files.writeString(file, JSONObjectUtils.toJSONString(json), StandardCharsets.UTF_8);
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

    /** @param role {@code api} or {@code signer}, as the node is called, too */
    ChanceryProcess start(String role) throws IOException {
        ChanceryProcess process = ChanceryProcess.start(
                Map.of(),
                "start",
                folder(role).resolve("ca.json").toString(),
                "--password-file",
                pki.password(),
                "--role",
                role);
        started.add(process);
        return process;
    }

    @Override
    public void close() throws Exception {
        for (ChanceryProcess process : started) {
            process.kill();
        }
    }
}
