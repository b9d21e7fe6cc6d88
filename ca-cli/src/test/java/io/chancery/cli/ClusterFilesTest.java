package io.chancery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.cluster.mtls.BusIdentity;
import io.chancery.core.config.ChanceryConfig;
import io.chancery.core.config.ChanceryConfigReader;
import io.chancery.testing.MutableInstantSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of a cluster's nodes, as {@code chancery cluster} makes and changes them. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class ClusterFilesTest {
    @TempDir
    private Path temporary;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private Path folder;

    @BeforeEach
    void init() {
        folder = temporary.resolve("cluster");
        assertThat(chancery(
                        "init",
                        folder.toString(),
                        "--name",
                        "some",
                        "--node",
                        "n1=10.0.0.1:5701:5801",
                        "--node",
                        "n2=10.0.0.2:5701:5801"))
                .isZero();
    }

    private int chancery(String... arguments) {
        return chancery(Instant.parse("2026-06-01T12:00:00Z"), arguments);
    }

    private int chancery(Instant now, String... arguments) {
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        List<String> command = new ArrayList<>(List.of("cluster"));
        command.addAll(Arrays.asList(arguments));
        if (!arguments[0].equals("init")) {
            command.addAll(List.of("--folder", folder.toString()));
        }
        return Main.run(
                new Surroundings(out, out, new MutableInstantSource(now), new SecureRandom(), new ProcessEnd()),
                command.toArray(String[]::new));
    }

    private ChanceryConfig.Cluster settings(String node) throws Exception {
        Path own = folder.resolve(node);
        var read = ChanceryConfigReader.read("chancery.json", Files.readString(own.resolve("chancery.json")), own);
        assertThat(read.problems()).isEmpty();
        return read.config().orElseThrow().cluster().orElseThrow();
    }

    private BusIdentity identity(String node) throws Exception {
        return BusIdentity.read(settings(node));
    }

    private static boolean believes(BusIdentity node, BusIdentity other) {
        for (X509Certificate authority : node.authorities()) {
            try {
                other.certificate().verify(authority.getPublicKey());
                return true;
            } catch (GeneralSecurityException e) {
                assertThat(e).isNotNull(); // the next one may
            }
        }
        return false;
    }

    /** Every file, with its content. */
    private Map<String, String> content() throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.put(folder.relativize(file).toString(), Files.readString(file, StandardCharsets.UTF_8));
            }
        }
        return all;
    }

    @Test
    void in_the_cluster_CAs_last_year_certificates_end_with_it_and_the_commands_say_so() throws Exception {
        Instant end = identity("n1").authorities().get(0).getNotAfter().toInstant();
        assertThat(printed.toString(StandardCharsets.UTF_8)).doesNotContain("the cluster CA ends");
        for (List<String> command : List.of(List.of("renew", "n1"), List.of("add", "n3=10.0.0.3:5701:5801"))) {
            printed.reset();
            assertThat(chancery(end.minusSeconds(86_400), command.toArray(String[]::new)))
                    .isZero();
            assertThat(printed.toString(StandardCharsets.UTF_8)).contains("the cluster CA ends at " + end);
        }
        for (String node : List.of("n1", "n3")) {
            assertThat(identity(node).certificate().getNotAfter().toInstant()).isEqualTo(end);
        }
    }

    @Test
    void a_node_that_is_added_believes_the_others_and_is_believed_and_every_file_names_it() throws Exception {
        assertThat(chancery("add", "n3=10.0.0.3:5701:5801")).isZero();
        ChanceryConfig.Cluster added = settings("n3");
        assertThat(added.node()).isEqualTo("n3");
        assertThat(added.name()).isEqualTo("some");
        assertThat(added.apiNode()).contains("n1");
        assertThat(added.bus().port()).isEqualTo(5801);
        for (String node : List.of("n1", "n2", "n3")) {
            assertThat(settings(node).members()).containsExactly("10.0.0.1:5701", "10.0.0.2:5701", "10.0.0.3:5701");
            assertThat(believes(identity(node), identity("n3"))).isTrue();
            assertThat(believes(identity("n3"), identity(node))).isTrue();
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("n3/bus.key"))))
                .isEqualTo("rw-------");
    }

    @Test
    void other_settings_of_a_node_outlive_the_adding_of_another() throws Exception {
        Path file = folder.resolve("n1/chancery.json");
        Files.writeString(file, Files.readString(file).replaceFirst("\\{", "{\"limits\":{\"inFlight\":7},"));
        assertThat(chancery("add", "n3=10.0.0.3:5701:5801")).isZero();
        assertThat(Files.readString(file)).contains("\"inFlight\":7").contains("10.0.0.3:5701");
    }

    @Test
    void a_node_that_is_there_or_an_address_that_is_taken_changes_nothing() throws Exception {
        Map<String, String> before = content();
        assertThat(chancery("add", "n2=10.0.0.9:5701:5801")).isEqualTo(2);
        assertThat(chancery("add", "n3=10.0.0.2:5701:5999")).isEqualTo(2);
        assertThat(chancery("add", "n3=10.0.0.2:5999:5801")).isEqualTo(2);
        assertThat(chancery("add", "n3")).isEqualTo(2);
        assertThat(content()).isEqualTo(before);
    }

    @Test
    void a_renewed_node_has_another_key_and_is_believed_as_before_and_nothing_else_changes() throws Exception {
        Map<String, String> before = content();
        assertThat(chancery("renew", "n2")).isZero();
        Map<String, String> after = content();
        assertThat(after.get("n2/bus.key")).isNotEqualTo(before.get("n2/bus.key"));
        assertThat(believes(identity("n1"), identity("n2"))).isTrue();
        after.keySet().removeAll(List.of("n2/bus.key", "n2/bus.crt"));
        before.keySet().removeAll(List.of("n2/bus.key", "n2/bus.crt"));
        assertThat(after).isEqualTo(before);

        assertThat(chancery("renew", "n1", "n9")).isEqualTo(2);
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("has no node n9, but n1, n2");
    }

    @Test
    void in_each_step_of_a_rotation_nodes_with_the_last_files_and_nodes_with_the_new_ones_believe_each_other()
            throws Exception {
        BusIdentity removed = identity("n1");
        for (String step : List.of("trust", "issue", "finish")) {
            List<BusIdentity> nodes = new ArrayList<>(List.of(identity("n1"), identity("n2")));
            assertThat(chancery("rotate-ca", step)).as(step).isZero();
            nodes.addAll(List.of(identity("n1"), identity("n2")));
            for (BusIdentity one : nodes) {
                assertThat(nodes).as(step).allMatch(other -> believes(one, other));
            }
        }
        assertThat(believes(identity("n2"), removed)).isFalse();
        assertThat(content().keySet()).noneMatch(file -> file.contains("next"));
        assertThat(chancery("add", "n3=10.0.0.3:5701:5801")).isZero();
        assertThat(believes(identity("n1"), identity("n3"))).isTrue();
    }

    @Test
    void a_node_that_is_added_or_renewed_within_a_rotation_is_believed_before_and_after_each_step() throws Exception {
        assertThat(chancery("rotate-ca", "trust")).isZero();
        assertThat(chancery("add", "n3=10.0.0.3:5701:5801")).isZero();
        assertThat(believes(identity("n1"), identity("n3"))).isTrue();
        assertThat(chancery("rotate-ca", "issue")).isZero();
        assertThat(chancery("renew", "n1")).isZero();
        assertThat(chancery("rotate-ca", "finish")).isZero();
        assertThat(believes(identity("n3"), identity("n1"))).isTrue();
        assertThat(identity("n3").authorities()).hasSize(1);
    }

    @Test
    void a_step_that_is_repeated_changes_nothing() throws Exception {
        for (String step : List.of("trust", "issue", "finish")) {
            assertThat(chancery("rotate-ca", step)).isZero();
            Map<String, String> once = content();
            assertThat(chancery("rotate-ca", step)).isZero();
            assertThat(content()).as(step).isEqualTo(once);
        }
    }

    @Test
    void a_step_before_its_time_is_refused_and_changes_nothing() throws Exception {
        Map<String, String> before = content();
        assertThat(chancery("rotate-ca", "issue")).isEqualTo(2);
        assertThat(content()).isEqualTo(before);
        assertThat(chancery("rotate-ca", "trust")).isZero();
        Map<String, String> trusted = content();
        assertThat(chancery("rotate-ca", "finish")).isEqualTo(2);
        assertThat(content()).isEqualTo(trusted);
    }

    @Test
    void a_last_step_that_was_broken_off_is_ended_by_repeating_it() throws Exception {
        assertThat(chancery("rotate-ca", "trust")).isZero();
        assertThat(chancery("rotate-ca", "issue")).isZero();
        Files.move(
                folder.resolve("cluster-ca-next.key"),
                folder.resolve("cluster-ca.key"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThat(chancery("rotate-ca", "trust")).isEqualTo(2);
        assertThat(chancery("rotate-ca", "finish")).isZero();
        assertThat(chancery("renew", "n1")).isZero();
        assertThat(believes(identity("n2"), identity("n1"))).isTrue();
    }
}
