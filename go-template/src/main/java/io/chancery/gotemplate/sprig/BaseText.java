package io.chancery.gotemplate.sprig;

import java.io.ByteArrayOutputStream;

/** Base64 and Base32 as Go's decoders read them: line breaks are skipped, padding is required, errors name the place. */
enum BaseText {
    BASE64("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 6, 4, "base64"),
    BASE32("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5, 8, "base32");

    /** The message is Go's. */
    static final class Corrupt extends Exception {
        Corrupt(String name, int at) {
            super("illegal " + name + " data at input byte " + at, null, false, false);
        }
    }

    private final String alphabet;
    private final int bits;
    private final int group;
    private final String title;

    BaseText(String alphabet, int bits, int group, String title) {
        this.alphabet = alphabet;
        this.bits = bits;
        this.group = group;
        this.title = title;
    }

    static String base32(byte[] octets) {
        StringBuilder out = new StringBuilder();
        long held = 0;
        int bits = 0;
        for (byte octet : octets) {
            held = held << 8 | (octet & 0xFF);
            bits += 8;
            while (bits >= 5) {
                bits -= 5;
                out.append(BASE32.alphabet.charAt((int) (held >> bits & 31)));
            }
        }
        if (bits > 0) {
            out.append(BASE32.alphabet.charAt((int) (held << (5 - bits) & 31)));
        }
        return out.append("=".repeat((8 - out.length() % 8) % 8)).toString();
    }

    byte[] decode(byte[] text) throws Corrupt {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int at = 0;
        while (true) {
            long held = 0;
            int count = 0;
            while (count < group) {
                at = skipBreaks(text, at);
                if (at >= text.length) {
                    if (count == 0) {
                        return out.toByteArray();
                    }
                    throw new Corrupt(title, at - count);
                }
                int c = text[at++];
                if (c == '=') {
                    end(text, at, count);
                    emit(out, held, count);
                    return out.toByteArray();
                }
                int digit = c < 0 ? -1 : alphabet.indexOf(c);
                if (digit < 0) {
                    throw new Corrupt(title, at - 1);
                }
                held = held << bits | digit;
                count++;
            }
            emit(out, held, count);
        }
    }

    private void emit(ByteArrayOutputStream out, long held, int count) {
        int given = count * bits;
        for (int octets = given / 8; octets > 0; octets--) {
            given -= 8;
            out.write((int) (held >> given));
        }
    }

    // Behind the first padding character: the rest of the group is padding, and nothing follows.
    private void end(byte[] text, int from, int count) throws Corrupt {
        boolean possible = this == BASE64 ? count >= 2 : count == 2 || count == 4 || count == 5 || count == 7;
        if (!possible) {
            throw new Corrupt(title, from - 1);
        }
        int at = from;
        for (int left = group - count - 1; left > 0; left--) {
            at = skipBreaks(text, at);
            if (at >= text.length) {
                throw new Corrupt(title, text.length);
            }
            if (text[at] != '=') {
                throw new Corrupt(title, this == BASE64 ? at - 1 : at);
            }
            at++;
        }
        at = skipBreaks(text, at);
        if (at < text.length) {
            throw new Corrupt(title, at);
        }
    }

    private static int skipBreaks(byte[] text, int from) {
        int at = from;
        while (at < text.length && (text[at] == '\n' || text[at] == '\r')) {
            at++;
        }
        return at;
    }
}
