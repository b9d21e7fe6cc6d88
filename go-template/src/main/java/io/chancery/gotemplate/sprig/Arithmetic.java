package io.chancery.gotemplate.sprig;

import io.chancery.gotemplate.budget.Budget;
import io.chancery.gotemplate.format.Printer;
import io.chancery.gotemplate.function.Arguments;
import io.chancery.gotemplate.function.Function;
import io.chancery.gotemplate.function.FunctionFailure;
import io.chancery.gotemplate.text.GoNumber;
import io.chancery.gotemplate.value.Float64;
import io.chancery.gotemplate.value.Int;
import io.chancery.gotemplate.value.Sequence;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.Type;
import io.chancery.gotemplate.value.Value;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.stream.Collectors;

/** Sprig's arithmetic: 64-bit integers that wrap around, and floats by way of decimals. Pure, any thread. */
final class Arithmetic {
    /** A step of decimal arithmetic. */
    @FunctionalInterface
    private interface Step {
        BigDecimal of(BigDecimal first, BigDecimal second) throws FunctionFailure;
    }

    /** More elements than any budget has. */
    private static final long MANY = 1L << 50;

    static final List<Function> FUNCTIONS = List.of(
            Function.of(
                    "atoi", "string", a -> Int.of(GoNumber.decimal(a.text(0)).orElse(0L))),
            Function.of("int64", "any", a -> Int.int64(Casts.integer(a.any(0)))),
            Function.of("int", "any", a -> Int.of(Casts.integer(a.any(0)))),
            Function.of("float64", "any", a -> new Float64(Casts.floating(a.any(0)))),
            Function.of(
                    "toDecimal",
                    "any",
                    a -> Int.int64(GoNumber.inBase(new Printer(a.budget()).print(List.of(a.any(0))), 8)
                            .orElse(0L))),
            Function.of("add1", "any", a -> Int.int64(Casts.integer(a.any(0)) + 1)),
            Function.of("add", "any...", a -> Int.int64(integers(a, 0, 0, Long::sum))),
            Function.of("sub", "any any", a -> Int.int64(Casts.integer(a.any(0)) - Casts.integer(a.any(1)))),
            Function.of("mul", "any any...", a -> Int.int64(integers(a, Casts.integer(a.any(0)), 1, (x, y) -> x * y))),
            Function.of("div", "any any", a -> Int.int64(Casts.integer(a.any(0)) / divisor(a))),
            Function.of("mod", "any any", a -> Int.int64(Casts.integer(a.any(0)) % divisor(a))),
            Function.of("max", "any any...", a -> Int.int64(integers(a, Casts.integer(a.any(0)), 1, Math::max))),
            Function.of("biggest", "any any...", a -> Int.int64(integers(a, Casts.integer(a.any(0)), 1, Math::max))),
            Function.of("min", "any any...", a -> Int.int64(integers(a, Casts.integer(a.any(0)), 1, Math::min))),
            Function.of("maxf", "any any...", a -> floats(a, Math::max)),
            Function.of("minf", "any any...", a -> floats(a, Math::min)),
            Function.of(
                    "add1f",
                    "any",
                    a -> decimals(Casts.floating(a.any(0)), List.of(new Float64(1)), BigDecimal::add, a.budget())),
            Function.of("addf", "any...", a -> decimals(0, a.from(0), BigDecimal::add, a.budget())),
            Function.of(
                    "subf",
                    "any any...",
                    a -> decimals(Casts.floating(a.any(0)), a.from(1), BigDecimal::subtract, a.budget())),
            Function.of(
                    "mulf",
                    "any any...",
                    a -> decimals(Casts.floating(a.any(0)), a.from(1), BigDecimal::multiply, a.budget())),
            Function.of(
                    "divf",
                    "any any...",
                    a -> decimals(Casts.floating(a.any(0)), a.from(1), Arithmetic::quotient, a.budget())),
            Function.of("floor", "any", a -> new Float64(Math.floor(Casts.floating(a.any(0))))),
            Function.of("ceil", "any", a -> new Float64(Math.ceil(Casts.floating(a.any(0))))),
            Function.of("round", "any int float64...", Arithmetic::round),
            Function.of("until", "int", a -> steps(0, a.integer(0), a.integer(0) < 0 ? -1 : 1, a.budget())),
            Function.of("untilStep", "int int int", a -> steps(a.integer(0), a.integer(1), a.integer(2), a.budget())),
            Function.of("seq", "int...", Arithmetic::sequence));

