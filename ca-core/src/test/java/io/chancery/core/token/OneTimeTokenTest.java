package io.chancery.core.token;

import static io.chancery.core.TestCa.base64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.TestKeys;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.der.Sha256;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.Provider;
import java.security.Security;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class OneTimeTokenTest {
    private static final String HEADER = "{\"alg\":\"ES256\",\"kid\":\"k\"}";
    private static final String CLAIMS = "{\"iss\":\"admin\",\"aud\":\"x\",\"sub\":\"a\",\"jti\":\"id\"}";

    private static String token(String header, String claims, byte[] signature) {
        return base64(header.getBytes(StandardCharsets.UTF_8)) + "." + base64(claims.getBytes(StandardCharsets.UTF_8))
                + "." + base64(signature);
    }

    private static OneTimeToken claims(String claims) {
        return OneTimeToken.parse(token(HEADER, claims, new byte[64]));
    }

    private static void refused(String token) {
        assertThatThrownBy(() -> OneTimeToken.parse(token)).as(token).isInstanceOfSatisfying(CaException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.TOKEN_INVALID);
            assertThat(e.publicDetail()).as("why is for the log alone").isEmpty();
        });
    }

    @Test
    void a_token_tells_what_it_claims() {
        TokenClaims claims = claims(
                        "{\"iss\":\"admin\",\"aud\":[\"x\",\"y\"],\"sub\":\"a\",\"jti\":\"id\",\"iat\":1,\"nbf\":2,"
                                + "\"exp\":3,\"sans\":[\"b\",\"c\"],\"cnf\":{\"x5rt#S256\":\"f\"},\"sha\":\"00\",\"user\":{}}")
                .claims();
        assertThat(claims.issuer()).isEqualTo("admin");
        assertThat(claims.audience()).containsExactly("x", "y");
        assertThat(claims.subject()).isEqualTo("a");
        assertThat(claims.tokenId()).isEqualTo("id");
        assertThat(claims.issuedAt()).contains(Instant.ofEpochSecond(1));
        assertThat(claims.notBefore()).contains(Instant.ofEpochSecond(2));
        assertThat(claims.expiresAt()).contains(Instant.ofEpochSecond(3));
        assertThat(claims.sans()).containsExactly("b", "c");
        assertThat(claims.csrFingerprint()).contains("f");
    }

    @Test
    void a_token_without_names_is_for_its_subject() {
        assertThat(claims(CLAIMS).claims().sans()).containsExactly("a");
        assertThat(claims("{\"sub\":\"a\",\"sans\":[]}").claims().sans()).containsExactly("a");
        assertThat(claims("{\"sub\":\"a\",\"sans\":null}").claims().sans()).containsExactly("a");
        refused(token(HEADER, "{\"sub\":\"a\",\"sans\":\"b\"}", new byte[64]));
    }

    static Stream<String> no_tokens() {
        String good = token(HEADER, CLAIMS, new byte[64]);
        return Stream.of(
                "",
                ".",
                "..",
                "a.b.c",
                good + ".x",
                good + "=",
                good.replace(".", "=."),
                good.replace(".", ".\n"),
                good + " ",
                " " + good,
                good.substring(0, good.length() - 1) + "B", // two bits that no octet has
                good.replace('A', '/'),
                "." + good.substring(good.indexOf('.') + 1),
                good.substring(0, good.indexOf('.')) + ".." + good.substring(good.lastIndexOf('.') + 1),
                "{\"protected\":\"" + base64(HEADER.getBytes(StandardCharsets.UTF_8)) + "\",\"payload\":\"e30\"}",
                "x".repeat(OneTimeToken.MAX_LENGTH + 1));
    }

    @ParameterizedTest
    @MethodSource("no_tokens")
    void only_three_parts_of_canonical_base64url_are_a_token(String text) {
        refused(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "null",
                "1",
                "",
                " ",
                "{",
                "{}x",
                "{\"a\":1,\"a\":2}",
                "{\"user\":{\"a\":1,\"a\":2}}",
                "{a:1}",
                "{'a':1}",
                "{\"a\":1;\"b\":2}",
                "{\"a\"=1}",
                "/**/{}",
                "{\"a\":TRUE}",
                "{\"a\":NaN}",
                "{\"a\":01}",
                "{\"a\":.5}",
                "{\"a\":\"\t\"}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\ud800\"}",
                "{\"\\udc00\":1}",
                "\ufeff{}",
            })
    void header_and_payload_are_strict_JSON_objects_without_double_members(String json) {
        refused(token(json.replaceFirst("^\\{\"", "{\"alg\":\"ES256\",\""), CLAIMS, new byte[64]));
        refused(token(HEADER, json, new byte[64]));
    }

    @Test
    void octets_that_are_not_UTF_8_are_refused() {
        byte[] payload = "{\"jti\":\"\u00ff\"}".getBytes(StandardCharsets.ISO_8859_1);
        refused(base64(HEADER.getBytes(StandardCharsets.UTF_8)) + "." + base64(payload) + ".AAAA");
    }

    @Test
    void nesting_is_refused_before_it_costs_anything() {
        refused(token(HEADER, "{\"a\":" + "[".repeat(10_000), new byte[64]));
        refused(token(HEADER, "{\"a\":" + "[".repeat(100) + "]".repeat(100) + "}", new byte[64]));
        assertThatCode(() -> claims("{\"a\":" + "[".repeat(50) + "]".repeat(50) + "}"))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"kid\":\"k\"}",
                "{\"alg\":\"none\"}",
                "{\"alg\":\"NONE\"}",
                "{\"alg\":\"HS256\"}",
                "{\"alg\":\"es256\"}",
                "{\"alg\":\"Es256\"}",
                "{\"alg\":\"ES256K\"}",
                "{\"alg\":\"EDDSA\"}",
                "{\"alg\":\"\"}",
                "{\"alg\":null}",
                "{\"alg\":[\"ES256\"]}",
                "{\"alg\":\"ES256\",\"alg\":\"ES256\"}",
                "{\"ALG\":\"ES256\"}",
                "{\"alg\":\"ES256\",\"kid\":7}",
                "{\"alg\":\"ES256\",\"kid\":[\"k\"]}",
                "{\"alg\":\"ES256\",\"crit\":[]}",
                "{\"alg\":\"ES256\",\"crit\":[\"b64\"],\"b64\":false}",
                "{\"alg\":\"ES256\",\"b64\":true}"
            })
    void a_header_names_one_public_key_algorithm_and_nothing_critical(String header) {
        refused(token(header, CLAIMS, new byte[64]));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"1\"",
                "true",
                "[]",
                "{}",
                "1e400",
                "-1e400",
                "1e2147483647",
                "1e99999999999",
                "253402300800",
                "1111111111111111111111111111111111111111111111111"
            })
    @Timeout(5)
    void a_time_is_a_number_of_seconds_up_to_the_year_9999(String number) {
        for (String name : List.of("exp", "nbf", "iat")) {
            refused(token(HEADER, "{\"" + name + "\":" + number + "}", new byte[64]));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "-1,-1",
        "1.9,1",
        "1e3,1000",
        "1.5e1,15",
        "1e-2147483647,0",
        "0e99,0",
        "253402300799,253402300799"
    })
    @Timeout(5)
    void fractions_and_exponents_are_read_and_fractions_dropped(String number, long seconds) {
        assertThat(claims("{\"exp\":" + number + "}").claims().expiresAt()).contains(Instant.ofEpochSecond(seconds));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"sub\":1}",
                "{\"iss\":[\"admin\"]}",
                "{\"jti\":{}}",
                "{\"aud\":1}",
                "{\"aud\":[1]}",
                "{\"aud\":[[\"x\"]]}",
                "{\"sans\":[null]}",
                "{\"sans\":{\"a\":1}}",
                "{\"cnf\":\"x\"}",
                "{\"cnf\":[]}",
                "{\"cnf\":{\"x5rt#S256\":1}}"
            })
    void a_claim_of_another_type_is_refused(String claims) {
        refused(token(HEADER, claims, new byte[64]));
    }

    @Test
    void names_of_claims_are_taken_in_their_one_spelling() {
        assertThat(claims("{\"SUB\":\"a\",\"Jti\":\"x\"}").claims().subject()).isEmpty();
    }

    @Test
    void a_token_id_of_more_than_1024_characters_is_refused() {
        assertThat(claims("{\"jti\":\"" + "j".repeat(1024) + "\"}").claims().tokenId())
                .hasSize(1024);
        refused(token(HEADER, "{\"jti\":\"" + "j".repeat(1025) + "\"}", new byte[64]));
    }

    @Test
    void the_use_key_is_the_token_id_whatever_else_differs() {
        Sha256 key = Sha256.digest("id".getBytes(StandardCharsets.UTF_8));
        assertThat(claims(CLAIMS).useKey()).isEqualTo(key);
        assertThat(OneTimeToken.parse(token("{\"alg\":\"RS256\"}", "{\"jti\":\"id\"}", new byte[1]))
                        .useKey())
                .isEqualTo(key);
    }

    @Test
    void without_an_id_the_use_key_is_of_header_and_payload_so_the_twin_signature_is_the_same_token() {
        String one = token(HEADER, "{\"sub\":\"a\"}", new byte[64]);
        String twin = token(HEADER, "{\"sub\":\"a\"}", new byte[65]);
        String other = token(HEADER, "{\"sub\":\"b\"}", new byte[64]);
        assertThat(OneTimeToken.parse(twin).useKey())
                .isEqualTo(OneTimeToken.parse(one).useKey());
        assertThat(OneTimeToken.parse(other).useKey())
                .isNotEqualTo(OneTimeToken.parse(one).useKey());
        String input = one.substring(0, one.lastIndexOf('.'));
        String hex = Sha256.digest(input.getBytes(StandardCharsets.US_ASCII)).hex();
        assertThat(OneTimeToken.parse(one).useKey()).isEqualTo(Sha256.digest(hex.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void a_token_never_prints_itself() {
        assertThat(claims("{\"jti\":\"hidden-id\",\"sub\":\"hidden-sub\"}").toString())
                .doesNotContain("hidden");
    }

    // Signatures

    static Stream<Arguments> algorithms() {
        return Stream.of(
                Arguments.of("ES256", "P-256", "SHA256withPLAIN-ECDSA"),
                Arguments.of("ES384", "P-384", "SHA384withPLAIN-ECDSA"),
                Arguments.of("ES512", "P-521", "SHA512withPLAIN-ECDSA"),
                Arguments.of("RS256", "RSA-2048", "SHA256withRSA"),
                Arguments.of("RS384", "RSA-2048", "SHA384withRSA"),
                Arguments.of("RS512", "RSA-2048", "SHA512withRSA"),
                Arguments.of("PS256", "RSA-2048", "SHA-256"),
                Arguments.of("PS384", "RSA-2048", "SHA-384"),
                Arguments.of("PS512", "RSA-2048", "SHA-512"),
                Arguments.of("EdDSA", "Ed25519", "Ed25519"));
    }

    private static OneTimeToken signed(String algorithm, String kind, String jca) {
        String input = token("{\"alg\":\"" + algorithm + "\"}", CLAIMS, new byte[0]);
        input = input.substring(0, input.length() - 1);
        byte[] data = input.getBytes(StandardCharsets.US_ASCII);
        byte[] signature = algorithm.startsWith("PS")
                ? TestKeys.signPss(
                        jca,
                        jca.equals("SHA-256") ? 32 : jca.equals("SHA-384") ? 48 : 64,
                        TestKeys.of(kind).getPrivate(),
                        data)
                : TestKeys.sign(jca, TestKeys.of(kind).getPrivate(), data);
        return OneTimeToken.parse(input + "." + base64(signature));
    }

    static Stream<Arguments> algorithms_and_providers() {
        return algorithms()
                .flatMap(a -> Stream.of("BC", "SunEC", "SunRsaSign")
                        .map(p -> Arguments.of(a.get()[0], a.get()[1], a.get()[2], p)));
    }

    @ParameterizedTest
    @MethodSource("algorithms_and_providers")
    void every_algorithm_verifies_with_its_key_and_no_other_whatever_provider_is_preferred(
            String algorithm, String kind, String jca, String provider) {
        PublicKeys keys = new PublicKeys(provider(provider));
        OneTimeToken token = signed(algorithm, kind, jca);
        assertThat(token.signedBy(TestKeys.of(kind).getPublic(), keys)).isTrue();
        for (String other : List.of("P-224", "P-256", "P-384", "P-521", "RSA-2048", "Ed25519", "Ed448")) {
            if (!other.equals(kind)) {
                assertThat(token.signedBy(TestKeys.of(other).getPublic(), keys))
                        .as(other)
                        .isFalse();
            }
        }
    }

    private static Provider provider(String name) {
        return name.equals("BC") ? TestKeys.BC : Security.getProvider(name);
    }

    static Stream<Arguments> curves_and_providers() {
        return Stream.of("ES256 P-256 64", "ES384 P-384 96", "ES512 P-521 132")
                .flatMap(c -> Stream.of("BC", "SunEC").map(p -> {
                    String[] parts = c.split(" ");
                    return Arguments.of(parts[0], parts[1], Integer.parseInt(parts[2]), p);
                }));
    }

    @ParameterizedTest
    @MethodSource("curves_and_providers")
    void an_ECDSA_signature_of_a_wrong_length_with_a_zero_or_out_of_range_is_nobodys(
            String algorithm, String kind, int length, String provider) {
        PublicKeys keys = new PublicKeys(provider(provider));
        BigInteger order =
                ((ECPublicKey) TestKeys.of(kind).getPublic()).getParams().getOrder();
        byte[] ofOrder = fixed(order, length / 2);
        byte[] one = fixed(BigInteger.ONE, length / 2);
        byte[] zero = new byte[length / 2];
        List<byte[]> signatures = List.of(
                new byte[0],
                new byte[length],
                new byte[length - 1],
                new byte[length + 1],
                join(zero, one),
                join(one, zero),
                join(ofOrder, one),
                join(one, ofOrder),
                join(ofOrder, ofOrder),
                join(fixed(order.subtract(BigInteger.ONE), length / 2), one));
        for (byte[] signature : signatures) {
            OneTimeToken token = OneTimeToken.parse(token("{\"alg\":\"" + algorithm + "\"}", CLAIMS, signature));
            assertThat(token.signedBy(TestKeys.of(kind).getPublic(), keys)).isFalse();
        }
    }

    @Test
    void a_signature_in_DER_is_not_one_of_a_token() throws Exception {
        String input = token(HEADER, CLAIMS, new byte[0]);
        input = input.substring(0, input.length() - 1);
        byte[] der = TestKeys.sign(
                "SHA256withECDSA", TestKeys.of("P-256").getPrivate(), input.getBytes(StandardCharsets.US_ASCII));
        assertThat(OneTimeToken.parse(input + "." + base64(der))
                        .signedBy(TestKeys.of("P-256").getPublic(), TestKeys.KEYS))
                .isFalse();
        ASN1Sequence parts = ASN1Sequence.getInstance(der);
        byte[] plain = join(
                fixed(ASN1Integer.getInstance(parts.getObjectAt(0)).getValue(), 32),
                fixed(ASN1Integer.getInstance(parts.getObjectAt(1)).getValue(), 32));
        assertThat(OneTimeToken.parse(input + "." + base64(plain))
                        .signedBy(TestKeys.of("P-256").getPublic(), TestKeys.KEYS))
                .isTrue();
    }

    @Test
    void one_changed_character_of_the_payload_breaks_the_signature() {
        String text = token("{\"alg\":\"EdDSA\"}", CLAIMS, new byte[0]);
        byte[] signature = TestKeys.sign(
                "Ed25519",
                TestKeys.of("Ed25519").getPrivate(),
                text.substring(0, text.length() - 1).getBytes(StandardCharsets.US_ASCII));
        String other = token("{\"alg\":\"EdDSA\"}", CLAIMS.replace("id", "ie"), signature);
        assertThat(OneTimeToken.parse(text + base64(signature))
                        .signedBy(TestKeys.of("Ed25519").getPublic(), TestKeys.KEYS))
                .isTrue();
        assertThat(OneTimeToken.parse(other).signedBy(TestKeys.of("Ed25519").getPublic(), TestKeys.KEYS))
                .isFalse();
    }

    @Test
    @Timeout(10)
    void the_longest_token_is_refused_or_read_in_no_time() {
        String digits = "{\"exp\":" + "9".repeat(36_000 - 200) + "}";
        long start = System.nanoTime();
        refused(token(HEADER, digits, new byte[64]));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    private static byte[] fixed(BigInteger value, int length) {
        byte[] bytes = value.toByteArray();
        byte[] fixed = new byte[length];
        int from = Math.max(0, bytes.length - length);
        System.arraycopy(bytes, from, fixed, length - (bytes.length - from), bytes.length - from);
        return fixed;
    }

    private static byte[] join(byte[] one, byte[] two) {
        byte[] both = Arrays.copyOf(one, one.length + two.length);
        System.arraycopy(two, 0, both, one.length, two.length);
        return both;
    }
}
