package io.chancery.core.provisioner;

import io.chancery.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes out of a provisioner what nobody may read in a public list: the secrets that step-ca redacts in SCEP provisioners
 * (wire contract s. 1.4), and private keys that stand by mistake where public ones belong.
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
        @SuppressWarnings("unchecked") // JSON objects have string keys
        Map<String, Object> members = (Map<String, Object>) map;
        return Json.member(members, "kty") != null;
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
