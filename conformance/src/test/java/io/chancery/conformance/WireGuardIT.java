package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped files of WireGuard and of the firewall, in force at two nodes: the grid's port is in the tunnel alone. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class WireGuardIT {
    private static final String DEVICE = "wg-chancery";
    private static final String HAZELCAST = "5701";
    private static final String ANOTHER = "5703";
    private static final long TUNNEL_SECONDS = 30;

    @TempDir
    private Path folder;

    private final Map<String, String> publicKeys = new HashMap<>();

    /** Why the kernel cannot do it; empty when it can. */
    private Optional<String> missing() throws Exception {
        Commands.Result tried =
                run(List.of(), "unshare", "--net", "ip", "link", "add", "name", "try0", "type", "wireguard");
        return tried.exitCode() == 0
                ? Optional.empty()
                : Optional.of(tried.output().strip());
    }

    private Commands.Result run(List<String> before, String... command) throws Exception {
        List<String> all = new ArrayList<>(before);
        all.addAll(List.of(command));
        return Commands.run(folder, Map.of(), all.toArray(String[]::new));
    }

    @Test
    void the_grids_port_is_reached_through_the_tunnel_and_not_past_it() throws Exception {
        Optional<String> missing = missing();
        if (missing.isPresent()) {
            System.out.println("not on this kernel: WireGuard: " + missing.get());
            return;
        }
        try (NodeNetwork network = NodeNetwork.make(folder, List.of("ca1", "ca2"))) {
            for (String name : List.of("ca1", "ca2", "ca3")) {
                makeKeys(name);
            }
            inForce(network, "ca1", "ca2", fileOfTheFirst(network));
            inForce(network, "ca2", "ca1", fileOfTheSecond(network));
            Process grid = listen(network, HAZELCAST);
            Process another = listen(network, ANOTHER);
            try {
                String inside = "10.9.0.12";
                String outside = network.address("ca2");
                awaitReached(network, inside, HAZELCAST);
                assertThat(reaches(network, outside, HAZELCAST))
                        .as("past the tunnel")
                        .isFalse();
                assertThat(reaches(network, inside, ANOTHER))
                        .as("another port in the tunnel")
                        .isFalse();
                run(network.inside("ca2"), "nft", "delete", "table", "inet", "chancery")
                        .succeeded();
                awaitReached(network, outside, HAZELCAST); // it was the firewall that kept it closed
                awaitReached(network, inside, ANOTHER);
            } finally {
                grid.destroy();
                another.destroy();
            }
        }
    }

    private Path file(String name, String file) throws IOException {
        return Files.createDirectories(folder.resolve(name)).resolve(file);
    }

    private void makeKeys(String name) throws Exception {
        String key = file(name, "key").toString();
        run(List.of(), "sh", "-ec", "umask 077; wg genkey >'" + key + "'").succeeded();
        publicKeys.put(
                name,
                run(List.of(), "sh", "-ec", "wg pubkey <'" + key + "'")
                        .succeeded()
                        .output()
                        .strip());
    }

    private String publicKey(String name) {
        return Objects.requireNonNull(publicKeys.get(name), name);
    }

    /** What the shipped file is to have in the place of its examples; the third node is nowhere. */
    private Map<String, String> fileOfTheFirst(NodeNetwork network) throws IOException {
        return Map.of(
                "/etc/wireguard/ca1.key", file("ca1", "key").toString(),
                "PUBLIC_KEY_OF_CA2=", publicKey("ca2"),
                "10.0.0.12:51820", network.address("ca2") + ":51820",
                "PUBLIC_KEY_OF_CA3=", publicKey("ca3"),
                "10.0.0.13:51820", network.gateway() + ":51820");
    }

    private Map<String, String> fileOfTheSecond(NodeNetwork network) throws IOException {
        return Map.of(
                "/etc/wireguard/ca1.key",
                file("ca2", "key").toString(),
                "10.9.0.11/24",
                "10.9.0.12/24",
                "PUBLIC_KEY_OF_CA2=",
                publicKey("ca1"),
                "10.9.0.12/32",
                "10.9.0.11/32",
                "10.0.0.12:51820",
                network.address("ca1") + ":51820",
                "PUBLIC_KEY_OF_CA3=",
                publicKey("ca3"),
                "10.0.0.13:51820",
                network.gateway() + ":51820");
    }

    /** The firewall first, as on a node that starts. */
    private void inForce(NodeNetwork network, String name, String other, Map<String, String> replaced)
            throws Exception {
        Path firewall = DeployFiles.copy(
                "wireguard/nftables.conf",
                file(name, "nftables.conf"),
                Map.of("10.0.0.11, 10.0.0.12, 10.0.0.13", network.address(name) + ", " + network.address(other)));
        run(network.inside(name), "nft", "-f", firewall.toString()).succeeded();
        Path tunnel = DeployFiles.copy("wireguard/wg-chancery.conf", file(name, DEVICE + ".conf"), replaced);
        run(network.inside(name), "wg-quick", "up", tunnel.toString()).succeeded();
    }

    /** Something at the second node that takes connections on every address. */
    private Process listen(NodeNetwork network, String port) throws IOException {
        List<String> command = new ArrayList<>(network.inside("ca2"));
        command.addAll(List.of("openssl", "s_server", "-nocert", "-quiet", "-accept", "0.0.0.0:" + port));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** Whether the first node gets a connection within two seconds. */
    private boolean reaches(NodeNetwork network, String address, String port) throws Exception {
        return run(network.inside("ca1"), "timeout", "2", "bash", "-c", ": </dev/tcp/" + address + "/" + port)
                        .exitCode()
                == 0;
    }

    private void awaitReached(NodeNetwork network, String address, String port) throws Exception {
        ClusterJudge.await(address + ":" + port + " is reached", TUNNEL_SECONDS, () -> reaches(network, address, port));
    }
}
