package io.chancery.gotemplate.format;

import io.chancery.gotemplate.budget.BoundedText;
import io.chancery.gotemplate.budget.Budget;
import io.chancery.gotemplate.text.GoQuote;
import io.chancery.gotemplate.text.Utf8;
import io.chancery.gotemplate.time.GoDurations;
import io.chancery.gotemplate.time.GoTimes;
import io.chancery.gotemplate.value.Bool;
import io.chancery.gotemplate.value.Dict;
import io.chancery.gotemplate.value.Float64;
import io.chancery.gotemplate.value.Int;
import io.chancery.gotemplate.value.Nothing;
import io.chancery.gotemplate.value.Opaque;
import io.chancery.gotemplate.value.Sequence;
import io.chancery.gotemplate.value.Struct;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.TimeValue;
import io.chancery.gotemplate.value.Type;
import io.chancery.gotemplate.value.Value;
import java.time.DayOfWeek;
import java.time.Month;
import java.time.format.TextStyle;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What Go's package fmt prints. One thread, within a budget. */
public final class Printer {
    private final Budget budget;

    public Printer(Budget budget) {
        this.budget = budget;
    }

    /** {@code %v}. */
    public String shown(Value value) {
        return value.unboxed() instanceof Text text ? text.value() : formatted(value.unboxed(), new Directive());
    }

    /** {@code fmt.Sprint}: a space between two operands when neither is a string. */
    public String print(List<Value> operands) {
        BoundedText out = new BoundedText(budget);
        boolean afterText = true;
        for (Value each : operands) {
            boolean text = each.unboxed() instanceof Text;
            if (!text && !afterText) {
                out.add(' ');
            }
            out.add(shown(each));
            afterText = text;
        }
        return out.toString();
    }

    /** {@code fmt.Sprintln}. */
    public String println(List<Value> operands) {
        BoundedText out = new BoundedText(budget);
        String gap = "";
        for (Value each : operands) {
            out.add(gap).add(shown(each));
            gap = " ";
        }
        return out.add('\n').toString();
    }

    /** {@code fmt.Sprintf}. */
    public String printf(String format, List<Value> operands) {
        return new FormatReader(format, operands, this, budget).read();
    }

    String formatted(Value value, Directive d) {
        // Width and precision multiply what is printed: they count before it is made.
        budget.charge(Math.max(d.width, 0) + (long) Math.max(d.precision, 0));
        BoundedText out = new BoundedText(budget);
        write(value.unboxed(), d, out, 0);
        return out.toString();
    }

    private void write(Value value, Directive d, BoundedText out, int depth) {
        budget.depth(depth);
        if (depth > 0 && value == Nothing.NOTHING && !d.goSyntax()) {
            out.add("<nil>"); // whatever the verb
            return;
        }
        Optional<String> simple = simple(value, d);
        if (simple.isPresent()) {
            out.add(simple.get());
        } else if (d.verb == 'T') {
            out.add(d.padded(value.type().name()));
        } else if (value instanceof Sequence list && !(list.type().equals(Type.OCTETS) && d.goSyntax())) {
            list(list, d, out, depth);
        } else if (value instanceof Dict dict) {
            dict(dict, d, out, depth);
        } else if (value instanceof Struct struct) {
            struct(struct, d, out, depth);
        } else {
            badVerb(value, d, out, depth);
        }
    }

    private Optional<String> simple(Value value, Directive d) {
        if (d.verb == 'T') {
            return Optional.empty();
        }
        Optional<String> own = d.goSyntax() ? Optional.empty() : ownText(value);
        if (own.isPresent() && "vsxXq".indexOf(d.verb) >= 0) {
            return text(own.get(), d);
        }
        if (value == Nothing.NOTHING) {
            return d.verb == 'v'
                    ? Optional.of(d.padded(d.goSyntax() ? "interface {}(nil)" : "<nil>"))
                    : Optional.empty();
        }
        if (value instanceof Text text) {
            return text(text.value(), d);
        }
        if (value instanceof Bool bool) {
            return d.verb == 'v' || d.verb == 't'
                    ? Optional.of(d.padded(Boolean.toString(bool.truth())))
                    : Optional.empty();
        }
        if (value instanceof Int number) {
            return Numbers.integer(number, d);
        }
        if (value instanceof Float64 number) {
            return Numbers.floating(number.value(), d);
        }
        if (value instanceof Sequence octets && octets.type().equals(Type.OCTETS) && "sxXq".indexOf(d.verb) >= 0) {
            return text(octetText(octets), d);
        }
        return Optional.empty();
    }

    /** The string that a {@code []byte} holds. */
    public static String octetText(Sequence octets) {
        byte[] bytes = new byte[octets.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = octets.items().get(i) instanceof Int octet ? (byte) octet.value() : 0;
        }
        return Utf8.text(bytes);
    }

