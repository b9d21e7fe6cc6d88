package io.chancery.node.webhook;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** The secrets of one webhook: what its requests are signed with, and what they show. Never printed. */
public final class WebhookCredentials {
    /** Those of a webhook that nothing is known of: its requests are signed with the empty key, as step signs them. */
    public static final WebhookCredentials NONE = new WebhookCredentials(new byte[0], Optional.empty());

    private final byte[] key;
    private final Optional<String> authorization;

    private WebhookCredentials(byte[] key, Optional<String> authorization) {
        this.key = key.clone();
        this.authorization = authorization;
    }

    /**
     * With a key.
     *
     * @param base64 the key as step prints it
     * @throws IllegalArgumentException when it is not the Base64 of anything
     */
    public WebhookCredentials withKey(String base64) {
        byte[] decoded;
        try {
            decoded = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not the Base64 of a secret"); // the cause would show of it
        }
        if (decoded.length == 0) {
            throw new IllegalArgumentException("an empty secret");
        }
        return new WebhookCredentials(decoded, authorization);
    }

    /**
     * With a bearer token (RFC 6750 s. 2.1).
     *
     * @throws IllegalArgumentException when it cannot stand in a header
     */
    public WebhookCredentials withBearerToken(String token) {
        if (!token.matches("[!-~]+")) {
            throw new IllegalArgumentException("not a token: printable ASCII characters without a space");
        }
        return new WebhookCredentials(key, Optional.of("Bearer " + token));
    }

    /** With a name and password (RFC 7617). */
    public WebhookCredentials withPassword(String username, String password) {
        byte[] both = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
        return new WebhookCredentials(
                key, Optional.of("Basic " + Base64.getEncoder().encodeToString(both)));
    }

    String signature(byte[] body) {
        return WebhookSignature.of(key, body);
    }

    /** The value of the Authorization header. */
    Optional<String> authorization() {
        return authorization;
    }

    @Override
    public String toString() {
        return "WebhookCredentials[hidden]";
    }
}