    private Arithmetic() {}

    private static long integers(Arguments a, long first, int from, LongBinaryOperator step) {
        long result = first;
        for (Value each : a.from(from)) {
            a.budget().tick();
            result = step.applyAsLong(result, Casts.integer(each));
        }
        return result;
    }

    private static long divisor(Arguments a) throws FunctionFailure {
        long divisor = Casts.integer(a.any(1));
        if (divisor == 0) {
            throw new FunctionFailure("runtime error: integer divide by zero");
        }
        return divisor;
    }

    private static Value floats(Arguments a, DoubleBinaryOperator step) {
        double result = Casts.floating(a.any(0));
        for (Value each : a.from(1)) {
            a.budget().tick();
            result = step.applyAsDouble(result, Casts.floating(each));
        }
        return new Float64(result);
    }

    private static Value decimals(double first, List<Value> others, Step step, Budget budget) throws FunctionFailure {
        BigDecimal result = decimal(first);
        for (Value each : others) {
            result = step.of(result, decimal(Casts.floating(each)));
            // Products grow with every factor.
            budget.charge(result.precision() + (long) Math.abs(result.scale()));
        }
        return new Float64(result.doubleValue());
    }

    private static BigDecimal decimal(double value) throws FunctionFailure {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            throw new FunctionFailure("Cannot create a Decimal from " + GoNumber.shortest(value, 21));
        }
        return GoNumber.shortestDecimal(value);
    }

    private static BigDecimal quotient(BigDecimal first, BigDecimal second) throws FunctionFailure {
        if (second.signum() == 0) {
            throw new FunctionFailure("decimal division by 0");
        }
        return first.divide(second, 16, RoundingMode.HALF_UP);
    }

    private static Value round(Arguments a) {
        double from = a.size() > 2 ? a.floating(2) : 0.5;
        double power = Math.pow(10, (double) a.integer(1));
        double digits = power * Casts.floating(a.any(0));
        double whole = digits < 0 ? Math.ceil(digits) : Math.floor(digits);
        double rounded = digits - whole >= from ? Math.ceil(digits) : Math.floor(digits);
        return new Float64(rounded / power);
    }

    private static Sequence steps(long start, long stop, long step, Budget budget) {
        boolean down = stop < start;
        if (down ? step >= 0 : step <= 0) {
            return new Sequence(Type.INTS, List.of(), false);
        }
        // Without signs: as far as 2^64 - 1. Go counts on past the largest number, and never ends there.
        long distance = down ? start - stop : stop - start;
        long count = distance == 0 ? 0 : Long.divideUnsigned(distance - 1, Math.abs(step)) + 1;
        budget.charge(Budget.ELEMENT * (count < 0 ? MANY : Math.min(count, MANY)));
        List<Value> out = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            budget.tick();
            out.add(Int.of(start + i * step));
        }
        return new Sequence(Type.INTS, out, false);
    }

    private static Value sequence(Arguments a) {
        long start = a.size() > 1 ? a.integer(0) : 1;
        if (a.size() == 0 || a.size() > 3) {
            return Text.EMPTY;
        }
        long end = a.integer(a.size() - 1);
        int direction = end < start ? -1 : 1;
        long step = a.size() == 3 ? a.integer(1) : direction;
        if (direction < 0 && step > 0) {
            return Text.EMPTY;
        }
        Sequence numbers = steps(start, end + direction, step, a.budget());
        a.budget().charge(20L * numbers.size());
        return new Text(numbers.items().stream().map(n -> ((Int) n).decimal()).collect(Collectors.joining(" ")));
    }
}
