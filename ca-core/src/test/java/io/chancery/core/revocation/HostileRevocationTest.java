package io.chancery.core.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.TestCa;
import io.chancery.core.TestCertificate;
import io.chancery.core.TestKeys;
import io.chancery.core.der.Der;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.pem.PemBlock;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.token.Audiences;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each header and claim of a revoke token, of provisioners of type JWK and X5C: left out, of a wrong type, too long, spoilt. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(20)
class HostileRevocationTest {
    private static final String LONG = "x".repeat(30_000);
    private static final Der ROOT = TestCertificate.ca("Root", "P-384").by("Root", "P-384");
    private static final Der UPPER =
            TestCertificate.ca("Upper", "P-521").serial(21).by("Root", "P-384");
    private static final Der LEAF =
            TestCertificate.client("worker", "Ed25519").serial(22).by("Upper", "P-521");
    private static final StepRevocation RULES = new StepRevocation(
            Provisioners.of(
                    List.of(TestCa.provisioner(), Map.of("type", "X5C", "name", "machines", "roots", pem(ROOT))),
                    Map.of(),
                    TestKeys.KEYS),
            new Audiences(List.of("ca.example")),
            TestKeys.KEYS);
    private static final Map<String, String> HEADER = Map.of("alg", "\"EdDSA\"", "kid", "\"k\"", "typ", "\"JWT\"");

