package io.chancery.gotemplate.sprig;

import io.chancery.gotemplate.budget.Budget;
import io.chancery.gotemplate.function.Arguments;
import io.chancery.gotemplate.function.Function;
import io.chancery.gotemplate.function.FunctionFailure;
import io.chancery.gotemplate.value.Int;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.Value;
import java.util.Base64;
import java.util.List;
import java.util.UUID;

/** Sprig's functions of chance. The only randomness is the budget's. */
final class Randoms {
    private static final String DIGITS = "0123456789";
    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    static final List<Function> FUNCTIONS = List.of(
            Function.of("randAlphaNum", "int", a -> text(a, LETTERS + DIGITS)),
            Function.of("randAlpha", "int", a -> text(a, LETTERS)),
            Function.of("randNumeric", "int", a -> text(a, DIGITS)),
            Function.of("randAscii", "int", a -> text(a, ascii())),
            Function.of("randBytes", "int", a -> {
                long count = a.integer(0);
                if (count < 0) {
                    throw new FunctionFailure("runtime error: makeslice: len out of range");
                }
                a.budget().charge(2 * Math.min(count, 1L << 40));
                return new Text(Base64.getEncoder().encodeToString(octets((int) count, a.budget())));
            }),
            Function.of("randInt", "int int", Randoms::between),
            Function.of("shuffle", "string", Randoms::shuffled),
            Function.of("uuidv4", "", a -> new Text(uuid(octets(16, a.budget())))));

    private Randoms() {}

    private static String ascii() {
        StringBuilder out = new StringBuilder();
        for (char c = ' '; c < 0x7F; c++) {
            out.append(c);
        }
        return out.toString();
    }

    private static byte[] octets(int count, Budget budget) {
        byte[] octets = new byte[count];
        for (int i = 0; i < count; i++) {
            budget.tick();
            octets[i] = (byte) budget.random(256);
        }
        return octets;
    }

    private static Value text(Arguments a, String alphabet) {
        long count = Math.max(a.integer(0), 0);
        a.budget().charge(count);
        StringBuilder out = new StringBuilder();
        for (long i = 0; i < count; i++) {
            a.budget().tick();
            out.append(alphabet.charAt((int) a.budget().random(alphabet.length())));
        }
        return new Text(out.toString());
    }

    private static Value between(Arguments a) throws FunctionFailure {
        long width = a.integer(1) - a.integer(0);
        if (width <= 0) {
            throw new FunctionFailure("invalid argument to Intn");
        }
        return Int.of(a.integer(0) + a.budget().random(width));
    }

    private static Value shuffled(Arguments a) {
        int[] letters = a.text(0).codePoints().toArray();
        a.budget().charge(letters.length);
        for (int i = letters.length - 1; i > 0; i--) {
            a.budget().tick();
            int other = (int) a.budget().random(i + 1L);
            int letter = letters[i];
            letters[i] = letters[other];
            letters[other] = letter;
        }
        return new Text(new String(letters, 0, letters.length));
    }

    // RFC 9562 s. 5.4
    private static String uuid(byte[] octets) {
        octets[6] = (byte) ((octets[6] & 0x0F) | 0x40);
        octets[8] = (byte) ((octets[8] & 0x3F) | 0x80);
        java.nio.ByteBuffer all = java.nio.ByteBuffer.wrap(octets);
        return new UUID(all.getLong(), all.getLong()).toString();
    }
}
