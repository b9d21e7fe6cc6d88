package io.chancery.conformance;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.testing.FreePorts;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A real Keycloak with one realm, {@code people}, whose client is {@code chancery}; everybody's password is their name's. */
final class KeycloakProcess implements AutoCloseable {
    static final String CLIENT = "chancery";
    static final String SECRET = "the-secret-of-keycloaks-client";
    private static final long LONGEST_SECONDS = 300;

    private final Process process;
    private final HttpClient http;
    private final int port;
    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch readyOrEnded = new CountDownLatch(1);

    private KeycloakProcess(Process process, HttpClient http, int port) {
        this.process = process;
        this.http = http;
        this.port = port;
    }

    /** The Keycloak that the build unpacked; a failure when there is none. */
    private static Path home() {
        String home = System.getProperty("keycloak.home", "");
        if (home.isEmpty() || !Files.isExecutable(Path.of(home, "bin/kc.sh"))) {
            throw new IllegalStateException("no Keycloak: run this test by ./run faults, which fetches it");
        }
        return Path.of(home);
    }

    /** Returns when it serves; takes a quarter of a minute and more. */
    static KeycloakProcess start(StepPki pki, ProviderTls tls) throws Exception {
        Path own = pki.file("keycloak"); // it writes beside its programs
        Commands.run(pki.folder(), Map.of(), "cp", "-r", home().toString(), own.toString())
                .succeeded();
        Path realms = Files.createDirectories(own.resolve("data/import"));
        Files.writeString(realms.resolve("people-realm.json"), JSONObjectUtils.toJSONString(realm()));
        int port = FreePorts.take();
        ProcessBuilder builder = new ProcessBuilder(
                        own.resolve("bin/kc.sh").toString(),
                        "start-dev",
                        "--import-realm",
                        "--db=dev-mem",
                        "--http-host=127.0.0.1",
                        "--http-port=" + FreePorts.take(),
                        "--http-management-port=" + FreePorts.take(),
                        "--https-port=" + port,
                        "--https-certificate-file=" + tls.crt(),
                        "--https-certificate-key-file=" + tls.key())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.environment()
                .putAll(Map.of(
                        "KC_BOOTSTRAP_ADMIN_USERNAME", "admin",
                        "KC_BOOTSTRAP_ADMIN_PASSWORD", "admin-password",
                        "JAVA_HOME", System.getProperty("java.home"),
                        "JAVA_OPTS_APPEND", "-XX:TieredStopAtLevel=1"));
        HttpClient http = HttpClient.newBuilder()
                .sslContext(ApiClient.trusting(pki.root()))
                .build();
        KeycloakProcess started = new KeycloakProcess(builder.start(), http, port);
        Runtime.getRuntime().addShutdownHook(new Thread(started::kill, "keycloak-kill"));
        Thread reader = new Thread(started::read, "keycloak-output");
        reader.setDaemon(true);
        reader.start();
        if (!started.readyOrEnded.await(LONGEST_SECONDS, TimeUnit.SECONDS) || !started.process.isAlive()) {
            started.kill();
            throw new IllegalStateException("Keycloak does not start: " + started.lines);
        }
        return started;
    }

    private static Map<String, Object> realm() {
        Map<String, Object> groups = Map.of(
                "name", "groups",
                "protocol", "openid-connect",
                "protocolMapper", "oidc-group-membership-mapper",
                "config", Map.of("full.path", "false", "id.token.claim", "true", "claim.name", "groups"));
        Map<String, Object> client = Map.of(
                "clientId",
                CLIENT,
                "secret",
                SECRET,
                "publicClient",
                false,
                "directAccessGrantsEnabled",
                true,
                "standardFlowEnabled",
                true,
                "redirectUris",
                List.of("http://127.0.0.1/*"),
                "protocolMappers",
                List.of(groups));
        return Map.of(
                "realm", "people",
                "enabled", true,
                "groups", List.of(Map.of("name", "staff"), Map.of("name", "operators")),
                "users", List.of(user("jane", "/staff"), user("root", "/staff", "/operators"), user("guest")),
                "clients", List.of(client));
    }

    private static Map<String, Object> user(String name, String... groups) {
        return Map.of(
                "username",
                name,
                "enabled",
                true,
                "email",
                name + "@ca.example",
                "emailVerified",
                true,
                "firstName",
                name,
                "lastName",
                "Doe",
                "groups",
                List.of(groups),
                "credentials",
                List.of(Map.of("type", "password", "value", password(name))));
    }

    static String password(String name) {
        return name + "-password";
    }

    private void read() {
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                lines.add(line);
                if (line.contains("Listening on:")) {
                    readyOrEnded.countDown();
                }
            }
        } catch (IOException e) {
            lines.add("(output ended: " + e.getMessage() + ")");
        }
        readyOrEnded.countDown();
    }

    /** What a provisioner has as its {@code configurationEndpoint}. */
    String realmUrl() {
        return "https://127.0.0.1:" + port + "/realms/people";
    }

    /** An ID token by the user's password. */
    String idToken(String user) throws Exception {
        Map<String, Object> answer = form(
                realmUrl() + "/protocol/openid-connect/token",
                Map.of(
                        "grant_type",
                        "password",
                        "client_id",
                        CLIENT,
                        "client_secret",
                        SECRET,
                        "username",
                        user,
                        "password",
                        password(user),
                        "scope",
                        "openid email"));
        return String.valueOf(answer.get("id_token"));
    }

    /** From now on the realm signs with a new key; the old one goes on being published. */
    void rotate() throws Exception {
        String admin = "https://127.0.0.1:" + port + "/admin/realms/people";
        String token = String.valueOf(form(
                        "https://127.0.0.1:" + port + "/realms/master/protocol/openid-connect/token",
                        Map.of(
                                "grant_type", "password",
                                "client_id", "admin-cli",
                                "username", "admin",
                                "password", "admin-password"))
                .get("access_token"));
        Map<String, Object> key = Map.of(
                "name", "next",
                "providerId", "rsa-generated",
                "providerType", "org.keycloak.keys.KeyProvider",
                "config", Map.of("priority", List.of("200"), "keySize", List.of("2048")));
        HttpResponse<String> made = http.send(
                HttpRequest.newBuilder(URI.create(admin + "/components"))
                        .header("Authorization", "Bearer " + token)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(JSONObjectUtils.toJSONString(key)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (made.statusCode() != 201) {
            throw new IllegalStateException("no new key: " + made.statusCode() + " " + made.body());
        }
    }

    private Map<String, Object> form(String url, Map<String, String> members) throws Exception {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create(url))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(encoded(members)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException("status " + answer.statusCode() + " from " + url + ": " + answer.body());
        }
        return JSONObjectUtils.parse(answer.body());
    }

    static String encoded(Map<String, String> members) {
        return members.entrySet().stream()
                .map(each -> each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    /** The shell that starts it becomes it, or waits for it. */
    private void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
        if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("Keycloak does not end");
        }
    }
}
