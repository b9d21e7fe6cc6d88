package io.chancery.core.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.TestCa;
import io.chancery.core.TestCertificate;
import io.chancery.core.TestCsr;
import io.chancery.core.TestKeys;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.pem.PemBlock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bouncycastle.asn1.pkcs.CertificationRequest;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Fields of a signing token that are far too long: what is looked at has an end, and what is not looked at is passed over.
 * Also requests with very many names, and one that another key has signed.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(20)
class HostileSignTokenTest {
    private static final SerialNumber SERIAL = SerialNumber.parseDecimal("123456789012345678901234567890");
    private static final String LONG = "x".repeat(30_000);
    private static final String ACCOUNT = "kubernetes.io/serviceaccount/";
    private static final Der CLIENT =
            TestCertificate.client("worker", "Ed25519").serial(22).byTestCa();

    private static Map<String, Object> x5c() {
        return Map.of("type", "X5C", "name", "machines", "roots", pem("CERTIFICATE", TestCa.ISSUER.der()));
    }

    private static Map<String, Object> pods() {
        Der key = Der.of(TestCa.PROVISIONER.getPublic().getEncoded());
        return Map.of("type", "K8sSA", "name", "pods", "publicKeys", pem("PUBLIC KEY", key));
    }

    private static String pem(String type, Der der) {
        return Base64.getEncoder()
                .encodeToString(new PemBlock(type, Map.of(), der).encode().getBytes(StandardCharsets.US_ASCII));
    }

