package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.chancery.testing.IssuerKey;
import io.chancery.testing.LocalIssuer;
import io.chancery.testing.LocalProxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Users of an OpenID provider: the unmodified step client before it, and Chancery while it comes, goes and changes keys. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class OidcIT {
    private static final String PEOPLE = "people";
    private static final String LATE = "late-people";
    private static final String PROXY_PASSWORD = "the-word-for-the-proxy";
    private static final String SECRET = "the-secret-of-the-client";

    @TempDir
    private static Path folder;

    private static LocalIssuer issuer;
    private static LocalIssuer late;
    private static LocalProxy proxy;
    private static StepPki pki;
    private static ChanceryProcess ca;
    private static ApiClient api;
    private static final List<String> TOKENS = new ArrayList<>();
    private static String listedAtFirst;
    private static ApiClient.Answer refusedAtFirst;
    private static String metricsAtFirst;

    @BeforeAll
    static void start() throws Exception {
        pki = StepPki.init(folder);
        ProviderTls tls = ProviderTls.make(pki);
        issuer = LocalIssuer.start(Optional.of(tls.server()), IssuerKey.ec("first"));
        late = LocalIssuer.start(IssuerKey.ec("late"));
        add(PEOPLE, issuer, pki.root());
        add(LATE, late, pki.root());
        late.mood(LocalIssuer.Mood.FAILING);
        proxy = LocalProxy.start("the-ca:" + PROXY_PASSWORD);
        // Nobody but ca.json names the root that its provider is of.
        ca = pki.start(Map.of("HTTPS_PROXY", "http://the-ca:" + PROXY_PASSWORD + "@127.0.0.1:" + proxy.port()));
        ca.awaitReady();
        api = ApiClient.of(pki);
        listedAtFirst = api.get("/provisioners").body();
        refusedAtFirst = sign(late.key().token(claims(late, LATE)));
        metricsAtFirst = metrics();
        late.mood(LocalIssuer.Mood.WELL);
    }

    @AfterAll
    static void stop() throws Exception {
        ca.close();
        ca.assertNeverBlocked();
        issuer.close();
        late.close();
        proxy.close();
    }

    /** As an operator does it, whose step trusts this root. */
    private static void add(String name, LocalIssuer provider, Path root) throws Exception {
        new Browser(root)
                .step(
                        folder,
                        nowhere -> {},
                        "ca",
                        "provisioner",
                        "add",
                        name,
                        "--type",
                        "OIDC",
                        "--client-id",
                        name + "-client",
                        "--client-secret",
                        SECRET,
                        "--configuration-endpoint",
                        provider.url(),
                        "--admin",
                        "root@ca.example",
                        "--listen-address",
                        "127.0.0.1:0",
                        "--ca-config",
                        pki.caJson().toString())
                .succeeded();
    }

    private static Map<String, Object> claims(LocalIssuer provider, String name) {
        Map<String, Object> claims =
                provider.claims(name + "-client", "user-1", Instant.now().getEpochSecond());
        claims.put("email", "jane@ca.example");
        claims.put("nonce", UUID.randomUUID().toString());
        return claims;
    }

    private static ApiClient.Answer sign(String token) throws Exception {
        TOKENS.add(token);
        return api.sign(api.csr("ignored.example"), token);
    }

    private static int signedBy(IssuerKey key) throws Exception {
        return sign(key.token(claims(issuer, PEOPLE))).status();
    }

    private static String metrics() throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(ca.awaitManagement() + "/metrics"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void the_step_client_finds_the_provider_logs_its_user_in_and_gets_their_certificate() throws Exception {
        issuer.user(Map.of("sub", "user-2", "email", "joe@ca.example"));
        Browser browser = new Browser(pki.root());
        browser.step(
                        folder,
                        address -> {
                            String unused = browser.follow(HttpRequest.newBuilder(address));
                        },
                        "ca",
                        "certificate",
                        "joe@ca.example",
                        "joe.crt",
                        "joe.key",
                        "--provisioner",
                        PEOPLE)
                .succeeded();
        String text = pki.step("certificate", "inspect", pki.file("joe.crt").toString())
                .succeeded()
                .output();
        assertThat(text)
                .contains("Subject: CN=user-2", "email:joe@ca.example", "URI:" + issuer.url() + "#user-2")
                .contains("OIDC", PEOPLE + "-client");
    }

    @Test
    void a_provider_that_was_away_at_the_start_serves_as_soon_as_it_answers() throws Exception {
        assertThat(listedAtFirst).contains("\"state\":\"Uninitialized\"", "answered with status 503");
        assertThat(refusedAtFirst.status()).isEqualTo(401);
        assertThat(refusedAtFirst.body())
                .contains("provisioner \\\"late-people\\\" is disabled due to an initialization error");
        ca.awaitLine("an OpenID provider answers endpoint=" + late.url());
        assertThat(sign(late.key().token(claims(late, LATE))).status()).isEqualTo(201);
        assertThat(api.get("/provisioners").body()).doesNotContain("Uninitialized");
    }

    @Test
    void keys_may_change_at_any_moment_and_strangers_cannot_make_the_provider_busy() throws Exception {
        IssuerKey before = issuer.key();
        IssuerKey next = IssuerKey.rsa("second");
        issuer.keys(next, before);
        assertThat(signedBy(next)).isEqualTo(201);
        int asked = issuer.keySets();
        for (int i = 0; i < 20; i++) {
            assertThat(signedBy(IssuerKey.ec("made-up-" + i))).isEqualTo(401);
        }
        assertThat(issuer.keySets()).isLessThanOrEqualTo(asked + 1);
        assertThat(signedBy(before)).isEqualTo(201);
    }

    @Test
    void the_last_keys_serve_while_the_provider_is_away_and_over_a_reload() throws Exception {
        assertThat(signedBy(issuer.key())).isEqualTo(201);
        issuer.mood(LocalIssuer.Mood.FAILING);
        hangUp();
        assertThat(signedBy(issuer.key())).isEqualTo(201);
        // A key that nobody knows makes it ask, though not more than once in ten seconds.
        ClusterJudge.await("the provider is asked", 60, () -> {
            assertThat(signedBy(IssuerKey.ec("unknown"))).isEqualTo(401);
            return ca.lines().stream().anyMatch(line -> line.contains("go on being believed endpoint=" + issuer.url()));
        });
        assertThat(metrics()).containsPattern("chancery_oidc_providers\\{state=\"away\"} [1-9]");
        assertThat(signedBy(issuer.key())).isEqualTo(201);
        issuer.mood(LocalIssuer.Mood.WELL);
    }

    private static void hangUp() throws Exception {
        int lines = ca.lines().size();
        Commands.run(folder, Map.of(), "kill", "-HUP", String.valueOf(ca.pid())).succeeded();
        ca.awaitLine("the new configuration is in force", lines);
    }

    @Test
    void a_provider_with_a_certificate_of_another_root_serves_when_that_root_is_federated() throws Exception {
        ProviderTls tls = ProviderTls.ofAnotherRoot(pki);
        try (LocalIssuer provider = LocalIssuer.start(Optional.of(tls.server()), IssuerKey.ec("other"))) {
            add("other-people", provider, tls.root());
            hangUp();
            ca.awaitLine("an OpenID provider does not answer; its tokens are refused endpoint=" + provider.url());
            pki.set("federatedRoots", List.of(tls.root().toString()));
            hangUp();
            ca.awaitLine("an OpenID provider answers endpoint=" + provider.url());
            assertThat(sign(provider.key().token(claims(provider, "other-people")))
                            .status())
                    .isEqualTo(201);
        }
    }

    @Test
    void a_provider_is_asked_through_the_proxy_that_the_environment_names() throws Exception {
        ca.awaitLine("are called through a proxy variable=HTTPS_PROXY proxy=127.0.0.1:" + proxy.port());
        String host = "idp.invalid"; // which nobody but the proxy finds
        try (LocalIssuer provider =
                LocalIssuer.start(Optional.of(ProviderTls.make(pki, host).server()), IssuerKey.ec("proxied"))) {
            String url = provider.url().replace("127.0.0.1", host);
            provider.metadata(Map.of("issuer", url, "jwks_uri", url + "/keys"));
            Map<String, Object> caJson = JSONObjectUtils.parse(StepPki.text(pki.caJson()));
            Map<String, Object> authority = new HashMap<>(JSONObjectUtils.getJSONObject(caJson, "authority"));
            List<Object> provisioners =
                    new ArrayList<>(List.of((Object[]) JSONObjectUtils.getJSONObjectArray(authority, "provisioners")));
            provisioners.add(Map.of(
                    "type",
                    "OIDC",
                    "name",
                    "proxied-people",
                    "clientID",
                    "proxied-people-client",
                    "clientSecret",
                    SECRET,
                    "configurationEndpoint",
                    url));
            authority.put("provisioners", provisioners);
            pki.set("authority", authority);
            hangUp();
            ca.awaitLine("an OpenID provider answers endpoint=" + url);
            assertThat(proxy.asked()).isNotEmpty().allMatch(line -> line.startsWith("CONNECT " + host + ":"));
            Map<String, Object> claims = claims(provider, "proxied-people");
            claims.put("iss", url);
            assertThat(sign(provider.key().token(claims)).status()).isEqualTo(201);
        }
    }

    @Test
    void the_clients_secret_is_published_as_clients_need_it_and_neither_it_nor_a_token_is_logged() throws Exception {
        Map<String, Object> listed =
                JSONObjectUtils.parse(api.get("/provisioners").body());
        assertThat(listed.toString()).contains(SECRET, "127.0.0.1:0", issuer.url());
        assertThat(signedBy(issuer.key())).isEqualTo(201);
        assertThat(ca.lines()).isNotEmpty().allSatisfy(line -> {
            assertThat(line).doesNotContain(SECRET, PROXY_PASSWORD);
            assertThat(TOKENS).noneMatch(line::contains);
        });
    }

    @Test
    void metrics_say_how_many_providers_there_are_in_each_state() throws Exception {
        assertThat(metricsAtFirst.lines())
                .as("one is well, the other has never answered")
                .contains(
                        "chancery_oidc_providers{state=\"ready\"} 1.0",
                        "chancery_oidc_providers{state=\"away\"} 0.0",
                        "chancery_oidc_providers{state=\"unknown\"} 1.0")
                .anyMatch(line -> line.startsWith("chancery_oidc_asked_total{outcome=\"answered\"} "))
                .anyMatch(line -> line.startsWith("chancery_oidc_asked_total{outcome=\"failed\"} "))
                .doesNotContain(
                        "chancery_oidc_asked_total{outcome=\"answered\"} 0.0",
                        "chancery_oidc_asked_total{outcome=\"failed\"} 0.0");
        ca.awaitLine("an OpenID provider answers endpoint=" + late.url());
        assertThat(metrics().lines())
                .as("both have answered")
                .contains("chancery_oidc_providers{state=\"unknown\"} 0.0");
    }
}
