package io.chancery.node.webhook;

import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** How a webhook knows who calls: an HMAC over the body (RFC 2104) with SHA-256. */
final class WebhookSignature {
    private WebhookSignature() {}

    /**
     * In hexadecimal digits.
     *
     * @param key may be empty: step signs so where it knows no secret
     */
    static String of(byte[] key, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            // Java refuses an empty key; a zero octet is the same one, as keys are filled up with zeros.
            mac.init(new SecretKeySpec(key.length == 0 ? new byte[1] : key, "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }
}
