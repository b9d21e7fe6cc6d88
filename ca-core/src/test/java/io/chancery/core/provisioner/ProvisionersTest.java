package io.chancery.core.provisioner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.TestCa;
import io.chancery.core.TestKeys;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.token.Audiences;
import io.chancery.core.token.OneTimeToken;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ProvisionersTest {
    private static final Audiences AUDIENCES = new Audiences(List.of("ca.example"));
    private static final Map<String, Object> EC = Map.of(
            "use",
            "sig",
            "kty",
            "EC",
            "kid",
            "YYNxZ0rq0WsT2MlqLCWvgme3jszkmt99KjoGEJJwAKs",
            "crv",
            "P-256",
            "alg",
            "ES256",
            "x",
            "LsI8nHBflc-mrCbRqhl8d3hSl5sYuSM1AbXBmRfznyg",
            "y",
            "F99LoOvi7z-ZkumsgoHIhodP8q9brXe4bhF3szK-c_w");

    private static Provisioners of(List<Map<String, Object>> raw) {
        return Provisioners.of(raw, Map.of(), TestKeys.KEYS);
    }

    private static Map<String, Object> jwk(String name, Map<String, Object> key) {
        return Map.of("type", "JWK", "name", name, "key", key);
    }

    private static Map<String, Object> with(Map<String, Object> map, String name, Object value) {
        Map<String, Object> changed = new HashMap<>(map);
        changed.put(name, value);
        return changed;
    }

    private static OneTimeToken token(String issuer, String kid, String audience) {
        return OneTimeToken.parse(TestCa.token(
                "{\"alg\":\"EdDSA\",\"kid\":\"" + kid + "\"}",
                "{\"iss\":\"" + issuer + "\",\"aud\":\"" + audience + "\",\"sub\":\"a\"}"));
    }

    @Test
    void a_token_finds_its_provisioner_by_name_and_key_id() {
        Provisioners all = of(List.of(TestCa.provisioner(), jwk("other", EC)));
        assertThat(all.find(token("admin", "k", "https://ca.example/1.0/sign"), AUDIENCES)
                        .name())
                .isEqualTo("admin");
        assertThat(all.find(token("other", (String) EC.get("kid"), "https://ca.example:9000/revoke"), AUDIENCES)
                        .name())
                .isEqualTo("other");
    }

    static Stream<Arguments> strangers() {
        return Stream.of(
                Arguments.of("admin", "other", "https://ca.example/sign"),
                Arguments.of("Admin", "k", "https://ca.example/sign"),
                Arguments.of("admin", "K", "https://ca.example/sign"),
                Arguments.of("admin", "k", "https://other.example/sign"),
                Arguments.of("admin", "k", "https://ca.example/sign#x5c/admin"),
                Arguments.of("x", "y", "https://other.example/sign#admin:k"));
    }

    @ParameterizedTest
    @MethodSource("strangers")
    void a_token_of_nobody_here_is_invalid(String issuer, String kid, String audience) {
        Provisioners all = of(List.of(TestCa.provisioner()));
        assertThatThrownBy(() -> all.find(token(issuer, kid, audience), AUDIENCES))
                .isInstanceOfSatisfying(CaException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.TOKEN_INVALID);
                    assertThat(e.publicDetail()).isEmpty();
                });
    }

    @Test
    void a_fragment_names_a_provisioner_that_is_listed_and_refuses() {
        Provisioners all = of(List.of(Map.of("type", "X5C", "name", "my name")));
        assertThatThrownBy(() -> all.find(token("x", "y", "https://ca.example/sign#x5c/my%20name"), AUDIENCES))
                .isInstanceOfSatisfying(CaException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.PROVISIONER_DISABLED);
                    assertThat(e.publicDetail())
                            .isEqualTo("provisioner \"my name\" is disabled due to an initialization error");
                });
    }

    @ParameterizedTest
    @CsvSource({"ACME, acme/robots", "SCEP, scep/robots"})
    void a_token_by_a_provisioner_that_has_none_is_told_so(String type, String fragment) {
        Provisioners all = of(List.of(Map.of("type", type, "name", "robots")));
        for (String action : List.of("sign", "revoke")) {
            assertThatThrownBy(
                            () -> all.find(token("x", "y", "https://ca.example/" + action + "#" + fragment), AUDIENCES))
                    .isInstanceOfSatisfying(CaException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED);
                        assertThat(e.publicDetail()).isEqualTo("token flow is not supported");
                    });
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"iss\":\"kubernetes/serviceaccount\" | k8s",
                "\"iss\":\"kubernetes/serviceaccount\",\"aud\":[\"client\"],\"azp\":\"client\" | k8s",
                "\"aud\":\"client\" | oidc",
                "\"aud\":[\"client\",\"tenant\"] | oidc",
                "\"aud\":\"x\",\"azp\":\"client\" | oidc",
                "\"aud\":\"x\",\"azp\":\"client\",\"tid\":\"tenant\" | oidc",
                "\"aud\":\"client\",\"azp\":\"x\" | oidc",
                "\"aud\":\"client\",\"tid\":\"tenant\",\"email\":\"u@x\" | oidc",
                "\"aud\":\"client\",\"tid\":\"tenant\" | azure",
                "\"aud\":\"x\",\"tid\":\"tenant\",\"email\":\"u@x\" | azure",
                "\"aud\":\"client\",\"tid\":\"x\" | oidc",
                "\"aud\":\"https://ca.example/sign#gcp/g\",\"azp\":\"client\" | g",
                "\"aud\":\"https://other.example/sign#gcp/g\",\"azp\":\"client\" | oidc",
                "\"aud\":\"https://ca.example/sign\",\"azp\":\"client\" | ",
                "\"aud\":\"https://ca.example/sign\",\"iss\":\"kubernetes/serviceaccount\" | ",
                "\"aud\":[\"x\",\"client\"] | ",
                "\"azp\":\"\",\"aud\":\"\" | ",
                "\"azp\":7,\"aud\":\"client\" | ",
                "\"sub\":\"a\" | "
            })
    void a_token_that_others_made_finds_its_provisioner_by_its_claims(String claims, String name) {
        Provisioners all = of(List.of(
                Map.of("type", "K8sSA", "name", "k8s"),
                Map.of("type", "OIDC", "name", "oidc", "clientID", "client"),
                Map.of("type", "OIDC", "name", "nameless"),
                Map.of("type", "Azure", "name", "azure", "tenantID", "tenant"),
                Map.of("type", "GCP", "name", "g")));
        OneTimeToken token = OneTimeToken.parse(TestCa.token("{\"alg\":\"EdDSA\",\"kid\":\"k\"}", "{" + claims + "}"));
        assertThatThrownBy(() -> all.find(token, AUDIENCES)).isInstanceOfSatisfying(CaException.class, e -> {
            assertThat(e.code()).isEqualTo(name == null ? ErrorCode.TOKEN_INVALID : ErrorCode.PROVISIONER_DISABLED);
            assertThat(e.publicDetail()).contains(name == null ? "" : "\"" + name + "\"");
        });
    }

    static Stream<Arguments> keys_that_cannot_serve() {
        return Stream.of(
                Arguments.of("no key", Map.of()),
                Arguments.of("a private key", with(EC, "d", "AAAA")),
                Arguments.of("a point off the curve", with(EC, "x", "AAAA")),
                Arguments.of("an unknown curve", with(EC, "crv", "P-999")),
                Arguments.of("secp256k1", with(EC, "crv", "secp256k1")),
                Arguments.of("a symmetric key", Map.of("kty", "oct", "k", "AAAA", "kid", "x")),
                Arguments.of("X25519", Map.of("kty", "OKP", "crv", "X25519", "x", "A".repeat(43))),
                Arguments.of("a short Ed25519", Map.of("kty", "OKP", "crv", "Ed25519", "x", "AA")),
                Arguments.of("an even RSA exponent", Map.of("kty", "RSA", "n", "A".repeat(342) + "E", "e", "Ag")),
                Arguments.of("a number for kty", Map.of("kty", 7)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("keys_that_cannot_serve")
    void a_key_that_cannot_serve_makes_a_provisioner_that_is_listed_with_the_reason(
            String what, Map<String, Object> key) {
        Provisioners all = of(List.of(jwk("bad", key), TestCa.provisioner()));
        assertThat(all.refusing()).singleElement().satisfies(p -> {
            assertThat(p.name()).isEqualTo("bad");
            assertThat(p.listed()).containsEntry("state", "Uninitialized").containsKey("stateReason");
        });
        assertThat(all.page("", 0).provisioners()).hasSize(2);
    }

    @Test
    void claims_that_cannot_be_followed_make_a_provisioner_refuse() {
        Map<String, Object> good = TestCa.provisioner();
        for (Map<String, Object> bad : List.of(
                with(good, "claims", Map.of("maxTLSCertDuration", "1d")),
                with(good, "claims", Map.of("minTLSCertDuration", "0s")))) {
            assertThat(of(List.of(bad)).refusing()).hasSize(1);
        }
    }

    /** Wire contract s. 0: step passes over what it does not know, and {@code wire} is about ACME alone. */
    @Test
    void options_that_step_does_not_know_or_that_are_of_other_protocols_are_passed_over() {
        Map<String, Object> good = TestCa.provisioner();
        for (Map<String, Object> other : List.<Map<String, Object>>of(
                Map.of("wire", Map.of("oidc", Map.of())), Map.of("new", List.of(1)), Map.of("ssl", Map.of("a", 1)))) {
            Provisioners all = of(List.of(with(good, "options", other)));
            assertThat(all.refusing()).isEmpty();
            assertThat(all.named("admin")).get().isInstanceOf(JwkProvisioner.class);
        }
        assertThat(of(List.of(with(
                                good,
                                "options",
                                Map.of("x509", Map.of("template", "{}"), "ssh", Map.of("template", "{}")))))
                        .refusing())
                .isEmpty();
    }

    @Test
    void a_provisioner_without_name_of_unknown_type_or_twice_stops_the_start_with_its_place() {
        Map<String, Object> good = TestCa.provisioner();
        for (Map<String, Object> bad : List.of(
                with(good, "name", ""),
                with(good, "type", "XYZ"),
                with(good, "type", 7),
                good,
                with(jwk("admin", EC), "x", 1))) {
            assertThatThrownBy(() -> of(List.of(good, bad)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("/authority/provisioners/1: ");
        }
    }

    @Test
    void all_that_stop_the_start_are_named_at_once() {
        Map<String, Object> good = TestCa.provisioner();
        assertThatThrownBy(() -> of(List.of(with(good, "type", "XYZ"), good, with(good, "name", ""))))
                .hasMessageMatching("/authority/provisioners/0: .*\n/authority/provisioners/2: .*");
    }

    @Test
    void types_are_read_in_any_case_and_listed_as_they_were_written() {
        Provisioners all = of(List.of(with(TestCa.provisioner(), "type", "jwk"), Map.of("type", "k8ssa", "name", "k")));
        assertThat(all.page("", 0).provisioners().get(0)).containsEntry("type", "jwk");
        assertThat(all.refusing()).extracting(Provisioner::tokenId).containsExactly("k8ssa/k8sSA-default");
    }

    @Test
    void type_numbers_are_those_of_the_certificate_extension() {
        assertThat(Stream.of(ProvisionerType.values()).map(t -> t.name() + t.number()))
                .containsExactly(
                        "JWK1",
                        "OIDC2",
                        "GCP3",
                        "AWS4",
                        "AZURE5",
                        "ACME6",
                        "X5C7",
                        "K8SSA8",
                        "SSHPOP9",
                        "SCEP10",
                        "NEBULA11");
    }

    @Test
    void the_encrypted_key_is_found_by_key_id() {
        Provisioners all = of(List.of(with(jwk("other", EC), "encryptedKey", "a.b.c.d.e")));
        assertThat(all.encryptedKey((String) EC.get("kid"))).contains("a.b.c.d.e");
        assertThat(all.encryptedKey("k")).isEmpty();
    }

    @Test
    void of_two_encrypted_keys_with_one_key_id_the_later_one_is_found_whether_or_not_its_provisioner_serves() {
        Map<String, Object> serving = with(jwk("serving", EC), "encryptedKey", "a.b.c.d.e");
        Map<String, Object> refusing = with(
                with(jwk("refusing", EC), "encryptedKey", "f.g.h.i.j"), "claims", Map.of("minTLSCertDuration", "0s"));
        Map<String, Object> without = jwk("without", EC);
        String kid = (String) EC.get("kid");
        assertThat(of(List.of(serving, refusing, without)).encryptedKey(kid)).contains("f.g.h.i.j");
        assertThat(of(List.of(refusing, serving)).encryptedKey(kid)).contains("a.b.c.d.e");
    }

    @Test
    void only_provisioners_of_type_JWK_have_encrypted_keys() {
        Map<String, Object> other = Map.of("type", "ACME", "name", "a", "key", EC, "encryptedKey", "a.b.c.d.e");
        assertThat(of(List.of(other)).encryptedKey((String) EC.get("kid"))).isEmpty();
    }

    @Test
    void where_there_are_none_the_first_page_is_empty_and_the_last() {
        Provisioners.Page page =
                Provisioners.of(List.of(), Map.of(), TestKeys.KEYS).page("", 0);
        assertThat(page.provisioners()).isEmpty();
        assertThat(page.nextCursor()).isEmpty();
    }

    @Test
    void those_of_clouds_are_listed_as_they_stand_and_say_that_they_do_not_serve() {
        List<Map<String, Object>> raw = List.of(
                Map.of("type", "AWS", "name", "aws", "accounts", List.of("1")),
                Map.of("type", "Azure", "name", "azure", "tenantID", "t"),
                Map.of("type", "GCP", "name", "gcp", "projectIDs", List.of("p")));
        List<Map<String, Object>> listed =
                Provisioners.of(raw, Map.of(), TestKeys.KEYS).page("", 0).provisioners();
        assertThat(listed).hasSize(3);
        for (int i = 0; i < raw.size(); i++) {
            Map<String, Object> one = new java.util.LinkedHashMap<>(listed.get(i));
            assertThat(one.remove("state")).isEqualTo("Uninitialized");
            assertThat(one.remove("stateReason")).asString().isNotEmpty();
            assertThat(one).isEqualTo(raw.get(i));
        }
    }

    @Test
    void pages_follow_each_other_in_file_order_until_the_cursor_is_empty() {
        List<Map<String, Object>> raw = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            raw.add(Map.of("type", "ACME", "name", "acme-" + i));
        }
        Provisioners all = of(raw);
        for (int limit : new int[] {1, 7, 20, 100}) {
            List<Object> names = new ArrayList<>();
            String cursor = "";
            do {
                Provisioners.Page page = all.page(cursor, limit);
                assertThat(page.provisioners()).hasSizeLessThanOrEqualTo(limit);
                page.provisioners().forEach(p -> names.add(p.get("name")));
                cursor = page.nextCursor();
            } while (!cursor.isEmpty());
            assertThat(names).isEqualTo(raw.stream().map(p -> p.get("name")).toList());
        }
        assertThat(all.page("", 0).provisioners()).hasSize(20);
        assertThat(all.page("", -5).provisioners()).hasSize(20);
        assertThat(all.page("", 1000).provisioners()).hasSize(100);
        assertThat(all.page("f".repeat(40), 5).provisioners()).isEmpty();
        assertThat(all.page("z".repeat(400), 5).provisioners()).isEmpty();
    }

    @Test
    void a_list_that_anybody_may_read_holds_no_secret_and_no_private_key() throws Exception {
        String pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        String octets = Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
        Map<String, Object> key = Map.of("kty", "EC", "crv", "P-256", "x", "AA", "y", "AA", "d", "private-part");
        Provisioners all = Provisioners.of(
                List.of(
                        Map.of(
                                "type", "SCEP",
                                "name", "scep",
                                "challenge", "a-challenge",
                                "DecrypterKeyPassword", "a-password",
                                "decrypterKeyPEM", octets,
                                "forceCN", true),
                        Map.of("type", "JWK", "name", "jwk", "key", key),
                        Map.of("type", "X5C", "name", "x5c", "roots", octets)),
                Map.of(),
                TestKeys.KEYS);
        List<Map<String, Object>> listed = all.page("", 0).provisioners();
        assertThat(listed.toString())
                .doesNotContain("a-challenge", "a-password", "private-part", octets)
                .contains("*** REDACTED ***", "forceCN=true", "kty=EC");
        assertThat(listed).extracting(each -> each.get("name")).containsExactly("scep", "jwk", "x5c");
    }

    @Test
    void of_a_SCEP_provisioner_texts_that_are_secret_are_redacted_as_texts_and_octets_as_Base64() {
        String octets = Base64.getEncoder().encodeToString("*** REDACTED ***".getBytes(StandardCharsets.US_ASCII));
        Map<String, Object> raw = Map.of(
                "type", "SCEP",
                "name", "scep",
                "challenge", "s3cret",
                "decrypterKey", "pkcs11:object=k?pin-value=s3cret",
                "decrypterKeyPassword", "s3cret",
                "decrypterCertificate", "czNjcmV0",
                "decrypterKeyPEM", "czNjcmV0",
                "minimumPublicKeyLength", 2048);
        Map<String, Object> listed =
                new HashMap<>(of(List.of(raw)).page("", 0).provisioners().get(0));
        listed.keySet().removeAll(List.of("state", "stateReason"));
        assertThat(listed)
                .isEqualTo(Map.of(
                        "type", "SCEP",
                        "name", "scep",
                        "challenge", "*** REDACTED ***",
                        "decrypterKey", "*** REDACTED ***",
                        "decrypterKeyPassword", "*** REDACTED ***",
                        "decrypterCertificate", octets,
                        "decrypterKeyPEM", octets,
                        "minimumPublicKeyLength", 2048));
    }

    @Test
    void a_list_that_anybody_may_read_holds_no_secret_of_a_webhook() {
        Map<String, Object> hook = Map.of("name", "h", "URL", "https://h/", "Secret", "s3cret", "basicAuth", "s3cret");
        Map<String, Object> nested = Map.of("name", "h", "id", Map.of("x", "s3cret"), "url", List.of("s3cret"));
        Provisioners all = Provisioners.of(
                List.of(
                        Map.of("type", "ACME", "name", "acme", "options", Map.of("webhooks", List.of(hook, nested))),
                        Map.of("type", "SCEP", "name", "scep", "OPTIONS", Map.of("WebHooks", List.of(hook, "s3cret"))),
                        Map.of("type", "AWS", "name", "aws", "options", Map.of("webhooks", hook))),
                Map.of(),
                TestKeys.KEYS);
        List<Map<String, Object>> listed = all.page("", 0).provisioners();
        assertThat(listed.toString()).doesNotContainIgnoringCase("s3cret", "basicAuth");
        assertThat(listed.get(1).get("OPTIONS"))
                .isEqualTo(Map.of("WebHooks", List.of(Map.of("name", "h", "URL", "https://h/"))));
    }
}
