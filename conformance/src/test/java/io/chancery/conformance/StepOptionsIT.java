package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.PasswordBasedEncrypter;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.SignedJWT;
import java.io.File;
import java.net.Inet6Address;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the unmodified step client can be told by its rarer options, by its environment and at a terminal, against a
 * {@code ca.json} with all that {@code step ca init} puts there for SSH and ACME, and more provisioners than a page has.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class StepOptionsIT {
    /** As many as the client asks for at once. */
    private static final int PAGE = 100;

    private static final String LAST = "last";
    private static final int ROUNDS_OF_STEP_0_21 = 100_000;
    private static final String REFUSED = "The request lacked necessary authorization to be completed.";
    private static final long SDK_SECONDS = 30;

    @TempDir
    private static Path folder;

    private static StepPki pki;
    private static ChanceryProcess ca;
    private static String kidOfLast;

    @BeforeAll
    static void start() throws Exception {
        pki = StepPki.init(folder, "--ssh", "--acme");
        pki.set("address", ":" + pki.port());
        pki.set("dnsNames", List.of("localhost", "127.0.0.1", "[::1]"));
        pki.set("password", StepPki.PASSWORD); // the client's offline commands find it there
        Map<String, Object> file = JSONObjectUtils.parse(StepPki.text(pki.caJson()));
        Map<String, Object> db = new LinkedHashMap<>(JSONObjectUtils.getJSONObject(file, "db"));
        db.put("valueDir", pki.file("values").toString());
        pki.set("db", db);
        Map<String, Object> authority = new LinkedHashMap<>(JSONObjectUtils.getJSONObject(file, "authority"));
        authority.putAll(Map.of(
                "type", "softcas", "authorityId", "5c2c", "deploymentType", "standalone", "disableGetSSHHosts", true));
        List<Object> provisioners = new ArrayList<>((List<?>) authority.get("provisioners"));
        for (int i = provisioners.size(); i < PAGE; i++) {
            provisioners.add(provisioner("filler-" + i, key()));
        }
        provisioners.add(last());
        authority.put("provisioners", provisioners);
        pki.set("authority", authority);
        ca = pki.start();
        ca.awaitReady();
    }

    private static ECKey key() throws Exception {
        return new ECKeyGenerator(Curve.P_256)
                .keyUse(KeyUse.SIGNATURE)
                .algorithm(JWSAlgorithm.ES256)
                .keyIDFromThumbprint(true)
                .generate();
    }

    private static Map<String, Object> provisioner(String name, ECKey key) {
        Map<String, Object> provisioner = new LinkedHashMap<>();
        provisioner.put("type", "JWK");
        provisioner.put("name", name);
        provisioner.put("key", key.toPublicJWK().toJSONObject());
        return provisioner;
    }

    /** Its key is encrypted as step 0.21 did it, and its certificates show what is in the token beside the names. */
    private static Map<String, Object> last() throws Exception {
        ECKey key = key();
        kidOfLast = key.getKeyID();
        JWEObject encrypted = new JWEObject(
                new JWEHeader.Builder(JWEAlgorithm.PBES2_HS256_A128KW, EncryptionMethod.A256GCM)
                        .contentType("jwk+json")
                        .build(),
                new Payload(key.toJSONString()));
        encrypted.encrypt(new PasswordBasedEncrypter(StepPki.PASSWORD, 16, ROUNDS_OF_STEP_0_21));
        Map<String, Object> provisioner = provisioner(LAST, key);
        provisioner.put("encryptedKey", encrypted.serialize());
        provisioner.put(
                "options",
                Map.of(
                        "x509",
                        Map.of(
                                "template",
                                "{\"subject\":{\"commonName\":{{ toJson .Subject.CommonName }},"
                                        + "\"organizationalUnit\":{{ toJson .Token.user.role }}},"
                                        + "\"sans\":{{ toJson .SANs }},\"keyUsage\":[\"digitalSignature\"],"
                                        + "\"extKeyUsage\":[\"serverAuth\",\"clientAuth\"]}")));
        return provisioner;
    }

    @AfterAll
    static void stop() throws Exception {
        ca.close();
        ca.assertNeverBlocked();
    }

    private static String crt(String name) {
        return pki.file(name + ".crt").toString();
    }

    private static String key(String name) {
        return pki.file(name + ".key").toString();
    }

    private static X509Certificate certificate(String name) throws Exception {
        return ApiClient.certificate(StepPki.text(pki.file(name + ".crt")));
    }

    private static List<String> words(List<String> first, String... more) {
        List<String> words = new ArrayList<>(first);
        words.addAll(List.of(more));
        return words;
    }

    private static Commands.Result step(List<String> words) throws Exception {
        return pki.step(words.toArray(String[]::new));
    }

    /** {@code ca certificate}, by whatever the options say. */
    private static Commands.Result ask(String name, String... options) throws Exception {
        return step(words(List.of("ca", "certificate", name, crt(name), key(name)), options));
    }

    /** By the provisioner whose key opens fastest. */
    private static X509Certificate issue(String name, String... options) throws Exception {
        ask(name, words(by(LAST), options).toArray(String[]::new)).succeeded();
        return certificate(name);
    }

    private static List<String> by(String provisioner) {
        return List.of("--provisioner", provisioner, "--provisioner-password-file", pki.password());
    }

    private static String token(String name, List<String> by, String... options) throws Exception {
        Path file = Files.createTempDirectory(folder, "token").resolve("token");
        step(words(words(List.of("ca", "token", name, "--output-file", file.toString()), options), by))
                .succeeded();
        return StepPki.text(file).strip();
    }

    private static List<String> words(List<String> first, List<String> more) {
        return words(first, more.toArray(String[]::new));
    }

    private static void hangUp() throws Exception {
        int before = ca.lines().size();
        ca.signal("HUP");
        ca.awaitLine("the new configuration is in force", before);
    }

    private static Path elsewhere() throws Exception {
        return Files.createTempDirectory(folder, "elsewhere");
    }

    private static Commands.Result health(String url) throws Exception {
        return pki.step("ca", "health", "--ca-url", url);
    }

    @Test
    void an_address_of_the_server_is_verified_and_one_that_its_certificate_does_not_have_is_refused() throws Exception {
        List<String> addresses = new ArrayList<>(List.of("127.0.0.1"));
        if (NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .anyMatch(own -> own instanceof Inet6Address && own.isLoopbackAddress())) {
            addresses.add("[::1]");
        } else {
            System.out.println("NOT RUN: a server asked at [::1]: no IPv6 on this machine");
        }
        for (String address : addresses) {
            String url = "https://" + address + ":" + pki.port();
            StepPki.awaitOk(() -> health(url));
        }
        Commands.Result another = health("https://127.0.0.2:" + pki.port());
        assertThat(another.exitCode()).isNotZero();
        assertThat(another.output()).contains("not 127.0.0.2");
    }

    @Test
    void an_address_without_a_host_is_listened_on_where_there_is_no_ipv6() throws Exception {
        StepPki other = StepPki.init(elsewhere());
        other.set("address", ":" + other.port());
        other.set("insecureAddress", ":0");
        other.set("metricsAddress", ":0");
        Map<String, String> withoutIpv6 = ChanceryProcess.withJavaOptions("-Djava.net.preferIPv4Stack=true");
        try (ChanceryProcess started = other.start(withoutIpv6)) {
            started.awaitReady();
            StepPki.awaitOk(() -> other.step("ca", "health", "--ca-url", "https://127.0.0.1:" + other.port()));
        }
    }

    @Test
    void a_token_is_all_that_a_client_without_a_root_needs_and_it_is_for_its_own_name() throws Exception {
        String token = token("rootless.example", by(StepPki.PROVISIONER));
        Path elsewhere = elsewhere();
        Commands.Result other = pki.stepElsewhere(
                elsewhere, "ca", "certificate", "other.example", crt("other"), key("other"), "--token", token);
        assertThat(other.exitCode()).isNotZero();
        assertThat(other.output()).contains("'rootless.example'").contains("do not match");
        pki.stepElsewhere(
                        elsewhere,
                        "ca",
                        "certificate",
                        "rootless.example",
                        crt("rootless"),
                        key("rootless"),
                        "--token",
                        token)
                .succeeded();
        assertThat(certificate("rootless").getSubjectX500Principal().getName()).isEqualTo("CN=rootless.example");
    }

    @Test
    void a_context_or_variables_say_where_the_ca_is_and_a_url_needs_no_scheme() throws Exception {
        String url = "localhost:" + pki.port();
        Path contexts = elsewhere();
        pki.stepElsewhere(
                        contexts,
                        "ca",
                        "bootstrap",
                        "--ca-url",
                        url,
                        "--fingerprint",
                        pki.fingerprint(),
                        "--context",
                        "work")
                .succeeded();
        StepPki.awaitOk(() -> pki.stepElsewhere(contexts, "ca", "health", "--context", "work"));
        assertThat(contexts.resolve("authorities/work/certs/root_ca.crt")).hasSameTextualContentAs(pki.root());
        Map<String, String> variables = Map.of(
                "STEPPATH",
                elsewhere().toString(),
                "STEP_CA_URL",
                url,
                "STEP_ROOT",
                pki.root().toString());
        StepPki.awaitOk(() -> Commands.run(folder, variables, Commands.step(), "ca", "health"));
    }

    @Test
    void a_client_with_an_identity_shows_it_on_every_call_and_is_served_as_without() throws Exception {
        X509Certificate unused = issue("identity.example");
        Path holder = elsewhere();
        Files.createDirectories(holder.resolve("config"));
        for (String name : List.of("identity.example", "stranger")) {
            if (name.equals("stranger")) {
                pki.selfSigned(name, name);
            }
            Files.writeString(
                    holder.resolve("config/identity.json"),
                    JSONObjectUtils.toJSONString(Map.of("type", "mTLS", "crt", crt(name), "key", key(name))));
            Commands.Result asked = pki.stepElsewhere(
                    holder,
                    words(
                                    List.of(
                                            "ca",
                                            "certificate",
                                            "by-" + name,
                                            crt("by-" + name),
                                            key("by-" + name),
                                            "--ca-url",
                                            pki.url(),
                                            "--root",
                                            pki.root().toString()),
                                    by(StepPki.PROVISIONER))
                            .toArray(String[]::new));
            // That it was shown is known by one that is refused in the handshake.
            assertThat(asked.exitCode() == 0).as(asked.output()).isEqualTo(!name.equals("stranger"));
        }
    }

    @Test
    void a_provisioner_of_the_second_page_is_found_by_its_name_and_by_its_key_id() throws Exception {
        ask("by-name.example", by(LAST).toArray(String[]::new)).succeeded();
        String token = token("by-kid.example", List.of("--kid", kidOfLast, "--password-file", pki.password()));
        ask("by-kid.example", "--token", token).succeeded();
        for (String name : List.of("by-name.example", "by-kid.example")) {
            assertThat(pki.step("certificate", "inspect", crt(name)).succeeded().output())
                    .contains("Name: " + LAST);
        }
    }

    @Test
    void the_key_of_a_provisioner_is_had_from_the_ca_and_signs_from_a_file_as_well() throws Exception {
        ECKey key = ApiClient.of(pki).provisionerKey();
        // An id is base64url, and may begin with a dash.
        String encrypted = pki.step("ca", "provisioner", "jwe-key", "--", key.getKeyID())
                .succeeded()
                .output()
                .strip();
        assertThat(StepPki.text(pki.caJson())).contains('"' + encrypted + '"');
        Path file = Files.writeString(pki.file("provisioner.jwk"), key.toJSONString());
        String token = token("by-key.example", List.of("--key", file.toString(), "--provisioner", StepPki.PROVISIONER));
        ask("by-key.example", "--token", token).succeeded();
    }

    @Test
    void a_token_begins_and_ends_when_it_was_told_to() throws Exception {
        String early = token("timed.example", by(LAST), "--not-before", "10m", "--not-after", "20m");
        Map<String, Object> claims = SignedJWT.parse(early).getPayload().toJSONObject();
        assertThat(((Number) claims.get("exp")).longValue() - ((Number) claims.get("nbf")).longValue())
                .isEqualTo(Duration.ofMinutes(10).toSeconds());
        assertThat(ask("timed.example", "--token", early).output()).contains(REFUSED);
        // Clocks may differ by a minute.
        String soon = token("timed.example", by(LAST), "--not-before", "30s", "--not-after", "20m");
        ask("timed.example", "--token", soon).succeeded();
    }

    @Test
    void data_of_a_file_are_in_the_token_and_reach_the_template() throws Exception {
        Path data = Files.writeString(pki.file("data.json"), "{\"role\":\"builder\"}");
        String token = token("data.example", by(LAST), "--set-file", data.toString());
        ask("data.example", "--token", token).succeeded();
        assertThat(certificate("data.example").getSubjectX500Principal().getName())
                .isEqualTo("CN=data.example,OU=builder");
    }

    @Test
    void renew_leaves_alone_what_is_good_for_longer_and_runs_a_command_when_it_has_renewed() throws Exception {
        X509Certificate first = issue("timely.example", "--not-after", "1h");
        Path done = pki.file("renewed");
        List<String> renew = List.of(
                "ca", "renew", crt("timely.example"), key("timely.example"), "--force", "--exec", "touch " + done);
        assertThat(step(words(renew, "--expires-in", "5m")).succeeded().output())
                .contains("certificate not renewed");
        assertThat(certificate("timely.example")).isEqualTo(first);
        assertThat(done).doesNotExist();
        step(renew).succeeded();
        assertThat(certificate("timely.example").getSerialNumber()).isNotEqualTo(first.getSerialNumber());
        assertThat(done).exists();
    }

    /** It does what the one of {@code renew} does, by renew tokens: the key stays. */
    @Test
    void the_daemon_of_rekey_renews() throws Exception {
        X509Certificate first = issue("rekeyed.example", "--not-after", "10m");
        Path done = pki.file("rekeyed");
        ProcessBuilder rekey = new ProcessBuilder(
                        Commands.step(),
                        "ca",
                        "rekey",
                        "--daemon",
                        "--expires-in",
                        "9m59s",
                        "--exec",
                        "touch " + done,
                        crt("rekeyed.example"),
                        key("rekeyed.example"))
                .redirectErrorStream(true)
                .redirectOutput(pki.file("rekey.log").toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        rekey.environment().put("STEPPATH", pki.stepPath().toString());
        Process daemon = rekey.start();
        try {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (!Files.exists(done)) {
                assertThat(daemon.isAlive())
                        .as(StepPki.text(pki.file("rekey.log")))
                        .isTrue();
                assertThat(System.nanoTime()).isLessThan(end);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
        } finally {
            daemon.destroy();
            assertThat(daemon.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
        X509Certificate second = certificate("rekeyed.example");
        assertThat(second.getSerialNumber()).isNotEqualTo(first.getSerialNumber());
        assertThat(second.getPublicKey()).isEqualTo(first.getPublicKey());
    }

    /** As docs/divergences.md says. */
    @Test
    void what_step_does_offline_beside_the_running_ca_is_none_of_its_doing() throws Exception {
        issue("offline.example", "--offline", "--password-file", pki.password());
        List<String> renew = List.of("ca", "renew", crt("offline.example"), key("offline.example"), "--force");
        step(renew).succeeded();
        X509Certificate byChancery = certificate("offline.example");
        step(words(renew, "--offline", "--password-file", pki.password())).succeeded();
        assertThat(certificate("offline.example")).isNotEqualTo(byChancery);
        pki.step("ca", "revoke", "--offline", "--cert", crt("offline.example"), "--key", key("offline.example"))
                .succeeded();
        X509Certificate revoked = certificate("offline.example");
        step(renew).succeeded();
        assertThat(certificate("offline.example").getSerialNumber())
                .as("revoked in step's own database alone")
                .isNotEqualTo(revoked.getSerialNumber());
    }

    @Test
    void whoever_is_asked_for_provisioner_and_password_at_a_terminal_revokes() throws Exception {
        String serial = issue("typed.example").getSerialNumber().toString();
        try (Terminal terminal = Terminal.start(
                folder, Map.of("STEPPATH", pki.stepPath().toString()), Commands.step(), "ca", "revoke", serial)) {
            terminal.answer("What provisioner key do you want to use?", ""); // the first
            terminal.answer("password to decrypt the provisioner key", StepPki.PASSWORD);
            assertThat(terminal.end().succeeded().output())
                    .contains("Certificate with Serial Number " + serial + " has been revoked");
        }
        assertThat(pki.step("ca", "renew", crt("typed.example"), key("typed.example"), "--force")
                        .output())
                .contains(REFUSED);
    }

    @Test
    void a_provisioner_that_step_updates_has_other_limits_and_one_that_it_removes_serves_no_more() throws Exception {
        String passing = "passing";
        pki.step("ca", "provisioner", "add", passing, "--create", "--password-file", pki.password())
                .succeeded();
        hangUp();
        ask("day.example", by(passing).toArray(String[]::new)).succeeded();
        assertThat(lifetime("day.example")).isGreaterThan(Duration.ofHours(23));
        pki.step("ca", "provisioner", "update", passing, "--x509-default-dur", "10m", "--x509-max-dur", "10m")
                .succeeded();
        hangUp();
        ask("minutes.example", by(passing).toArray(String[]::new)).succeeded();
        assertThat(lifetime("minutes.example")).isLessThan(Duration.ofMinutes(12));
        String token = token("gone.example", by(passing));
        pki.step("ca", "provisioner", "remove", passing).succeeded();
        hangUp();
        assertThat(ask("gone.example", "--token", token).output()).contains(REFUSED);
    }

    private static Duration lifetime(String name) throws Exception {
        return Duration.between(Instant.now(), certificate(name).getNotAfter().toInstant());
    }

    @Test
    void the_sdk_makes_a_token_of_a_password_and_its_listener_meets_a_caller_with_an_e_mail_address() throws Exception {
        try (GoProgram maker = GoProgram.start(
                StepPki.PASSWORD, "sdk", "token", pki.url(), pki.root().toString(), LAST, "service.example")) {
            String token = maker.await("token", 1, SDK_SECONDS);
            try (GoProgram service = GoProgram.start(token, "sdk", "listener")) {
                String url = "https://localhost:" + service.await("listening", 1, SDK_SECONDS);
                String ann = token("ann", by(LAST), "--san", "ann", "--san", "ann@people.example");
                try (GoProgram caller = GoProgram.start(ann, "sdk", "client", url)) {
                    assertThat(caller.await("met", 1, SDK_SECONDS)).contains(" service.example ");
                    assertThat(service.await("mail", 1, SDK_SECONDS)).isEqualTo("ann@people.example");
                }
            }
        }
    }
}
