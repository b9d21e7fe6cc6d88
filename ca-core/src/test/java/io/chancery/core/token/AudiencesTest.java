package io.chancery.core.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.chancery.core.GoFixtures;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class AudiencesTest {
    private static final Audiences AUDIENCES = new Audiences(List.of("ca.example", "127.0.0.1", "::1"));

    static Stream<Arguments> compared_by_Go() {
        return GoFixtures.lines("audiences.txt").stream().map(l -> Arguments.of(l.get(0), l.get(1)));
    }

    @ParameterizedTest
    @MethodSource("compared_by_Go")
    void an_audience_is_for_signing_here_when_Go_finds_it_equal_but_for_the_port(String audience, boolean accepted) {
        assertThat(AUDIENCES.allowSign(List.of(audience))).isEqualTo(accepted);
        assertThat(AUDIENCES.allowSign(List.of("elsewhere", audience))).isEqualTo(accepted);
    }

    @Test
    void an_IPv6_name_is_the_same_with_brackets_and_without() {
        assertThat(new Audiences(List.of("[::1]")).allowSign(List.of("https://[::1]:9000/1.0/sign")))
                .isTrue();
        assertThat(new Audiences(List.of("::1")).allowSign(List.of("https://[::1]:9000/1.0/sign")))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://ca.example/1.0/sign",
                "https://ca.example/renew",
                "https://ca.example:9000/1.0/revoke",
                "https://ca.example/ssh/sign",
                "https://ca.example/1.0/ssh/renew",
                "https://ca.example/ssh/rekey",
                "https://ca.example/ssh/revoke",
                "step-certificate-authority"
            })
    void every_action_counts_for_finding_the_provisioner(String audience) {
        assertThat(AUDIENCES.allowAny(List.of(audience))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"https://ca.example/1.0/renew", "https://ca.example/revoke", "https://ca.example/1.0/ssh/rekey"})
    void an_audience_of_another_action_is_not_for_signing(String audience) {
        assertThat(AUDIENCES.allowSign(List.of(audience))).isFalse();
    }

    @Test
    void the_fragment_of_the_first_audience_that_has_one_names_the_provisioner() {
        assertThat(Audiences.fragment(
                        List.of("a", "https://ca.example/sign#", "https://ca.example/sign#x5c/me", "b#c")))
                .contains("x5c/me");
        assertThat(Audiences.fragment(List.of("https://ca.example/sign#x5c/my%20name")))
                .contains("x5c/my name");
        assertThat(Audiences.fragment(List.of("https://ca.example/sign"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"https://ca.example/a%23b", "https://ca.example/\u00e4%23?%23", "mailto:a%23b", "%23", "a b%23"})
    void an_escaped_number_sign_begins_no_fragment(String audience) {
        assertThat(Audiences.fragment(List.of(audience))).isEmpty();
    }

    @Test
    void an_audience_must_carry_the_fragment_that_named_the_provisioner() {
        assertThat(AUDIENCES.allowAny(List.of("https://ca.example:1/sign#x5c/me")))
                .isTrue();
        assertThat(AUDIENCES.allowAny(List.of("elsewhere#x5c/me", "https://ca.example/sign#x5c/me")))
                .isTrue();
        assertThat(AUDIENCES.allowAny(List.of("elsewhere#x5c/me", "https://ca.example/sign")))
                .isFalse();
        assertThat(AUDIENCES.allowAny(List.of("https://other.example/sign#x5c/me")))
                .isFalse();
    }

    @Test
    void no_audience_is_for_nothing() {
        assertThat(AUDIENCES.allowSign(List.of())).isFalse();
        assertThat(AUDIENCES.allowAny(List.of())).isFalse();
    }
}
