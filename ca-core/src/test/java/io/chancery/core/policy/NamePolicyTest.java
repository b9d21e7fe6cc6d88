package io.chancery.core.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.GoFixtures;
import io.chancery.core.name.GoUrl;
import io.chancery.core.name.SubjectAltName;
import io.chancery.core.name.SubjectAltName.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class NamePolicyTest {
    @Test
    void every_policy_judges_every_name_as_step_ca_does() {
        List<Map<String, Object>> rows = GoFixtures.rows("name-policies.jsonl");
        assertThat(rows).hasSizeGreaterThan(1_500);
        List<String> differences = new ArrayList<>();
        for (Map<String, Object> row : rows) {
            String answer = answer(row);
            if (!answer.equals(row.get("answer"))) {
                differences.add(row + ", and here: " + answer);
            }
        }
        assertThat(differences).isEmpty();
    }

    private static String answer(Map<String, Object> row) {
        try {
            return PolicyText.read(PolicyText.map(row.get("policy")))
                    .flatMap(policy -> policy.judge(List.of((String) row.getOrDefault("cn", "")), names(row)))
                    .map(NamePolicyTest::words)
                    .orElse("allowed");
        } catch (IllegalArgumentException e) {
            return "unreadable";
        }
    }

    private static String words(Refusal refusal) {
        return (refusal.judged() ? "not allowed: " : "cannot be judged: ") + refusal.kind() + " " + refusal.name();
    }

    private static List<SubjectAltName> names(Map<String, Object> row) {
        return Stream.of(
                        GoFixtures.strings(row, "dns").stream().map(text -> new SubjectAltName(Kind.DNS, text)),
                        GoFixtures.strings(row, "ip").stream().map(SubjectAltName::guess),
                        GoFixtures.strings(row, "email").stream().map(text -> new SubjectAltName(Kind.EMAIL, text)),
                        GoFixtures.strings(row, "uri").stream()
                                .map(text -> new SubjectAltName(
                                        Kind.URI,
                                        GoUrl.parse(text).orElseThrow().print())))
                .flatMap(names -> names)
                .toList();
    }

    @Test
    void the_one_bad_name_of_a_hundred_is_named_with_its_kind_and_the_rule() {
        NamePolicy policy = PolicyText.of("{'allow': {'dns': ['*.a.example']}, 'deny': {'dns': ['n70.a.example']}}");
        List<SubjectAltName> names = IntStream.range(0, 100)
                .mapToObj(i -> SubjectAltName.guess("n" + i + ".a.example"))
                .toList();
        assertThat(policy.judge(List.of(), names))
                .contains(new Refusal("dns", "n70.a.example", true, "deny.dns \"n70.a.example\""));
        assertThat(policy.judge(List.of(), names.subList(0, 70))).isEmpty();
        assertThat(policy.judge(List.of(), names.subList(71, 100))).isEmpty();
    }

    @Test
    void a_refusal_says_to_the_caller_what_step_ca_says() {
        assertThat(new Refusal("dns", "a.example", true, "x").words()).isEqualTo("dns name \"a.example\" not allowed");
        assertThat(new Refusal("email", "\"a\\b\"@c", true, "x").words())
                .isEqualTo("email name \"\\\"a\\\\b\\\"@c\" not allowed");
    }

    @Test
    void a_name_of_any_length_and_kind_is_judged() {
        NamePolicy policy =
                PolicyText.of("{'allow': {'email': ['@a.example'], 'dns': ['*.a.example'], 'uri': ['*.a.example']}}");
        String much = "a".repeat(40_000);
        for (String text : List.of(
                much + "@a.example",
                "\"" + much + "\"@a.example",
                "\"" + "\\a".repeat(20_000) + "\"@a.example",
                "a@" + much,
                much,
                "a.".repeat(20_000),
                "https://" + much + ".a.example.org",
                much + "://b.example")) {
            assertThat(policy.judge(List.of(text), List.of(SubjectAltName.guess(text))))
                    .isPresent();
        }
    }

    @Test
    void each_common_name_is_judged() {
        NamePolicy policy = PolicyText.of("{'allow': {'dns': ['*.a.example']}}");
        assertThat(policy.judge(List.of("n.a.example", "n.b.example"), List.of()))
                .hasValueSatisfying(refusal -> assertThat(words(refusal)).isEqualTo("not allowed: cn n.b.example"));
        assertThat(policy.judge(List.of("n.a.example", ""), List.of())).isEmpty();
    }

    @Test
    void without_rules_there_is_no_policy() {
        assertThat(NamePolicy.of(NameRules.NONE, NameRules.NONE, true)).isEmpty();
    }

    /** What looks like a name that is allowed, or unlike one that is denied. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "xn--a-.corp.example",
                "a.corp.example.",
                "a.corp.example\u0000",
                "a.corp.example\u0000.evil.example",
                "*.corp.example",
                "a.b.corp.example",
                "acorp.example",
                "a.corp.example/",
                "a.corp.example:443",
                "a.corp.example@evil.example",
                "\u0430.evil.example",
                "a.c\u043erp.example",
                "a..corp.example",
                ".corp.example",
                "corp.example",
                "*.a.corp.example",
                "a.*.corp.example",
                " a.corp.example",
                "a.corp.example "
            })
    void a_name_that_only_looks_right_is_refused(String name) {
        NamePolicy policy = PolicyText.of("{'allow': {'dns': ['*.corp.example']}}");
        for (SubjectAltName each : List.of(new SubjectAltName(Kind.DNS, name), SubjectAltName.guess(name))) {
            assertThat(policy.judge(List.of(), List.of(each))).isPresent();
        }
        assertThat(policy.judge(List.of(name), List.of())).isPresent();
    }

    @ParameterizedTest
    @CsvSource({
        "ip, ::ffff:10.0.0.7", // an IPv4-mapped address is the IPv4 address
        "ip, ::ffff:a00:7",
        "dns, BAD.EXAMPLE",
        "dns, xn--bad-.example",
        "dns, xn--BCHER-KVA.example",
        "email, x@BAD.example",
        "uri, https://BAD.example:8443/x",
        "uri, https://good.example@bad.example/",
        "uri, HTTPS://u:p@bad.example",
        "uri, https://bad.example.",
        "uri, https://[::1]/",
        "uri, https://10.0.0.7/",
        "uri, https://b%C3%BCcher.example/",
        "uri, https://bad.example%E3%80%82/",
        "uri, urn:bad.example"
    })
    void a_denied_name_in_other_clothes_is_refused(String kind, String name) {
        NamePolicy policy =
                PolicyText.of("{'deny': {'ip': ['10.0.0.0/24'], 'dns': ['bad.example', 'b\u00fccher.example'],"
                        + " 'email': ['bad.example'], 'uri': ['bad.example', 'b\u00fccher.example']}}");
        SubjectAltName guessed = SubjectAltName.guess(name);
        assertThat(guessed.kind())
                .isEqualTo(kind.equals("uri") ? Kind.URI : Kind.valueOf(kind.toUpperCase(java.util.Locale.ROOT)));
        assertThat(policy.judge(List.of(), List.of(guessed))).isPresent();
    }

    /** Where Java compares without regard to case it takes a dotless i for an i. */
    @ParameterizedTest
    @ValueSource(strings = {"adm\u0131n", "adm\u0130n", "\u0430dmin", "admin ", "admin\u200b"})
    void a_common_name_with_a_lookalike_is_another_one(String name) {
        NamePolicy policy = PolicyText.of("{'allow': {'cn': ['admin']}}");
        assertThat(policy.judge(List.of(name), List.of())).isPresent();
        assertThat(policy.judge(List.of("ADMIN"), List.of())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "dns, xn--a-.example",
        "email, '\"a b\"@c.example'",
        "email, a@",
        "email, @",
        "uri, xn--.example",
        "cn, ''",
    })
    void a_rule_that_could_never_be_right_is_not_read(String kind, String rule) {
        assertThatThrownBy(() -> PolicyText.read(Map.of("allow", Map.of(kind, List.of(rule)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(kind);
    }

    /** Names at which step-ca breaks off without an answer, or which it passes over. */
    @ParameterizedTest
    @CsvSource({
        "email, a@",
        "email, a@*",
        "email, a@xn--",
        "uri, https://:80/",
        "uri, https://[fe80::1%25eth0]:80/",
        "dns, xn--.example",
        "dns, ''"
    })
    void a_name_with_nothing_to_compare_is_not_let_pass(String kind, String name) {
        NamePolicy policy =
                PolicyText.of("{'deny': {'email': ['b.example'], 'uri': ['b.example'], 'dns': ['b.example']}}");
        Optional<Refusal> refusal = policy.judge(
                List.of(), List.of(new SubjectAltName(Kind.valueOf(kind.toUpperCase(java.util.Locale.ROOT)), name)));
        assertThat(refusal).hasValueSatisfying(r -> assertThat(r.judged()).isFalse());
    }
}
