package io.chancery.conformance;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What clients hold, and which token bought it: no certificate may be the answer to two tokens. Any thread. */
final class HeldCertificates {
    private final Map<String, String> held = new ConcurrentHashMap<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    /**
     * @param der in hex
     * @param tokenKey of the token that bought it, or nothing where that is not known
     */
    synchronized void add(String der, String tokenKey) {
        String before = held.putIfAbsent(der, tokenKey);
        if (before == null || tokenKey.isEmpty() || before.equals(tokenKey)) {
            return;
        }
        if (before.isEmpty()) {
            held.put(der, tokenKey);
            return;
        }
        String finding = "tokens " + before + " and " + tokenKey + " were both answered with certificate " + der;
        if (!wrong.contains(finding)) {
            wrong.add(finding);
        }
    }

    /** DER in hex, and the key of the token that bought it, or nothing. */
    Map<String, String> byCertificate() {
        return Map.copyOf(held);
    }

    /** Certificates that two tokens were answered with, in words. */
    List<String> wrong() {
        return List.copyOf(wrong);
    }
}
