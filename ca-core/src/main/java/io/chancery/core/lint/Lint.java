package io.chancery.core.lint;

import io.chancery.core.der.Der;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rules that certificates are held against before they are signed. Immutable, any thread, no I/O; an ordinary
 * certificate takes some tens of microseconds, an RSA key of 4096 bits some more.
 */
public final class Lint {
    /** Without it nothing else can be judged, so it is no rule that could be left out. */
    private static final LintRule DER = new LintRule(
            "der",
            LintRule.Part.FIELDS,
            LintRule.Scope.STANDARD,
            "RFC 5280 s. 4.1, X.690 s. 10",
            "what is not the DER of a TBSCertificate",
            tbs -> Optional.empty());

    /**
     * What breaks one of these, every signer refuses by itself, whatever is configured: left out here, it would only be
     * refused later, as a fault of this CA.
     */
    private static final Set<String> HELD_BY_SIGNERS = Set.of(
            "version-3",
            "serial-positive",
            "serial-length",
            "serial-entropy",
            "signature-algorithm",
            "issuer-match",
            "validity-order",
            "validity-within-issuer",
            "no-unique-identifiers",
            "key-not-issuers",
            "extensions-distinct",
            "authority-key",
            "cert-sign-needs-ca",
            "issuer-name-needs-usage",
            "path-length-needs-ca",
            "ca-path-length");

    private static final Map<String, LintRule> ALL = all();

    /** What holds unless the configuration says otherwise. */
    public static final Lint STANDARD = new Lint(in(LintRule.Scope.STANDARD));

    /** What holds for the CA certificates that administrators make, and cannot be softened. */
    public static final Lint AUTHORITY = new Lint(in(LintRule.Scope.STANDARD, LintRule.Scope.AUTHORITY));

    private final List<LintRule> rules;

    private Lint(List<LintRule> rules) {
        this.rules = List.copyOf(rules);
    }

    private static Map<String, LintRule> all() {
        Map<String, LintRule> all = new LinkedHashMap<>();
        Stream.of(
                        List.of(DER),
                        FieldRules.ALL,
                        SubjectKeyRules.ALL,
                        ExtensionRules.ALL,
                        NameRules.ALL,
                        AuthorityRules.ALL,
                        StrictRules.ALL,
                        StrictNameRules.ALL)
                .flatMap(List::stream)
                .forEach(rule -> {
                    if (all.put(rule.name(), rule) != null) {
                        throw new IllegalStateException("two rules are named " + rule.name());
                    }
                });
        return all;
    }

    private static List<LintRule> in(LintRule.Scope... scopes) {
        Set<LintRule.Scope> wanted = Set.of(scopes);
        return ALL.values().stream()
                .filter(rule -> !rule.equals(DER) && wanted.contains(rule.scope()))
                .toList();
    }

    /** Every rule there is. */
    public static List<LintRule> rules() {
        return List.copyOf(ALL.values());
    }

    /**
     * The standard rules, with others that have to be asked for and without some.
     *
     * @param strict whether all of those that have to be asked for are
     * @param also names of some that are
     * @param except names of rules that are not held
     * @throws IllegalArgumentException for a name that is not among {@link #choices}
     */
    public static Lint of(boolean strict, List<String> also, List<String> except) {
        Set<String> names = new HashSet<>();
        in(LintRule.Scope.STANDARD).forEach(rule -> names.add(rule.name()));
        if (strict) {
            in(LintRule.Scope.STRICT).forEach(rule -> names.add(rule.name()));
        }
        also.forEach(name -> names.add(named(name)));
        except.forEach(name -> names.remove(named(name)));
        return new Lint(ALL.values().stream()
                .filter(rule -> names.contains(rule.name()))
                .toList());
    }

    /** The names that {@link #of} takes. */
    public static List<String> choices() {
        return in(LintRule.Scope.STANDARD, LintRule.Scope.STRICT).stream()
                .map(LintRule::name)
                .toList();
    }

    /** Those of the {@link #choices} that a configuration may leave out: no signer holds them by itself. */
    public static List<String> exceptions() {
        return choices().stream()
                .filter(name -> !HELD_BY_SIGNERS.contains(name))
                .toList();
    }

    private static String named(String name) {
        if (!choices().contains(name)) {
            throw new IllegalArgumentException("no rule to be chosen is named \"" + name + "\"");
        }
        return name;
    }

    /** The names of the rules that are held. */
    public List<String> names() {
        return rules.stream().map(LintRule::name).toList();
    }

    /**
     * The first rule that is broken; empty when none is.
     *
     * @param signer whose key will sign; empty for a root
     */
    public Optional<Finding> first(Der tbs, Optional<SigningCertificate> signer) {
        return find(tbs, signer, true).stream().findFirst();
    }

    /** Every rule that is broken; as {@link #first}. */
    public List<Finding> all(Der tbs, Optional<SigningCertificate> signer) {
        return find(tbs, signer, false);
    }

    private List<Finding> find(Der tbs, Optional<SigningCertificate> signer, boolean firstOnly) {
        ToBeSigned read;
        try {
            read = ToBeSigned.read(tbs, signer);
        } catch (IllegalArgumentException e) {
            return List.of(new Finding(DER, String.valueOf(e.getMessage())));
        }
        List<Finding> found = new ArrayList<>();
        for (LintRule rule : rules) {
            problem(rule, read).ifPresent(problem -> found.add(new Finding(rule, problem)));
            if (firstOnly && !found.isEmpty()) {
                break;
            }
        }
        return found;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Lint lint && names().equals(lint.names());
    }

    @Override
    public int hashCode() {
        return names().hashCode();
    }

    private static Optional<String> problem(LintRule rule, ToBeSigned certificate) {
        try {
            return rule.check().problem(certificate);
        } catch (RuntimeException e) {
            // The parser's, on what no rule before this one has refused.
            return Optional.of("what it looks at cannot be read: " + e.getMessage());
        }
    }
}
