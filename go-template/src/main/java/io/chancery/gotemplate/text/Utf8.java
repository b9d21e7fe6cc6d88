package io.chancery.gotemplate.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Go's strings are octets, Java's are UTF-16. A Go string is kept as a Java one in which each octet that is no UTF-8 stands as
 * the lone surrogate U+DC00 + octet; so all octets survive. Pure, any thread.
 */
public final class Utf8 {
    private static final int FIRST = 0xDC80;
    private static final int LAST = 0xDCFF;

    private Utf8() {}

    /** Whether this code point of a Go string stands for an octet that is no UTF-8. */
    public static boolean isStray(int codePoint) {
        return codePoint >= FIRST && codePoint <= LAST;
    }

    /** The octet that a stray code point stands for. */
    public static int stray(int codePoint) {
        return codePoint - 0xDC00;
    }

    /** The octets of a Go string. */
    public static byte[] octets(String text) {
        if (plain(text)) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(text.length() + 16);
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (isStray(c)) {
                out.write(stray(c));
            } else {
                int whole = c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c;
                out.writeBytes(Character.toString(whole).getBytes(StandardCharsets.UTF_8));
            }
        }
        return out.toByteArray();
    }

    /** The Go string of these octets. */
    public static String text(byte[] octets) {
        StringBuilder out = new StringBuilder(octets.length);
        for (int i = 0; i < octets.length; ) {
            int first = octets[i] & 0xFF;
            int size = first < 0x80 ? 1 : sequence(octets, i, first);
            if (size == 0) {
                out.append((char) (0xDC00 + first));
                i++;
            } else {
                out.appendCodePoint(size == 1 ? first : decoded(octets, i, size));
                i += size;
            }
        }
        return out.toString();
    }

    /** The number of octets. */
    public static int length(String text) {
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                length++;
            } else if (c < 0x800) {
                length += 2;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                length += 4;
                i++;
            } else {
                length += isStray(c) ? 1 : 3;
            }
        }
        return length;
    }

    /** The octets from {@code from} (inclusive) to {@code to} (exclusive); 0 &lt;= from &lt;= to &lt;= length. */
    public static String slice(String text, int from, int to) {
        if (ascii(text)) {
            return text.substring(from, to);
        }
        return text(java.util.Arrays.copyOfRange(octets(text), from, to));
    }

    /** A string from outside, with what is no text replaced as Go's JSON reader does it. */
    public static String scrubbed(String foreign) {
        StringBuilder out = new StringBuilder(foreign.length());
        foreign.codePoints().forEach(c -> out.appendCodePoint(c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c));
        return out.toString();
    }

    /** Go's order of strings: by octets, which is that of code points. */
    public static int compare(String a, String b) {
        int common = Math.min(a.length(), b.length());
        for (int i = 0; i < common; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                return Integer.compare(weight(x), weight(y));
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    // A surrogate is part of a code point beyond U+FFFF, which comes after all others.
    private static int weight(char c) {
        return Character.isSurrogate(c) ? c + 0x10000 : c;
    }

    private static boolean ascii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    private static boolean plain(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static int sequence(byte[] octets, int at, int first) {
        int size = first >= 0xC2 && first <= 0xDF
                ? 2
                : first >= 0xE0 && first <= 0xEF ? 3 : first >= 0xF0 && first <= 0xF4 ? 4 : 0;
        if (size == 0 || at + size > octets.length) {
            return 0;
        }
        for (int i = 1; i < size; i++) {
            if ((octets[at + i] & 0xC0) != 0x80) {
                return 0;
            }
        }
        int c = decoded(octets, at, size);
        boolean overlong = (size == 3 && c < 0x800) || (size == 4 && c < 0x10000);
        return overlong || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF) ? 0 : size;
    }

    private static int decoded(byte[] octets, int at, int size) {
        int c = octets[at] & (0xFF >> (size + 1));
        for (int i = 1; i < size; i++) {
            c = c << 6 | (octets[at + i] & 0x3F);
        }
        return c;
    }
}
