package io.chancery.core.config;

import io.chancery.core.lint.Lint;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code certificates.lint} of chancery.json: the rules by their names. */
final class LintReader {
    private LintReader() {}

    static Lint read(Problems problems, Node node) {
        List<String> also = names(problems, node, "also", Lint.choices(), "one of ");
        List<String> except = names(
                problems,
                node,
                "except",
                Lint.exceptions(),
                "a rule that no signer holds by itself (docs/lint.md): one of ");
        Lint lint = Lint.of(node.flag("strict"), also, except);
        node.reportUnknown(true);
        return lint;
    }

    private static List<String> names(
            Problems problems, Node node, String member, List<String> allowed, String introduction) {
        List<String> good = new ArrayList<>();
        List<String> given = node.texts(member);
        for (int i = 0; i < given.size(); i++) {
            if (allowed.contains(given.get(i))) {
                good.add(given.get(i));
            } else {
                problems.error(
                        node.pointer(member) + "/" + i,
                        Node.quoted(given.get(i)),
                        introduction + String.join(", ", allowed));
            }
        }
        return good;
    }
}
