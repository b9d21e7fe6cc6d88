package io.chancery.gotemplate.sprig;

import io.chancery.gotemplate.budget.BoundedText;
import io.chancery.gotemplate.budget.Budget;
import io.chancery.gotemplate.format.Printer;
import io.chancery.gotemplate.function.Arguments;
import io.chancery.gotemplate.function.Function;
import io.chancery.gotemplate.function.FunctionFailure;
import io.chancery.gotemplate.text.GoQuote;
import io.chancery.gotemplate.text.Utf8;
import io.chancery.gotemplate.value.Bool;
import io.chancery.gotemplate.value.Dict;
import io.chancery.gotemplate.value.Nothing;
import io.chancery.gotemplate.value.Sequence;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.Type;
import io.chancery.gotemplate.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** Sprig's string functions. Pure, any thread. */
final class Strings {
    static final List<Function> FUNCTIONS = List.of(
            Function.of("trim", "string", a -> new Text(trimmed(a.text(0), GoUnicode::isSpace, true, true))),
            Function.of("trimAll", "string string", Strings::trimAll),
            Function.of("trimall", "string string", Strings::trimAll),
            Function.of(
                    "trimSuffix",
                    "string string",
                    a -> new Text(
                            a.text(1).endsWith(a.text(0))
                                    ? a.text(1)
                                            .substring(
                                                    0,
                                                    a.text(1).length()
                                                            - a.text(0).length())
                                    : a.text(1))),
            Function.of(
                    "trimPrefix",
                    "string string",
                    a -> new Text(
                            a.text(1).startsWith(a.text(0))
                                    ? a.text(1).substring(a.text(0).length())
                                    : a.text(1))),
            Function.of("repeat", "int string", a -> new Text(repeated(a.text(1), a.integer(0), a.budget()))),
            Function.of("substr", "int int string", Strings::substring),
            Function.of("trunc", "int string", Strings::truncated),
            Function.of(
                    "contains",
                    "string string",
                    a -> Bool.of(Search.indexOf(a.text(1), a.text(0), 0, a.budget()) >= 0)),
            Function.of("hasPrefix", "string string", a -> Bool.of(a.text(1).startsWith(a.text(0)))),
            Function.of("hasSuffix", "string string", a -> Bool.of(a.text(1).endsWith(a.text(0)))),
            Function.of("quote", "any...", Strings::quoted),
            Function.of("squote", "any...", Strings::singleQuoted),
            Function.of("cat", "any...", Strings::cat),
            Function.of("indent", "int string", a -> new Text(indented(a, ""))),
            Function.of("nindent", "int string", a -> new Text(indented(a, "\n"))),
            Function.of(
                    "replace",
                    "string string string",
                    a -> new Text(replaced(a.text(2), a.text(0), a.text(1), a.budget()))),
            Function.of("plural", "string string int", a -> new Text(a.integer(2) == 1 ? a.text(0) : a.text(1))),
            Function.of("toString", "any", a -> new Text(Casts.text(a.any(0), a.budget()))),
            Function.of(
                    "toStrings",
                    "any",
                    a -> a.any(0) instanceof Sequence list && list.type().equals(Type.STRINGS)
                            ? list
                            : Sequence.strings(Casts.texts(a.any(0), a.budget()))),
            Function.of("join", "string any", Strings::joined),
            Function.of("split", "string string", a -> numbered(parts(a.text(1), a.text(0), -1, a.budget()))),
            Function.of(
                    "splitn",
                    "string int string",
                    a -> numbered(parts(a.text(2), a.text(0), a.integer(1), a.budget()))),
            Function.of(
                    "splitList", "string string", a -> Sequence.strings(parts(a.text(1), a.text(0), -1, a.budget()))));

    private Strings() {}

    private static Value trimAll(Arguments a) {
        String cutset = a.text(0);
        a.budget().charge((long) cutset.length() + a.text(1).length());
        java.util.Set<Integer> cut = new java.util.HashSet<>();
        cutset.codePoints().forEach(cut::add);
        return new Text(trimmed(a.text(1), cut::contains, true, true));
    }

    static String trimmed(String text, IntPredicate cut, boolean left, boolean right) {
        int from = 0;
        while (left && from < text.length() && cut.test(text.codePointAt(from))) {
            from += Character.charCount(text.codePointAt(from));
        }
        int to = text.length();
        while (right && to > from && cut.test(text.codePointBefore(to))) {
            to -= Character.charCount(text.codePointBefore(to));
        }
        return text.substring(from, to);
    }

