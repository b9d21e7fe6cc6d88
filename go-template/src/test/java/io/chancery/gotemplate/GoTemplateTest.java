package io.chancery.gotemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.chancery.gotemplate.budget.Limits;
import io.chancery.gotemplate.budget.Surroundings;
import io.chancery.gotemplate.function.Function;
import io.chancery.gotemplate.function.FunctionSet;
import io.chancery.gotemplate.sprig.Sprig;
import io.chancery.gotemplate.value.Text;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class GoTemplateTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final Surroundings REAL_TIME =
            new Surroundings(InstantSource.fixed(NOW), System::nanoTime, bound -> bound - 1);

    private static GoTemplate compile(String text) throws TemplateException {
        return GoTemplate.compile("t", text, Sprig.functions());
    }

    private static String run(String text) throws TemplateException {
        return compile(text).execute(Map.of(), Limits.STANDARD, Surroundings.still(NOW));
    }

    private static TemplateException failure(String text) {
        return catchThrowableOfType(
                TemplateException.class, () -> compile(text).execute(Map.of(), Limits.STANDARD, REAL_TIME));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "env",
                "expandenv",
                "getHostByName",
                "genPrivateKey",
                "genCA",
                "genCAWithKey",
                "genSelfSignedCert",
                "genSelfSignedCertWithKey",
                "genSignedCert",
                "genSignedCertWithKey",
                "buildCustomCert",
                "bcrypt",
                "htpasswd",
                "derivePassword",
                "encryptAES",
                "decryptAES",
                "call"
            })
    void a_function_that_reaches_outside_fails_at_compilation_by_name(String name) {
        assertThatThrownBy(() -> compile("{{if false}}{{" + name + "}}{{end}}"))
                .isInstanceOf(TemplateException.class)
                .hasMessageStartingWith("template: t:1: function \"" + name + "\" is not available here: ");
    }

    @ParameterizedTest
    @CsvSource({
        "'a\n  {{.x}} {{nofunc}}', 2, 12",
        "'{{if}}', 1, 5",
        "'é{{nofunc}}', 1, 5",
        "'\n\n{{ .a', 3, 6",
        "'{{end}}', 1, 6"
    })
    void an_error_of_compilation_has_line_and_column(String text, int line, int column) {
        TemplateException e = catchThrowableOfType(TemplateException.class, () -> compile(text));
        assertThat(List.of(e.line(), e.column())).containsExactly(line, column);
    }

    @Test
    void an_error_of_execution_has_line_and_column() {
        TemplateException e = failure("\n  {{upper 1}}");
        assertThat(List.of(e.line(), e.column())).containsExactly(2, 11);
    }

    @Test
    void what_the_template_says_with_fail_is_told_apart() {
        assertThat(failure("{{fail \"no such host\"}}").words()).contains("no such host");
        assertThat(failure("{{upper 1}}").words()).isEmpty();
        assertThat(failure("{{nofunc}}").words()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{range until 1000000}}{{range until 1000000}}{{end}}{{end}}",
                "{{range 9223372036854775807}}{{end}}",
                "{{define \"a\"}}{{range 3}}{{template \"a\"}}{{end}}{{end}}{{template \"a\"}}",
                "{{$x := \"a\"}}{{range 64}}{{$x = cat $x $x}}{{end}}",
                "{{$x := list 1}}{{range 64}}{{$x = concat $x $x}}{{end}}",
                "{{$x := dict}}{{range 99}}{{$x = dict \"a\" $x \"b\" $x}}{{end}}{{toJson $x}}",
                "{{$x := dict}}{{range 99}}{{$x = dict \"a\" $x \"b\" $x}}{{end}}{{$x}}",
                "{{$x := list}}{{range 99}}{{$x = list $x $x}}{{end}}{{deepEqual $x (deepCopy $x)}}",
                "{{$x := list}}{{$y := list}}{{range 99}}{{$x = list $x $x}}{{$y = list $y $y}}{{end}}{{deepEqual $x $y}}",
                "{{$x := dict}}{{$_ := set $x \"x\" $x}}{{$x}}",
                "{{$x := dict}}{{$_ := set $x \"x\" $x}}{{toJson $x}}",
                "{{$x := dict}}{{$_ := set $x \"x\" $x}}{{deepCopy $x}}",
                "{{$x := dict}}{{$_ := set $x \"x\" $x}}{{$y := dict}}{{$_ := set $y \"x\" $y}}{{merge $x $y}}",
                "{{repeat 1000000000 \"abcdef\"}}",
                "{{repeat 9223372036854775807 \"abcdef\"}}",
                "{{until 2147483647}}",
                "{{untilStep 0 9223372036854775807 1}}",
                "{{untilStep -9223372036854775808 9223372036854775807 1}}",
                "{{seq 0 100000000}}",
                "{{printf \"%999999d\" 1}}{{printf \"%999999d\" 1}}{{printf \"%.999999f\" 1.0}}",
                "{{indent 100000000 \"a\"}}",
                "{{$a := repeat 100000 \"a\"}}{{replace \"a\" $a $a}}",
                "{{$a := repeat 100000 \"a\"}}{{regexReplaceAll \"a\" $a $a}}",
                "{{$a := repeat 100000 \"a,\"}}{{join (repeat 10000 \"x\") (splitList \",\" $a)}}",
                "{{$a := repeat 1000000 \"a\"}}{{range until 1000}}{{sha512sum $a}}{{end}}",
                "{{regexMatch \"(a{30}){30}(b{30}){30}\" (repeat 1000000 \"a\")}}",
                "{{regexFind \"(((a{10}){10}){10}){10}\" \"a\"}}",
                "{{randBytes 9223372036854775807}}",
                "{{randAlpha 9223372036854775807}}",
                "{{contains (cat (repeat 500000 \"a\") \"b\") (repeat 1000000 \"a\")}}{{fail \"found nothing\"}}",
                "{{replace (cat (repeat 500000 \"a\") \"b\") \"\" (repeat 1000000 \"a\")}}{{fail \"found nothing\"}}",
                "{{splitList (cat (repeat 500000 \"a\") \"b\") (repeat 1000000 \"a\")}}{{fail \"found nothing\"}}",
                "{{wrapWith 1 (repeat 10000 \"x\") (repeat 10000 \"a\")}}",
                "{{mulf 1e300 1e300 1e300 1e300}}{{range 9223372036854775807}}{{mulf 1.2345678e300 1.2345678e300}}{{end}}"
            })
    void what_would_run_away_is_cut_off(String text) {
        long began = System.nanoTime();
        TemplateException e = failure(text);
        // Far more than any takes on a slow machine, and nothing to what each would take without its limit.
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
        assertThat(e).isNotNull();
    }

    /** Go counts on from the smallest number, without an end. */
    @Test
    void counting_ends_at_the_largest_and_at_the_smallest_number() throws TemplateException {
        Surroundings still = Surroundings.still(NOW);
        Map<String, String> counted = Map.of(
                "{{untilStep 9223372036854775806 9223372036854775807 2}}", "[9223372036854775806]",
                "{{untilStep -9223372036854775807 -9223372036854775808 -5}}", "[-9223372036854775807]",
                "{{seq 9223372036854775806 5 9223372036854775806}}", "9223372036854775806",
                "{{len (untilStep 9223372036854774807 9223372036854775807 1)}}", "1000",
                "{{untilStep -9223372036854775808 9223372036854775807 9223372036854775807}}",
                        "[-9223372036854775808 -1 9223372036854775806]",
                "{{untilStep 9223372036854775807 -9223372036854775808 -9223372036854775808}}",
                        "[9223372036854775807 -1]");
        for (Map.Entry<String, String> each : counted.entrySet()) {
            assertThat(compile(each.getKey()).execute(null, Limits.STANDARD, still))
                    .as(each.getKey())
                    .isEqualTo(each.getValue());
        }
    }

    @Test
    void time_is_measured_with_the_given_clock() throws TemplateException {
        AtomicLong nanos = new AtomicLong();
        Surroundings slow = new Surroundings(InstantSource.fixed(NOW), () -> nanos.getAndAdd(30_000_000), bound -> 0);
        GoTemplate template = compile("{{range 2000}}x{{end}}");
        assertThatThrownBy(() -> template.execute(null, Limits.STANDARD, slow))
                .isInstanceOf(TemplateException.class)
                .hasMessage("template: t: the template ran for longer than 100 ms");
        assertThat(template.execute(null, Limits.STANDARD, Surroundings.still(NOW)))
                .hasSize(2000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{$t := repeat 2000 \"x\"}}{{range 20}}{{$_ := sha256sum $t}}{{end}}",
                "{{$_ := sortAlpha (splitList \",\" (repeat 20 (print (repeat 2000 \"x\") \",\")))}}",
                "{{$_ := randBytes 2000}}",
                "{{$_ := shuffle (repeat 1000 \"x\")}}"
            })
    void work_on_much_text_looks_at_the_clock_often(String text) throws TemplateException {
        AtomicLong nanos = new AtomicLong();
        Surroundings slow = new Surroundings(InstantSource.fixed(NOW), () -> nanos.getAndAdd(30_000_000), bound -> 0);
        GoTemplate template = compile(text);
        assertThatThrownBy(() -> template.execute(null, Limits.STANDARD, slow))
                .hasMessage("template: t: the template ran for longer than 100 ms");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{until 270000}}",
                "{{splitList \"\" (repeat 270000 \"a\")}}",
                "{{fromJson (print \"[\" (repeat 270000 \"0,\") \"0]\")}}"
            })
    void an_element_of_a_new_list_counts_as_what_it_takes(String text) {
        assertThatThrownBy(() -> compile(text).execute(null, Limits.STANDARD, Surroundings.still(NOW)))
                .hasMessage("template: t: the template's values are larger than 8388608 in all");
    }

    @Test
    void what_is_looked_for_is_found_wherever_it_stands() throws TemplateException {
        assertThat(
                        run(
                                "{{contains \"aab\" \"aaaab\"}} {{contains \"aabaaa\" \"aabaabaaa\"}} {{contains \"ba\" \"aaab\"}}"
                                        + " {{contains \"\" \"\"}} {{replace \"abab\" \"x\" \"abababab-abab\"}} {{splitList \"--\" \"a---b--\"}}"))
                .isEqualTo("true true false true xx-x [a -b ]");
    }

    @Test
    void a_message_is_no_longer_than_its_limit() {
        TemplateException e = failure("{{fail (repeat 5000 \"é\")}}");
        assertThat(e.words().orElseThrow()).startsWith("ééé").hasSizeLessThanOrEqualTo(1000);
        assertThat(e.getMessage()).hasSizeLessThanOrEqualTo(1000).endsWith("…");
        assertThat(failure("{{range repeat 5000 \"😀\"}}{{end}}").getMessage()).hasSizeLessThanOrEqualTo(1000);
    }

    @Test
    void what_a_function_throws_is_the_templates_failure() {
        FunctionSet functions = Sprig.functions()
                .with(List.of(
                        Function.of("oversight", "", a -> {
                            throw new IllegalStateException("an oversight");
                        }),
                        Function.of("deep", "", a -> deeper())));
        for (String text : List.of("{{oversight}}", "{{deep}}")) {
            assertThatThrownBy(() -> GoTemplate.compile("t", text, functions)
                            .execute(null, Limits.STANDARD, Surroundings.still(NOW)))
                    .isInstanceOf(TemplateException.class);
        }
    }

    @SuppressWarnings("InfiniteRecursion") // what is tested
    private static Text deeper() {
        return new Text(deeper().value() + "x");
    }

    @Test
    void output_up_to_the_limit_is_given_and_no_more() throws TemplateException {
        Limits tight = new Limits(Duration.ofSeconds(1), 10, 1000, 64);
        Surroundings still = Surroundings.still(NOW);
        assertThat(compile("1234567890").execute(null, tight, still)).isEqualTo("1234567890");
        assertThat(compile("12345é78{{\"9\"}}").execute(null, tight, still)).isEqualTo("12345é789");
        assertThatThrownBy(() -> compile("12345é78{{\"90\"}}").execute(null, tight, still))
                .hasMessage("template: t: the template's output is larger than 10 octets");
    }

    @Test
    void templates_call_each_other_64_deep_and_no_deeper() throws TemplateException {
        String text =
                "{{define \"a\"}}{{if gt . 0}}{{template \"a\" (sub . 1)}}{{end}}{{end}}{{template \"a\" (int64 %d)}}";
        assertThat(run(String.format(text, 63))).isEmpty();
        assertThat(failure(String.format(text, 64))).hasMessageContaining("exceeded maximum template depth (64)");
    }

    @Test
    void nesting_in_the_text_has_its_limit_too() {
        assertThatThrownBy(() -> compile("{{" + "(".repeat(65) + "1" + ")".repeat(65) + "}}"))
                .hasMessage("template: t:1: max expression depth exceeded");
        assertThatThrownBy(() -> compile("{{if 1}}".repeat(65) + "{{end}}".repeat(65)))
                .hasMessage("template: t:1: control structures are nested deeper than 64");
        assertThatThrownBy(() -> compile("x".repeat(GoTemplate.MAX_TEXT + 1))).hasMessageContaining("longer than");
    }

    @Test
    void the_data_is_never_changed() throws TemplateException {
        Map<String, Object> data = Map.of("m", Collections.unmodifiableMap(Map.of("k", "v")));
        GoTemplate template = compile("{{$_ := set .m \"k\" \"new\"}}{{.m.k}}");
        Surroundings still = Surroundings.still(NOW);
        assertThat(template.execute(data, Limits.STANDARD, still)).isEqualTo("new");
        assertThat(template.execute(data, Limits.STANDARD, still)).isEqualTo("new");
        assertThat(data).isEqualTo(Map.of("m", Map.of("k", "v")));
    }

    @Test
    void clock_and_randomness_are_the_given_ones() throws Exception {
        assertThat(run("{{now}}")).isEqualTo("2026-01-02 03:04:05 +0000 UTC");
        assertThat(compile("{{randAlphaNum 3}} {{randInt 5 8}} {{uuidv4}} {{shuffle \"abc\"}}")
                        .execute(null, Limits.STANDARD, REAL_TIME))
                .isEqualTo("999 7 ffffffff-ffff-4fff-bfff-ffffffffffff abc");
    }

    @Test
    void one_template_serves_many_threads_at_once() throws Exception {
        GoTemplate template = compile("{{$n := .n}}{{range until 50}}{{$n}},{{end}}{{$_ := set . \"n\" 0}}");
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                Map<String, Object> data = Map.of("n", i);
                answers.add(threads.submit(() -> template.execute(data, Limits.STANDARD, Surroundings.still(NOW))));
            }
            for (int i = 0; i < answers.size(); i++) {
                assertThat(answers.get(i).get()).isEqualTo((i + ",").repeat(50));
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void keys_and_values_come_in_order() throws TemplateException {
        assertThat(run("{{$d := dict \"b\" 2 \"a\" 1 \"é\" 3}}{{keys $d}} {{values $d}}"))
                .isEqualTo("[a b é] [1 2 3]");
    }

    @Test
    void octets_that_are_no_text_survive() throws TemplateException {
        assertThat(run("{{b64enc (cat (b64dec \"/8M=\") (b64dec \"qQ==\"))}} {{len (b64dec \"/8M=\")}}"))
                .isEqualTo("/8MgqQ== 2");
    }
}
