package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.testing.PostgresProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code chancery cluster doctor} before nodes of which one is not well. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ClusterDoctorIT {
    private static Commands.Result doctor(EqualNodes nodes) throws Exception {
        return Commands.run(
                nodes.pki().folder(),
                Map.of(),
                Path.of(System.getProperty("chancery.home"), "bin/chancery").toString(),
                "cluster",
                "doctor",
                "--config",
                nodes.file("n1", "ca.json").toString(),
                "--management",
                nodes.process("n1").awaitManagement().substring("http://".length()));
    }

    private static String awaitFinding(EqualNodes nodes, Predicate<Commands.Result> holds) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        Commands.Result last = doctor(nodes);
        while (!holds.test(last)) {
            assertThat(System.nanoTime() - end).as(last.output()).isNegative();
            last = doctor(nodes);
        }
        return last.output();
    }

    @Test
    void it_finds_a_node_without_its_key_one_that_lacks_an_issuer_and_one_that_hangs(@TempDir Path folder)
            throws Exception {
        StepPki pki = StepPki.init(folder);
        Map<String, Object> next = IssuerFiles.make(pki, "next");
        try (PostgresProcess server = PostgresProcess.start();
                EqualNodes nodes = EqualNodes.make(pki, server, 3, Map.of("issuers", List.of(next)))) {
            nodes.set("n3", Map.of("issuers", List.of()));
            for (String node : nodes.names()) {
                assertThat(nodes.start(node).pid()).isPositive();
            }
            for (String node : nodes.names()) {
                assertThat(nodes.process(node).awaitReady()).isNotEmpty();
            }
            String found = awaitFinding(nodes, result -> result.output().contains("ok\tanswers\tn3 (all"));
            assertThat(found)
                    .containsPattern("warning\tissuers\tissuer next \\([0-9a-f]{12}\\) is not known on n3")
                    .contains("to do: list it in chancery.json#/issuers there");

            nodes.set("n3", Map.of("issuers", List.of(next)));
            nodes.process("n3").signal("HUP");
            assertThat(awaitFinding(
                            nodes,
                            result -> result.exitCode() == 0 && !result.output().contains("warning")))
                    .containsPattern("ok\tkeys\tissuer next \\([0-9a-f]{12}\\) is signed for by n1 and n2 and n3");

            nodes.process("n2").kill();
            nodes.set(
                    "n2",
                    Map.of(
                            "kms",
                            Map.of("key", "pkcs11:module-path=" + TokenPki.library() + ";token=gone;object=gone")));
            assertThat(nodes.start("n2").awaitReady()).isNotEmpty();
            found = awaitFinding(nodes, result -> result.output().contains("on n2 is "));
            assertThat(found)
                    .containsPattern("failed\tkeys\tthe key of issuer ca.json \\([0-9a-f]{12}\\) on n2 is healing")
                    .contains("to do: chancery hsm doctor there");
            assertThat(doctor(nodes).exitCode()).isEqualTo(1);

            nodes.process("n3").signal("STOP");
            assertThat(awaitFinding(nodes, result -> result.output().contains("failed\tanswers\tn3")))
                    .contains("does not answer on the bus");
        }
    }

    @Test
    void it_finds_what_the_doctor_of_another_node_finds(@TempDir Path folder) throws Exception {
        StepPki pki = TokenPki.init(folder);
        Path pin = pki.file("pin-of-n2");
        Files.copy(TokenPki.pinFile(pki), pin);
        Files.setPosixFilePermissions(pin, PosixFilePermissions.fromString("rw-r-----"));
        try (PostgresProcess server = PostgresProcess.start();
                EqualNodes nodes = EqualNodes.make(pki, server, 2, Map.of())) {
            nodes.set(
                    "n2",
                    Map.of(
                            "kms",
                            Map.of(
                                    "uri",
                                    "pkcs11:module-path=" + TokenPki.library() + ";token=issuing?pin-source=" + pin)));
            nodes.startAll();
            String found = awaitFinding(
                    nodes,
                    result -> result.output().contains("ok\tanswers\tn2 (all")
                            && result.output().contains("signed for by n1 and n2"));
            assertThat(found)
                    .containsPattern("failed\tpin-file\tissuer ca.json \\([0-9a-f]{12}\\) on n2: \\Q" + pin
                            + "\\E can be read or written by others")
                    .contains("to do: on n2: chmod 600 " + pin)
                    .containsPattern("ok\tpin-file\tissuer ca.json \\([0-9a-f]{12}\\): \\Q" + TokenPki.pinFile(pki)
                            + "\\E is its owner's alone, of \\S+ on n1\\n")
                    .doesNotContain(StepPki.text(pin).strip());
            assertThat(doctor(nodes).exitCode()).isEqualTo(1);

            Files.setPosixFilePermissions(pin, PosixFilePermissions.fromString("rw-------"));
            found = awaitFinding(
                    nodes,
                    result -> result.exitCode() == 0
                            && result.output().contains("s, verified with the certificate's key on n1 and n2"));
            for (String check : List.of(
                    "pin-state",
                    "pin-accepted",
                    "certificate-on-token",
                    "certificate-matches",
                    "chain-to-root",
                    "test-signature")) {
                assertThat(found).containsPattern("ok\t" + check + "\tissuer ca.json .* on n1 and n2\n");
            }
            assertThat(found).doesNotContain("skipped\t");
        }
    }
}
