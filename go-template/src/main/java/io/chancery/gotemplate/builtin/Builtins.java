package io.chancery.gotemplate.builtin;

import io.chancery.gotemplate.budget.BoundedText;
import io.chancery.gotemplate.format.Printer;
import io.chancery.gotemplate.function.Arguments;
import io.chancery.gotemplate.function.Function;
import io.chancery.gotemplate.function.FunctionFailure;
import io.chancery.gotemplate.function.FunctionSet;
import io.chancery.gotemplate.text.GoQuote;
import io.chancery.gotemplate.text.Utf8;
import io.chancery.gotemplate.value.Bool;
import io.chancery.gotemplate.value.Boxed;
import io.chancery.gotemplate.value.Dict;
import io.chancery.gotemplate.value.Int;
import io.chancery.gotemplate.value.Nothing;
import io.chancery.gotemplate.value.Sequence;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.Type;
import io.chancery.gotemplate.value.Value;
import io.chancery.gotemplate.value.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The functions that text/template itself has. Pure, any thread. */
public final class Builtins {
    private static final List<Function> FUNCTIONS = List.of(
            // The evaluator knows these two: they look at their arguments one by one.
            Function.of("and", "value value...", a -> a.value(0)),
            Function.of("or", "value value...", a -> a.value(0)),
            Function.of("not", "value", a -> Bool.of(!a.value(0).truth())),
            Function.of("html", "any...", a -> new Text(html(shown(a), a))),
            Function.of("js", "any...", a -> new Text(js(shown(a), a))),
            Function.of("urlquery", "any...", a -> new Text(query(shown(a), a))),
            Function.of("print", "any...", a -> new Text(printer(a).print(a.from(0)))),
            Function.of("println", "any...", a -> new Text(printer(a).println(a.from(0)))),
            Function.of("printf", "string any...", a -> new Text(printer(a).printf(a.text(0), a.from(1)))),
            Function.of("len", "value", Builtins::length),
            Function.of("index", "value value...", Builtins::index),
            Function.of("slice", "value value...", Builtins::slice),
            Function.of("eq", "value value...", Comparison::eq),
            Function.of("ne", "value value", a -> Bool.of(!Comparison.eq(a).truth())),
            Function.of("lt", "value value", a -> Bool.of(Comparison.less(a.any(0), a.any(1)))),
            Function.of("le", "value value", a -> Bool.of(Comparison.lessOrEqual(a))),
            Function.of("gt", "value value", a -> Bool.of(!Comparison.lessOrEqual(a))),
            Function.of("ge", "value value", a -> Bool.of(!Comparison.less(a.any(0), a.any(1)))));

    private Builtins() {}

    /** All of them but {@code call}: data holds no functions here. */
    public static FunctionSet functions() {
        return FunctionSet.empty().with(FUNCTIONS).without(Map.of("call", "the data holds no functions"));
    }

    private static Printer printer(Arguments a) {
        return new Printer(a.budget());
    }

    private static String shown(Arguments a) {
        List<Value> shown = new ArrayList<>();
        for (Value each : a.from(0)) {
            shown.add(each == Nothing.NOTHING ? new Text("<no value>") : each);
        }
        return printer(a).print(shown);
    }

