package io.chancery.gotemplate.sprig;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.chancery.gotemplate.budget.BoundedText;
import io.chancery.gotemplate.budget.Budget;
import io.chancery.gotemplate.budget.BudgetExceeded;
import io.chancery.gotemplate.function.Arguments;
import io.chancery.gotemplate.function.Function;
import io.chancery.gotemplate.function.FunctionFailure;
import io.chancery.gotemplate.text.GoQuote;
import io.chancery.gotemplate.value.Bool;
import io.chancery.gotemplate.value.Sequence;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.Type;
import io.chancery.gotemplate.value.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Sprig's regular expressions: Go's, which need time in proportion to text and expression. Pure, any thread. */
final class Regexes {
    /** The longest expression, in characters. */
    private static final int MAX_EXPRESSION = 1000;
    /** The most that counted repetitions within each other may multiply to, as in Go. */
    private static final int MAX_REPEATS = 1000;

    static final List<Function> FUNCTIONS = List.of(
            Function.of("regexMatch", "string string", Regexes::matches),
            Function.of(
                    "mustRegexMatch",
                    "string string",
                    a -> Bool.of(matcher(a, 1).find())),
            Function.of("regexFind", "string string", compiled(Regexes::find)),
            Function.of("mustRegexFind", "string string", Regexes::find),
            Function.of("regexFindAll", "string string int", compiled(Regexes::findAll)),
            Function.of("mustRegexFindAll", "string string int", Regexes::findAll),
            Function.of("regexReplaceAll", "string string string", compiled(a -> replaced(a, false))),
            Function.of("mustRegexReplaceAll", "string string string", a -> replaced(a, false)),
            Function.of("regexReplaceAllLiteral", "string string string", compiled(a -> replaced(a, true))),
            Function.of("mustRegexReplaceAllLiteral", "string string string", a -> replaced(a, true)),
            Function.of("regexSplit", "string string int", compiled(Regexes::split)),
            Function.of("mustRegexSplit", "string string int", Regexes::split),
            Function.of("regexQuoteMeta", "string", Regexes::quoteMeta));

    private record Span(int start, int end, List<String> groups) {}

