package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A provisioner whose users are in a real Keycloak. */
@Tag("long")
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class KeycloakIT {
    private static final Pattern LOGIN = Pattern.compile("<form id=\"kc-form-login\"[^>]* action=\"([^\"]+)\"");

    @TempDir
    private static Path folder;

    private static KeycloakProcess keycloak;
    private static StepPki pki;
    private static ChanceryProcess ca;
    private static ApiClient api;
    private static Browser browser;

    @BeforeAll
    static void start() throws Exception {
        pki = StepPki.init(folder);
        ProviderTls tls = ProviderTls.make(pki);
        keycloak = KeycloakProcess.start(pki, tls);
        browser = new Browser(pki.root());
        browser.step(
                        folder,
                        nowhere -> {},
                        "ca",
                        "provisioner",
                        "add",
                        "people",
                        "--type",
                        "OIDC",
                        "--client-id",
                        KeycloakProcess.CLIENT,
                        "--client-secret",
                        KeycloakProcess.SECRET,
                        "--configuration-endpoint",
                        keycloak.realmUrl(),
                        "--admin",
                        "operators",
                        "--domain",
                        "ca.example",
                        "--group",
                        "staff",
                        "--ca-config",
                        pki.caJson().toString())
                .succeeded();
        ca = pki.start(Map.of("CHANCERY_JAVA_OPTS", tls.javaOptions()));
        ca.awaitReady();
        api = ApiClient.of(pki);
    }

    @AfterAll
    static void stop() throws Exception {
        if (ca != null) {
            ca.close();
            ca.assertNeverBlocked();
        }
        if (keycloak != null) {
            keycloak.close();
        }
    }

    private static Commands.Result certificate(String subject, String file, String token) throws Exception {
        return pki.step(
                "ca",
                "certificate",
                subject,
                pki.file(file + ".crt").toString(),
                pki.file(file + ".key").toString(),
                "--token",
                token);
    }

    private static String inspected(String file) throws Exception {
        return pki.step("certificate", "inspect", pki.file(file + ".crt").toString())
                .succeeded()
                .output();
    }

    /** Types name and password into Keycloak's page. */
    private static void logIn(String user, URI address) throws IOException, InterruptedException {
        String page = browser.follow(HttpRequest.newBuilder(address));
        Matcher form = LOGIN.matcher(page);
        if (!form.find()) {
            throw new IOException("no form to log in with: " + page);
        }
        String unused =
                browser.follow(HttpRequest.newBuilder(URI.create(form.group(1).replace("&amp;", "&")))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(KeycloakProcess.encoded(
                                Map.of("username", user, "password", KeycloakProcess.password(user))))));
    }

    @Test
    void a_user_logs_in_at_keycloaks_page_and_the_step_client_gets_their_certificate() throws Exception {
        browser.step(
                        folder,
                        address -> logIn("jane", address),
                        "ca",
                        "certificate",
                        "jane@ca.example",
                        "jane.crt",
                        "jane.key",
                        "--provisioner",
                        "people")
                .succeeded();
        assertThat(inspected("jane")).contains("email:jane@ca.example", "URI:" + keycloak.realmUrl() + "#");
    }

    @Test
    void a_token_by_password_buys_one_certificate() throws Exception {
        String token = keycloak.idToken("jane");
        certificate("jane@ca.example", "once", token).succeeded();
        assertThat(inspected("once")).contains("email:jane@ca.example");
        assertThat(certificate("jane@ca.example", "twice", token).exitCode()).isEqualTo(1);
    }

    @Test
    void an_operator_gets_the_names_that_they_ask_for_and_a_guest_nothing() throws Exception {
        ApiClient.Answer operator = api.sign(api.csr("www.bank.example"), keycloak.idToken("root"));
        assertThat(operator.status()).isEqualTo(201);
        assertThat(ApiClient.certificate(operator.member("crt"))
                        .getSubjectX500Principal()
                        .getName())
                .isEqualTo("CN=www.bank.example");
        assertThat(api.sign(api.csr("guest.example"), keycloak.idToken("guest")).status())
                .isEqualTo(401);
    }

    @Test
    void a_realm_that_changes_its_key_refuses_nobody() throws Exception {
        String before = keycloak.idToken("jane");
        keycloak.rotate();
        String after = keycloak.idToken("jane");
        assertThat(after.substring(0, after.indexOf('.'))).isNotEqualTo(before.substring(0, before.indexOf('.')));
        assertThat(api.sign(api.csr("ignored.example"), after).status()).isEqualTo(201);
        assertThat(api.sign(api.csr("ignored.example"), before).status()).isEqualTo(201);
    }
}
