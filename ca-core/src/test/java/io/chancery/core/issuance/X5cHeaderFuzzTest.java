package io.chancery.core.issuance;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.chancery.core.TestCa;
import io.chancery.core.TestCertificate;
import io.chancery.core.TestCsr;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.pem.PemBlock;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;

/**
 * Each line of an input is a certificate of the header: LEAF, UPPER and ROOT are good ones, any other is Base64 as it is. A
 * line that begins with {@code =} is the whole header's JSON instead.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class X5cHeaderFuzzTest {
    private static final Der ROOT = TestCertificate.ca("Root", "P-384").by("Root", "P-384");
    private static final Map<String, Der> GOOD = Map.of(
            "LEAF",
                    TestCertificate.client("worker", "Ed25519")
                            .names("w.example")
                            .by("Upper", "P-521"),
            "UPPER", TestCertificate.ca("Upper", "P-521").by("Root", "P-384"),
            "ROOT", ROOT);
    private static final String TEMPLATE = "{\"subject\":{{ toJson .AuthorizationCrt.Subject }},"
            + "\"dnsNames\":{{ toJson .AuthorizationCrt.DNSNames }},\"uris\":[\"x:{{ len .AuthorizationChain }}\"]}";
    private static final StepIssuance ISSUANCE = TestCa.issuance(List.of(provisioner()), Map.of());
    private static final Der CSR = TestCsr.of("Ed25519", "", List.of());

    private static Map<String, Object> provisioner() {
        byte[] roots = new PemBlock("CERTIFICATE", Map.of(), ROOT).encode().getBytes(StandardCharsets.US_ASCII);
        return Map.of(
                "type",
                "X5C",
                "name",
                "x",
                "roots",
                Base64.getEncoder().encodeToString(roots),
                "options",
                Map.of("x509", Map.of("template", TEMPLATE)));
    }

    @FuzzTest(maxDuration = "10m")
    void whatever_stands_in_the_header_x5c_is_led_to_the_root_or_refused_in_typed_words(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        String header = text.startsWith("=")
                ? text.substring(1)
                : Stream.of(text.split("\n", -1))
                        .map(line -> "\"" + (GOOD.containsKey(line) ? base64(GOOD.get(line)) : escaped(line)) + "\"")
                        .collect(Collectors.joining(",", "[", "]"));
        String token = TestCa.token(
                "{\"alg\":\"EdDSA\",\"x5c\":" + header + "}",
                "{\"iss\":\"x\",\"sub\":\"a\",\"aud\":\"https://ca.example/sign#x5c/x\"}");
        try {
            PreparedIssuance prepared = ISSUANCE.prepare(
                    new SignCommand(CSR, token, Optional.empty(), Optional.empty()),
                    TestCa.NOW,
                    new SerialNumber(BigInteger.ONE.shiftLeft(100)));
            assertThat(text).as("only the genuine leaf may sign").startsWith("LEAF\n");
            assertThat(prepared.certificate().subject()).isEqualTo("worker");
            assertThat(prepared.grant().authorizedBy()).hasSize(2);
        } catch (CaException e) {
            assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.TOKEN_INVALID);
        }
    }

    private static String base64(Der der) {
        return Base64.getEncoder().encodeToString(der.bytes());
    }

    private static String escaped(String line) {
        return line.replaceAll("[^A-Za-z0-9+/=_!-]", "");
    }
}