    /** A text that counts how often it is looked at: so the time limit holds in the middle of a match. */
    private record Watched(String text, int weight, Budget budget) implements CharSequence {
        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            for (int i = 0; i < weight; i++) {
                budget.tick();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private Regexes() {}

    // Go words it so when an expression that must compile does not.
    private static Function.Body compiled(Function.Body body) {
        return a -> {
            try {
                return body.call(a);
            } catch (FunctionFailure e) {
                String expression = a.text(0);
                boolean plain =
                        expression.indexOf('`') < 0 && expression.chars().allMatch(c -> c >= ' ' && c != 0x7F);
                String quoted = plain ? "`" + expression + "`" : GoQuote.quoted(expression);
                throw new FunctionFailure("regexp: Compile(" + quoted + "): " + e.getMessage());
            }
        };
    }

    private static Value matches(Arguments a) {
        try {
            return Bool.of(matcher(a, 1).find());
        } catch (FunctionFailure e) {
            return Bool.FALSE; // as Sprig does it
        }
    }

    private static Matcher matcher(Arguments a, int text) throws FunctionFailure {
        String expression = a.text(0);
        if (expression.length() > MAX_EXPRESSION) {
            throw new BudgetExceeded("a regular expression is longer than " + MAX_EXPRESSION + " characters");
        }
        int repeats = repeats(expression);
        a.budget().charge((long) expression.length() * repeats);
        try {
            Pattern pattern = Pattern.compile(expression);
            a.budget().look();
            return pattern.matcher(new Watched(a.text(text), 1 + expression.length() * repeats / 16, a.budget()));
        } catch (PatternSyntaxException e) {
            String message = String.valueOf(e.getMessage());
            boolean closes = message.contains("stack underflow");
            throw new FunctionFailure(closes ? "error parsing regexp: unexpected ): `" + expression + "`" : message);
        }
    }

    // An upper bound of how often the innermost piece is repeated by counts; "a{2}" is 2, "(a{2}){3}" is 6.
    private static int repeats(String expression) throws FunctionFailure {
        Deque<Integer> open = new ArrayDeque<>();
        int most = 1;
        int last = 1;
        int inGroup = 1;
        for (int i = 0; i < expression.length(); i++) {
            char c = expression.charAt(i);
            if (c == '\\') {
                i++;
                last = 1;
            } else if (c == '[') {
                i = classEnd(expression, i);
                last = 1;
            } else if (c == '(') {
                open.push(inGroup);
                inGroup = 1;
                last = 1;
            } else if (c == ')' && !open.isEmpty()) {
                last = inGroup;
                inGroup = Math.max(open.pop(), last);
            } else if (c == '{') {
                last = (int) Math.min((long) last * count(expression, i), MAX_REPEATS + 1L);
                if (last > MAX_REPEATS) {
                    String braces = expression.substring(i, expression.indexOf('}', i) + 1);
                    throw new FunctionFailure("error parsing regexp: invalid repeat count: `" + braces + "`");
                }
                inGroup = Math.max(inGroup, last);
            } else if (c != '}' && c != ',' && !Character.isDigit(c)) {
                last = c == '*' || c == '+' || c == '?' ? last : 1;
            }
            most = Math.max(most, inGroup);
        }
        return most;
    }

    private static int classEnd(String expression, int open) {
        int first = expression.startsWith("^", open + 1) ? open + 2 : open + 1;
        for (int i = first; i < expression.length(); i++) {
            if (expression.charAt(i) == '\\') {
                i++;
            } else if (expression.charAt(i) == ']' && i > first) {
                return i;
            }
        }
        return expression.length();
    }

    private static int count(String expression, int brace) {
        int most = 1;
        int number = 0;
        for (int i = brace + 1; i < expression.length() && "0123456789,".indexOf(expression.charAt(i)) >= 0; i++) {
            char c = expression.charAt(i);
            number = c == ',' ? 0 : Math.min(number * 10 + c - '0', MAX_REPEATS + 1);
            most = Math.max(most, number);
        }
        return most;
    }

    // An empty match right behind another one does not count.
    private static List<Span> spans(Matcher matcher, long most, Budget budget) {
        List<Span> spans = new ArrayList<>();
        int last = -1;
        while ((most < 0 || spans.size() < most) && matcher.find()) {
            budget.charge(1L + matcher.groupCount());
            if (matcher.end() == matcher.start() && matcher.start() == last) {
                continue;
            }
            last = matcher.end();
            List<String> groups = new ArrayList<>();
            for (int i = 0; i <= matcher.groupCount(); i++) {
                String group = matcher.group(i);
                groups.add(group == null ? "" : group);
                budget.charge(group == null ? 0 : group.length());
            }
            spans.add(new Span(matcher.start(), matcher.end(), groups));
        }
        return spans;
    }

    private static Value find(Arguments a) throws FunctionFailure {
        Matcher matcher = matcher(a, 1);
        return new Text(matcher.find() ? matcher.group() : "");
    }

    private static Value findAll(Arguments a) throws FunctionFailure {
        List<Span> spans = spans(matcher(a, 1), a.integer(2), a.budget());
        return spans.isEmpty()
                ? Sequence.nil(Type.STRINGS)
                : Sequence.strings(spans.stream().map(s -> s.groups().get(0)).toList());
    }

    private static Value replaced(Arguments a, boolean literal) throws FunctionFailure {
        String text = a.text(1);
        Matcher matcher = matcher(a, 1);
        BoundedText out = new BoundedText(a.budget());
        int from = 0;
        for (Span span : spans(matcher, -1, a.budget())) {
            out.add(text.substring(from, span.start()));
            if (literal) {
                out.add(a.text(2));
            } else {
                expand(a.text(2), span, matcher, out);
            }
            from = span.end();
        }
        return new Text(out.add(text.substring(from)).toString());
    }

    // "$1", "${1}", "$name": the longest name counts; what is not there is empty.
    private static void expand(String with, Span span, Matcher matcher, BoundedText out) {
        int at = 0;
        while (at < with.length()) {
            int dollar = with.indexOf('$', at);
            if (dollar < 0) {
                out.add(with.substring(at));
                return;
            }
            out.add(with.substring(at, dollar));
            boolean braced = dollar + 1 < with.length() && with.charAt(dollar + 1) == '{';
            int from = dollar + (braced ? 2 : 1);
            int end = from;
            while (end < with.length() && (Character.isLetterOrDigit(with.charAt(end)) || with.charAt(end) == '_')) {
                end++;
            }
            boolean closed = !braced || (end < with.length() && with.charAt(end) == '}');
            if (with.startsWith("$", dollar + 1)) {
                out.add('$');
                at = dollar + 2;
            } else if (end == from || !closed) {
                out.add('$');
                at = dollar + 1;
            } else {
                out.add(group(with.substring(from, end), span, matcher));
                at = end + (braced ? 1 : 0);
            }
        }
    }

    private static String group(String name, Span span, Matcher matcher) {
        Integer number = name.chars().allMatch(c -> c >= '0' && c <= '9') && name.length() < 6
                ? Integer.valueOf(name)
                : matcher.pattern().namedGroups().get(name);
        return number != null && number < span.groups().size() ? span.groups().get(number) : "";
    }

    private static Value split(Arguments a) throws FunctionFailure {
        long most = a.integer(2);
        String text = a.text(1);
        Matcher matcher = matcher(a, 1);
        if (most == 0) {
            return Sequence.nil(Type.STRINGS);
        }
        if (!a.text(0).isEmpty() && text.isEmpty()) {
            return Sequence.strings(List.of(""));
        }
        List<String> parts = new ArrayList<>();
        int begin = 0;
        int end = 0;
        for (Span span : spans(matcher, most, a.budget())) {
            if (most > 0 && parts.size() == most - 1) {
                break;
            }
            end = span.start();
            if (span.end() != 0) {
                parts.add(text.substring(begin, end));
            }
            begin = span.end();
        }
        if (end != text.length()) {
            parts.add(text.substring(begin));
        }
        return Sequence.strings(parts);
    }

    private static Value quoteMeta(Arguments a) {
        BoundedText out = new BoundedText(a.budget());
        for (char c : a.text(0).toCharArray()) {
            out.add("\\.+*?()|[]{}^$".indexOf(c) >= 0 ? "\\" : "").add(c);
        }
        return new Text(out.toString());
    }
}
