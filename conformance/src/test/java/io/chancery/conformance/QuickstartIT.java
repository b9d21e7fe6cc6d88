package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.testing.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./run ca} does where all is built: a token, a PKI, a CA, and the lines that a newcomer types next. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class QuickstartIT {
    private static final Path HOME = Path.of(System.getProperty("chancery.home"));
    private static final int USUAL = 9000;
    private static final int USUAL_MANAGEMENT = 9090;

    @TempDir
    private static Path folder;

    /** A newcomer's folder may have any name. */
    private static Path pki;

    /** {@code ./run} where all is built, and where a build would fail: other tests run what is built here. */
    private static Path run;

    /** What a start sees to be free, no other test may take before it is bound. */
    private static final List<FileLock> ALONE = new ArrayList<>();

    /** The last one that was started there: to make a PKI takes long, so all tests try the same one. */
    private static ChanceryProcess ca;

    /** The one that made the PKI. */
    private static ChanceryProcess maker;

    @BeforeAll
    static void pki() throws Exception {
        ALONE.add(FreePorts.alone(USUAL));
        ALONE.add(FreePorts.alone(USUAL_MANAGEMENT));
        pki = Files.createDirectories(folder.resolve("a newcomer's & first; pki+1"));
        run = builtTree().resolve("run");
        maker = runCa();
        ca = maker;
        maker.awaitReady();
        maker.awaitLine("Ctrl-C stops the CA");
    }

    @AfterAll
    static void stop() throws Exception {
        try {
            ca.close();
        } finally {
            for (FileLock each : ALONE) {
                each.close();
            }
        }
    }

    private static Path builtTree() throws IOException {
        Path tree = Files.createDirectories(folder.resolve("sources"));
        Path own = Files.createDirectories(tree.resolve("ca-cli/target"));
        Files.createDirectories(tree.resolve("ca-cli/src/main"));
        Files.copy(HOME.resolve("run"), tree.resolve("run"), StandardCopyOption.COPY_ATTRIBUTES);
        for (String each : List.of("bin", "softhsm", "pom.xml", ".mvn", "ca-cli/pom.xml", "ca-cli/target/lib")) {
            Files.createSymbolicLink(tree.resolve(each), HOME.resolve(each));
        }
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(HOME.resolve("ca-cli/target"), "ca-cli-*.jar")) {
            for (Path jar : jars) {
                Files.createSymbolicLink(own.resolve(jar.getFileName()), jar);
            }
        }
        Files.createFile(own.resolve("built"));
        var unused = Executable.write(folder.resolve("tools/mvn"), "#!/bin/sh\necho 'a build was begun'\nexit 1\n");
        return tree;
    }

    private static ChanceryProcess runCa() throws IOException {
        return ChanceryProcess.startBy(
                run,
                // With both compilers, as users have it: it makes and opens a key that 600,000 rounds guard.
                Map.of("CHANCERY_JAVA_OPTS", "", "PATH", folder.resolve("tools") + ":" + System.getenv("PATH")),
                "ca",
                pki.toString());
    }

    private static Commands.Result initToken(Path of) throws Exception {
        return Commands.run(
                        folder,
                        Map.of(),
                        HOME.resolve("softhsm/init-token.sh").toString(),
                        of.resolve("softhsm").toString(),
                        "chancery",
                        of.resolve("pin").toString(),
                        of.resolve("so-pin").toString())
                .succeeded();
    }

    private static ChanceryProcess start(Path of) throws IOException {
        return ChanceryProcess.start(
                Map.of("SOFTHSM2_CONF", of.resolve("softhsm/softhsm2.conf").toString(), "CHANCERY_JAVA_OPTS", ""),
                "quickstart",
                of.toString());
    }

    private static ChanceryProcess running() throws Exception {
        if (!ca.isAlive()) {
            ca = runCa();
        }
        ca.awaitReady();
        ca.awaitLine("Ctrl-C stops the CA");
        return ca;
    }

    private static Commands.Result shell(String line) throws Exception {
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
    void its_own_lines_lead_to_a_certificate_and_the_start_after_a_ctrl_c_keeps_the_pki() throws Exception {
        ChanceryProcess first = running();
        assertThat(first.lines()).anyMatch(line -> line.contains("first.example"));
        String step = "PATH='" + Path.of(Commands.step()).getParent() + "':\"$PATH\"; ";
        shell(step + line(first, "step ca bootstrap") + " --force").succeeded();
        shell(step + line(first, "step ca certificate") + " --force").succeeded();
        shell(step + "step certificate verify my.crt --roots \"$STEPPATH/certs/root_ca.crt\"")
                .succeeded();

        String doctor = line(first, "bin/chancery hsm doctor --config ");
        shell(line(first, "export SOFTHSM2_CONF") + "; cd '" + System.getProperty("chancery.home") + "'; "
                        + doctor.substring(0, doctor.length() - 1))
                .succeeded();

        String fingerprint = fingerprint(first);
        first.signal("INT");
        assertThat(first.awaitEnd()).isEqualTo(130);
        assertThat(initToken(pki).output()).contains("the token chancery is there already");
        ChanceryProcess again = running();
        assertThat(fingerprint(again)).isEqualTo(fingerprint);
        shell(step + line(again, "step ca certificate") + " --force").succeeded();
        shell(step + "step certificate verify my.crt --roots \"$STEPPATH/certs/root_ca.crt\"")
                .succeeded();
    }

    @Test
    void the_readme_s_lines_lead_to_a_certificate() throws Exception {
        ChanceryProcess ca = running();
        String readme = Files.readString(HOME.resolve("README.md"));
        String lines = readme.substring(readme.indexOf("./run ca  ", readme.indexOf("## A first certificate")));
        List<String> typed = lines.substring(0, lines.indexOf("```")).lines().toList();
        assertThat(typed).hasSize(5);

        Path checkout = Files.createDirectories(folder.resolve("a checkout"));
        Files.createSymbolicLink(checkout.resolve(".chancery"), pki);
        StringBuilder script = new StringBuilder("set -e; unset STEPPATH; cd '" + checkout + "'; PATH='"
                + Path.of(Commands.step()).getParent() + "':\"$PATH\"\n");
        for (String each : typed.subList(1, typed.size())) {
            script.append(each.replace("https://localhost:9000", ca.awaitReady())
                            .replace("FINGERPRINT", fingerprint(ca).substring("root fingerprint: ".length())))
                    .append('\n');
        }
        Path home = Files.createDirectories(folder.resolve("home"));
        assertThat(Commands.run(folder, Map.of("HOME", home.toString()), "sh", "-c", script.toString())
                        .succeeded()
                        .output())
                .contains("my.example");
        assertThat(checkout.resolve("my.key")).exists();
    }

    /** What stands behind a word of the summary. */
    private static String summary(ChanceryProcess ca, String word) {
        String line = line(ca, "  " + word + ":  ");
        return line.substring(line.indexOf(':') + 1).strip();
    }

    @Test
    void the_root_that_it_names_is_the_pki_s_and_the_summary_is_of_a_certificate_that_the_store_has() throws Exception {
        ChanceryProcess ca = running();
        assertThat(fingerprint(ca))
                .isEqualTo("root fingerprint: "
                        + Commands.run(
                                        folder,
                                        Map.of(),
                                        Commands.step(),
                                        "certificate",
                                        "fingerprint",
                                        pki.resolve("root_ca.crt").toString())
                                .succeeded()
                                .output()
                                .strip());

        String stored = Commands.run(
                        folder,
                        Map.of(),
                        HOME.resolve("bin/chancery").toString(),
                        "store",
                        "show",
                        caJson().toString(),
                        summary(ca, "serial"))
                .succeeded()
                .output();
        assertThat(stored).contains("state: issued");
        X509Certificate first = ApiClient.certificate(stored.substring(stored.indexOf("-----BEGIN")));
        X509Certificate issuer = ApiClient.certificate(Files.readString(pki.resolve("intermediate_ca.crt")));
        first.verify(issuer.getPublicKey());
        assertThat(summary(ca, "serial")).isEqualTo(first.getSerialNumber().toString());
        assertThat(summary(ca, "issuer"))
                .isEqualTo(issuer.getSubjectX500Principal().toString());
        assertThat(summary(ca, "valid"))
                .isEqualTo(first.getNotBefore().toInstant() + " to "
                        + first.getNotAfter().toInstant());
        assertThat(first.getSubjectAlternativeNames()).containsExactly(List.of(2, summary(ca, "names")));
        assertThat(summary(ca, "names")).isEqualTo("first.example");
    }

    @Test
    void the_line_that_a_token_is_made_with_is_for_a_shell_whatever_the_folder_is_called() throws Exception {
        String line = initToken(pki)
                .output()
                .lines()
                .filter(each -> each.startsWith("export"))
                .findFirst()
                .orElseThrow();
        assertThat(shell(line + "; printf %s \"$SOFTHSM2_CONF\"").output())
                .isEqualTo(pki.resolve("softhsm/softhsm2.conf").toString());
    }

    /** Of what is Chancery's own, the key in a token and the kind of the store are the most foreign to step-ca. */
    @Test
    void a_provisioner_that_step_adds_changes_nothing_else_of_ours_and_serves_after_a_restart() throws Exception {
        running().close();
        Map<String, Object> before = withKms();
        Path password = Files.writeString(folder.resolve("password of second"), "a password of the tests\n");
        step(
                "ca provisioner add second --create",
                "--ca-config",
                caJson().toString(),
                "--password-file",
                password.toString());

        Map<String, Object> after = JSONObjectUtils.parse(Files.readString(caJson()));
        List<Object> added = new ArrayList<>(provisioners(after));
        Object second = added.remove(added.size() - 1);
        assertThat(((Map<?, ?>) second).get("name")).isEqualTo("second");
        assertThat(added).isEqualTo(provisioners(before));
        assertThat(differences("", before, after))
                .containsExactlyInAnyOrder(
                        "added: /authority/backdate",
                        "added: /authority/template",
                        "added: /commonName",
                        "added: /db/badgerFileLoadingMode",
                        "added: /federatedRoots",
                        "added: /insecureAddress",
                        "added: /tls");

        String url = running().awaitReady();
        step(
                "ca certificate second.example second.crt second.key --provisioner second",
                "--provisioner-password-file",
                password.toString(),
                "--ca-url",
                url);
        assertThat(folder.resolve("second.crt")).exists();
    }

    private static Path caJson() {
        return pki.resolve("ca.json");
    }

    /** Gives ca.json its module, token and PIN in a member of their own, as step-ca has it; answers what stands there. */
    private static Map<String, Object> withKms() throws Exception {
        Map<String, Object> all = JSONObjectUtils.parse(Files.readString(caJson()));
        String uri = String.valueOf(all.get("key"));
        String object = uri.replaceFirst(".*;(object=[^;?]*).*", "$1");
        all.put("key", "pkcs11:" + object);
        all.put("kms", Map.of("type", "pkcs11", "uri", uri.replace(";" + object, "")));
        Files.writeString(caJson(), JSONObjectUtils.toJSONString(all));
        return JSONObjectUtils.parse(Files.readString(caJson()));
    }

    /** @param words of the command; then options, each one word */
    private static void step(String words, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(Commands.step()));
        command.addAll(List.of(words.split(" ")));
        command.addAll(List.of(options));
        command.addAll(List.of("--root", pki.resolve("root_ca.crt").toString()));
        if (!command.contains("--ca-url")) {
            command.addAll(List.of("--ca-url", "https://localhost:1"));
        }
        Map<String, String> environment =
                Map.of("STEPPATH", folder.resolve("elsewhere").toString());
        Commands.run(folder, environment, command.toArray(String[]::new)).succeeded();
    }

    private static List<?> provisioners(Map<String, Object> caJson) {
        return (List<?>) ((Map<?, ?>) caJson.get("authority")).get("provisioners");
    }

    /** Where two files differ, but for their provisioners. */
    private static List<String> differences(String place, Map<?, ?> before, Map<?, ?> after) {
        List<String> found = new ArrayList<>();
        Set<Object> names = new HashSet<>(before.keySet());
        names.addAll(after.keySet());
        for (Object name : names) {
            Object old = before.get(name);
            Object now = after.get(name);
            String here = place + "/" + name;
            if (old instanceof Map<?, ?> from && now instanceof Map<?, ?> to) {
                found.addAll(differences(here, from, to));
            } else if (!before.containsKey(name)) {
                found.add("added: " + here);
            } else if (!name.equals("provisioners") && !old.equals(now)) {
                found.add("changed: " + here);
            }
        }
        return found;
    }

    @Test
    void the_issuing_key_cannot_leave_the_token() throws Exception {
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
        ChanceryProcess ca = running();
        String arguments = Files.readString(Path.of("/proc/" + ca.pid() + "/cmdline"), StandardCharsets.ISO_8859_1);
        assertThat(arguments).contains("quickstart");
        for (String secret : List.of("pin", "so-pin", "root-password", "provisioner-password")) {
            String value = Files.readString(pki.resolve(secret)).strip();
            assertThat(value).hasSizeGreaterThanOrEqualTo(20);
            assertThat(String.join("\n", maker.lines())).doesNotContain(value);
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
        try (ServerSocket usual = usualOrAny()) {
            Path other = Files.createDirectories(folder.resolve("another"));
            initToken(other);
            try (ChanceryProcess passing = start(other)) {
                assertThat(usual.isBound()).isTrue();
                assertThat(passing.awaitReady()).isNotEqualTo("https://localhost:" + USUAL);
            }
        }
        String own = running().awaitReady();
        ca.close();
        int port = Integer.parseInt(own.substring(own.lastIndexOf(':') + 1));
        try (ServerSocket other = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(other.isBound()).isTrue();
            ca = start(pki);
            assertThat(ca.awaitEnd()).isEqualTo(1);
            assertThat(ca.lines())
                    .anyMatch(line -> line.startsWith("chancery: the API port 127.0.0.1:" + port))
                    .noneMatch(line -> line.startsWith("\tat "));
        }
    }

    /** Holds port 9000, unless somebody else does already, which serves as well. */
    private static ServerSocket usualOrAny() throws IOException {
        try {
            return new ServerSocket(USUAL, 1, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        }
    }

    @Test
    void a_pki_whose_token_was_made_anew_is_not_served_and_says_what_is_missing() throws Exception {
        running().close();
        Path aside = Files.move(pki.resolve("softhsm"), pki.resolve("softhsm of before"));
        try {
            initToken(pki);
            ca = start(pki);
            assertThat(ca.awaitEnd()).isEqualTo(1);
            assertThat(ca.lines())
                    .anyMatch(line -> line.contains("no private key fits") && line.contains("on token chancery"))
                    .noneMatch(line -> line.startsWith("\tat "));
        } finally {
            Commands.run(folder, Map.of(), "rm", "-r", pki.resolve("softhsm").toString())
                    .succeeded();
            Path unused = Files.move(aside, pki.resolve("softhsm"));
        }
    }

    @Test
    void without_a_token_it_says_how_to_make_one() throws Exception {
        Path bare = Files.createDirectories(folder.resolve("without a token"));
        ChanceryProcess ended = start(bare);
        assertThat(ended.awaitEnd()).isEqualTo(2);
        assertThat(ended.lines()).anyMatch(line -> line.contains("softhsm/init-token.sh"));
        assertThat(bare.resolve("ca.json")).doesNotExist();
    }
}
