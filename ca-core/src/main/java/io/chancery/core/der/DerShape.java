package io.chancery.core.der;

import java.util.ArrayList;
import java.util.List;

/**
 * The outer form of a DER encoding (X.690 s. 10.1): definite and shortest lengths, nothing cut off, nothing left over,
 * no deeper than {@value #MAX_DEPTH} levels. To be held against untrusted bytes before a parser that is more tolerant,
 * or that recurses, sees them.
 */
public final class DerShape {
    /** Deepest nesting that passes; a certificate request has about ten levels. */
    public static final int MAX_DEPTH = 32;

    private static final int CONSTRUCTED = 0x20;
    private static final int LONG_TAG = 0x1f;

    private final byte[] bytes;

    private DerShape(byte[] bytes) {
        this.bytes = bytes;
    }

    /** IllegalArgumentException saying where the form is broken. */
    public static void check(byte[] bytes) {
        DerShape shape = new DerShape(bytes);
        int end = shape.element(0, bytes.length, 0);
        if (end != bytes.length) {
            throw broken("bytes follow the element", end);
        }
    }

    /** The members of the outermost element, each with its tag and length, of bytes that passed {@link #check}. */
    public static List<Der> members(byte[] bytes) {
        DerShape shape = new DerShape(bytes);
        List<Der> members = new ArrayList<>();
        int position = shape.content(0, bytes.length);
        while (position < bytes.length) {
            int content = shape.content(position, bytes.length);
            int end = content + shape.length(position + 1, bytes.length);
            members.add(Der.of(java.util.Arrays.copyOfRange(bytes, position, end)));
            position = end;
        }
        return members;
    }

    /** Where the element at the position ends. */
    private int element(int position, int limit, int depth) {
        if (depth > MAX_DEPTH) {
            throw broken("nested deeper than " + MAX_DEPTH + " levels", position);
        }
        int content = content(position, limit);
        int end = content + length(position + 1, limit);
        if ((bytes[position] & CONSTRUCTED) != 0) {
            int member = content;
            while (member < end) {
                member = element(member, end, depth + 1);
            }
        }
        return end;
    }

    /** Where the content of the element at the position starts. */
    private int content(int position, int limit) {
        if (limit - position < 2) {
            throw broken("cut off", position);
        }
        if ((bytes[position] & LONG_TAG) == LONG_TAG) {
            throw broken("a tag number above 30", position); // none of the structures read here has one
        }
        int first = bytes[position + 1] & 0xff;
        return position + 2 + (first < 0x80 ? 0 : first & 0x7f);
    }

    private int length(int position, int limit) {
        int first = bytes[position] & 0xff;
        int octets = first < 0x80 ? 0 : first & 0x7f;
        if (first == 0x80 || octets > 4 || limit - position - 1 < octets) {
            throw broken("a length that is not DER", position);
        }
        long length = octets == 0 ? first : 0;
        for (int i = 1; i <= octets; i++) {
            length = length << 8 | (bytes[position + i] & 0xff);
        }
        if (octets > 0 && (length < 0x80 || length < 1L << (8 * (octets - 1)))) {
            throw broken("a length that is not the shortest", position);
        }
        if (length > limit - position - 1 - octets) {
            throw broken("cut off", position);
        }
        return (int) length;
    }

    private static IllegalArgumentException broken(String how, int position) {
        return new IllegalArgumentException("not DER: " + how + ", at octet " + position);
    }
}
