package io.chancery.core.provisioner;

import io.chancery.core.json.Json;
import io.chancery.core.webhook.WebhookReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Takes out of a provisioner what nobody may read in a public list: the secrets that step-ca redacts in SCEP provisioners
 * (wire contract s. 1.4), private keys that stand by mistake where public ones belong, and secrets of webhooks.
 */
final class Redaction {
    private static final String TEXT = "*** REDACTED ***";
    private static final String OCTETS = Base64.getEncoder().encodeToString(TEXT.getBytes(StandardCharsets.US_ASCII));
    private static final List<String> SECRET_TEXTS = List.of("challenge", "decrypterKey", "decrypterKeyPassword");
    private static final List<String> SECRET_OCTETS = List.of("decrypterCertificate", "decrypterKeyPEM");
    /** RFC 7518 s. 6.2.2, 6.3.2 and 6.4.1. */
    private static final Set<String> PRIVATE_PARTS = Set.of("d", "p", "q", "dp", "dq", "qi", "oth", "k");

    private Redaction() {}

    static Map<String, Object> of(ProvisionerType type, Map<String, Object> raw) {
        Map<String, Object> all = new LinkedHashMap<>();
        raw.forEach((name, value) -> all.put(name, withoutPrivateKey(value)));
        if (type == ProvisionerType.SCEP) {
            SECRET_TEXTS.forEach(name -> replace(all, name, TEXT));
            SECRET_OCTETS.forEach(name -> replace(all, name, OCTETS));
        }
        return all;
    }

    /** The same, without what no webhook of ca.json has: step-ca does not list it either. */
    static Map<String, Object> ofWebhooks(Map<String, Object> provisioner) {
        return within(
                provisioner,
                "options",
                options -> options instanceof Map<?, ?> map
                        ? within(members(map), "webhooks", Redaction::webhooks)
                        : options);
    }

    private static Object webhooks(Object webhooks) {
        if (!(webhooks instanceof List<?> list)) {
            return List.of(); // whatever it is, it says nothing of webhooks
        }
        return list.stream()
                .filter(Map.class::isInstance)
                .map(each -> webhook((Map<?, ?>) each))
                .toList();
    }

    private static Map<String, Object> webhook(Map<?, ?> webhook) {
        Map<String, Object> open = new LinkedHashMap<>(members(webhook));
        // No member of a webhook has members of its own.
        open.entrySet()
                .removeIf(each -> !WebhookReader.isMember(each.getKey())
                        || each.getValue() instanceof Map<?, ?>
                        || each.getValue() instanceof List<?>);
        return open;
    }

    private static Map<String, Object> within(Map<String, Object> object, String name, UnaryOperator<Object> change) {
        Map<String, Object> all = new LinkedHashMap<>(object);
        all.replaceAll((each, value) -> value != null && each.equalsIgnoreCase(name) ? change.apply(value) : value);
        return all;
    }

    @SuppressWarnings("unchecked") // JSON objects have string keys
    private static Map<String, Object> members(Map<?, ?> object) {
        return (Map<String, Object>) object;
    }

    // Go matches member names without regard to case.
    private static void replace(Map<String, Object> all, String secret, String by) {
        all.replaceAll((name, value) -> name.equalsIgnoreCase(secret) ? by : value);
    }

    private static Object withoutPrivateKey(Object value) {
        if (value instanceof Map<?, ?> map && isKey(map)) {
            Map<String, @Nullable Object> open = new LinkedHashMap<>();
            map.forEach((name, part) -> {
                if (!PRIVATE_PARTS.contains(String.valueOf(name))) {
                    open.put(String.valueOf(name), part);
                }
            });
            return open;
        }
        return value instanceof String text && holdsPrivateKey(text) ? OCTETS : value;
    }

    private static boolean isKey(Map<?, ?> map) {
        return Json.member(members(map), "kty") != null;
    }

    private static boolean holdsPrivateKey(String text) {
        if (text.contains("PRIVATE KEY-----")) {
            return true;
        }
        try {
            return new String(Base64.getMimeDecoder().decode(text), StandardCharsets.ISO_8859_1)
                    .contains("PRIVATE KEY-----");
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
