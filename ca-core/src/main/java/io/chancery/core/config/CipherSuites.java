package io.chancery.core.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The names of {@code tls.cipherSuites}, as step-ca knows them. */
final class CipherSuites {
    private static final List<String> DEFAULT =
            List.of("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");

    /** Those of TLS 1.2 that step-ca approves of, and those of 1.3, which need no choice. */
    private static final Set<String> SERVED = Set.of(
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
            "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
            "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256");

    /** Go's names of before RFC 7905. */
    private static final Map<String, String> FORMER = Map.of(
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    /** Those that step-ca takes although they are broken, or give no forward secrecy. */
    private static final Set<String> LEFT_OUT = Set.of(
            "TLS_RSA_WITH_RC4_128_SHA",
            "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
            "TLS_RSA_WITH_AES_128_CBC_SHA",
            "TLS_RSA_WITH_AES_256_CBC_SHA",
            "TLS_RSA_WITH_AES_128_CBC_SHA256",
            "TLS_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA",
            "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
            "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
            "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256");

    private CipherSuites() {}

    /** Those that are served, under the names that Java has for them; step-ca's own where none are named. */
    static List<String> read(Problems problems, String pointer, List<String> names) {
        if (names.isEmpty()) {
            return DEFAULT;
        }
        String allowed = "one of " + String.join(", ", new TreeSet<>(SERVED));
        List<String> served = new ArrayList<>();
        boolean known = true;
        for (int i = 0; i < names.size(); i++) {
            String name = FORMER.getOrDefault(names.get(i), names.get(i));
            if (SERVED.contains(name)) {
                served.add(name);
            } else if (LEFT_OUT.contains(name)) {
                problems.warning(pointer + "/" + i, Node.quoted(name) + ", which is left out", allowed);
            } else {
                problems.error(pointer + "/" + i, Node.quoted(name), allowed);
                known = false;
            }
        }
        if (served.isEmpty() && known) {
            problems.error(pointer, "none but what is left out", "at least " + allowed);
        }
        return List.copyOf(served);
    }
}
