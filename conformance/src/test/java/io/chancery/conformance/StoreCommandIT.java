package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code chancery store …} beside a real CA, and the CA's own start on what those commands leave. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class StoreCommandIT {
    @TempDir
    private Path folder;

    private StepPki pki;
    private ChanceryProcess ca;
    private ApiClient api;

    @BeforeEach
    void start() throws Exception {
        pki = StepPki.init(folder);
        ca = pki.start();
        ca.awaitReady();
        api = ApiClient.of(pki);
    }

    @AfterEach
    void stop() throws Exception {
        ca.close();
    }

    private X509Certificate issue(String name) throws Exception {
        ApiClient.Answer answer = api.sign(api.csr(name), api.token(name));
        assertThat(answer.status()).isEqualTo(201);
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(
                        new ByteArrayInputStream(answer.member("crt").getBytes(StandardCharsets.US_ASCII)));
    }

    private Result store(String command, String... arguments) throws IOException, InterruptedException {
        return store(List.of(), command, arguments);
    }

    private Result store(List<String> prefix, String command, String... arguments)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(prefix);
        words.add(Path.of(System.getProperty("chancery.home"))
                .resolve("bin/chancery")
                .toString());
        words.addAll(List.of("store", command, pki.caJson().toString()));
        words.addAll(List.of(arguments));
        Path out = Files.createTempFile(folder, "out", ".txt");
        Path err = Files.createTempFile(folder, "err", ".txt");
        Process process = new ProcessBuilder(words)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        if (!process.waitFor(Commands.LONGEST_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("took longer than three minutes: " + words);
        }
        Result result = new Result(process.exitValue(), Files.readString(out), Files.readString(err));
        assertThat(result.err() + result.out()).doesNotContain("\tat ").doesNotContain("Exception");
        return result;
    }

    /** Standard output is for scripts, standard error for people. */
    private record Result(int exitCode, String out, String err) {}

    private Path data() {
        return pki.database().getParent();
    }

    @Test
    void certificates_are_found_beside_the_running_ca() throws Exception {
        X509Certificate certificate = issue("web.store.example");
        X509Certificate unused = issue("db.store.example");
        String serial = certificate.getSerialNumber().toString();

        Result list = store("list", "--name", "WEB.store.example", "--state", "issued", "--valid-at", "0s");
        assertThat(list.exitCode()).isZero();
        assertThat(list.err()).contains("SERIAL\tSTATE");
        assertThat(list.out().lines())
                .singleElement()
                .satisfies(line ->
                        assertThat(line).startsWith(serial + "\tissued\t1\t").endsWith("\tadmin\tweb.store.example"));

        Result json = store("list", "--name", "*.store.example", "--json", "--expires-before", "8760h");
        assertThat(json.out().lines().filter(line -> line.startsWith("{"))).hasSize(2);
        assertThat(json.out()).contains("\"serial\":\"" + serial + "\"");
        assertThat(store("list", "--no-header", "--name", "nobody").err()).isEmpty();
        assertThat(store("list", "--provisioner", "admin", "--name", "web.store.example")
                        .out())
                .startsWith(serial + "\t");
        assertThat(store("list", "--provisioner", "another").out()).isEmpty();

        String hex = certificate.getSerialNumber().toString(16);
        for (String form : List.of(serial, "0x" + hex, colons(hex))) {
            Result show = store("show", form);
            assertThat(show.exitCode()).as(form).isZero();
            assertThat(show.out()).contains("serial: " + serial, " intent ", " issued ", "-----BEGIN CERTIFICATE-----");
        }
        assertThat(store("show", "12345").exitCode()).isEqualTo(1);
    }

    private static String colons(String hex) {
        String even = hex.length() % 2 == 0 ? hex : "0" + hex;
        return String.join(":", even.split("(?<=\\G..)"));
    }

    @Test
    void wrong_use_is_exit_code_2_and_says_what_would_be_right() throws Exception {
        Result state = store("list", "--state", "good");
        assertThat(state.exitCode()).isEqualTo(2);
        assertThat(state.err()).contains("reserved", "issued", "revoked", "voided", "abandoned");
        assertThat(store("show", "zzz").exitCode()).isEqualTo(2);
        assertThat(store("list", "--valid-at", "tomorrow").exitCode()).isEqualTo(2);
        assertThat(store("list", "--limit", "0").exitCode()).isEqualTo(2);
    }

    @Test
    void logs_and_store_agree_beside_the_running_ca_and_each_difference_is_exit_code_1() throws Exception {
        X509Certificate certificate = issue("signed.example");
        Result agree = store("reconcile");
        assertThat(agree.exitCode()).as(agree.err()).isZero();
        assertThat(agree.err()).contains("logs and store agree");

        Path copy = folder.resolve("copy.log");
        List<String> lines = Files.readAllLines(data().resolve("signatures.log"));
        String own = lines.stream()
                .filter(line -> line.contains(" " + certificate.getSerialNumber() + " "))
                .findFirst()
                .orElseThrow();
        Files.write(copy, lines.stream().filter(line -> !line.equals(own)).toList());
        Files.writeString(copy, own.substring(0, 30), StandardOpenOption.APPEND);
        // What is issued within the second of the comparison is not looked for.
        Result missing = store("reconcile", "--signatures", copy.toString(), "--issued-until", "1m", "--json");
        assertThat(missing.exitCode()).isEqualTo(1);
        assertThat(missing.out())
                .contains(
                        "\"kind\":\"not-logged\"",
                        "\"serial\":\"" + certificate.getSerialNumber() + "\"",
                        "\"tornLines\":1",
                        "\"agree\":false");

        Files.write(copy, lines);
        Files.writeString(copy, own.replaceFirst(" [0-9]+ ", " 4711 ") + "\n", StandardOpenOption.APPEND);
        Result unknown = store("reconcile", "--signatures", copy.toString());
        assertThat(unknown.exitCode()).isEqualTo(1);
        assertThat(unknown.out()).startsWith("not-recorded\t4711\t");
    }

    @Test
    void a_second_node_and_commands_that_need_the_store_alone_are_told_who_has_it() throws Exception {
        Path backup = folder.resolve("backup.db");
        assertThat(store("backup", backup.toString()).exitCode()).isZero();
        assertThat(store("backup", backup.toString()).exitCode()).isEqualTo(1);
        String holder = "process " + ca.pid();
        for (Result refused : List.of(store("restore", backup.toString()), store("new-epoch"))) {
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.err()).contains(holder);
        }
        try (ChanceryProcess second = pki.start()) {
            second.awaitLine("another process has the store open, " + holder);
        }
        X509Certificate unused = issue("still.example");
    }

    @Test
    void a_backup_of_the_running_ca_is_restored_and_tokens_of_before_buy_nothing() throws Exception {
        X509Certificate before = issue("before.example");
        String used = api.token("used.example");
        String csr = api.csr("used.example");
        Path backup = folder.resolve("backup.db");
        assertThat(store("backup", backup.toString()).exitCode()).isZero();
        assertThat(api.sign(csr, used).status()).isEqualTo(201);
        X509Certificate after = issue("after.example");
        ca.close();

        Result restore = store("restore", backup.toString());
        assertThat(restore.exitCode()).as(restore.err()).isZero();
        assertThat(restore.err()).contains("chancery.db.before-restore-");
        ca = pki.start();
        ca.awaitReady();
        assertThat(ApiClient.of(pki).sign(csr, used).status()).isEqualTo(401);

        assertThat(store("show", before.getSerialNumber().toString()).exitCode())
                .isZero();
        Result reconcile = store("reconcile");
        assertThat(reconcile.exitCode()).isEqualTo(1);
        assertThat(reconcile.out()).contains("not-recorded\t" + after.getSerialNumber());
        assertThat(store("revoke-reserved").exitCode()).isZero();
    }

    @Test
    void a_restore_that_is_killed_between_the_store_and_its_log_is_repeated_and_neither_is_lost() throws Exception {
        Path backup = folder.resolve("backup.db");
        assertThat(store("backup", backup.toString()).exitCode()).isZero();
        X509Certificate after = issue("after.example");
        ca.kill(); // so that its last writes are in the log alone
        assertThat(data().resolve("chancery.db-wal")).isNotEmptyFile();

        String log = data().toRealPath().resolve("chancery.db-wal").toString();
        List<String> killed = List.of("strace", "-f", "-P", log, "-e", "inject=rename:signal=SIGKILL");
        assertThat(store(killed, "restore", backup.toString()).exitCode()).isNotZero();
        assertThat(pki.database()).doesNotExist();
        ca = pki.start();
        ca.awaitLine("a restore was broken off");
        ca.close();

        Path calls = folder.resolve("calls.txt");
        List<String> watched = List.of("strace", "-f", "-y", "-e", "trace=rename,fsync", "-o", calls.toString());
        Result restore = store(watched, "restore", backup.toString());
        assertThat(restore.exitCode()).as(restore.err()).isZero();
        // A power cut may undo what is not on the disk, in any order: the old files are gone there before the new one
        // comes.
        assertThat(Files.readString(calls))
                .containsPattern("(?s)fsync\\([0-9]+<" + data().toRealPath() + ">\\)[^\\n]*\\n[^\\n]*rename\\([^\\n]*"
                        + "chancery\\.db\\.restoring");
        assertThat(store("show", after.getSerialNumber().toString()).exitCode()).isEqualTo(1);

        String kept = restore.err()
                .lines()
                .filter(line -> line.startsWith("the old store is kept as "))
                .map(line -> line.substring("the old store is kept as ".length()))
                .findFirst()
                .orElseThrow(() -> new AssertionError(restore.err()));
        assertThat(store("restore", kept).exitCode()).isZero();
        assertThat(store("show", after.getSerialNumber().toString()).exitCode()).isZero();
    }

    @Test
    void the_ca_survives_a_kill_and_logs_and_store_agree_again() throws Exception {
        X509Certificate unused = issue("a.example");
        ca.kill();
        Files.writeString(data().resolve("signatures.log"), "2026-11-24T11:00:00Z 47", StandardOpenOption.APPEND);
        ca = pki.start();
        ca.awaitReady();
        Result agree = store("reconcile");
        assertThat(agree.exitCode()).as(agree.out() + agree.err()).isZero();
        assertThat(agree.err()).contains("1 line(s) broken off");
    }

    @Test
    void a_store_that_may_only_be_read_is_read_and_no_ca_starts_on_it() throws Exception {
        X509Certificate certificate = issue("read.example");
        ca.close();
        Files.setPosixFilePermissions(data(), PosixFilePermissions.fromString("r-x------"));
        try {
            Result list = store(withoutPower(), "list", "--name", "read.example");
            assertThat(list.exitCode()).as(list.err()).isZero();
            assertThat(list.out()).contains(certificate.getSerialNumber().toString());
            assertThat(data().resolve("chancery.db-wal")).doesNotExist();
            Result epoch = store(withoutPower(), "revoke-reserved", "--yes");
            assertThat(epoch.exitCode()).isEqualTo(1);
            assertThat(epoch.err()).contains("cannot be written");
        } finally {
            Files.setPosixFilePermissions(data(), PosixFilePermissions.fromString("rwx------"));
        }
    }

    /** Root may write everywhere, unless it gives that power up. */
    private static List<String> withoutPower() {
        return System.getProperty("user.name").equals("root")
                ? List.of("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
                : List.of();
    }

    @Test
    void a_damaged_store_stops_the_start_with_the_way_out() throws Exception {
        ca.close();
        Files.writeString(pki.database(), "no database".repeat(1000));
        ca = pki.start();
        ca.awaitLine("put a backup back (chancery store restore)");
        ca.close();
        assertThat(ca.lines()).noneMatch(line -> line.contains("\tat "));
        Result list = store("list");
        assertThat(list.exitCode()).isEqualTo(1);
        assertThat(list.err()).contains("damaged");
    }
}
