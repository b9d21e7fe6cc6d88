package io.chancery.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.PlainHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens and requests that an attacker would send: each gets the contract's answer and leaves no row behind. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init")
class HostileTokenIT {
    private static final String UNAUTHORIZED = "The request lacked necessary authorization to be completed."
            + " Please see the certificate authority logs for more info.";
    private static final String NAME = "a.example";

    @TempDir
    private static Path folder;

    private static StepPki pki;
    private static ChanceryProcess ca;
    private static ApiClient api;

    @BeforeAll
    static void start() throws Exception {
        pki = StepPki.init(folder);
        ca = pki.start();
        ca.awaitReady();
        api = ApiClient.of(pki);
    }

    @AfterAll
    static void stop() throws Exception {
        ca.close();
        ca.assertNeverBlocked();
    }

    private static void refused(String token) throws Exception {
        refused(api.csr(NAME), token, 401, UNAUTHORIZED);
    }

    private static void refused(String csr, String token, int status, String message) throws Exception {
        long tokens = StoreRows.of(pki.database()).count("used_token");
        long certificates = StoreRows.of(pki.database()).count("certificate");
        long events = StoreRows.of(pki.database()).count("audit_event");
        ApiClient.Answer answer = api.sign(csr, token);
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.body())
                .isEqualTo("{\"status\":" + status + ",\"message\":\"" + message.replace("\"", "\\\"") + "\"}\n");
        assertThat(answer.header("X-Request-Id")).isNotEmpty();
        assertThat(StoreRows.of(pki.database()).count("used_token")).isEqualTo(tokens);
        assertThat(StoreRows.of(pki.database()).count("certificate")).isEqualTo(certificates);
        assertThat(StoreRows.of(pki.database()).count("audit_event")).isEqualTo(events);
    }

    private static String spoilt(JWTClaimsSet.Builder claims) throws Exception {
        return api.token(api.header().build(), claims.build());
    }

    @Test
    void a_token_used_twice_buys_nothing_the_second_time() throws Exception {
        String token = api.token(NAME);
        assertThat(api.sign(api.csr(NAME), token).status()).isEqualTo(201);
        refused(token);
    }

    @Test
    void of_fifty_copies_at_once_exactly_one_succeeds() throws Exception {
        for (int round = 0; round < 5; round++) {
            String token = api.token(NAME);
            String csr = api.csr(NAME);
            List<CompletableFuture<ApiClient.Answer>> answers = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                answers.add(api.sign(csr, token, Map.of()));
            }
            List<Integer> statuses =
                    answers.stream().map(a -> a.join().status()).sorted().toList();
            assertThat(statuses).hasSize(50);
            assertThat(statuses.get(0)).isEqualTo(201);
            assertThat(statuses.subList(1, 50)).containsOnly(401);
        }
        assertThat(StoreRows.of(pki.database()).boughtTwice()).isEmpty();
    }

    @Test
    void an_expired_token_is_refused() throws Exception {
        Instant past = Instant.now().minusSeconds(600);
        refused(spoilt(api.claims(NAME)
                .issueTime(Date.from(past))
                .notBeforeTime(Date.from(past))
                .expirationTime(Date.from(past.plusSeconds(300)))));
    }

    @Test
    void a_token_from_the_future_is_refused() throws Exception {
        Date future = Date.from(Instant.now().plusSeconds(300));
        refused(spoilt(api.claims(NAME).notBeforeTime(future)));
        refused(spoilt(api.claims(NAME).issueTime(future)));
    }

    @Test
    void a_token_from_before_the_memory_of_the_store_is_refused() throws Exception {
        refused(spoilt(api.claims(NAME).issueTime(Date.from(Instant.now().minusSeconds(86_400)))));
    }

    @Test
    void a_token_for_another_audience_is_refused() throws Exception {
        for (String audience : List.of(
                "https://localhost/1.0/revoke",
                "https://localhost/1.0/sign/",
                "https://LOCALHOST/1.0/sign",
                "http://localhost/1.0/sign",
                "https://other.example/1.0/sign",
                "https://localhost/1.0/sign#x5c/admin")) {
            refused(spoilt(api.claims(NAME).audience(audience)));
        }
    }

    @Test
    void a_token_of_another_issuer_or_kid_is_refused() throws Exception {
        refused(spoilt(api.claims(NAME).issuer("root")));
        refused(api.token(
                api.header().keyID("another").build(), api.claims(NAME).build()));
    }

    @Test
    void a_token_without_a_subject_is_refused() throws Exception {
        refused(spoilt(api.claims(NAME).subject("")));
    }

    @Test
    void a_token_without_a_signature_is_refused() throws Exception {
        PlainHeader none = new PlainHeader.Builder()
                .type(JOSEObjectType.JWT)
                .customParam("kid", api.provisionerKey().getKeyID())
                .build();
        refused(new PlainJWT(none, api.claims(NAME).build()).serialize());
        String token = api.token(NAME);
        refused(token.substring(0, token.lastIndexOf('.') + 1));
    }

    @Test
    void a_token_signed_with_the_public_key_as_secret_is_refused() throws Exception {
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.HS256)
                .keyID(api.provisionerKey().getKeyID())
                .build();
        SignedJWT jwt = new SignedJWT(header, api.claims(NAME).build());
        jwt.sign(new MACSigner(api.provisionerKey().toECPublicKey().getEncoded()));
        refused(jwt.serialize());
    }

    @Test
    void a_token_signed_with_another_key_is_refused() throws Exception {
        SignedJWT jwt = new SignedJWT(api.header().build(), api.claims(NAME).build());
        jwt.sign(new ECDSASigner(new ECKeyGenerator(Curve.P_256).generate()));
        refused(jwt.serialize());
    }

    @Test
    void a_token_whose_payload_or_signature_was_changed_is_refused() throws Exception {
        String[] parts = api.token(NAME).split("\\.");
        String other = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(
                        new String(Base64.getUrlDecoder().decode(parts[1]), java.nio.charset.StandardCharsets.UTF_8)
                                .replace(NAME, "b.example")
                                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
        refused(api.csr("b.example"), parts[0] + "." + other + "." + parts[2], 401, UNAUTHORIZED);
        byte[] signature = Base64.getUrlDecoder().decode(parts[2]);
        signature[10] ^= 1;
        refused(parts[0] + "." + parts[1] + "."
                + Base64.getUrlEncoder().withoutPadding().encodeToString(signature));
    }

    @Test
    void a_second_spelling_of_a_token_is_refused() throws Exception {
        refused(api.token(NAME) + "==");
    }

    @Test
    void garbage_instead_of_a_token_is_refused() throws Exception {
        for (String garbage : List.of("garbage", "a.b.c", "..", "{}", "e30.e30.", "\u0000")) {
            refused(garbage);
        }
    }

    @Test
    void names_that_the_token_does_not_grant_are_forbidden() throws Exception {
        refused(
                api.csr("other.example"),
                api.token(NAME),
                403,
                "The request was forbidden by the certificate authority: certificate request does not contain the valid"
                        + " common name - got other.example, want [a.example a.example].");
    }

    @Test
    void a_weak_key_is_forbidden() throws Exception {
        refused(
                ApiClient.csr(NAME, ApiClient.keyPair("RSA", 1024)),
                api.token(NAME),
                403,
                "The request was forbidden by the certificate authority: certificate request RSA key must be at least 2048"
                        + " bits (256 bytes).");
    }

    @Test
    void a_request_whose_own_signature_is_wrong_is_refused() throws Exception {
        String csr = api.csr(NAME);
        byte[] der = Base64.getMimeDecoder().decode(csr.replaceAll("-----[^-]+-----", ""));
        der[der.length - 1] ^= 1;
        String spoilt = "-----BEGIN CERTIFICATE REQUEST-----\n"
                + Base64.getMimeEncoder().encodeToString(der) + "\n-----END CERTIFICATE REQUEST-----\n";
        refused(spoilt, api.token(NAME), 400, "The request could not be completed: invalid csr.");
    }

    @Test
    void bodies_that_cannot_be_read_are_refused() throws Exception {
        for (String body : List.of("", "{", "[]", "{\"csr\":1}", "{\"csr\":\"x\",\"ott\":\"y\"}", "\u0000")) {
            ApiClient.Answer answer = api.post(body, Map.of()).get();
            assertThat(answer.status()).as(body).isEqualTo(400);
            assertThat(answer.member("message"))
                    .as(body)
                    .isEqualTo("The request could not be completed: error decoding json.");
        }
        for (String empty : List.of("{}", "null", "{} x")) {
            assertThat(api.post(empty, Map.of()).get().member("message"))
                    .as(empty)
                    .isEqualTo("The request could not be completed: missing csr.");
        }
        assertThat(api.sign(api.csr(NAME), "").member("message"))
                .isEqualTo("The request could not be completed: missing ott.");
    }

    @Test
    void a_body_of_a_megabyte_is_refused_before_it_is_read_whole() throws Exception {
        ApiClient.Answer answer = api.post("x".repeat(1024 * 1024), Map.of()).get();
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.member("status")).isEqualTo("413");
    }

    @Test
    void a_repeat_with_the_same_idempotency_key_gets_the_same_certificate() throws Exception {
        String token = api.token(NAME);
        String csr = api.csr(NAME);
        Map<String, String> key = Map.of("Idempotency-Key", "k1");
        ApiClient.Answer first = api.sign(csr, token, key).get();
        ApiClient.Answer again = api.sign(csr, token, key).get();
        assertThat(first.status()).isEqualTo(201);
        assertThat(again.status()).isEqualTo(201);
        assertThat(again.member("crt")).isEqualTo(first.member("crt"));
        assertThat(api.sign(csr, token, Map.of("Idempotency-Key", "k2")).get().status())
                .isEqualTo(401);
        String another = ApiClient.csr(NAME, ApiClient.keyPair("EC", 256));
        assertThat(api.sign(another, token, key).get().status()).isEqualTo(401);
        assertThat(api.sign(csr, token).status()).isEqualTo(401);
    }
}
