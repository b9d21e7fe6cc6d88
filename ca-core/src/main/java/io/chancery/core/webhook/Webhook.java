package io.chancery.core.webhook;

import io.chancery.core.error.CaException;
import io.chancery.core.error.ErrorCode;
import io.chancery.core.name.GoUrl;
import io.chancery.core.template.RequestText;
import io.chancery.core.template.TemplateRequest;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A webhook of a provisioner that is asked about X.509 certificates. Immutable, any thread.
 *
 * @param id what it is told that it is called by; may be empty
 * @param origin {@code https://host:port} of its URL, which no request changes
 * @param url with a template's actions in it
 * @param clientCertificate whether the server's own certificate is shown to it
 */
public record Webhook(String id, String name, Kind kind, String origin, RequestText url, boolean clientCertificate) {
    private static final String SCHEME = "https://";
    private static final int DEFAULT_PORT = 443;

    /** When it is asked. */
    public enum Kind {
        /** Before the template, which learns what it answers. */
        ENRICHING,
        /** About the certificate that is to be signed. */
        AUTHORIZING
    }

    /**
     * The call for a request.
     *
     * @param told members of the body beside its time
     * @throws CaException FORBIDDEN in the words of the URL's own {@code fail}; TEMPLATE_FAILED when it gives no URL
     */
    public WebhookCall call(TemplateRequest request, Map<String, @Nullable Object> told, Instant now) {
        GoUrl to = GoUrl.parse(rendered(request, now))
                .filter(url -> origin(url).equals(origin))
                .orElseThrow(() -> CaException.hidden(
                        ErrorCode.TEMPLATE_FAILED, "the URL of webhook " + name + " is none at " + origin));
        return new WebhookCall(this, WebhookUrl.target(to), WebhookBody.of(told, now));
    }

    private String rendered(TemplateRequest request, Instant now) {
        try {
            return url.of(request, now);
        } catch (CaException e) {
            throw e.code() == ErrorCode.MALFORMED ? CaException.of(ErrorCode.FORBIDDEN, e.publicDetail()) : e;
        }
    }

    /** Name or address of the server; an IPv6 address without brackets. */
    public String host() {
        String authority = authority();
        int colon = authority.lastIndexOf(':');
        String host = colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    public int port() {
        return port(origin);
    }

    static int port(String origin) {
        String authority = origin.substring(SCHEME.length());
        String port = authority.substring(authority.lastIndexOf(':') + 1);
        return authority.lastIndexOf(':') > authority.lastIndexOf(']') ? Integer.parseInt(port) : DEFAULT_PORT;
    }

    private String authority() {
        return origin.substring(SCHEME.length());
    }

    static String origin(GoUrl url) {
        return url.scheme() + "://" + url.user() + url.host();
    }
}
