package io.chancery.core.lint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.chancery.core.der.Der;
import io.chancery.core.lint.LintRule.Scope;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LintTest {
    private static final Lint STRICT = Lint.of(true, List.of(), List.of());
    private static final List<Arguments> BAD = BadCertificates.all();

    static List<Arguments> bad_certificates() {
        return BAD;
    }

    @ParameterizedTest
    @MethodSource("bad_certificates")
    void each_rule_refuses_its_bad_example(String name, Bent bad) {
        LintRule rule = Lint.rules().stream()
                .filter(it -> it.name().equals(name))
                .findFirst()
                .orElseThrow();
        List<String> broken = bad.brokenBy(rule.scope() == Scope.STRICT ? STRICT : Lint.AUTHORITY);

        assertThat(broken).contains(name);
        if (rule.scope() == Scope.STRICT) {
            assertThat(bad.brokenBy(Lint.STANDARD)).isEmpty();
            assertThat(bad.brokenBy(Lint.of(false, List.of(name), List.of()))).containsExactly(name);
        }
        if (rule.scope() == Scope.STANDARD) {
            assertThat(bad.brokenBy(Lint.of(false, List.of(), List.of(name)))).doesNotContain(name);
        }
    }

    @Test
    void every_rule_has_a_bad_example() {
        assertThat(bad_certificates().stream().map(it -> it.get()[0]).distinct())
                .containsExactlyInAnyOrderElementsOf(Lint.rules().stream()
                        .map(LintRule::name)
                        .filter(name -> !name.equals("der"))
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"P-256", "P-384", "P-521", "RSA-2048", "Ed25519"})
    void an_ordinary_leaf_breaks_no_rule(String kind) {
        Bent leaf = Bent.leaf();
        leaf.key = Bent.key(kind);
        assertThat(leaf.brokenBy(STRICT)).isEmpty();
    }

    @Test
    void a_ca_certificate_below_another_and_a_root_break_no_rule() {
        assertThat(Bent.authority(BadCertificates.ROOT, 0).brokenBy(Lint.AUTHORITY))
                .isEmpty();
        Bent root = Bent.authority(BadCertificates.ROOT, 1);
        root.subject = root.issuer;
        root.signer = Optional.empty();
        root.key = Bent.key("P-384 root");
        root.with(Extension.subjectKeyIdentifier, false, Bent.octets(Bent.keyId(BadCertificates.ROOT)));
        assertThat(root.brokenBy(Lint.AUTHORITY)).isEmpty();
    }

    @Test
    void names_that_step_signs_every_day_break_no_standard_rule() {
        Bent leaf = Bent.leaf();
        leaf.subject = new X500NameBuilder()
                .addRDN(BCStyle.CN, new DERUTF8String("x".repeat(300)))
                .build();
        leaf.names(
                new GeneralName(GeneralName.dNSName, "localhost"),
                new GeneralName(GeneralName.dNSName, "a_b.example"),
                new GeneralName(GeneralName.dNSName, "a b.example"),
                new GeneralName(GeneralName.dNSName, "*"),
                new GeneralName(GeneralName.rfc822Name, "me@"),
                new GeneralName(GeneralName.uniformResourceIdentifier, "host:8443"),
                new GeneralName(GeneralName.uniformResourceIdentifier, "spiffe:///a..b"),
                new GeneralName(GeneralName.uniformResourceIdentifier, "https://[::1]:8443/"));
        leaf.key = Bent.key("P-224");
        assertThat(leaf.brokenBy(Lint.STANDARD)).isEmpty();
        assertThat(leaf.brokenBy(STRICT)).contains("dns-names", "email-names", "subject-lengths", "curve-of-the-web");
    }

    @Test
    void names_as_the_standards_have_them_break_no_strict_rule() {
        Bent leaf = Bent.leaf();
        leaf.names(
                new GeneralName(GeneralName.dNSName, "a.example"),
                new GeneralName(GeneralName.dNSName, "*.a.example"),
                new GeneralName(GeneralName.dNSName, "xn--bcher-kva.example"),
                new GeneralName(GeneralName.rfc822Name, "first.last+tag@a.example"),
                new GeneralName(GeneralName.uniformResourceIdentifier, "https://me@a.example:8443/x?y#z"),
                new GeneralName(GeneralName.uniformResourceIdentifier, "https://[2001:db8::1]/"),
                new GeneralName(GeneralName.uniformResourceIdentifier, "spiffe://a.example/b"),
                new GeneralName(GeneralName.uniformResourceIdentifier, "urn:uuid:f81d4fae"),
                new GeneralName(GeneralName.iPAddress, "10.0.0.1"));
        assertThat(leaf.brokenBy(STRICT)).isEmpty();
    }

    @Test
    void an_empty_subject_needs_critical_names() {
        Bent leaf = Bent.leaf();
        leaf.subject = new X500Name(new RDN[0]);
        assertThat(leaf.brokenBy(Lint.STANDARD)).containsExactly("names-somebody");
        leaf.with(
                Extension.subjectAlternativeName,
                true,
                new GeneralNames(new GeneralName(GeneralName.dNSName, "a.example")));
        assertThat(leaf.brokenBy(Lint.STANDARD)).isEmpty();
        leaf.without(Extension.subjectAlternativeName);
        assertThat(leaf.brokenBy(Lint.STANDARD)).containsExactly("names-somebody");
    }

    @Test
    void a_template_s_ca_certificate_is_held_against_the_rules_for_one() {
        assertThat(Bent.authority(BadCertificates.ROOT, 0).brokenBy(Lint.STANDARD))
                .isEmpty();
        assertThat(Bent.authority(BadCertificates.ROOT, 0)
                        .with(Extension.basicConstraints, true, new BasicConstraints(1))
                        .brokenBy(Lint.STANDARD))
                .containsExactly("ca-path-length");
    }

    @Test
    void the_first_finding_names_field_rule_and_source() {
        Bent leaf = Bent.leaf();
        leaf.key = Bent.key("RSA-1024");
        Finding finding = Lint.STANDARD
                .first(leaf.tbs(), leaf.signer.map(SigningCertificate::of))
                .orElseThrow();
        assertThat(finding.text())
                .startsWith("subjectPublicKeyInfo: ")
                .contains("1024")
                .endsWith("(rule rsa-size, CA/B BR s. 6.1.5)");
    }

    @Test
    void what_is_no_certificate_is_refused_and_nothing_is_thrown() {
        byte[] good = Bent.leaf().tbs().bytes();
        for (byte[] bytes : new byte[][] {
            {}, {1, 2, 3}, {0x30, 0}, Arrays.copyOf(good, good.length - 1), Arrays.copyOf(good, good.length + 1)
        }) {
            assertThat(Lint.STANDARD.all(Der.of(bytes), Optional.empty()))
                    .extracting(it -> it.rule().name())
                    .containsExactly("der");
        }
        for (int i = 0; i < good.length; i++) {
            byte[] bent = good.clone();
            bent[i] ^= (byte) 0x55;
            assertThat(STRICT.all(Der.of(bent), Bent.leaf().signer.map(SigningCertificate::of)))
                    .isNotNull();
        }
    }

    @Test
    void rules_are_chosen_by_name_and_slips_are_named() {
        assertThat(Lint.of(false, List.of(), List.of()).names()).isEqualTo(Lint.STANDARD.names());
        assertThat(Lint.of(false, List.of("dns-names"), List.of("rsa-roca")).names())
                .contains("dns-names")
                .doesNotContain("rsa-roca", "email-names");
        assertThat(Lint.of(true, List.of(), List.of("email-names")).names())
                .contains("dns-names")
                .doesNotContain("email-names");
        for (String wrong : List.of("dns-name", "", "der", "authority-is-ca")) {
            assertThatThrownBy(() -> Lint.of(false, List.of(), List.of(wrong)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("\"" + wrong + "\"");
        }
    }

    @Test
    void the_page_about_rules_has_a_row_for_each_in_their_order() throws Exception {
        List<String> rows = Files.readAllLines(Path.of("../docs/lint.md"), StandardCharsets.UTF_8).stream()
                .filter(line -> line.startsWith("| `"))
                .toList();
        assertThat(rows)
                .containsExactlyInAnyOrderElementsOf(Lint.rules().stream()
                        .map(rule -> "| `" + rule.name() + "` | " + rule.refuses() + " | " + rule.source() + " |")
                        .toList());
    }

    /** Nothing that step-ca signs can break these: Go writes no such certificate, reads no such request, or does not read back what it wrote. */
    private static final Set<String> KEPT_BY_STEP_CA = Set.of(
            "der",
            "version-3",
            "issuer-named",
            "issuer-match",
            "validity-order",
            "validity-encoding",
            "no-unique-identifiers",
            "key-form",
            "rsa-exponent",
            "ec-point",
            "extensions-distinct",
            "policies-distinct",
            "ca-subject-key");

    @Test
    void each_standard_rule_is_kept_by_step_ca_or_named_among_the_divergences() throws Exception {
        Pattern named = Pattern.compile("`([a-z0-9-]+)`");
        Set<String> told = Files.readAllLines(Path.of("../docs/divergences.md"), StandardCharsets.UTF_8).stream()
                .filter(line -> line.startsWith("| `"))
                .flatMap(line -> named.matcher(line.split("\\|")[1]).results())
                .map(match -> match.group(1))
                .collect(Collectors.toSet());
        List<String> standard = Lint.rules().stream()
                .filter(rule -> rule.scope() == LintRule.Scope.STANDARD)
                .map(LintRule::name)
                .toList();
        assertThat(told).doesNotContainAnyElementsOf(KEPT_BY_STEP_CA);
        assertThat(standard)
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(told.stream(), KEPT_BY_STEP_CA.stream()).toList());
    }
}
