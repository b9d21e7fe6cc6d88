package io.chancery.core.policy;

import com.ibm.icu.text.IDNA;
import java.util.EnumSet;
import java.util.Set;

/**
 * Domain names as UTS #46 reads them for look-up, not transitional: what Go's {@code idna.Lookup} does. The JDK knows the
 * IDNA of 2003 alone.
 */
public final class Idna {
    private static final IDNA UTS46 = IDNA.getUTS46Instance(IDNA.USE_STD3_RULES
            | IDNA.CHECK_BIDI
            | IDNA.CHECK_CONTEXTJ
            | IDNA.NONTRANSITIONAL_TO_ASCII
            | IDNA.NONTRANSITIONAL_TO_UNICODE);

    /** Lengths are DNS's business, and Go leaves them to it; empty labels are judged by who asks. */
    private static final Set<IDNA.Error> PASSED_OVER =
            EnumSet.of(IDNA.Error.EMPTY_LABEL, IDNA.Error.LABEL_TOO_LONG, IDNA.Error.DOMAIN_NAME_TOO_LONG);

    private Idna() {}

    /** Reads the tables, which takes some tenths of a second the first time. */
    static void load() {
        String unused = ascii("b\u00fccher.example");
    }

    /** In lower case, with {@code xn--} for what is not ASCII; IllegalArgumentException when it is no domain name. */
    public static String ascii(String name) {
        StringBuilder ascii = new StringBuilder();
        IDNA.Info info = new IDNA.Info();
        UTS46.nameToASCII(name, ascii, info);
        if (info.getErrors().stream().anyMatch(error -> !PASSED_OVER.contains(error))) {
            throw new IllegalArgumentException("not a domain name: "
                    + info.getErrors()
                            .toString()
                            .toLowerCase(java.util.Locale.ROOT)
                            .replace('_', ' '));
        }
        return ascii.toString();
    }
}
