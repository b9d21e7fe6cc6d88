package io.chancery.core.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.chancery.core.name.SubjectAltName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;

/** The first line is a rule, of whatever kind can read it; the others are names. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class NamePolicyFuzzTest {
    private static final List<String> KINDS = List.of("cn", "dns", "ip", "email", "uri");

    @FuzzTest(maxDuration = "10m")
    void any_rule_is_read_or_refused_in_words_and_judges_any_name(byte[] data) {
        String[] lines = new String(data, StandardCharsets.UTF_8).split("\n", -1);
        for (String kind : KINDS) {
            List<String> wrong = new ArrayList<>();
            NameRules rules = NameRules.of(
                    k -> k.equals(kind) ? List.of(lines[0]) : List.of(),
                    (k, index, text, allowed) -> wrong.add(allowed));
            assertThat(rules.isEmpty()).isEqualTo(!wrong.isEmpty());
            assertThat(wrong).allSatisfy(allowed -> assertThat(allowed).isNotBlank());
            for (int i = 1; i < lines.length && !rules.isEmpty(); i++) {
                judge(rules, SubjectAltName.guess(lines[i]));
            }
        }
    }

    /** What a rule denies it would allow, and what cannot be judged cannot be judged by either. */
    private static void judge(NameRules rules, SubjectAltName name) {
        Optional<Refusal> allowed =
                NamePolicy.of(rules, NameRules.NONE, true).orElseThrow().judge(List.of(), List.of(name));
        Optional<Refusal> denied =
                NamePolicy.of(NameRules.NONE, rules, true).orElseThrow().judge(List.of(), List.of(name));
        if (denied.isPresent() && denied.get().judged()) {
            assertThat(allowed).as("allowed by what denies it").isEmpty();
        }
        if (allowed.isEmpty()) {
            assertThat(denied)
                    .as("denied by what allows it")
                    .hasValueSatisfying(r -> assertThat(r.judged()).isTrue());
        }
        // A letter's case is never what a name gets through by, but in a mailbox.
        if (name.kind() == SubjectAltName.Kind.DNS && allowed.isEmpty()) {
            SubjectAltName capitals =
                    new SubjectAltName(name.kind(), name.text().toUpperCase(java.util.Locale.ROOT));
            if (name.text().chars().allMatch(c -> c < 0x80)) {
                assertThat(NamePolicy.of(rules, NameRules.NONE, true)
                                .orElseThrow()
                                .judge(List.of(), List.of(capitals)))
                        .isEmpty();
            }
        }
    }
}
