package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.conformance.ApiClient.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Secrets go in and never come out: tokens, passwords, PINs and Idempotency-Keys of good and bad requests are looked for
 * in everything that the process prints at its most talkative, in every file it writes, and in its arguments.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class SecretsIT {
    private static final String NAME = "secret.example";

    @TempDir
    private Path folder;

    /** What is looked for, by what it is. */
    private final Map<String, String> secrets = new LinkedHashMap<>();

    private StepPki pki;
    private ApiClient api;
    private String csr;

    @Test
    void with_an_encrypted_key_file_no_secret_comes_out() throws Exception {
        pki = StepPki.init(folder);
        secrets.put(
                "key and provisioner password",
                StepPki.text(Path.of(pki.password())).strip());
        requestsLeaveNoSecret();
    }

    @Test
    void with_a_pin_in_a_file_no_secret_comes_out() throws Exception {
        pki = TokenPki.init(folder);
        secrets.put("PIN of pin-source", StepPki.text(TokenPki.pinFile(pki)).strip());
        requestsLeaveNoSecret();
    }

    @Test
    void with_a_pin_in_the_uri_no_secret_comes_out() throws Exception {
        pki = TokenPki.init(folder);
        String pin = StepPki.text(TokenPki.pinFile(pki)).strip();
        secrets.put("PIN of pin-value", pin);
        replaceInCaJson("pin-source=" + TokenPki.pinFile(pki), "pin-value=" + pin);
        requestsLeaveNoSecret();
    }

    @Test
    void a_wrong_pin_in_the_uri_is_refused_without_being_printed() throws Exception {
        pki = TokenPki.init(folder);
        String wrong = "wrong" + UUID.randomUUID().toString().substring(0, 8);
        secrets.put("wrong PIN", wrong);
        replaceInCaJson("pin-source=" + TokenPki.pinFile(pki), "pin-value=" + wrong);
        try (ChanceryProcess ca = pki.start(Map.of("CHANCERY_LOG", "DEBUG"))) {
            ca.awaitLine("PIN");
            noSecretIn(ca);
        }
    }

    private void requestsLeaveNoSecret() throws Exception {
        try (ChanceryProcess ca = pki.start(Map.of("CHANCERY_LOG", "DEBUG"))) {
            ca.awaitReady();
            api = ApiClient.of(pki);
            csr = api.csr(NAME);
            List<Integer> statuses = goodAndBadRequests();
            assertThat(statuses).as("statuses of the requests").contains(201, 400, 401);
            // Each is noted soon after its answer.
            ClusterJudge.await(
                    "a line for each request",
                    30,
                    () -> ca.lines().stream()
                                    .filter(line -> line.contains("path=/sign "))
                                    .count()
                            >= statuses.size());
            noSecretIn(ca);
            assertThat(ca.lines())
                    .as("complaints about step's own members")
                    .noneMatch(line -> line.startsWith("warning:"));
        }
        noSecretInFiles();
    }

    private List<Integer> goodAndBadRequests() throws Exception {
        List<Integer> statuses = new ArrayList<>();
        String good = token("good token");
        String key = "key-" + UUID.randomUUID();
        secrets.put("Idempotency-Key", key);
        statuses.add(send(csr, good, key).status());
        statuses.add(send(csr, good, key).status());
        statuses.add(api.sign(csr, good).status());
        statuses.add(send("no request", token("token with a bad request"), key).status());
        String spoilt = token("token whose signature is spoilt");
        statuses.add(send(csr, spoilt.substring(0, spoilt.length() - 4) + "AAAA", key)
                .status());
        statuses.add(send(
                        csr,
                        api.token(
                                api.header().build(),
                                api.claims("other.example").jwtID(marked("jti")).build()),
                        key)
                .status());
        statuses.add(api.post(
                        "{\"csr\":\"" + marked("csr that is none") + "\",\"ott\":\"" + token("token in bad JSON")
                                + "\"",
                        Map.of())
                .get()
                .status());
        statuses.add(
                api.send("GET", "/" + "sign?ott=" + token("token in a URL")).status());
        return statuses;
    }

    private Answer send(String request, String token, String key) throws Exception {
        return api.sign(request, token, Map.of("Idempotency-Key", key, "Authorization", "Bearer " + marked("bearer")))
                .get();
    }

    /** A token that is looked for by its payload and its signature. */
    private String token(String what) throws Exception {
        String token = api.token(
                api.header().build(),
                api.claims(NAME).jwtID(marked("id of " + what)).build());
        String[] parts = token.split("\\.");
        secrets.put(what + ", payload", parts[1]);
        secrets.put(what + ", signature", parts[2]);
        return token;
    }

    private String marked(String what) {
        String mark = "mark-" + UUID.randomUUID();
        secrets.put(what + " " + mark.hashCode(), mark);
        return mark;
    }

    private void noSecretIn(ChanceryProcess ca) throws Exception {
        noSecret("output", String.join("\n", ca.lines()));
        noSecret("arguments", StepPki.text(Path.of("/proc/" + ca.pid() + "/cmdline")));
        noSecretInFiles();
    }

    /** Every file in the data folder: the store with its log, the signer's log, the server's certificate. */
    private void noSecretInFiles() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder.resolve("step/db"))) {
            files = all.filter(Files::isRegularFile).toList();
        }
        assertThat(files).as("the files of the process").isNotEmpty();
        for (Path file : files) {
            noSecret(file.toString(), new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
        }
    }

    private void noSecret(String where, String text) {

        secrets.forEach((what, secret) ->
                assertThat(text.contains(secret)).as("%s in %s", what, where).isFalse());
    }

    private void replaceInCaJson(String old, String now) throws Exception {
        Map<String, Object> ca = new HashMap<>(JSONObjectUtils.parse(StepPki.text(pki.caJson())));
        Map<String, Object> kms = new HashMap<>(JSONObjectUtils.getJSONObject(ca, "kms"));
        kms.put("uri", ((String) kms.get("uri")).replace(old, now));
        ca.put("kms", kms);
        Files.writeString(pki.caJson(), JSONObjectUtils.toJSONString(ca), StandardCharsets.UTF_8);
    }
}
