package io.chancery.gotemplate.builtin;

import io.chancery.gotemplate.format.Printer;
import io.chancery.gotemplate.function.Arguments;
import io.chancery.gotemplate.function.FunctionFailure;
import io.chancery.gotemplate.text.Utf8;
import io.chancery.gotemplate.value.Bool;
import io.chancery.gotemplate.value.Dict;
import io.chancery.gotemplate.value.Float64;
import io.chancery.gotemplate.value.Int;
import io.chancery.gotemplate.value.Nothing;
import io.chancery.gotemplate.value.Sequence;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.Value;
import java.util.List;

/** How templates compare: numbers only with their like, lists and maps not at all. Pure, any thread. */
final class Comparison {
    private enum Kind {
        NONE,
        BOOL,
        INT,
        UINT,
        FLOAT,
        STRING
    }

    private Comparison() {}

    /** Whether the first equals any other. */
    static Bool eq(Arguments a) throws FunctionFailure {
        if (a.size() < 2) {
            throw new FunctionFailure("missing argument for comparison");
        }
        for (Value other : a.from(1)) {
            a.budget().tick();
            if (equal(a.any(0), other, a)) {
                return Bool.TRUE;
            }
        }
        return Bool.FALSE;
    }

    private static boolean equal(Value first, Value second, Arguments a) throws FunctionFailure {
        Kind one = kind(first);
        Kind two = kind(second);
        if (first instanceof Int x && second instanceof Int y) {
            return one == two ? x.value() == y.value() : x.value() >= 0 && x.value() == y.value();
        }
        if (one != two) {
            if (first != Nothing.NOTHING && second != Nothing.NOTHING) {
                throw new FunctionFailure(
                        "incompatible types for comparison: " + first.type() + " and " + second.type());
            }
            return false;
        }
        if (first instanceof Float64 x && second instanceof Float64 y) {
            return x.value() == y.value();
        }
        if (one != Kind.NONE) {
            return first.equals(second);
        }
        return others(first, second, a);
    }

    private static boolean others(Value first, Value second, Arguments a) throws FunctionFailure {
        boolean anyNothing = first == Nothing.NOTHING || second == Nothing.NOTHING;
        Printer printer = new Printer(a.budget());
        if (!anyNothing && first.type().kind() != second.type().kind()) {
            throw new FunctionFailure("non-comparable types " + printer.printf("%s", List.of(first)) + ": "
                    + first.type() + ", " + second.type() + ": " + printer.printf("%v", List.of(second)));
        }
        if (first.isNil() || second.isNil()) {
            return first.isNil() == second.isNil();
        }
        if (second instanceof Sequence || second instanceof Dict) {
            throw new FunctionFailure(
                    "non-comparable type " + printer.printf("%s", List.of(second)) + ": " + second.type());
        }
        return first.equals(second);
    }

    static boolean lessOrEqual(Arguments a) throws FunctionFailure {
        return less(a.any(0), a.any(1)) || eq(a).truth();
    }

    static boolean less(Value first, Value second) throws FunctionFailure {
        if (kind(first) == Kind.NONE || kind(second) == Kind.NONE) {
            throw new FunctionFailure("invalid type for comparison");
        }
        if (first instanceof Int x && second instanceof Int y) {
            return integerLess(x, y);
        }
        if (first instanceof Float64 x && second instanceof Float64 y) {
            return x.value() < y.value();
        }
        if (first instanceof Text x && second instanceof Text y) {
            return Utf8.compare(x.value(), y.value()) < 0;
        }
        if (kind(first) == kind(second)) {
            throw new FunctionFailure("invalid type for comparison");
        }
        throw new FunctionFailure("incompatible types for comparison: " + first.type() + " and " + second.type());
    }

    private static boolean integerLess(Int x, Int y) {
        if (kind(x) == kind(y)) {
            return x.type().isUnsigned() ? Long.compareUnsigned(x.value(), y.value()) < 0 : x.value() < y.value();
        }
        boolean firstIsUnsigned = x.type().isUnsigned();
        return firstIsUnsigned
                ? y.value() >= 0 && Long.compareUnsigned(x.value(), y.value()) < 0
                : x.value() < 0 || Long.compareUnsigned(x.value(), y.value()) < 0;
    }

    private static Kind kind(Value value) {
        if (value instanceof Int number) {
            return number.type().isUnsigned() ? Kind.UINT : Kind.INT;
        }
        return value instanceof Bool
                ? Kind.BOOL
                : value instanceof Float64 ? Kind.FLOAT : value instanceof Text ? Kind.STRING : Kind.NONE;
    }
}
