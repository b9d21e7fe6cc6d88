package io.chancery.core.json;

import java.util.Base64;

/** Base64 (RFC 4648 s. 4) in JSON that step reads. */
public final class GoBase64 {
    private GoBase64() {}

    /** The octets; IllegalArgumentException when it is none. Line ends may stand anywhere, as Go has it, and nothing else may. */
    public static byte[] decode(String text) {
        return Base64.getDecoder().decode(text.replace("\r", "").replace("\n", ""));
    }
}