    private static String object(Map<String, String> members, String... changes) {
        Map<String, String> all = new LinkedHashMap<>(members);
        for (int i = 0; i < changes.length; i += 2) {
            all.put(changes[i], changes[i + 1]);
        }
        return all.entrySet().stream()
                .map(each -> "\"" + each.getKey() + "\":" + each.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static final Map<String, String> HEADER = Map.of("alg", "\"EdDSA\"", "kid", "\"k\"", "typ", "\"JWT\"");

    private static Map<String, String> claims(String issuer, String audience) {
        return Map.of("iss", quoted(issuer), "aud", quoted(audience), "sub", "\"a.example\"", "jti", "\"id\"");
    }

    private static final Map<String, String> CLAIMS = claims("admin", "https://ca.example/1.0/sign");

    private static String quoted(String text) {
        return "\"" + text + "\"";
    }

    private static PreparedIssuance prepare(Der csr, String token) {
        return TestCa.issuance(List.of(TestCa.provisioner(), x5c(), pods()), Map.of())
                .prepare(new SignCommand(csr, token, Optional.empty(), Optional.empty()), TestCa.NOW, SERIAL);
    }

    private static PreparedIssuance prepare(String token) {
        return prepare(TestCsr.of("P-256", "a.example", List.of()), token);
    }

    private static void refused(ErrorCode code, Runnable attempt) {
        assertThatThrownBy(attempt::run).isInstanceOfSatisfying(CaException.class, e -> {
            assertThat(e.code()).as(e.getMessage()).isEqualTo(code);
            if (code == ErrorCode.TOKEN_INVALID) {
                assertThat(e.publicDetail()).isEmpty();
            }
        });
    }

    private static void invalid(String token) {
        refused(ErrorCode.TOKEN_INVALID, () -> prepare(token));
    }

    // JWK

    @ParameterizedTest
    @ValueSource(strings = {"alg", "kid"})
    void a_header_that_is_looked_at_and_is_endless_is_refused(String name) {
        invalid(TestCa.token(object(HEADER, name, quoted(LONG)), object(CLAIMS)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"typ", "cty", "x5t", "x5cInsecure", "x5c", "jwk"})
    void a_header_that_is_not_looked_at_may_be_endless(String name) {
        assertThat(prepare(TestCa.token(object(HEADER, name, quoted(LONG)), object(CLAIMS))))
                .isNotNull();
    }

    @ParameterizedTest
    @CsvSource({"iss, 30000", "aud, 30000", "sub, 2049", "sub, 30000", "jti, 1025", "jti, 30000"})
    void a_claim_that_is_looked_at_and_is_too_long_is_refused(String name, int length) {
        invalid(TestCa.token(object(HEADER), object(CLAIMS, name, quoted("x".repeat(length)))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"user", "step", "email", "azp", "tid", "nonce", "sha", "groups", "x"})
    void a_claim_that_is_not_looked_at_may_be_endless(String name) {
        assertThat(prepare(TestCa.token(object(HEADER), object(CLAIMS, name, quoted(LONG)))))
                .isNotNull();
    }

    @Test
    void a_good_audience_with_an_endless_port_query_or_host_is_not_ours() {
        for (String audience : List.of(
                "https://ca.example:" + "1".repeat(30_000) + "/1.0/sign",
                "https://ca.example/1.0/sign?" + LONG,
                "https://" + LONG + "/1.0/sign",
                "https://ca.example/1.0/sign#" + LONG)) {
            invalid(TestCa.token(object(HEADER), object(CLAIMS, "aud", quoted(audience))));
        }
    }

    @Test
    void one_good_audience_among_thirty_two_is_found_and_more_are_not_looked_at() {
        for (int others : List.of(31, 32, 2_000)) {
            List<String> all = new ArrayList<>(Collections.nCopies(others, "https://x.example/"));
            all.add("https://ca.example/sign");
            String token = TestCa.token(object(HEADER), object(CLAIMS, "aud", array(all)));
            if (others == 31) {
                assertThat(prepare(token)).isNotNull();
            } else {
                invalid(token);
            }
        }
    }

    @Test
    void the_longest_name_is_granted_as_subject_and_as_san() {
        String name = "n".repeat(2_048);
        PreparedIssuance prepared = prepare(
                TestCsr.of("P-256", "", List.of()),
                TestCa.token(
                        object(HEADER),
                        object(CLAIMS, "sub", quoted(name), "sans", "[\"b.example\"," + quoted(name) + "]")));
        assertThat(prepared.certificate().subject()).isEqualTo(name);
        assertThat(prepared.certificate().names()).containsExactly("b.example", name);
    }

    @Test
    void a_san_that_is_longer_is_refused_wherever_it_stands() {
        String name = quoted("n".repeat(2_049));
        invalid(TestCa.token(object(HEADER), object(CLAIMS, "sans", "[" + name + "]")));
        invalid(TestCa.token(object(HEADER), object(CLAIMS, "sans", "[\"a.example\"," + name + ",\"b.example\"]")));
    }

    @Test
    void an_endless_fingerprint_of_a_request_fits_none() {
        refused(
                ErrorCode.FORBIDDEN,
                () -> prepare(TestCa.token(
                        object(HEADER), object(CLAIMS, "cnf", "{\"x5rt#S256\":\"" + "A".repeat(30_000) + "\"}"))));
        assertThat(prepare(TestCa.token(object(HEADER), object(CLAIMS, "cnf", "{\"kid\":" + quoted(LONG) + "}"))))
                .isNotNull();
    }

    private static List<String> addresses(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "::" + Integer.toHexString(0x1000 + i))
                .toList();
    }

    private static String array(List<String> texts) {
        return texts.stream().map(HostileSignTokenTest::quoted).collect(Collectors.joining(",", "[", "]"));
    }

    @Test
    void very_many_names_are_granted_as_long_as_the_certificate_holds_them() {
        List<String> names = addresses(2_000);
        Der csr = TestCsr.of(
                "P-256", "a.example", names.stream().map(SubjectAltName::guess).toList());
        assertThat(prepare(csr, TestCa.token(object(HEADER), object(CLAIMS, "sans", array(names))))
                        .certificate()
                        .names())
                .containsExactlyElementsOf(names);
        refused(
                ErrorCode.MALFORMED,
                () -> prepare(TestCa.token(object(HEADER), object(CLAIMS, "sans", array(addresses(3_900))))));
    }

    @Test
    void a_request_that_asks_for_very_many_names_is_held_against_the_token() {
        Der csr = TestCsr.of(
                "P-256",
                "",
                addresses(2_000).stream().map(SubjectAltName::guess).toList());
        refused(ErrorCode.FORBIDDEN, () -> prepare(csr, TestCa.token(object(HEADER), object(CLAIMS))));
    }

    @Test
    void a_request_with_a_good_signature_of_another_key_is_refused() throws IOException {
        CertificationRequest good = CertificationRequest.getInstance(
                TestCsr.of("P-256", "a.example", List.of()).bytes());
        Der stolen = TestCa.csr(
                good.getCertificationRequestInfo().getEncoded("DER"),
                TestKeys.of("P-256 issuer").getPrivate(),
                "SHA256withECDSA",
                good.getSignatureAlgorithm());
        refused(ErrorCode.BAD_CSR, () -> prepare(stolen, TestCa.token(object(HEADER), object(CLAIMS))));
    }

    // X5C

    private static String x5cToken(String header, String... changes) {
        return TestCa.token(
                object(HEADER, "x5c", header),
                object(claims("machines", "https://ca.example/sign#x5c/machines"), changes));
    }

    private static String chain(Der... certificates) {
        return array(Stream.of(certificates)
                .map(each -> Base64.getEncoder().encodeToString(each.bytes()))
                .toList());
    }

    @Test
    void endless_certificates_in_a_header_and_endless_lists_of_them_are_refused() {
        assertThat(prepare(x5cToken(chain(CLIENT)))).isNotNull();
        String huge = Base64.getEncoder().encodeToString(new byte[22_000]);
        invalid(x5cToken(array(List.of(huge))));
        invalid(x5cToken(array(List.of(Base64.getEncoder().encodeToString(CLIENT.bytes()), huge))));
        invalid(x5cToken(array(List.of(Base64.getEncoder().encodeToString(CLIENT.bytes()) + huge))));
        invalid(x5cToken(array(Stream.generate(() -> "AAAA").limit(4_000).toList())));
        invalid(x5cToken("[" + "[".repeat(9_000) + "]".repeat(9_000) + "]"));
    }

    @ParameterizedTest
    @CsvSource({"iss, 30000", "aud, 30000", "sub, 2049", "jti, 1025"})
    void a_claim_of_an_x5c_token_that_is_too_long_is_refused(String name, int length) {
        invalid(x5cToken(chain(CLIENT), name, quoted("x".repeat(length))));
    }

    @Test
    void the_key_id_of_an_x5c_token_is_the_name_of_a_file_and_may_be_endless() {
        String token = TestCa.token(
                object(HEADER, "x5c", chain(CLIENT), "kid", quoted(LONG)),
                object(claims("machines", "https://ca.example/sign#x5c/machines")));
        assertThat(prepare(token)).isNotNull();
    }

    // K8sSA

    private static String pod(String... changes) {
        Map<String, String> claims = Map.of(
                "iss",
                "\"kubernetes/serviceaccount\"",
                "sub",
                "\"system:serviceaccount:shop:web\"",
                ACCOUNT + "service-account.name",
                "\"web\"");
        return TestCa.token(object(HEADER), object(claims, changes));
    }

    @ParameterizedTest
    @CsvSource({
        "iss, 30000",
        "sub, 2049",
        "sub, 30000",
        "jti, 1025",
        "aud, 30000",
        "kubernetes.io/serviceaccount/service-account.name, 2049"
    })
    void a_claim_of_a_pod_s_token_that_is_too_long_is_refused_if_it_counts(String name, int length) {
        String token = pod(name, quoted("x".repeat(length)));
        if (name.equals("aud")) {
            assertThat(prepare(token))
                    .as("who a pod's token is for is not asked")
                    .isNotNull();
        } else {
            invalid(token);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"namespace", "secret.name", "service-account.uid"})
    void what_else_a_pod_s_token_says_of_its_account_may_be_endless(String name) {
        assertThat(prepare(pod(ACCOUNT + name, quoted(LONG)))).isNotNull();
    }

    @Test
    void the_key_id_of_a_pod_s_token_is_not_looked_at() {
        String token = pod();
        assertThat(prepare(TestCa.token(
                        object(HEADER, "kid", quoted(LONG)),
                        new String(Base64.getUrlDecoder().decode(token.split("\\.")[1]), StandardCharsets.UTF_8))))
                .isNotNull();
    }
}
