package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.testing.PostgresProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real step-ca works on a PostgreSQL, is stopped, and Chancery goes on with what it knew. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
class StepTakeoverIT {
    private static final String DATABASE = "pki";

    private static Commands.Result chancery(StepPki pki, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("chancery.home"), "bin/chancery").toString()));
        command.addAll(Arrays.asList(arguments));
        return Commands.run(pki.folder(), Map.of(), command.toArray(String[]::new));
    }

    private static String serial(Path certificate) throws Exception {
        return ApiClient.certificate(StepPki.text(certificate))
                .getSerialNumber()
                .toString();
    }

    @Test
    void what_a_step_ca_has_issued_revoked_and_used_is_known_to_the_Chancery_that_follows(@TempDir Path folder)
            throws Exception {
        StepPki pki = StepPki.init(folder);
        String caJson = pki.caJson().toString();
        try (PostgresProcess server = PostgresProcess.start()) {
            Map<String, Object> ca = JSONObjectUtils.parse(StepPki.text(pki.caJson()));
            ca.put("db", Map.of("type", "postgresql", "dataSource", server.dataSource(DATABASE), "database", DATABASE));
            Files.writeString(pki.caJson(), JSONObjectUtils.toJSONString(ca), StandardCharsets.UTF_8);

            String[] reach = {"--ca-url", pki.url(), "--root", pki.root().toString()};
            String used;
            try (StepCaPeer peer = StepCaPeer.start(pki.folder().resolve("step"), pki.password())) {
                used = step(pki, reach, "ca", "token", "kept.example", "--provisioner-password-file", pki.password())
                        .lines()
                        .filter(line -> line.startsWith("ey"))
                        .findFirst()
                        .orElseThrow();
                assertThat(step(
                                pki,
                                reach,
                                "ca",
                                "certificate",
                                "kept.example",
                                "kept.crt",
                                "kept.key",
                                "--token",
                                used))
                        .isNotEmpty();
                assertThat(step(
                                pki,
                                reach,
                                "ca",
                                "certificate",
                                "gone.example",
                                "gone.crt",
                                "gone.key",
                                "--provisioner-password-file",
                                pki.password()))
                        .isNotEmpty();
                assertThat(step(
                                pki,
                                reach,
                                "ca",
                                "revoke",
                                "--cert",
                                "gone.crt",
                                "--key",
                                "gone.key",
                                "--reason",
                                "lost"))
                        .contains("revoked");
                assertThat(peer.lastLines(1)).isNotEmpty();
            }

            Commands.Result refused = chancery(pki, "start", caJson, "--password-file", pki.password());
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.output()).contains("import-step");

            assertThat(chancery(pki, "store", "import-step", caJson).succeeded().output())
                    .contains("2 certificate(s), 1 revocation(s), 2 used token(s)");
            assertThat(chancery(pki, "store", "import-step", caJson).succeeded().output())
                    .contains(
                            "0 certificate(s), 0 revocation(s), 0 used token(s); 0 token(s) expired long ago, 5 row(s) were"
                                    + " there, 0 left out");

            assertThat(chancery(pki, "store", "list", caJson, "--name", "kept.example", "--provisioner", "admin")
                            .succeeded()
                            .output())
                    .contains(serial(pki.file("kept.crt")), "issued");
            assertThat(chancery(pki, "store", "show", caJson, serial(pki.file("gone.crt")))
                            .succeeded()
                            .output())
                    .contains("gone.example", "revoked", "lost");

            try (ChanceryProcess chancery = pki.start()) {
                chancery.awaitReady();
                ApiClient api = ApiClient.of(pki);
                assertThat(api.sign(api.csr("kept.example"), used).status()).isEqualTo(401);
                assertThat(step(pki, reach, "ca", "renew", "kept.crt", "kept.key", "--force"))
                        .contains("saved");
                Commands.Result revoked = pki.step(
                        "ca", "renew", "gone.crt", "gone.key", "--force", reach[0], reach[1], reach[2], reach[3]);
                assertThat(revoked.exitCode()).as(revoked.output()).isNotZero();
                assertThat(revoked.output()).contains("lacked necessary authorization");
            }
            assertThat(server.sql(DATABASE, "SELECT reason FROM chancery.store_epoch"))
                    .isEqualTo("STARTED_EMPTY");
        }
    }

    private static String step(StepPki pki, String[] reach, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(Arrays.asList(arguments));
        command.addAll(Arrays.asList(reach));
        return pki.step(command.toArray(String[]::new)).succeeded().output();
    }
}
