package io.chancery.core.policy;

import io.chancery.core.name.SubjectAltName;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Which names certificates may have (wire contract s. 7.6). For each name by itself: a rule that denies it decides; else,
 * where rules of its kind allow something, one of them must cover it; where no rule is about its kind, it passes only if
 * nothing at all is allowed by rules. Immutable, safe for any thread; a name takes some microseconds.
 */
public final class NamePolicy {
    private static final List<SubjectAltName.Kind> ORDER = List.of(
            SubjectAltName.Kind.DNS, SubjectAltName.Kind.IP, SubjectAltName.Kind.EMAIL, SubjectAltName.Kind.URI);

    private final NameRules allow;
    private final NameRules deny;
    private final boolean wildcards;

    private NamePolicy(NameRules allow, NameRules deny, boolean wildcards) {
        this.allow = allow;
        this.deny = deny;
        this.wildcards = wildcards;
        Idna.load(); // before the first request, which must not wait for it
    }

    /**
     * Empty when there is no rule: then every name passes, also one that could not be judged.
     *
     * @param wildcards whether rules are about DNS names such as {@code *.a.example}; without it none denies them, and none
     *     allows them
     */
    public static Optional<NamePolicy> of(NameRules allow, NameRules deny, boolean wildcards) {
        return allow.isEmpty() && deny.isEmpty()
                ? Optional.empty()
                : Optional.of(new NamePolicy(allow, deny, wildcards));
    }

    /**
     * The first name that may not be in a certificate; empty when all may. In step-ca's order: DNS, address, e-mail, URI, and
     * the subject's last.
     *
     * @param commonNames of the subject
     * @param names subject alternative names
     */
    public Optional<Refusal> judge(List<String> commonNames, List<SubjectAltName> names) {
        for (SubjectAltName.Kind kind : ORDER) {
            Optional<Refusal> refusal = names.stream()
                    .filter(name -> name.kind() == kind)
                    .flatMap(name -> judge(name).stream())
                    .findFirst();
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return commonNames.stream()
                .filter(name -> !name.isEmpty())
                .flatMap(name -> judgeCommonName(name).stream())
                .findFirst();
    }

    /**
     * The first e-mail address of the subject that may not be there; empty when all may. step-ca judges none of them, so a
     * policy without a rule about e-mail addresses lets them pass, whatever else it allows.
     */
    public Optional<Refusal> judgeMailboxes(List<String> ofSubject) {
        return allow.emails().isEmpty() && deny.emails().isEmpty()
                ? Optional.empty()
                : judge(
                        List.of(),
                        ofSubject.stream()
                                .map(text -> new SubjectAltName(SubjectAltName.Kind.EMAIL, text))
                                .toList());
    }

    private Optional<Refusal> judge(SubjectAltName name) {
        String text = name.text();
        return switch (name.kind()) {
            case DNS ->
                new Question<DnsRule.Name>("dns", text, allow.dns(), deny.dns())
                        .judged(t -> DnsRule.Name.parse(t, wildcards));
            case IP -> new Question<String>("ip", text, allow.addresses(), deny.addresses()).judged(t -> t);
            case EMAIL -> new Question<Mailbox>("email", text, allow.emails(), deny.emails()).judged(Mailbox::parse);
            case URI -> judgeUri(new Question<>("uri", text, allow.uris(), deny.uris()));
        };
    }

    /** A URI need not have a host as long as no rule is about hosts. */
    private Optional<Refusal> judgeUri(Question<String> question) {
        return question.judged(question.unasked() ? t -> t : UriRule::host);
    }

    /**
     * Where rules for common names let it pass, it does. If not, or if there are none, it is judged as the alternative name
     * that it looks like, as step-ca does: so a rule that denies it counts only if that judgement goes against it, too.
     */
    private Optional<Refusal> judgeCommonName(String name) {
        if (allow.haveCommonNames() || deny.haveCommonNames()) {
            boolean denied = deny.commonNames().stream().anyMatch(rule -> rule.covers(name));
            boolean allowed =
                    !allow.haveCommonNames() || allow.commonNames().stream().anyMatch(rule -> rule.covers(name));
            if (allowed && !denied) {
                return Optional.empty();
            }
        }
        return judge(SubjectAltName.guess(name)).map(Refusal::ofCommonName);
    }

    /** One name and the rules of its kind. */
    private final class Question<T> {
        private final String kind;
        private final String name;
        private final List<? extends NameRule<T>> allowed;
        private final List<? extends NameRule<T>> denied;

        Question(String kind, String name, List<? extends NameRule<T>> allowed, List<? extends NameRule<T>> denied) {
            this.kind = kind;
            this.name = name;
            this.allowed = allowed;
            this.denied = denied;
        }

        /** Whether no rule is about names of this kind. */
        boolean unasked() {
            return allowed.isEmpty() && denied.isEmpty();
        }

        Optional<Refusal> judged(Function<String, T> parser) {
            if (unasked() && !allow.isEmpty()) {
                return refused("no rule is about names of this kind, and some allow others");
            }
            try {
                T parsed = parser.apply(name);
                for (NameRule<T> rule : denied) {
                    if (rule.covers(parsed)) {
                        return refused("deny." + kind + " \"" + rule.text() + "\"");
                    }
                }
                return allowed.isEmpty() || allowed.stream().anyMatch(rule -> rule.covers(parsed))
                        ? Optional.empty()
                        : refused("none of allow." + kind);
            } catch (IllegalArgumentException e) {
                return Optional.of(new Refusal(kind, name, false, String.valueOf(e.getMessage())));
            }
        }

        private Optional<Refusal> refused(String rule) {
            return Optional.of(new Refusal(kind, name, true, rule));
        }
    }
}