    private static String pem(Der der) {
        String text = new PemBlock("CERTIFICATE", Map.of(), der).encode();
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String quoted(String text) {
        return "\"" + text + "\"";
    }

    /** Members with JSON values replaced or, when empty, left out. */
    private static String object(Map<String, String> members, String... changes) {
        Map<String, String> all = new LinkedHashMap<>(members);
        for (int i = 0; i < changes.length; i += 2) {
            all.put(changes[i], changes[i + 1]);
        }
        return all.entrySet().stream()
                .filter(each -> !each.getValue().isEmpty())
                .map(each -> quoted(each.getKey()) + ":" + each.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static Map<String, String> claims(String issuer, String audience) {
        long now = TestCa.NOW.getEpochSecond();
        return Map.of(
                "iss",
                quoted(issuer),
                "aud",
                quoted(audience),
                "sub",
                "\"77\"",
                "jti",
                "\"id\"",
                "iat",
                "" + now,
                "nbf",
                "" + now,
                "exp",
                "" + (now + 300));
    }

    private static String withHeader(String... changes) {
        return TestCa.token(object(HEADER, changes), object(claims("admin", "https://ca.example/1.0/revoke")));
    }

    private static String withClaim(String... changes) {
        return TestCa.token(object(HEADER), object(claims("admin", "https://ca.example/1.0/revoke"), changes));
    }

    private static PreparedRevocation prepare(String token) {
        return RULES.prepare(new RevokeCommand("77", token, 1, "lost", true), Optional::empty, TestCa.NOW);
    }

    private static void invalid(String token) {
        assertThatThrownBy(() -> prepare(token)).isInstanceOfSatisfying(CaException.class, e -> {
            assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.TOKEN_INVALID);
            assertThat(e.publicDetail()).isEmpty();
        });
    }

    @ParameterizedTest
    @CsvSource({
        "alg, ''",
        "alg, 5",
        "alg, '\"ES384\"'",
        "alg, '\"none\"'",
        "alg, '\"HS256\"'",
        "kid, ''",
        "kid, 5",
        "kid, '\"other\"'",
        "crit, '[\"exp\"]'"
    })
    void a_header_that_counts_is_held_to_its_rule(String name, String value) {
        invalid(withHeader(name, value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"alg", "kid"})
    void a_header_that_counts_and_is_endless_is_refused(String name) {
        invalid(withHeader(name, quoted(LONG)));
    }

    @Test
    void the_type_in_the_header_and_certificates_beside_a_json_web_key_are_not_looked_at() {
        for (String value : List.of("", "5", "[]", "\"at+jwt\"", quoted(LONG))) {
            assertThat(prepare(withHeader("typ", value)).token()).isPresent();
            assertThat(prepare(withHeader("x5c", value)).token()).isPresent();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "iss, ''",
        "iss, '[\"admin\"]'",
        "aud, 5",
        "aud, '[5]'",
        "aud, '[]'",
        "sub, '[\"77\"]'",
        "iat, '\"x\"'",
        "nbf, '\"x\"'",
        "exp, true",
        "jti, 5"
    })
    void a_claim_that_is_missing_or_of_another_type_is_refused(String name, String value) {
        invalid(withClaim(name, value));
    }

    @ParameterizedTest
    @CsvSource({"iss, 30000", "aud, 30000", "sub, 2049", "sub, 30000", "jti, 1025"})
    void a_claim_that_is_too_long_is_refused(String name, int length) {
        invalid(withClaim(name, quoted("7".repeat(length))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"exp", "nbf", "iat"})
    void times_may_be_left_out_and_have_an_end(String name) {
        assertThat(prepare(withClaim(name, "")).token()).isPresent();
        invalid(withClaim(name, "9".repeat(30_000)));
        invalid(withClaim(name, "1e2147483647"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sans", "user", "step", "sha", "email", "nonce", "azp", "tid"})
    void what_else_a_token_says_is_not_looked_at(String name) {
        String value = name.equals("sans") ? "[\"other.example\"]" : quoted(LONG);
        assertThat(prepare(withClaim(name, value)).token()).isPresent();
    }

    @Test
    void a_token_without_an_id_is_used_up_by_its_header_and_payload() {
        String token = withClaim("jti", "");
        String signed = token.substring(0, token.lastIndexOf('.'));
        String hex = Sha256.digest(signed.getBytes(StandardCharsets.US_ASCII)).hex();
        assertThat(prepare(token).token().orElseThrow().key())
                .isEqualTo(Sha256.digest(hex.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void a_token_that_another_key_has_signed_well_is_refused() {
        String token = withClaim();
        String input = token.substring(0, token.lastIndexOf('.'));
        byte[] signature = TestKeys.sign(
                "SHA256withPLAIN-ECDSA", TestKeys.of("P-256").getPrivate(), input.getBytes(StandardCharsets.US_ASCII));
        invalid(input + "." + TestCa.base64(signature));
    }

    // X5C

    private static String chain(Der... certificates) {
        return Stream.of(certificates)
                .map(each -> quoted(Base64.getEncoder().encodeToString(each.bytes())))
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String byCertificate(String x5c, String... changes) {
        return TestCa.token(
                object(HEADER, "x5c", x5c),
                object(claims("machines", "https://ca.example/revoke#x5c/machines"), changes));
    }

    @Test
    void a_token_that_a_certificate_s_holder_signed_revokes_and_rests_on_what_is_above() {
        assertThat(prepare(byCertificate(chain(LEAF, UPPER))).authorizedBy())
                .extracting(each -> each.decimal())
                .containsExactly("22", "21");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "5",
                "\"text\"",
                "[5]",
                "[[]]",
                "[\"\"]",
                "[\"!\"]",
                "[\"AAAA\"]",
                "[\"MAA=\"]"
            })
    void certificates_that_are_missing_of_another_type_or_unreadable_are_refused(String x5c) {
        invalid(byCertificate(x5c));
    }

    @Test
    void certificates_in_base64url_in_another_header_or_more_than_ten_are_refused() {
        String good = chain(LEAF, UPPER);
        Der odd = Der.of(new byte[] {(byte) 0xfb, (byte) 0xff});
        invalid(byCertificate(chain(LEAF, UPPER, odd).replace("+/8=", "-_8=")));
        invalid(TestCa.token(
                object(HEADER, "x5cInsecure", good),
                object(claims("machines", "https://ca.example/revoke#x5c/machines"))));
        String ten = chain(LEAF, UPPER, ROOT, ROOT, ROOT, ROOT, ROOT, ROOT, ROOT, ROOT);
        assertThat(prepare(byCertificate(ten)).token()).isPresent();
        invalid(byCertificate(ten.replaceFirst("]$", "," + chain(ROOT).substring(1))));
        invalid(byCertificate("[" + quoted("A".repeat(30_000)) + "]"));
    }

    @Test
    void a_certificate_of_another_key_another_ca_or_in_another_s_place_is_refused() {
        Der another = TestCertificate.client("worker", "P-256").by("Upper", "P-521");
        Der foreign = TestCertificate.client("worker", "Ed25519").by("Upper", "P-256");
        invalid(byCertificate(chain(another, UPPER)));
        invalid(byCertificate(chain(another, LEAF, UPPER)));
        invalid(byCertificate(chain(foreign, UPPER)));
        invalid(byCertificate(chain(UPPER, LEAF)));
        invalid(byCertificate(chain(LEAF)));
        invalid(byCertificate(chain(
                TestCertificate.client("worker", "Ed25519")
                        .to(TestCa.NOW.minusSeconds(1))
                        .by("Upper", "P-521"),
                UPPER)));
    }

    @ParameterizedTest
    @CsvSource({
        "aud, '\"https://ca.example/1.0/sign#x5c/machines\"'",
        "aud, '\"https://ca.example/1.0/revoke#x5c/nobody\"'",
        "aud, '\"https://ca.example/1.0/revoke\"'",
        "iss, '\"admin\"'",
        "sub, ''",
        "exp, 1"
    })
    void its_claims_are_held_to_their_rules(String name, String value) {
        invalid(byCertificate(chain(LEAF, UPPER), name, value));
    }
}
