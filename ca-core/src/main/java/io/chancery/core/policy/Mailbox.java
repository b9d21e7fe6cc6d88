package io.chancery.core.policy;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An e-mail address in its two parts (RFC 2821 s. 4.1.2), as Go reads them.
 *
 * @param local unquoted
 * @param host in lower case; may be empty, as step-ca lets that pass where no rule is about e-mail
 */
record Mailbox(String local, String host) {
    /** More than any has (RFC 5321 s. 4.5.3.1); the patterns take a frame of the stack for each character. */
    private static final int LONGEST = 1_024;

    private static final Pattern QUOTED = Pattern.compile(
            "\"((?:[\\x01-\\x08\\x0b\\x0c\\x0e-!#-\\[\\]-\\x7f]|\\\\[\\x01-\\x09\\x0b\\x0c\\x0e-\\x7f])*)\"@(.*)");
    private static final Pattern ATOMS =
            Pattern.compile("((?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]|\\\\[\\x00-\\x7f])+)@(.*)", Pattern.DOTALL);

    /** IllegalArgumentException when it is none. */
    static Mailbox parse(String text) {
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException("an e-mail address of more than " + LONGEST + " characters");
        }
        Matcher quoted = QUOTED.matcher(text);
        if (quoted.matches()) {
            return new Mailbox(unescaped(quoted.group(1)), DomainName.labels(quoted.group(2)));
        }
        Matcher atoms = ATOMS.matcher(text);
        if (!atoms.matches()) {
            throw new IllegalArgumentException("not an e-mail address");
        }
        String local = unescaped(atoms.group(1));
        if (local.startsWith(".") || local.endsWith(".") || local.contains("..")) {
            throw new IllegalArgumentException("an e-mail address with two dots together, or one at an end");
        }
        return new Mailbox(local, DomainName.labels(atoms.group(2)));
    }

    private static String unescaped(String text) {
        return text.replaceAll("\\\\(.)", "$1");
    }
}