    /** What values with a {@code String} method say of themselves. */
    public static Optional<String> ownText(Value value) {
        if (value instanceof TimeValue time) {
            return Optional.of(GoTimes.printed(time.value()));
        }
        if (value instanceof Opaque opaque) {
            return Optional.of(opaque.payload().toString());
        }
        if (!(value instanceof Int number)) {
            return Optional.empty();
        }
        if (number.type().equals(Type.DURATION)) {
            return Optional.of(GoDurations.text(number.value()));
        }
        if (number.type().equals(Type.MONTH)) {
            return Optional.of(Month.of((int) number.value()).getDisplayName(TextStyle.FULL, Locale.US));
        }
        if (number.type().equals(Type.WEEKDAY)) {
            int day = number.value() == 0 ? 7 : (int) number.value();
            return Optional.of(DayOfWeek.of(day).getDisplayName(TextStyle.FULL, Locale.US));
        }
        return Optional.empty();
    }

    private Optional<String> text(String text, Directive d) {
        return switch (d.verb) {
            case 'v' -> Optional.of(d.padded(d.goSyntax() ? quoted(text, d) : cut(text, d)));
            case 's' -> Optional.of(d.padded(cut(text, d)));
            case 'q' -> Optional.of(d.padded(quoted(cut(text, d), d)));
            case 'x', 'X' -> Optional.of(d.padded(hex(text, d)));
            default -> Optional.empty();
        };
    }

    private static String cut(String text, Directive d) {
        boolean longer = d.precision >= 0 && text.codePointCount(0, text.length()) > d.precision;
        return longer ? text.substring(0, text.offsetByCodePoints(0, d.precision)) : text;
    }

    private static String quoted(String text, Directive d) {
        boolean raw = d.sharp
                && d.verb == 'q'
                && text.indexOf('`') < 0
                && text.chars().allMatch(c -> c == '\t' || (c >= ' ' && c != 0x7F));
        return raw ? "`" + text + "`" : GoQuote.quoted(text, '"', d.plus);
    }

    private String hex(String text, Directive d) {
        byte[] octets = Utf8.octets(text);
        int count = d.precision >= 0 ? Math.min(d.precision, octets.length) : octets.length;
        StringBuilder out = new StringBuilder(d.sharp && !d.space && count > 0 ? "0x" : "");
        for (int i = 0; i < count; i++) {
            budget.tick();
            out.append(d.space && i > 0 ? " " : "").append(d.sharp && d.space ? "0x" : "");
            out.append(HexFormat.of().toHexDigits(octets[i]));
        }
        return d.verb == 'X' ? out.toString().toUpperCase(Locale.ROOT) : out.toString();
    }

    private void list(Sequence list, Directive d, BoundedText out, int depth) {
        if (d.goSyntax()) {
            out.add(list.type().name());
            if (list.isNil()) {
                out.add("(nil)");
                return;
            }
        }
        out.add(d.goSyntax() ? '{' : '[');
        String gap = "";
        for (Value each : list.items()) {
            out.add(gap);
            write(each, d, out, depth + 1);
            gap = d.goSyntax() ? ", " : " ";
        }
        out.add(d.goSyntax() ? '}' : ']');
    }

    private void dict(Dict dict, Directive d, BoundedText out, int depth) {
        if (d.goSyntax()) {
            out.add(dict.type().name()).add(dict.isNil() ? "(nil)" : "{");
            if (dict.isNil()) {
                return;
            }
        } else {
            out.add("map[");
        }
        String gap = "";
        for (Map.Entry<String, Value> each : dict.entries().entrySet()) {
            out.add(gap);
            write(new Text(each.getKey()), d, out, depth + 1);
            out.add(':');
            write(each.getValue(), d, out, depth + 1);
            gap = d.goSyntax() ? ", " : " ";
        }
        out.add(d.goSyntax() ? '}' : ']');
    }

    private void struct(Struct struct, Directive d, BoundedText out, int depth) {
        boolean pointer = struct.type().kind() == Type.Kind.POINTER;
        out.add(pointer ? "&" : "");
        if (d.goSyntax()) {
            out.add(pointer ? struct.type().name().substring(1) : struct.type().name());
        }
        out.add('{');
        String gap = "";
        for (Struct.Field each : struct.fields()) {
            out.add(gap);
            if (d.goSyntax() || d.withNames()) {
                out.add(each.name()).add(':');
            }
            write(each.value().unboxed(), d, out, depth + 1);
            gap = d.goSyntax() ? ", " : " ";
        }
        out.add('}');
    }

    // The value is shown with the width and precision that were given.
    private void badVerb(Value value, Directive d, BoundedText out, int depth) {
        out.add("%!").addCodePoint(d.verb).add('(');
        if (value == Nothing.NOTHING) {
            out.add("<nil>");
        } else {
            out.add(value.type().name()).add('=');
            write(value, d.plain(), out, depth + 1);
        }
        out.add(')');
    }
}
