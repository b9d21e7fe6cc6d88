package io.chancery.gotemplate.json;

import io.chancery.gotemplate.budget.BoundedText;
import io.chancery.gotemplate.budget.Budget;
import io.chancery.gotemplate.format.Printer;
import io.chancery.gotemplate.text.GoNumber;
import io.chancery.gotemplate.text.Utf8;
import io.chancery.gotemplate.time.GoTimes;
import io.chancery.gotemplate.value.Bool;
import io.chancery.gotemplate.value.Dict;
import io.chancery.gotemplate.value.Float64;
import io.chancery.gotemplate.value.Int;
import io.chancery.gotemplate.value.Opaque;
import io.chancery.gotemplate.value.Sequence;
import io.chancery.gotemplate.value.Struct;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.TimeValue;
import io.chancery.gotemplate.value.Type;
import io.chancery.gotemplate.value.Value;
import java.math.BigDecimal;
import java.util.Base64;
import java.util.Map;
import java.util.function.UnaryOperator;

/** JSON as Go's {@code encoding/json} writes it: keys in order, {@code <}, {@code >} and {@code &} escaped unless told otherwise. */
public final class JsonWriter {
    /** The value has no JSON; the message is Go's. */
    public static final class Unsupported extends Exception {
        Unsupported(String message) {
            super(message, null, false, false);
        }
    }

    private final BoundedText out;
    private final Budget budget;
    private final boolean html;
    private final String indent;

    private JsonWriter(Budget budget, boolean html, String indent) {
        this.out = new BoundedText(budget);
        this.budget = budget;
        this.html = html;
        this.indent = indent;
    }

    /**
     * Writes the value.
     *
     * @param html whether what matters to HTML is escaped
     * @param indent of each level; on one line when empty
     */
    public static String write(Value value, boolean html, String indent, Budget budget) throws Unsupported {
        JsonWriter writer = new JsonWriter(budget, html, indent);
        writer.value(value.unboxed(), 0);
        return writer.out.toString();
    }

    private void value(Value value, int depth) throws Unsupported {
        budget.depth(depth);
        UnaryOperator<Value> own = value.type().json();
        if (own != null) {
            value(own.apply(value).unboxed(), depth + 1);
        } else if (value instanceof Text text) {
            string(text.value());
        } else if (value instanceof Bool bool) {
            out.add(Boolean.toString(bool.truth()));
        } else if (value instanceof Int number) {
            out.add(number.decimal());
        } else if (value instanceof Float64 number) {
            out.add(number(number.value()));
        } else if (value instanceof TimeValue time) {
            string(GoTimes.format(GoTimes.RFC3339_NANO, time.value()));
        } else if (value instanceof Opaque opaque) {
            string(opaque.payload().toString());
        } else if (value.isNil()) {
            out.add("null");
        } else if (value instanceof Sequence list) {
            list(list, depth);
        } else if (value instanceof Dict dict) {
            dict(dict, depth);
        } else if (value instanceof Struct struct) {
            struct(struct, depth);
        }
    }

    private void list(Sequence list, int depth) throws Unsupported {
        if (list.type().equals(Type.OCTETS)) {
            string(Base64.getEncoder().encodeToString(Utf8.octets(Printer.octetText(list))));
            return;
        }
        boolean first = true;
        out.add('[');
        for (Value each : list.items()) {
            next(first, depth + 1);
            value(each, depth + 1);
            first = false;
        }
        end(first, depth, ']');
    }

    private void dict(Dict dict, int depth) throws Unsupported {
        boolean first = true;
        out.add('{');
        for (Map.Entry<String, Value> each : dict.entries().entrySet()) {
            next(first, depth + 1);
            name(each.getKey());
            value(each.getValue(), depth + 1);
            first = false;
        }
        end(first, depth, '}');
    }

    private void struct(Struct struct, int depth) throws Unsupported {
        boolean first = true;
        out.add('{');
        for (Struct.Field each : struct.fields()) {
            Value value = each.value().unboxed();
            boolean left = each.json().isEmpty() || (each.omitEmpty() && !value.truth());
            if (!left) {
                next(first, depth + 1);
                name(each.json());
                value(value, depth + 1);
                first = false;
            }
        }
        end(first, depth, '}');
    }

    private void name(String name) {
        string(name);
        out.add(indent.isEmpty() ? ":" : ": ");
    }

    private void next(boolean first, int depth) {
        if (!first) {
            out.add(',');
        }
        line(depth);
    }

    private void end(boolean empty, int depth, char close) {
        if (!empty) {
            line(depth);
        }
        out.add(close);
    }

    private void line(int depth) {
        if (!indent.isEmpty()) {
            out.add('\n').add(indent.repeat(depth));
        }
    }

    private static String number(double value) throws Unsupported {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            throw new Unsupported("json: unsupported value: " + GoNumber.shortest(value, 21));
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0" : "0";
        }
        double size = Math.abs(value);
        BigDecimal digits = GoNumber.shortestDecimal(value);
        if (size >= 1e-6 && size < 1e21) {
            return digits.toPlainString();
        }
        // Go: e-09 becomes e-9.
        return GoNumber.scientific(digits, -1, 'e').replaceFirst("e-0", "e-");
    }

    private void string(String text) {
        out.add('"');
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            character(c);
        }
        out.add('"');
    }

    private void character(int c) {
        switch (c) {
            case '"' -> out.add("\\\"");
            case '\\' -> out.add("\\\\");
            case '\b' -> out.add("\\b");
            case '\f' -> out.add("\\f");
            case '\n' -> out.add("\\n");
            case '\r' -> out.add("\\r");
            case '\t' -> out.add("\\t");
            default -> {
                boolean escaped = c < ' ' || c == 0x2028 || c == 0x2029 || (html && (c == '<' || c == '>' || c == '&'));
                if (escaped) {
                    out.add(String.format("\\u%04x", c));
                } else if (c >= 0xD800 && c <= 0xDFFF) {
                    out.add("\\ufffd");
                } else {
                    out.addCodePoint(c);
                }
            }
        }
    }
}
