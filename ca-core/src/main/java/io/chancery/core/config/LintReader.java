package io.chancery.core.config;

import io.chancery.core.lint.Lint;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code certificates.lint} of chancery.json: the rules by their names. */
final class LintReader {
    private LintReader() {}

    static Lint read(Problems problems, Node node) {
        Lint lint = Lint.of(node.flag("strict"), names(problems, node, "also"), names(problems, node, "except"));
        node.reportUnknown(true);
        return lint;
    }

    private static List<String> names(Problems problems, Node node, String member) {
        List<String> good = new ArrayList<>();
        List<String> given = node.texts(member);
        for (int i = 0; i < given.size(); i++) {
            if (Lint.choices().contains(given.get(i))) {
                good.add(given.get(i));
            } else {
                problems.error(
                        node.pointer(member) + "/" + i,
                        Node.quoted(given.get(i)),
                        "one of " + String.join(", ", Lint.choices()));
            }
        }
        return good;
    }
}
