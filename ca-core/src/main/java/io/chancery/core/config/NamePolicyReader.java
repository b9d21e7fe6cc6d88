package io.chancery.core.config;

import io.chancery.core.policy.NamePolicy;
import io.chancery.core.policy.NameRules;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads a policy about names, as step has it in {@code authority.policy} (wire contract s. 7.6). A member that is not known is
 * an error in ca.json too: a list that is misspelt would leave open what it was to close.
 */
final class NamePolicyReader {
    private final Problems problems;

    NamePolicyReader(Problems problems) {
        this.problems = problems;
    }

    /** Empty when there is no rule. */
    Optional<NamePolicy> read(Node policy) {
        Optional<NamePolicy> x509 = x509(policy.object("x509"));
        Node ssh = policy.object("ssh");
        ssh(ssh.object("user"));
        ssh(ssh.object("host"));
        if (!ssh.isEmpty()) {
            problems.warning(
                    policy.pointer("ssh"),
                    "a policy for SSH certificates",
                    "nothing; none are issued, it has no effect");
        }
        ssh.reportUnknown(true);
        policy.reportUnknown(true);
        return x509;
    }

    private Optional<NamePolicy> x509(Node node) {
        Node deny = node.object("deny");
        NameRules allowed = rules(node.object("allow"));
        NameRules denied = rules(deny);
        if (denied.haveCommonNames()) {
            problems.warning(
                    deny.pointer("cn"),
                    "common names",
                    "the same in deny.dns, deny.email and so on: one that would pass as an alternative name passes");
        }
        boolean wildcards = node.flag("allowWildcardNames");
        node.reportUnknown(true);
        return NamePolicy.of(allowed, denied, wildcards);
    }

    private NameRules rules(Node node) {
        NameRules rules = NameRules.of(kind -> texts(node, kind), report(node));
        capitals(node);
        node.reportUnknown(true);
        return rules;
    }

    private NameRules.Report report(Node node) {
        return (kind, index, text, allowed) ->
                problems.error(node.pointer(kind) + "/" + index, Node.quoted(text), allowed);
    }

    /** step-ca reads the rule in small letters, and the name as it is. */
    private void capitals(Node node) {
        texts(node, "email").stream()
                .filter(address -> address.indexOf('@') > 0)
                .filter(address -> {
                    String mailbox = address.substring(0, address.lastIndexOf('@'));
                    return !mailbox.equals(mailbox.toLowerCase(Locale.ROOT));
                })
                .forEach(address -> problems.warning(
                        node.pointer("email"),
                        Node.quoted(address),
                        "small letters before the at sign: so it is read, and covers no name with capitals there"));
    }

    /** Go takes a list, and no lone text. */
    private List<String> texts(Node node, String kind) {
        if (node.raw(kind) instanceof String text) {
            problems.error(node.pointer(kind), Node.quoted(text), "a list of texts");
            return List.of();
        }
        return node.texts(kind);
    }

    private void ssh(Node node) {
        for (String side : List.of("allow", "deny")) {
            Node names = node.object(side);
            NameRules unused = NameRules.of(
                    kind -> List.of("dns", "ip", "email").contains(kind) ? texts(names, kind) : List.of(),
                    report(names));
            List<String> principals = texts(names, "principal");
            if (principals.contains("")) {
                problems.error(names.pointer("principal"), "an empty text", "names of users or hosts, or \"*\"");
            }
            names.reportUnknown(true);
        }
        node.reportUnknown(true);
    }
}
