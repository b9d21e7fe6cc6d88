package io.chancery.core.webhook;

import io.chancery.core.json.Json;
import io.chancery.core.name.GoUrl;
import io.chancery.core.template.RequestText;
import io.chancery.core.template.TemplateSources;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code options.webhooks} of a provisioner; those that are never asked about X.509 certificates are left out. */
public final class WebhookReader {
    /** Lower case. */
    private static final Set<String> MEMBERS = Set.of("id", "name", "url", "kind", "certtype", "disabletlsclientauth");

    private static final Set<String> OTHER_KINDS = Set.of("SCEPCHALLENGE", "NOTIFYING");

    private static final Pattern NO_PORT = Pattern.compile(":0*([1-9][0-9]{5,}|0|)$");
    private static final int HIGHEST_PORT = 65_535;

    private final Map<String, Object> data;
    private final TemplateSources sources;

    /** @param data the provisioner's own template data, which URLs can name */
    public WebhookReader(Map<String, Object> data, TemplateSources sources) {
        this.data = data;
        this.sources = sources;
    }

    /** Whether a webhook of ca.json has a member of this name, in any case: Go reads them so. */
    public static boolean isMember(String name) {
        return MEMBERS.contains(name.toLowerCase(Locale.ROOT));
    }

    /**
     * In the order of the file, which is that of the calls.
     *
     * @param list the value of {@code options.webhooks}; null when there is none
     * @throws IllegalArgumentException naming the member that is wrong
     */
    public List<Webhook> read(@Nullable Object list) {
        if (list != null && !(list instanceof List<?>)) {
            throw new IllegalArgumentException("options/webhooks: not a list");
        }
        List<Webhook> webhooks = new ArrayList<>();
        Set<String> names = new HashSet<>();
        int index = 0;
        for (Object each : list == null ? List.of() : (List<?>) list) {
            String place = "options/webhooks/" + index++;
            if (!(each instanceof Map<?, ?> map)) {
                throw new IllegalArgumentException(place + ": not an object");
            }
            @SuppressWarnings("unchecked") // JSON objects have string keys
            Map<String, @Nullable Object> members = (Map<String, @Nullable Object>) map;
            checkMembers(members, place);
            String name = text(members, "name", place);
            if (name.isEmpty() || !names.add(name)) {
                throw new IllegalArgumentException(
                        place + "/name: " + (name.isEmpty() ? "missing" : "two webhooks are called " + name));
            }
            if (isAsked(members, place)) {
                webhooks.add(webhook(name, members, place));
            }
        }
        return List.copyOf(webhooks);
    }

    /** Whoever may read the list of provisioners would read a secret that stands here. */
    private static void checkMembers(Map<String, @Nullable Object> members, String place) {
        for (String name : members.keySet()) {
            if (!isMember(name)) {
                throw new IllegalArgumentException(place + "/" + name
                        + ": a member that is not known; allowed: id, name, url, kind, certType, disableTLSClientAuth;"
                        + " secrets stand in files that chancery.json names");
            }
        }
        if (text(members, "id", place).chars().anyMatch(Character::isISOControl)) { // it is sent in a header
            throw new IllegalArgumentException(place + "/id: a control character");
        }
    }

    private static boolean isAsked(Map<String, @Nullable Object> members, String place) {
        String certificates = text(members, "certType", place);
        if (!Set.of("", "ALL", "X509", "SSH").contains(certificates)) {
            throw new IllegalArgumentException(place + "/certType: " + certificates + "; allowed: ALL, X509, SSH");
        }
        return !certificates.equals("SSH") && !OTHER_KINDS.contains(kind(members, place));
    }

    private static String kind(Map<String, @Nullable Object> members, String place) {
        return text(members, "kind", place).toUpperCase(Locale.ROOT);
    }

    private Webhook webhook(String name, Map<String, @Nullable Object> members, String place) {
        String url = text(members, "url", place);
        String origin = GoUrl.parse(url)
                .filter(parsed -> parsed.scheme().equals("https")
                        && !parsed.withoutPort().host().isEmpty()
                        && parsed.user().isEmpty()
                        && !NO_PORT.matcher(parsed.host()).find())
                .map(Webhook::origin)
                .filter(found -> Webhook.port(found) <= HIGHEST_PORT)
                .orElseThrow(() -> new IllegalArgumentException(
                        place + "/url: not the URL of an https server, without a user's name"));
        return new Webhook(
                text(members, "id", place),
                name,
                knownKind(members, place),
                origin,
                RequestText.compile(place + "/url", url, data, sources),
                !flag(members, "disableTLSClientAuth", place));
    }

    private static Webhook.Kind knownKind(Map<String, @Nullable Object> members, String place) {
        for (Webhook.Kind kind : Webhook.Kind.values()) {
            if (kind.name().equals(kind(members, place))) {
                return kind;
            }
        }
        throw new IllegalArgumentException(place + "/kind: " + kind(members, place)
                + "; allowed: ENRICHING, AUTHORIZING, SCEPCHALLENGE, NOTIFYING");
    }

    private static String text(Map<String, @Nullable Object> members, String name, String place) {
        @Nullable Object value = Json.member(members, name);
        if (value == null || value instanceof String) {
            return value == null ? "" : (String) value;
        }
        throw new IllegalArgumentException(place + "/" + name + ": not a text");
    }

    private static boolean flag(Map<String, @Nullable Object> members, String name, String place) {
        @Nullable Object value = Json.member(members, name);
        if (value == null || value instanceof Boolean) {
            return value != null && (Boolean) value;
        }
        throw new IllegalArgumentException(place + "/" + name + ": neither true nor false");
    }
}