    private static String html(String text, Arguments a) {
        BoundedText out = new BoundedText(a.budget());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case 0 -> out.add('\uFFFD');
                case '"' -> out.add("&#34;");
                case '\'' -> out.add("&#39;");
                case '&' -> out.add("&amp;");
                case '<' -> out.add("&lt;");
                case '>' -> out.add("&gt;");
                default -> out.add(c);
            }
        }
        return out.toString();
    }

    private static String js(String text, Arguments a) {
        BoundedText out = new BoundedText(a.budget());
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (c == '\\' || c == '\'' || c == '"') {
                out.add('\\').addCodePoint(c);
            } else if (c == '<' || c == '>' || c == '&' || c == '=' || c < ' ') {
                out.add(String.format("\\u%04X", c));
            } else if (Utf8.isStray(c)) {
                out.add("\\uFFFD");
            } else if (c >= 0x80 && !GoQuote.isPrint(c)) {
                out.add(String.format("\\u%04X", c));
            } else {
                out.addCodePoint(c);
            }
        }
        return out.toString();
    }

    private static String query(String text, Arguments a) {
        BoundedText out = new BoundedText(a.budget());
        for (byte octet : Utf8.octets(text)) {
            int c = octet & 0xFF;
            boolean plain = (c < 0x80 && Character.isLetterOrDigit(c)) || "-_.~".indexOf(c) >= 0;
            if (plain) {
                out.add((char) c);
            } else {
                out.add(c == ' ' ? "+" : String.format("%%%02X", c));
            }
        }
        return out.toString();
    }

    private static Value length(Arguments a) throws FunctionFailure {
        Value given = a.value(0);
        if (given instanceof Boxed && given.isNil()) {
            throw new FunctionFailure("len of nil pointer");
        }
        Value value = given.unboxed();
        if (value == Nothing.NOTHING) {
            throw new FunctionFailure("reflect: call of reflect.Value.Type on zero Value");
        }
        if (value instanceof Text text) {
            return Int.of(Utf8.length(text.value()));
        }
        if (value instanceof Sequence list) {
            return Int.of(list.size());
        }
        if (value instanceof Dict dict) {
            return Int.of(dict.size());
        }
        throw new FunctionFailure("len of type " + value.type());
    }

    private static Value index(Arguments a) throws FunctionFailure {
        Value item = a.value(0);
        if (item.unboxed() == Nothing.NOTHING) {
            throw new FunctionFailure("index of untyped nil");
        }
        for (Value index : a.from(1)) {
            Value inner = item.unboxed();
            if (inner == Nothing.NOTHING) {
                throw new FunctionFailure("index of nil pointer");
            }
            item = element(inner, index);
        }
        return item;
    }

    private static Value element(Value item, Value index) throws FunctionFailure {
        if (item instanceof Sequence list) {
            int at = position(index, list.size());
            if (at == list.size()) {
                throw new FunctionFailure("reflect: slice index out of range");
            }
            return list.at(at);
        }
        if (item instanceof Text text) {
            byte[] octets = Utf8.octets(text.value());
            int at = position(index, octets.length);
            if (at == octets.length) {
                throw new FunctionFailure("reflect: string index out of range");
            }
            return new Int(Type.UINT8, octets[at] & 0xFF);
        }
        if (item instanceof Dict dict) {
            if (index == Nothing.NOTHING) {
                throw new FunctionFailure("value is nil; should be of type string");
            }
            if (!(index instanceof Text key)) {
                throw new FunctionFailure("value has type " + index.type() + "; should be string");
            }
            return dict.has(key.value()) ? dict.get(key.value()) : Values.zero(dict.element());
        }
        throw new FunctionFailure("can't index item of type " + item.type());
    }

    private static int position(Value index, int most) throws FunctionFailure {
        if (index == Nothing.NOTHING) {
            throw new FunctionFailure("cannot index slice/array with nil");
        }
        if (!(index instanceof Int number)) {
            throw new FunctionFailure("cannot index slice/array with type " + index.type());
        }
        if (number.value() < 0 || number.value() > most) {
            throw new FunctionFailure("index out of range: " + number.value());
        }
        return (int) number.value();
    }

    private static Value slice(Arguments a) throws FunctionFailure {
        Value item = a.any(0);
        if (item == Nothing.NOTHING) {
            throw new FunctionFailure("slice of untyped nil");
        }
        List<Value> indexes = a.from(1);
        if (indexes.size() > 3) {
            throw new FunctionFailure("too many slice indexes: " + indexes.size());
        }
        if (item instanceof Text && indexes.size() == 3) {
            throw new FunctionFailure("cannot 3-index slice a string");
        }
        if (!(item instanceof Text) && !(item instanceof Sequence)) {
            throw new FunctionFailure("can't slice item of type " + item.type());
        }
        int size = item instanceof Text text ? Utf8.length(text.value()) : ((Sequence) item).size();
        int[] bounds = {0, size, size};
        for (int i = 0; i < indexes.size(); i++) {
            bounds[i] = position(indexes.get(i), size);
        }
        for (int i = 0; i < 2; i++) {
            if (bounds[i] > bounds[i + 1]) {
                throw new FunctionFailure("invalid slice index: " + bounds[i] + " > " + bounds[i + 1]);
            }
        }
        return item instanceof Text text
                ? new Text(Utf8.slice(text.value(), bounds[0], bounds[1]))
                : new Sequence(item.type(), ((Sequence) item).items().subList(bounds[0], bounds[1]), false);
    }
}
