package io.chancery.signer.admin;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import sun.security.pkcs11.wrapper.PKCS11Constants;

/**
 * A private key's attributes as the token reports them.
 *
 * @param local whether the token itself made the key
 */
public record KeyAttributes(
        boolean sensitive,
        boolean extractable,
        boolean alwaysSensitive,
        boolean neverExtractable,
        boolean local,
        boolean wrapWithTrusted,
        boolean sign) {
    /** What a token does not tell counts as what is worse. */
    static KeyAttributes of(LongFunction<Optional<Boolean>> told) {
        return new KeyAttributes(
                told.apply(PKCS11Constants.CKA_SENSITIVE).orElse(false),
                told.apply(PKCS11Constants.CKA_EXTRACTABLE).orElse(true),
                told.apply(PKCS11Constants.CKA_ALWAYS_SENSITIVE).orElse(false),
                told.apply(PKCS11Constants.CKA_NEVER_EXTRACTABLE).orElse(false),
                told.apply(PKCS11Constants.CKA_LOCAL).orElse(false),
                told.apply(PKCS11Constants.CKA_WRAP_WITH_TRUSTED).orElse(false),
                told.apply(PKCS11Constants.CKA_SIGN).orElse(false));
    }

    /** Of what {@link #asMap} gave; what is missing counts as what is worse. */
    public static KeyAttributes told(Map<String, Object> map) {
        return new KeyAttributes(
                is(map, "CKA_SENSITIVE", false),
                is(map, "CKA_EXTRACTABLE", true),
                is(map, "CKA_ALWAYS_SENSITIVE", false),
                is(map, "CKA_NEVER_EXTRACTABLE", false),
                is(map, "CKA_LOCAL", false),
                is(map, "CKA_WRAP_WITH_TRUSTED", false),
                is(map, "CKA_SIGN", false));
    }

    private static boolean is(Map<String, Object> map, String name, boolean otherwise) {
        return map.get(name) instanceof Boolean told ? told : otherwise;
    }

    /** Whether it has been outside the token once: no weakness of what it is now. */
    public boolean imported() {
        return !local;
    }

    /** In what it is weaker than a key should be; empty when in nothing. */
    public List<String> weaknesses() {
        List<String> weaknesses = new ArrayList<>();
        if (!sensitive) {
            weaknesses.add("not sensitive: whoever is logged in can read it");
        }
        if (extractable && !wrapWithTrusted) {
            weaknesses.add("extractable: whoever is logged in can wrap it with a key of their own and take it away");
        }
        return weaknesses;
    }

    /** By the names of PKCS#11. */
    public Map<String, Boolean> asMap() {
        Map<String, Boolean> map = new LinkedHashMap<>();
        map.put("CKA_SENSITIVE", sensitive);
        map.put("CKA_EXTRACTABLE", extractable);
        map.put("CKA_ALWAYS_SENSITIVE", alwaysSensitive);
        map.put("CKA_NEVER_EXTRACTABLE", neverExtractable);
        map.put("CKA_LOCAL", local);
        map.put("CKA_WRAP_WITH_TRUSTED", wrapWithTrusted);
        map.put("CKA_SIGN", sign);
        return map;
    }

    /** For people. */
    public String text() {
        String origin = local ? "made on the token" : "imported";
        List<String> weaknesses = weaknesses();
        return weaknesses.isEmpty()
                ? origin + ", sensitive, " + (extractable ? "extractable under a trusted key alone" : "not extractable")
                : origin + ", WEAK: " + String.join("; ", weaknesses);
    }
}
