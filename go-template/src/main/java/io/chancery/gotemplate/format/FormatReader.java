package io.chancery.gotemplate.format;

import io.chancery.gotemplate.budget.BoundedText;
import io.chancery.gotemplate.budget.Budget;
import io.chancery.gotemplate.value.Int;
import io.chancery.gotemplate.value.Nothing;
import io.chancery.gotemplate.value.Value;
import java.util.List;

/** Walks through a format: verbs, flags, width and precision from operands, explicit operand numbers. One thread, one use. */
final class FormatReader {
    // Go's fmt refuses more, too.
    private static final int MOST = 1_000_000;

    private final String format;
    private final List<Value> operands;
    private final Printer printer;
    private final BoundedText out;
    private int at;
    private int operand;
    private boolean reordered;
    private boolean goodNumber;
    private boolean afterIndex;

    FormatReader(String format, List<Value> operands, Printer printer, Budget budget) {
        this.format = format;
        this.operands = operands;
        this.printer = printer;
        this.out = new BoundedText(budget);
    }

    String read() {
        while (at < format.length()) {
            int percent = format.indexOf('%', at);
            if (percent < 0) {
                out.add(format.substring(at));
                at = format.length();
            } else {
                out.add(format.substring(at, percent));
                at = percent + 1;
                directive();
            }
        }
        if (!reordered && operand < operands.size()) {
            extra();
        }
        return out.toString();
    }

    private void directive() {
        Directive d = new Directive();
        goodNumber = true;
        afterIndex = false;
        flags(d);
        operandNumber();
        if (star()) {
            d.width = fromOperand("%!(BADWIDTH)");
            if (d.width < -1) {
                d.width = -d.width;
                d.minus = true;
                d.zero = false;
            }
            afterIndex = false;
        } else {
            d.width = number();
            if (afterIndex && d.width >= 0) {
                goodNumber = false;
            }
        }
        if (at + 1 < format.length() && format.charAt(at) == '.') {
            precision(d);
        }
        if (!afterIndex) {
            operandNumber();
        }
        verb(d);
    }

    private void flags(Directive d) {
        for (; at < format.length(); at++) {
            switch (format.charAt(at)) {
                case '#' -> d.sharp = true;
                case '0' -> d.zero = true;
                case '+' -> d.plus = true;
                case '-' -> d.minus = true;
                case ' ' -> d.space = true;
                default -> {
                    return;
                }
            }
        }
    }

    private void precision(Directive d) {
        at++;
        if (afterIndex) {
            goodNumber = false;
        }
        operandNumber();
        if (star()) {
            d.precision = fromOperand("%!(BADPREC)");
            d.precision = Math.max(d.precision, Directive.NONE);
            afterIndex = false;
        } else {
            int given = number();
            d.precision = Math.max(given, 0);
        }
    }

    private void verb(Directive d) {
        if (at >= format.length()) {
            out.add("%!(NOVERB)");
            return;
        }
        d.verb = format.codePointAt(at);
        at += Character.charCount(d.verb);
        if (d.verb == '%') {
            out.add('%');
        } else if (!goodNumber) {
            out.add("%!").addCodePoint(d.verb).add("(BADINDEX)");
        } else if (operand >= operands.size()) {
            out.add("%!").addCodePoint(d.verb).add("(MISSING)");
        } else {
            Value value = operands.get(operand++).unboxed();
            d.zero = d.zero && !d.minus;
            out.add(printer.formatted(value, d));
        }
    }

    private boolean star() {
        boolean star = at < format.length() && format.charAt(at) == '*';
        at += star ? 1 : 0;
        return star;
    }

    private int fromOperand(String complaint) {
        Value value = operand < operands.size() ? operands.get(operand).unboxed() : Nothing.NOTHING;
        operand += operand < operands.size() ? 1 : 0;
        if (value instanceof Int number && Math.abs(number.value()) <= MOST) {
            return (int) number.value();
        }
        out.add(complaint);
        return Directive.NONE;
    }

    private int number() {
        int from = at;
        int value = 0;
        while (at < format.length() && format.charAt(at) >= '0' && format.charAt(at) <= '9') {
            value = value > MOST ? value : value * 10 + format.charAt(at) - '0';
            at++;
        }
        if (value > MOST) {
            at = format.length(); // as Go: such a number ends it
        }
        return at == from || value > MOST ? Directive.NONE : value;
    }

    // "[3]" names the operand that the next verb takes.
    private void operandNumber() {
        if (at >= format.length() || format.charAt(at) != '[') {
            return;
        }
        reordered = true;
        int close = format.indexOf(']', at);
        if (close < 0) {
            goodNumber = false;
            at++;
            return;
        }
        int saved = at;
        at++;
        int number = number();
        boolean good = at == close && number >= 1 && number <= operands.size();
        at = Math.max(close + 1, saved + 1);
        if (good) {
            operand = number - 1;
            afterIndex = true;
        } else {
            goodNumber = false;
        }
    }

    private void extra() {
        out.add("%!(EXTRA ");
        String gap = "";
        for (Value each : operands.subList(operand, operands.size())) {
            Value value = each.unboxed();
            out.add(gap).add(value.type().name());
            if (value != Nothing.NOTHING) {
                out.add('=').add(printer.shown(value));
            }
            gap = ", ";
        }
        out.add(')');
    }
}
