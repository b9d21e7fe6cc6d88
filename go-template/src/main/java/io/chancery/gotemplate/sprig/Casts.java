package io.chancery.gotemplate.sprig;

import io.chancery.gotemplate.budget.Budget;
import io.chancery.gotemplate.format.Printer;
import io.chancery.gotemplate.function.FunctionFailure;
import io.chancery.gotemplate.text.GoNumber;
import io.chancery.gotemplate.value.Bool;
import io.chancery.gotemplate.value.Float64;
import io.chancery.gotemplate.value.Int;
import io.chancery.gotemplate.value.Nothing;
import io.chancery.gotemplate.value.Sequence;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.Type;
import io.chancery.gotemplate.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Sprig's conversions: what does not fit becomes zero. Pure, any thread. */
final class Casts {
    private Casts() {}

    static long integer(Value value) {
        if (value instanceof Int number) {
            return number.value();
        }
        if (value instanceof Float64 number) {
            return goLong(number.value());
        }
        if (value instanceof Bool bool) {
            return bool.truth() ? 1 : 0;
        }
        if (value instanceof Text text) {
            return GoNumber.integer(withoutZeroFraction(text.value()))
                    .filter(n -> n.bitLength() < 64)
                    .map(java.math.BigInteger::longValue)
                    .orElse(0L);
        }
        return 0;
    }

    // Out of range, amd64 gives the least number.
    private static long goLong(double value) {
        return value >= -0x1p63 && value < 0x1p63 ? (long) value : Long.MIN_VALUE;
    }

    private static String withoutZeroFraction(String text) {
        int point = text.indexOf('.');
        boolean zeros = point >= 0
                && point < text.length() - 1
                && text.substring(point + 1).chars().allMatch(c -> c == '0');
        return zeros ? text.substring(0, point) : text;
    }

    static double floating(Value value) {
        if (value instanceof Float64 number) {
            return number.value();
        }
        if (value instanceof Int number) {
            return number.type().isUnsigned() ? Double.parseDouble(number.decimal()) : (double) number.value();
        }
        if (value instanceof Bool bool) {
            return bool.truth() ? 1 : 0;
        }
        return value instanceof Text text ? GoNumber.floating(text.value()).orElse(0.0) : 0;
    }

    /** Sprig's {@code strval}. */
    static String text(Value value, Budget budget) {
        if (value instanceof Sequence octets && octets.type().equals(Type.OCTETS)) {
            return Printer.octetText(octets);
        }
        Optional<String> own = Printer.ownText(value);
        return own.isPresent() ? own.get() : new Printer(budget).shown(value);
    }

    /** Sprig's {@code toStrings}: nil is left out. */
    static List<String> texts(Value value, Budget budget) {
        List<String> out = new ArrayList<>();
        List<Value> items = value instanceof Sequence list ? list.items() : List.of(value);
        for (Value each : items) {
            budget.charge(1);
            if (each != Nothing.NOTHING) {
                out.add(text(each, budget));
            }
        }
        return out;
    }

    /** The list, or a failure in the words of Go's reflection. */
    static Sequence list(Value value, String complaint) throws FunctionFailure {
        if (value instanceof Sequence list) {
            return list;
        }
        if (value == Nothing.NOTHING) {
            throw new FunctionFailure("runtime error: invalid memory address or nil pointer dereference");
        }
        throw new FunctionFailure(complaint + value.type().kind().text());
    }
}