    static String repeated(String text, long count, Budget budget) throws FunctionFailure {
        if (count < 0) {
            throw new FunctionFailure("strings: negative Repeat count");
        }
        if (text.isEmpty()) {
            return "";
        }
        // No more than what is refused anyway: the product must not overflow.
        budget.charge(Math.min(count, 1L << 32) * text.length());
        return text.repeat((int) count);
    }

    private static Value substring(Arguments a) throws FunctionFailure {
        long start = a.integer(0);
        long end = a.integer(1);
        String text = a.text(2);
        int length = Utf8.length(text);
        String head = "runtime error: slice bounds out of range [";
        if (start < 0) {
            start = 0;
            if (end < 0) {
                throw new FunctionFailure(head + ":" + end + "]");
            }
            if (end > length) {
                throw new FunctionFailure(head + ":" + end + "] with length " + length);
            }
        } else if (end < 0 || end > length) {
            end = length;
        }
        if (start > end) {
            throw new FunctionFailure(head + start + ":" + end + "]");
        }
        return new Text(Utf8.slice(text, (int) start, (int) end));
    }

    private static Value truncated(Arguments a) {
        long count = a.integer(0);
        String text = a.text(1);
        int length = Utf8.length(text);
        if (count < 0 && length + count > 0) {
            return new Text(Utf8.slice(text, (int) (length + count), length));
        }
        return new Text(count >= 0 && length > count ? Utf8.slice(text, 0, (int) count) : text);
    }

    private static Value quoted(Arguments a) {
        BoundedText out = new BoundedText(a.budget());
        for (Value each : a.from(0)) {
            if (each != Nothing.NOTHING) {
                out.add(out.length() > 0 ? " " : "").add(GoQuote.quoted(Casts.text(each, a.budget())));
            }
        }
        return new Text(out.toString());
    }

    private static Value singleQuoted(Arguments a) {
        BoundedText out = new BoundedText(a.budget());
        for (Value each : a.from(0)) {
            if (each != Nothing.NOTHING) {
                out.add(out.length() > 0 ? " " : "")
                        .add('\'')
                        .add(new Printer(a.budget()).shown(each))
                        .add('\'');
            }
        }
        return new Text(out.toString());
    }

    private static Value cat(Arguments a) {
        BoundedText out = new BoundedText(a.budget());
        String gap = "";
        for (Value each : a.from(0)) {
            if (each != Nothing.NOTHING) {
                out.add(gap).add(new Printer(a.budget()).shown(each));
                gap = " ";
            }
        }
        return new Text(out.toString());
    }

    private static String indented(Arguments a, String before) throws FunctionFailure {
        String pad = repeated(" ", a.integer(0), a.budget());
        return before + pad + replaced(a.text(1), "\n", "\n" + pad, a.budget());
    }

    static String replaced(String text, String old, String with, Budget budget) {
        BoundedText out = new BoundedText(budget);
        if (old.isEmpty()) {
            out.add(with);
            for (int i = 0; i < text.length(); ) {
                int c = text.codePointAt(i);
                i += Character.charCount(c);
                out.addCodePoint(c).add(with);
            }
            return out.toString();
        }
        int from = 0;
        for (int at = Search.indexOf(text, old, 0, budget); at >= 0; at = Search.indexOf(text, old, from, budget)) {
            out.add(text.substring(from, at)).add(with);
            from = at + old.length();
        }
        return out.add(text.substring(from)).toString();
    }

    private static Value joined(Arguments a) {
        BoundedText out = new BoundedText(a.budget());
        String gap = "";
        for (String each : Casts.texts(a.any(1), a.budget())) {
            out.add(gap).add(each);
            gap = a.text(0);
        }
        return new Text(out.toString());
    }

    /** Go's {@code strings.SplitN}. */
    static List<String> parts(String text, String separator, long most, Budget budget) {
        List<String> parts = new ArrayList<>();
        budget.charge(text.length());
        int from = 0;
        while (most != 0 && (most < 0 || parts.size() < most - 1)) {
            budget.charge(Budget.ELEMENT);
            int at = separator.isEmpty()
                    ? from + (from < text.length() ? Character.charCount(text.codePointAt(from)) : 0)
                    : Search.indexOf(text, separator, from, budget);
            if (at < 0 || (separator.isEmpty() && at >= text.length())) {
                break;
            }
            parts.add(text.substring(from, at));
            from = at + separator.length();
        }
        boolean nothingLeft = separator.isEmpty() && from >= text.length();
        if (most != 0 && !nothingLeft) {
            parts.add(text.substring(from));
        }
        return parts;
    }

    private static Value numbered(List<String> parts) {
        Dict dict = new Dict(Type.STRING_DICT);
        for (int i = 0; i < parts.size(); i++) {
            dict.put("_" + i, new Text(parts.get(i)));
        }
        return dict;
    }
}
