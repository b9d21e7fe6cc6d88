package io.chancery.gotemplate.sprig;

import io.chancery.gotemplate.budget.BoundedText;
import io.chancery.gotemplate.budget.Budget;
import io.chancery.gotemplate.function.Arguments;
import io.chancery.gotemplate.function.Function;
import io.chancery.gotemplate.text.Utf8;
import io.chancery.gotemplate.value.Text;
import io.chancery.gotemplate.value.Value;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Sprig's functions that change letters or lay out words. Pure, any thread. */
final class Letters {
    static final List<Function> FUNCTIONS = List.of(
            Function.of("upper", "string", a -> mapped(a, Character::toUpperCase)),
            Function.of("lower", "string", a -> mapped(a, Character::toLowerCase)),
            Function.of("title", "string", Letters::title),
            Function.of("untitle", "string", Letters::untitle),
            Function.of("swapcase", "string", Letters::swapCase),
            Function.of("initials", "string", Letters::initials),
            Function.of("nospace", "string", Letters::withoutSpace),
            Function.of(
                    "abbrev",
                    "int string",
                    a -> new Text(a.integer(0) < 4 ? a.text(1) : abbreviated(a.text(1), 0, a.integer(0)))),
            Function.of("abbrevboth", "int int string", Letters::abbreviatedBoth),
            Function.of("wrap", "int string", a -> new Text(wrapped(a.text(1), a.integer(0), "\n", false, a.budget()))),
            Function.of(
                    "wrapWith",
                    "int string string",
                    a -> new Text(wrapped(
                            a.text(2), a.integer(0), a.text(1).isEmpty() ? "\n" : a.text(1), true, a.budget()))));

    private Letters() {}

    // One letter for one, as Go: no letter becomes two.
    private static Value mapped(Arguments a, IntUnaryOperator letter) {
        a.budget().charge(a.text(0).length());
        StringBuilder out = new StringBuilder();
        a.text(0)
                .codePoints()
                .map(c -> Utf8.isStray(c) ? 0xFFFD : c)
                .map(letter)
                .forEach(out::appendCodePoint);
        return new Text(out.toString());
    }

    private static Value title(Arguments a) {
        int[] before = {' '};
        return mapped(a, c -> {
            int last = before[0];
            before[0] = c;
            return isSeparator(last) ? Character.toTitleCase(c) : c;
        });
    }

    private static boolean isSeparator(int c) {
        if (c < 0x80) {
            return !Character.isLetterOrDigit(c) && c != '_';
        }
        return !Character.isLetter(c) && !Character.isDigit(c) && GoUnicode.isSpace(c);
    }

    private static Value untitle(Arguments a) {
        boolean[] first = {true};
        return mapped(a, c -> {
            if (GoUnicode.isSpace(c)) {
                first[0] = true;
            } else if (first[0]) {
                first[0] = false;
                return Character.toLowerCase(c);
            }
            return c;
        });
    }

    private static Value swapCase(Arguments a) {
        boolean[] space = {true};
        return mapped(a, c -> {
            if (GoUnicode.isUpper(c) || GoUnicode.isTitle(c)) {
                space[0] = false;
                return Character.toLowerCase(c);
            }
            if (GoUnicode.isLower(c)) {
                boolean first = space[0];
                space[0] = false;
                return first ? Character.toTitleCase(c) : Character.toUpperCase(c);
            }
            space[0] = GoUnicode.isSpace(c);
            return c;
        });
    }

    // Sprig takes octets for characters here, and so do we.
    private static Value initials(Arguments a) {
        StringBuilder out = new StringBuilder();
        boolean gap = true;
        for (byte octet : Utf8.octets(a.text(0))) {
            int c = octet & 0xFF;
            if (GoUnicode.isSpace(c)) {
                gap = true;
            } else if (gap) {
                out.append((char) c);
                gap = false;
            }
        }
        return new Text(out.toString());
    }

    private static Value withoutSpace(Arguments a) {
        byte[] octets = Utf8.octets(a.text(0));
        StringBuilder out = new StringBuilder();
        for (byte octet : octets) {
            int c = octet & 0xFF;
            if (!GoUnicode.isSpace(c)) {
                out.append((char) c);
            }
        }
        return new Text(out.length() == octets.length ? a.text(0) : out.toString());
    }

    private static Value abbreviatedBoth(Arguments a) {
        long left = a.integer(0);
        long right = a.integer(1);
        boolean whole = right < 4 || (left > 0 && right < 7);
        return new Text(whole ? a.text(2) : abbreviated(a.text(2), left, right));
    }

    private static String abbreviated(String text, long from, long width) {
        int length = Utf8.length(text);
        if (length <= width) {
            return text;
        }
        int room = (int) width - 3;
        int offset = (int) Math.min(from, length);
        if (length - offset < room) {
            offset = length - room;
        }
        if (offset <= 4) {
            return Utf8.slice(text, 0, room) + "...";
        }
        if (width < 7) {
            return "";
        }
        if (offset + room < length) {
            return "..." + abbreviated(Utf8.slice(text, offset, length), 0, room);
        }
        return "..." + Utf8.slice(text, length - room, length);
    }

    // By octets, as the original: it may cut a character in two.
    private static String wrapped(String text, long given, String line, boolean cutsWords, Budget budget) {
        BoundedText out = new BoundedText(budget);
        byte[] octets = Utf8.octets(text);
        int width = (int) Math.max(1, Math.min(given, octets.length + 1L));
        int at = 0;
        while (octets.length - at > width) {
            budget.tick();
            if (octets[at] == ' ') {
                at++;
                continue;
            }
            int space = lastSpace(octets, at, at + width + 1);
            int end = at + width;
            int next = end;
            if (space >= at) {
                end = space;
                next = space + 1;
            } else if (!cutsWords) {
                end = nextSpace(octets, end);
                next = end + 1;
            }
            out.add(cut(octets, at, Math.min(end, octets.length)));
            at = next;
            if (end < octets.length) {
                out.add(line);
            }
        }
        return out.add(at < octets.length ? cut(octets, at, octets.length) : "").toString();
    }

    private static String cut(byte[] octets, int from, int to) {
        return Utf8.text(java.util.Arrays.copyOfRange(octets, from, to));
    }

    private static int lastSpace(byte[] octets, int from, int to) {
        for (int i = to - 1; i >= from; i--) {
            if (octets[i] == ' ') {
                return i;
            }
        }
        return -1;
    }

    private static int nextSpace(byte[] octets, int from) {
        for (int i = from; i < octets.length; i++) {
            if (octets[i] == ' ') {
                return i;
            }
        }
        return octets.length;
    }
}
