package io.chancery.signer.admin;

import io.chancery.core.secret.Secret;
import io.chancery.signer.hsm.HsmException;
import java.util.Arrays;

/** What a new PIN may be. */
final class PinRules {
    private static final int SHORTEST = 4;

    private PinRules() {}

    /**
     * Java's own PKCS#11 provider sends the low octet of each character, other tools UTF-8: with ASCII all agree.
     * HsmException MISCONFIGURED.
     */
    static void check(Secret pin) {
        char[] chars = pin.chars();
        try {
            if (chars.length < SHORTEST) {
                throw HsmException.misconfigured("a PIN has at least " + SHORTEST + " characters");
            }
            for (char c : chars) {
                if (c <= ' ' || c > '~') {
                    throw HsmException.misconfigured(
                            "a new PIN is of printable ASCII characters without blanks: programs disagree about others");
                }
            }
        } finally {
            Arrays.fill(chars, '\0');
        }
    }
}
