package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.testing.Eventually;
import io.chancery.testing.PostgresProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bus certificates and their CA are replaced while clients ask, with the key in another process than the API. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class BusRotationIT {
    private static final String TAKEN_UP = "the bus certificate and its CAs were taken up";
    /** A second more than that. */
    private static final Duration OLD_CONNECTIONS_LIVE = Duration.ofSeconds(16);

    private static final List<String> FILES = List.of("bus.crt", "bus.key", "cluster-ca.crt");

    @TempDir
    private Path folder;

    private PostgresProcess server;
    private EqualNodes nodes;
    private ApiClient api;

    @BeforeEach
    void start() throws Exception {
        server = PostgresProcess.start();
        nodes = EqualNodes.make(StepPki.init(folder), server, 2, Map.of());
        ChanceryProcess signer = nodes.start("n2", "signer");
        signer.awaitReady();
        ChanceryProcess front = nodes.start("n1", "api");
        front.awaitReady();
        api = nodes.api("n1");
    }

    @AfterEach
    void stop() throws Exception {
        try (PostgresProcess stopped = server) {
            nodes.close();
        }
    }

    private Path clusterFolder() {
        return nodes.file("n1", "bus.crt").getParent().getParent();
    }

    private void cluster(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("chancery.home"), "bin/chancery").toString(), "cluster"));
        command.addAll(Arrays.asList(arguments));
        command.addAll(List.of("--folder", clusterFolder().toString()));
        Commands.run(folder, Map.of(), command.toArray(String[]::new)).succeeded();
    }

    /** The nodes' files are where they run, so nothing is copied: they take up what the command writes. */
    private void rotate(ClientLoad load, String... arguments) throws Exception {
        Map<String, Integer> before = Map.of(
                "n1", nodes.process("n1").lines().size(),
                "n2", nodes.process("n2").lines().size());
        cluster(arguments);
        for (String name : nodes.names()) {
            nodes.process(name).awaitLine(TAKEN_UP, before.get(name));
        }
        int sent = load.sent().size();
        Eventually.holds("the load goes on", () -> load.sent().size() >= sent + 50);
    }

    @Test
    void certificates_and_then_their_authority_are_replaced_under_load_and_no_request_is_lost() throws Exception {
        keep("removed");
        ClientLoad load = ClientLoad.start(api, "rotation.example", 8, 100);
        try (load) {
            load.awaitTarget();
            rotate(load, "renew", "n1", "n2");
            rotate(load, "rotate-ca", "trust");
            rotate(load, "rotate-ca", "issue");
            rotate(load, "rotate-ca", "finish");
            long closed = System.nanoTime() + OLD_CONNECTIONS_LIVE.toNanos();
            while (System.nanoTime() - closed < 0) {
                Thread.onSpinWait();
            }
        }
        List<String> held = new ArrayList<>();
        for (ClientLoad.Sent request : load.sent()) {
            assertThat(request.answer().join().status())
                    .as(request.answer().join().body())
                    .isEqualTo(201);
            held.add(request.held());
        }
        assertThat(held).hasSizeGreaterThan(300);
        StoreTruth.check(nodes.store(), nodes.signatures(), nodes.pki().intermediate(), held);
        for (String name : nodes.names()) {
            nodes.process(name).assertNeverBlocked();
        }
        theRemovedAuthorityIsRefused();
    }

    /** Puts a copy of the API node's files aside, as somebody might who has found them. */
    private void keep(String name) throws IOException {
        Path kept = Files.createDirectory(folder.resolve(name));
        for (String file : FILES) {
            Files.copy(nodes.file("n1", file), kept.resolve(file));
        }
    }

    /** The API node starts again with the files of before: it is kept out at the door. */
    private void theRemovedAuthorityIsRefused() throws Exception {
        nodes.process("n1").close();
        for (String file : FILES) {
            Files.copy(
                    folder.resolve("removed").resolve(file),
                    nodes.file("n1", file),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        // Whom it believes is its own affair: it takes the new authority as well.
        Files.writeString(
                nodes.file("n1", "cluster-ca.crt"),
                StepPki.text(nodes.file("n1", "cluster-ca.crt")) + StepPki.text(nodes.file("n2", "cluster-ca.crt")));
        ChanceryProcess again = nodes.start("n1", "api");
        assertThat(again.awaitEnd()).isEqualTo(1);
        assertThat(again.lines())
                .anyMatch(line -> line.contains("this node does not belong to it") && line.contains("cluster CA"));
    }
}
