package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.testing.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code chancery start} as somebody types it after {@code step ca init}: with ca.json as step wrote it, and nothing else. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class TypedStartIT {
    private static final int USUAL_MANAGEMENT = 9090;

    @TempDir
    private static Path folder;

    private static StepPki pki;
    /** What a start sees to be free, no other test may take before it is bound. */
    private static FileLock alone;

    @BeforeAll
    static void init() throws Exception {
        alone = FreePorts.alone(USUAL_MANAGEMENT);
        pki = StepPki.init(folder);
        Files.delete(pki.caJson().resolveSibling("chancery.json"));
    }

    @AfterAll
    static void anotherMayHaveThePort() throws IOException {
        alone.close();
    }

    private static Terminal start() throws IOException {
        return Terminal.start(
                folder,
                pki.environment(),
                Path.of(System.getProperty("chancery.home"), "bin/chancery").toString(),
                "start",
                pki.caJson().toString());
    }

    private static String question() {
        return "password of " + pki.stepPath().resolve("secrets/intermediate_ca_key") + ": ";
    }

    @Test
    void steps_own_ca_json_starts_unchanged_once_the_password_of_its_key_is_typed() throws Exception {
        String before = StepPki.text(pki.caJson());
        try (ServerSocket taken = usualManagement();
                Terminal terminal = start()) {
            terminal.answer(question(), StepPki.PASSWORD);
            assertThat(terminal.line("ready: ")).isEqualTo(pki.url());
            URI management = URI.create(terminal.line("management: "));
            ApiClient api = ApiClient.of(pki);
            assertThat(api.sign(api.csr("typed.example"), api.token("typed.example"))
                            .status())
                    .isEqualTo(201);
            assertThat(management.getPort()).isNotEqualTo(taken.getLocalPort());
            // In a slow moment it may not be.
            ClusterJudge.await(
                    "it can issue",
                    30,
                    () -> HttpClient.newHttpClient()
                                    .send(
                                            HttpRequest.newBuilder(management).build(),
                                            HttpResponse.BodyHandlers.discarding())
                                    .statusCode()
                            == 200);
            terminal.interrupt();
            assertThat(terminal.end().output()).doesNotContain(StepPki.PASSWORD);
        }
        assertThat(pki.caJson()).hasContent(before);
    }

    /** Holds port 9090, unless somebody else does already, which serves as well. */
    private static ServerSocket usualManagement() throws IOException {
        try {
            return new ServerSocket(USUAL_MANAGEMENT, 1, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        }
    }

    @Test
    void a_password_that_does_not_open_the_key_ends_the_start_and_says_so() throws Exception {
        try (Terminal terminal = start()) {
            terminal.answer(question(), "another password");
            Commands.Result end = terminal.end();
            assertThat(end.exitCode()).isEqualTo(1);
            assertThat(end.output())
                    .contains("the password does not open the key file " + pki.stepPath())
                    .doesNotContain("another password", "\tat ");
        }
    }
}
