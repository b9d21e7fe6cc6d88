package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.conformance.ApiClient.Answer;
import io.chancery.conformance.ClientLoad.Sent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** More than one node can bear: it says so at once, harms nobody that it has admitted, and is well afterwards. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class OverloadIT {
    private static final String NAME = "overload.example";
    private static final int REQUESTS = 2_000;
    private static final int ADMITTED = 50;
    private static final int MORE_FILES = 40;

    private StepPki pki;
    private ChanceryProcess ca;
    private ApiClient api;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        pki = StepPki.init(folder);
        pki.configure(Map.of("limits", Map.of("inFlight", ADMITTED)));
        ca = pki.start();
        ca.awaitReady();
        api = ApiClient.of(pki);
    }

    @AfterAll
    void stop() throws Exception {
        if (ca != null) {
            ca.close();
        }
    }

    @Test
    void two_thousand_requests_at_once_all_end_and_those_over_the_limit_are_told_to_try_again() throws Exception {
        String csr = api.csr(NAME);
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            tokens.add(api.token(NAME));
        }
        List<Sent> sent = new ArrayList<>();
        for (String token : tokens) {
            sent.add(ClientLoad.send(api, csr, token));
        }
        int issued = 0;
        int refused = 0;
        int turnedAway = 0;
        for (Sent request : sent) {
            try {
                Answer answer = request.answer().get(60, TimeUnit.SECONDS);
                assertThat(answer.status()).as(answer.body()).isIn(201, 503);
                if (answer.status() == 201) {
                    issued++;
                } else {
                    assertThat(answer.header("Retry-After")).isNotEmpty();
                    refused++;
                }
            } catch (ExecutionException e) {
                // Two thousand handshakes at once: the operating system's own queue of connections has an end, too.
                assertThat(e).hasRootCauseInstanceOf(IOException.class);
                turnedAway++;
            }
        }
        System.out.println("of " + REQUESTS + " at once: " + issued + " issued, " + refused + " told to try again, "
                + turnedAway + " without a connection");
        assertThat(issued).isGreaterThanOrEqualTo(ADMITTED);
        assertThat(refused).isPositive();
        assertThat(api.sign(csr, api.token(NAME)).status()).isEqualTo(201);
        assertThat(StoreRows.boughtTwice(pki.database())).isEmpty();
    }

    @Test
    void out_of_file_descriptors_it_recovers_when_connections_go() throws Exception {
        String csr = api.csr(NAME);
        assertThat(api.sign(csr, api.token(NAME)).status()).isEqualTo(201);
        long open = openFiles().size();
        limitFiles(open + MORE_FILES);
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 2 * MORE_FILES; i++) {
                sockets.add(new Socket(InetAddress.getLoopbackAddress(), pki.port()));
            }
            assertThat(ca.isAlive()).isTrue();
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!issues(csr)) {
            assertThat(System.nanoTime() - end)
                    .as("no certificate after the connections went")
                    .isNegative();
        }
        limitFiles(65_536);
    }

    private boolean issues(String csr) throws Exception {
        try {
            return ApiClient.of(pki).sign(csr, api.token(NAME)).status() == 201;
        } catch (ExecutionException e) {
            return false; // no connection yet
        }
    }

    private void limitFiles(long files) throws Exception {
        Commands.run(
                        pki.folder(),
                        Map.of(),
                        "prlimit",
                        "--pid",
                        Long.toString(ca.pid()),
                        "--nofile=" + files + ":65536")
                .succeeded();
    }

    @Test
    void a_single_node_listens_on_its_api_and_management_port_alone() throws Exception {
        int management = Integer.parseInt(ca.management().replaceAll(".*:", ""));
        assertThat(listening()).containsExactlyInAnyOrder(pki.port(), management);
    }

    /** The TCP ports, of both families, that the process itself listens on. */
    private Set<Integer> listening() throws IOException {
        Set<String> own = Set.copyOf(openFiles());
        Set<Integer> ports = new TreeSet<>();
        for (String family : List.of("tcp", "tcp6")) {
            for (String line : Files.readAllLines(Path.of("/proc/" + ca.pid() + "/net/" + family))) {
                String[] words = line.strip().split("\\s+");
                if (words[3].equals("0A") && own.contains("socket:[" + words[9] + "]")) {
                    ports.add(Integer.parseInt(words[1].substring(words[1].indexOf(':') + 1), 16));
                }
            }
        }
        return ports;
    }

    /** What the process's open files are: paths, or {@code socket:[inode]}. */
    private List<String> openFiles() throws IOException {
        List<String> targets = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of("/proc/" + ca.pid() + "/fd"))) {
            for (Path file : files.toList()) {
                if (Files.isSymbolicLink(file)) { // it may have been closed meanwhile
                    targets.add(Files.readSymbolicLink(file).toString());
                }
            }
        }
        return targets;
    }
}
