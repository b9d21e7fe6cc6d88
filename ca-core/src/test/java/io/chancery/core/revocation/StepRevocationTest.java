package io.chancery.core.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.TestCa;
import io.chancery.core.TestKeys;
import io.chancery.core.certificate.PresentedCertificate;
import io.chancery.core.certificate.SerialNumber;
import io.chancery.core.chain.ClientCertificate;
import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.provisioner.Provisioners;
import io.chancery.core.token.Audiences;
import java.math.BigInteger;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may revoke what. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class StepRevocationTest {
    private static final StepRevocation RULES = new StepRevocation(
            Provisioners.of(List.of(TestCa.provisioner()), Map.of(), TestKeys.KEYS),
            new Audiences(List.of("ca.example")),
            TestKeys.KEYS);

    private static RevokeCommand command(String serial, String ott) {
        return new RevokeCommand(serial, ott, 1, "lost", true);
    }

    private static PreparedRevocation prepare(RevokeCommand command) {
        return RULES.prepare(command, Optional::empty, TestCa.NOW);
    }

    private static void refused(ErrorCode code, String detail, Runnable attempt) {
        assertThatThrownBy(attempt::run).isInstanceOfSatisfying(CaException.class, e -> {
            assertThat(e.code()).as(e.getMessage()).isEqualTo(code);
            assertThat(e.publicDetail()).isEqualTo(detail);
        });
    }

    private static String token(String... changes) {
        Map<String, String> claims = new LinkedHashMap<>();
        long now = TestCa.NOW.getEpochSecond();
        claims.put("iss", "\"admin\"");
        claims.put("aud", "\"https://ca.example/1.0/revoke\"");
        claims.put("sub", "\"77\"");
        claims.put("jti", "\"id\"");
        claims.put("iat", "" + now);
        claims.put("exp", "" + (now + 300));
        for (int i = 0; i < changes.length; i += 2) {
            claims.put(changes[i], changes[i + 1]);
        }
        return TestCa.token(claims.entrySet().stream()
                .filter(each -> !each.getValue().isEmpty())
                .map(each -> "\"" + each.getKey() + "\":" + each.getValue())
                .collect(Collectors.joining(",", "{", "}")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"77", "0x4d", "0X4D", "0b1001101", "0B1001101", "0o115", "0115", "+77", "0x4_d", "0_115"})
    void a_serial_is_read_as_go_reads_it(String text) {
        PreparedRevocation prepared = prepare(command(text, token()));
        assertThat(prepared.serial().value()).isEqualTo(BigInteger.valueOf(77));
        assertThat(prepared.reasonCode()).isEqualTo(1);
        assertThat(prepared.reason()).isEqualTo("lost");
        assertThat(prepared.token().orElseThrow().provisioner()).isEqualTo("admin");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "xyz", " 77", "77 ", "-77", "0", "00", "0x", "0b2", "08", "1__0", "_1", "1_", "7.0", "7e1", "\u0667"
            })
    void what_is_no_serial_of_a_certificate_is_refused_and_named(String text) {
        refused(
                ErrorCode.MALFORMED,
                "'" + text + "' is not a valid serial number - use a base 10 representation or a base 16 representation"
                        + " with '0x' prefix",
                () -> prepare(command(text, token())));
    }

    @Test
    void a_serial_that_is_missing_or_too_long_is_refused_without_being_printed_whole() {
        refused(ErrorCode.MALFORMED, "missing serial", () -> prepare(command("", token())));
        for (String text : List.of("1".repeat(60_000), "0x" + "f".repeat(41))) {
            assertThatThrownBy(() -> prepare(command(text, token()))).isInstanceOfSatisfying(CaException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED);
                assertThat(e.publicDetail().length()).isLessThan(300);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 11, Long.MAX_VALUE, Long.MIN_VALUE})
    void a_reason_code_out_of_bounds_is_refused(long code) {
        refused(
                ErrorCode.MALFORMED,
                "reasonCode out of bounds",
                () -> prepare(new RevokeCommand("77", token(), code, "", true)));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 6, 7, 8, 9, 10})
    void every_reason_code_up_to_ten_is_taken_those_that_no_list_has_too(long code) {
        assertThat(prepare(new RevokeCommand("77", token(), code, "", true)).reasonCode())
                .isEqualTo((int) code);
    }

    @Test
    void a_reason_is_one_line_and_not_too_long() {
        refused(
                ErrorCode.MALFORMED,
                "reason is longer than 1024 characters",
                () -> prepare(new RevokeCommand("77", token(), 0, "x".repeat(1025), true)));
        assertThat(prepare(new RevokeCommand("77", token(), 0, "a\nb\u0000c", true))
                        .reason())
                .isEqualTo("a b c");
    }

    @Test
    void anything_but_passive_revocation_is_not_implemented() {
        refused(ErrorCode.NOT_IMPLEMENTED, "", () -> prepare(new RevokeCommand("77", token(), 0, "", false)));
    }

    @Test
    void nobody_revokes_without_a_credential() {
        refused(ErrorCode.MALFORMED, "missing ott or client certificate", () -> prepare(command("77", "")));
    }

    @Test
    void a_token_for_another_serial_is_refused() {
        refused(
                ErrorCode.FORBIDDEN,
                "request serial number \"78\" and token subject \"77\" do not match",
                () -> prepare(command("78", token())));
        refused(
                ErrorCode.FORBIDDEN,
                "request serial number \"77\" and token subject \"0x4d\" do not match",
                () -> prepare(command("77", token("sub", "\"0x4d\""))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "aud|\"https://ca.example/1.0/sign\"",
                "aud|\"https://ca.example/renew\"",
                "aud|\"https://other.example/revoke\"",
                "aud|",
                "iss|\"other\"",
                "iss|7",
                "sub|",
                "sub|77",
                "exp|1000",
                "exp|\"x\"",
                "iat|9999999999",
                "nbf|9999999999",
                "jti|7"
            })
    void each_claim_of_a_token_is_held_to_its_rule(String claim, String value) {
        refused(ErrorCode.TOKEN_INVALID, "", () -> prepare(command("77", token(claim, value == null ? "" : value))));
    }

    @Test
    void a_token_signed_by_somebody_else_or_no_token_at_all_is_refused() {
        String good = token();
        String spoilt = good.substring(0, good.length() - 4) + "AAAA";
        for (String bad : List.of(spoilt, "x", "a.b.c", "..", "eyJhbGciOiJub25lIn0.e30.")) {
            refused(ErrorCode.TOKEN_INVALID, "", () -> prepare(command("77", bad)));
        }
    }

    @Test
    void the_old_audience_and_both_paths_are_for_revoking() {
        for (String audience : List.of(
                "step-certificate-authority", "https://ca.example/revoke", "https://ca.example:9000/1.0/revoke")) {
            assertThat(prepare(command("77", token("aud", "\"" + audience + "\"")))
                            .token())
                    .isPresent();
        }
    }

    @Test
    void a_certificate_revokes_itself_and_no_other() throws Exception {
        ClientCertificate own = new ClientCertificate(
                PresentedCertificate.parse(Der.of(TestCa.ISSUER.certificate().getEncoded())),
                List.of(new SerialNumber(BigInteger.TEN)),
                Instant.MAX,
                false);
        PreparedRevocation prepared =
                RULES.prepare(new RevokeCommand("1", "", 0, "", true), () -> Optional.of(own), TestCa.NOW);
        assertThat(prepared.token()).isEmpty();
        assertThat(prepared.shown())
                .as("whose signer the store is to be asked about")
                .contains(own);
        assertThat(prepared.authorizedBy()).as("what is above").isEqualTo(own.above());
        refused(
                ErrorCode.FORBIDDEN,
                "request serial number \"2\" and certificate serial number \"1\" do not match",
                () -> RULES.prepare(new RevokeCommand("2", "", 0, "", true), () -> Optional.of(own), TestCa.NOW));
    }

    @Test
    void a_command_never_prints_its_token() {
        assertThat(command("77", "secret").toString()).doesNotContain("secret");
    }
}
