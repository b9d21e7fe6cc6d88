package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.testing.PostgresProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shipped systemd units: systemd takes them, and what they start runs. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class SystemdUnitsIT {
    private static final String INSTALLED = "/opt/chancery";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"chancery.service", "chancery-api.service", "chancery-signer.service"})
    void systemd_has_nothing_to_say_about_a_unit(String unit) throws Exception {
        // What it starts must be there.
        Path file = DeployFiles.copy(
                "systemd/" + unit, folder.resolve(unit), Map.of(INSTALLED, System.getProperty("chancery.home")));
        Commands.Result result =
                Commands.run(folder, Map.of(), "systemd-analyze", "verify", "--man=no", file.toString());
        assertThat(result.output()).isEmpty();
        assertThat(result.exitCode()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"chancery.service", "chancery-api.service", "chancery-signer.service"})
    void systemd_waits_longer_than_a_stop_takes_and_does_not_retry_what_cannot_work(String unit) throws Exception {
        assertThat(Integer.parseInt(setting(unit, "TimeoutStopSec").replace("s", "")))
                .as("the defaults of limits.drain and limits.requestDeadline, and 20 s")
                .isGreaterThan(5 + 10 + 20);
        assertThat(setting(unit, "RestartPreventExitStatus")).isEqualTo("2");
        assertThat(setting(unit, "SuccessExitStatus")).isEqualTo("143");
    }

    private static String setting(String unit, String name) throws Exception {
        return DeployFiles.text("systemd/" + unit)
                .lines()
                .filter(line -> line.startsWith(name + "="))
                .map(line -> line.substring(name.length() + 1))
                .findFirst()
                .orElseThrow(() -> new AssertionError(unit + " has no " + name));
    }

    /** The unit's own command, where the files are here. Its arguments are split at spaces, as systemd does. */
    private ChanceryProcess start(String unit, Path caJson) throws Exception {
        return start(unit, caJson, List.of());
    }

    private ChanceryProcess start(String unit, Path caJson, List<String> launcher) throws Exception {
        List<String> words = new ArrayList<>(List.of(setting(unit, "ExecStart").split(" ")));
        assertThat(words.remove(0)).isEqualTo(INSTALLED + "/bin/chancery");
        words.replaceAll(word -> word.replace("/etc/chancery/ca.json", caJson.toString())
                .replace("${CREDENTIALS_DIRECTORY}", folder.toString()));
        return ChanceryProcess.startBehind(launcher, Map.of(), words.toArray(String[]::new));
    }

    @Test
    void a_node_with_everything_starts_by_its_unit_and_ends_as_it_expects() throws Exception {
        StepPki pki = StepPki.init(folder);
        ChanceryProcess node = start("chancery.service", pki.caJson());
        node.awaitReady();
        node.signal("TERM");
        assertThat(node.awaitEnd()).isZero();
    }

    @Test
    void a_node_on_PostgreSQL_starts_where_it_may_not_write_beside_ca_json_as_ProtectSystem_has_it() throws Exception {
        PostgresProcess server = PostgresProcess.start();
        String unused = server.createDatabase("chancery");
        StepPki pki = StepPki.init(folder);
        pki.set("db", Map.of("type", "postgresql", "dataSource", server.dataSource("chancery")));
        Path own = folder.resolve("own");
        pki.configure(Map.of("store", Map.of("folder", own.toString())));
        String beside = String.valueOf(pki.caJson().getParent());
        List<String> readOnly = List.of(
                "unshare",
                "--map-root-user", // so that nobody has to be root
                "--mount",
                "sh",
                "-ec",
                "mount --bind \"$0\" \"$0\"; mount -o remount,bind,ro \"$0\"; ! touch \"$0\"/x 2>&-; exec \"$@\"",
                beside);
        ChanceryProcess node = start("chancery.service", pki.caJson(), readOnly);
        try (server) {
            String unusedAddress = node.awaitReady();
            assertThat(own.resolve("signatures.log")).exists();
            assertThat(own.resolve("server-certificate.pem")).exists();
        } finally {
            node.kill();
        }
    }

    @Tag("long")
    @Test
    void an_api_node_and_a_signer_start_by_their_units_and_issue() throws Exception {
        StepPki pki = StepPki.init(folder);
        try (ClusterPki cluster = ClusterPki.make(pki, "cluster", Map.of())) {
            ChanceryProcess signer = start("chancery-signer.service", cluster.node("signer", "ca.json"));
            ChanceryProcess api = start("chancery-api.service", cluster.node("api", "ca.json"));
            try {
                api.awaitReady();
                ApiClient client = ApiClient.of(pki);
                assertThat(client.sign(client.csr("u.example"), client.token("u.example"))
                                .status())
                        .isEqualTo(201);
            } finally {
                api.kill();
                signer.kill();
            }
        }
    }

    @Test
    void files_that_do_not_fit_end_with_the_code_that_is_not_retried() throws Exception {
        StepPki pki = StepPki.init(folder);
        Map<String, Object> ca = new HashMap<>(JSONObjectUtils.parse(StepPki.text(pki.caJson())));
        ca.remove("root");
        Files.writeString(pki.caJson(), JSONObjectUtils.toJSONString(ca));
        assertThat(start("chancery.service", pki.caJson()).awaitEnd()).isEqualTo(2);
    }
}
