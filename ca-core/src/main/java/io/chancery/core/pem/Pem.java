package io.chancery.core.pem;

import io.chancery.core.der.Der;
import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads PEM texts. Text around the blocks is passed over, as everybody does. */
public final class Pem {
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";

    private Pem() {}

    /** All blocks in order; CaException MALFORMED when one is broken. */
    public static List<PemBlock> blocks(String text) {
        return blocks(text, Integer.MAX_VALUE);
    }

    private static List<PemBlock> blocks(String text, int most) {
        List<PemBlock> blocks = new ArrayList<>();
        String[] lines = text.split("\r?\n", -1);
        int line = 0;
        while (line < lines.length && blocks.size() < most) {
            String begin = lines[line].strip();
            if (begin.startsWith(BEGIN)
                    && begin.endsWith(DASHES)
                    && begin.length() > BEGIN.length() + DASHES.length()) {
                line = readBlock(lines, line, blocks);
            } else {
                line++;
            }
        }
        return blocks;
    }

    /** The first block, or empty when the text has none; CaException MALFORMED when it is broken. What follows is not looked at. */
    public static Optional<PemBlock> first(String text) {
        return blocks(text, 1).stream().findFirst();
    }

    private static int readBlock(String[] lines, int start, List<PemBlock> into) {
        String begin = lines[start].strip();
        String type = begin.substring(BEGIN.length(), begin.length() - DASHES.length());
        Map<String, String> headers = new LinkedHashMap<>();
        StringBuilder body = new StringBuilder();
        for (int i = start + 1; i < lines.length; i++) {
            String line = lines[i].strip();
            if (line.startsWith(END)) {
                if (!line.equals(END + type + DASHES)) {
                    throw broken(type, "its END line names another type");
                }
                into.add(new PemBlock(type, headers, decode(type, body.toString())));
                return i + 1;
            }
            int colon = line.indexOf(':');
            if (colon > 0 && body.isEmpty()) {
                headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
            } else {
                body.append(line);
            }
        }
        throw broken(type, "it has no END line");
    }

    private static Der decode(String type, String body) {
        try {
            return Der.of(Base64.getDecoder().decode(body.getBytes(StandardCharsets.US_ASCII)));
        } catch (IllegalArgumentException e) {
            throw broken(type, "its body is not base64");
        }
    }

    private static CaException broken(String type, String why) {
        return CaException.of(ErrorCode.MALFORMED, "a PEM block of type " + type + " is broken: " + why);
    }

    static String base64Lines(Der der) {
        String base64 = Base64.getEncoder().encodeToString(der.bytes());
        StringBuilder lines = new StringBuilder(base64.length() + base64.length() / 64 + 1);
        for (int i = 0; i < base64.length(); i += 64) {
            lines.append(base64, i, Math.min(base64.length(), i + 64)).append('\n');
        }
        return lines.toString();
    }
}
