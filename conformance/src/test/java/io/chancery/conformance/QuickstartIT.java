package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./run ca} does once all is built: a token, a PKI, a CA, and the lines that a newcomer types next. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class QuickstartIT {
    private static final Path HOME = Path.of(System.getProperty("chancery.home"));

    @TempDir
    private Path folder;

    /** A newcomer's folder may have any name. */
    private Path pki;

    private final List<ChanceryProcess> started = new ArrayList<>();

    @BeforeEach
    void token() throws Exception {
        pki = Files.createDirectories(folder.resolve("a newcomer's & first; pki+1"));
        Commands.Result made = initToken();
        // The line it prints is for a shell, whatever the folder is called.
        assertThat(shell(made.output()
                                        .lines()
                                        .filter(l -> l.startsWith("export"))
                                        .findFirst()
                                        .orElseThrow() + "; printf %s \"$SOFTHSM2_CONF\"")
                        .output())
                .isEqualTo(pki.resolve("softhsm/softhsm2.conf").toString());
    }

    @AfterEach
    void stop() throws Exception {
        for (ChanceryProcess process : started) {
            process.close();
        }
    }

    private Commands.Result initToken() throws Exception {
        return Commands.run(
                        folder,
                        Map.of(),
                        HOME.resolve("softhsm/init-token.sh").toString(),
                        pki.resolve("softhsm").toString(),
                        "chancery",
                        pki.resolve("pin").toString(),
                        pki.resolve("so-pin").toString())
                .succeeded();
    }

    private Map<String, String> environment() {
        // With both compilers, as users have it: it makes and opens a key that 600,000 rounds guard.
        return Map.of("SOFTHSM2_CONF", pki.resolve("softhsm/softhsm2.conf").toString(), "CHANCERY_JAVA_OPTS", "");
    }

    private ChanceryProcess start() throws IOException {
        ChanceryProcess process = ChanceryProcess.start(environment(), "quickstart", pki.toString());
        started.add(process);
        return process;
    }

    private Commands.Result shell(String line) throws Exception {
        return Commands.run(folder, Map.of("STEPPATH", folder.resolve("step").toString()), "sh", "-c", line);
    }

    /** The rest of the line that has the text, from the text on. */
    private static String line(ChanceryProcess ca, String text) {
        return ca.lines().stream()
                .filter(line -> line.contains(text))
                .map(line -> line.substring(line.indexOf(text)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no line with " + text + ": " + ca.lines()));
    }

    private static String fingerprint(ChanceryProcess ca) {
        return line(ca, "root fingerprint: ");
    }

    @Test
    void its_own_lines_lead_to_a_certificate_and_the_next_start_keeps_the_pki() throws Exception {
        ChanceryProcess ca = start();
        ca.awaitReady();
        ca.awaitLine("Ctrl-C stops the CA");
        assertThat(ca.lines()).anyMatch(line -> line.contains("first.example"));
        String step = "PATH='" + Path.of(Commands.step()).getParent() + "':\"$PATH\"; ";
        shell(step + line(ca, "step ca bootstrap")).succeeded();
        shell(step + line(ca, "step ca certificate")).succeeded();
        shell(step + "step certificate verify my.crt --roots \"$STEPPATH/certs/root_ca.crt\"")
                .succeeded();

        String fingerprint = fingerprint(ca);
        ca.close();
        assertThat(initToken().output()).contains("the token chancery is there already");
        ChanceryProcess again = start();
        again.awaitReady();
        again.awaitLine("Ctrl-C stops the CA");
        assertThat(fingerprint(again)).isEqualTo(fingerprint);
        shell(step + line(again, "step ca certificate") + " --force").succeeded();
        shell(step + "step certificate verify my.crt --roots \"$STEPPATH/certs/root_ca.crt\"")
                .succeeded();
    }

    @Test
    void the_issuing_key_cannot_leave_the_token() throws Exception {
        ChanceryProcess ca = start();
        ca.awaitReady();
        Commands.Result objects = Commands.run(
                folder,
                Map.of(
                        "SOFTHSM2_CONF",
                        pki.resolve("softhsm/softhsm2.conf").toString(),
                        "PIN",
                        Files.readString(pki.resolve("pin"))),
                "pkcs11-tool",
                "--module",
                module(),
                "--token-label",
                "chancery",
                "--login",
                "--pin",
                "env:PIN",
                "--list-objects",
                "--type",
                "privkey");
        assertThat(objects.succeeded().output())
                .containsOnlyOnce("Private Key Object")
                .contains("Access:     sensitive, always sensitive, never extractable, local");
    }

    private static String module() {
        return Stream.of("/usr/lib/softhsm", "/usr/lib/x86_64-linux-gnu/softhsm", "/usr/lib/aarch64-linux-gnu/softhsm")
                .map(each -> each + "/libsofthsm2.so")
                .filter(each -> Files.exists(Path.of(each)))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void no_pin_and_no_password_is_printed_stands_in_a_process_or_is_for_others_to_read() throws Exception {
        ChanceryProcess ca = start();
        ca.awaitReady();
        ca.awaitLine("Ctrl-C stops the CA");
        String arguments = Files.readString(Path.of("/proc/" + ca.pid() + "/cmdline"), StandardCharsets.ISO_8859_1);
        assertThat(arguments).contains("quickstart");
        for (String secret : List.of("pin", "so-pin", "root-password", "provisioner-password")) {
            String value = Files.readString(pki.resolve(secret)).strip();
            assertThat(value).hasSizeGreaterThanOrEqualTo(20);
            assertThat(String.join("\n", ca.lines())).doesNotContain(value);
            assertThat(arguments).doesNotContain(value);
        }
        for (String secret :
                List.of("pin", "so-pin", "root-password", "provisioner-password", "root_ca_key", "ca.json")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(pki.resolve(secret))))
                    .as(secret)
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void a_usual_port_that_is_taken_is_passed_over_once_and_a_loss_of_the_own_port_is_told() throws Exception {
        String taken;
        try (ServerSocket usual = usualOrAny()) {
            ChanceryProcess ca = start();
            taken = ca.awaitReady();
            assertThat(taken).isNotEqualTo("https://localhost:" + usual.getLocalPort());
            ca.close();
        }
        int port = Integer.parseInt(taken.substring(taken.lastIndexOf(':') + 1));
        try (ServerSocket other = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(other.isBound()).isTrue();
            ChanceryProcess again = start();
            assertThat(again.awaitEnd()).isEqualTo(1);
            assertThat(again.lines())
                    .anyMatch(line -> line.startsWith("chancery: the API port 127.0.0.1:" + port))
                    .noneMatch(line -> line.startsWith("\tat "));
        }
    }

    /** Holds port 9000, unless somebody else does already, which serves as well. */
    private static ServerSocket usualOrAny() throws IOException {
        try {
            return new ServerSocket(9000, 1, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        }
    }

    @Test
    void a_pki_whose_token_was_made_anew_is_not_served_and_says_what_is_missing() throws Exception {
        ChanceryProcess ca = start();
        ca.awaitReady();
        ca.close();
        Commands.run(folder, Map.of(), "rm", "-r", pki.resolve("softhsm").toString())
                .succeeded();
        initToken();
        ChanceryProcess again = start();
        assertThat(again.awaitEnd()).isEqualTo(1);
        assertThat(again.lines())
                .anyMatch(line -> line.contains("no private key fits") && line.contains("on token chancery"))
                .noneMatch(line -> line.startsWith("\tat "));
    }

    @Test
    void without_a_token_it_says_how_to_make_one() throws Exception {
        Files.delete(pki.resolve("pin"));
        ChanceryProcess ca = start();
        assertThat(ca.awaitEnd()).isEqualTo(2);
        assertThat(ca.lines()).anyMatch(line -> line.contains("softhsm/init-token.sh"));
        assertThat(Arrays.asList(pki.toFile().list())).doesNotContain("ca.json");
    }
}
