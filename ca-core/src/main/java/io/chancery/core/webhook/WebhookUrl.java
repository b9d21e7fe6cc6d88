package io.chancery.core.webhook;

import io.chancery.core.name.GoUrl;

/** Parts of a URL as they are sent. */
final class WebhookUrl {
    private WebhookUrl() {}

    /** Path and query of a request line: what may not stand there is escaped. */
    static String target(GoUrl url) {
        StringBuilder target = new StringBuilder(url.path().isEmpty() ? "/" : "");
        for (char octet : (url.path() + url.query()).toCharArray()) {
            if (octet <= ' ' || octet >= 0x7f) {
                target.append(String.format(java.util.Locale.ROOT, "%%%02X", (int) octet));
            } else {
                target.append(octet);
            }
        }
        return target.toString();
    }
}
