package io.chancery.node.store;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line of a signer's log of what it signed.
 *
 * @param tbs SHA-256 of the to-be-signed bytes, in lower-case hex
 * @param caller the node that asked
 * @param torn whether a broken-off line stands before it, left by a signer that was killed while it wrote
 */
record SignatureLine(Instant time, String serial, String tbs, String caller, boolean torn) {
    private static final Pattern FORM = Pattern.compile(
            "(\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,9})?Z) ([0-9]{1,49}) ([0-9a-f]{64}) (\\S{1,200})$");

    private static final Pattern LIST =
            Pattern.compile("\\d{4}-\\d{2}-\\d{2}T[0-9:.]{8,18}Z crl:[0-9]{1,49} [0-9a-f]{64} \\S{1,200}$");

    /** Whether it is the line of a list of revoked certificates, which no certificate's row is held against. */
    static boolean isOfList(String text) {
        return LIST.matcher(text).find();
    }

    /** Empty when it is none. */
    static Optional<SignatureLine> parse(String text) {
        Matcher line = FORM.matcher(text);
        if (!line.find()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new SignatureLine(
                    Instant.parse(line.group(1)), line.group(2), line.group(3), line.group(4), line.start() > 0));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
