package io.chancery.core.oidc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import io.chancery.core.crypto.JsonWebKeys;
import io.chancery.core.crypto.PublicKeys;
import io.chancery.core.error.CaException;
import io.chancery.core.json.Json;
import java.io.IOException;
import java.security.PublicKey;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The public keys of a provider (RFC 7517 s. 5) by their {@code kid}. Keys that cannot verify signatures, or not ours to
 * read, are passed over. Immutable.
 */
public final class KeySet {
    /** Keys that a set may hold; large providers have under 20. */
    static final int MOST = 100;

    private static final List<String> MEMBERS = List.of("kty", "kid", "crv", "x", "y", "n", "e");

    private final Map<String, List<PublicKey>> byId;

    private KeySet(Map<String, List<PublicKey>> byId) {
        this.byId = byId;
    }

    /**
     * Reads a set. Takes some milliseconds for a large one.
     *
     * @throws IllegalArgumentException when it is none, too large, or no key in it can be used
     */
    public static KeySet parse(String json, PublicKeys keys) {
        if (!(Json.parse(json) instanceof Map<?, ?> set) || !(set.get("keys") instanceof List<?> list)) {
            throw new IllegalArgumentException("the key set is no JSON object with keys");
        }
        if (list.size() > MOST) {
            throw new IllegalArgumentException("the key set has more than " + MOST + " keys");
        }
        Map<String, List<PublicKey>> byId = new HashMap<>();
        for (Object each : list) {
            if (each instanceof Map<?, ?> member) {
                Object kid = member.get("kid");
                key(member, keys)
                        .ifPresent(key -> byId.computeIfAbsent(
                                        kid instanceof String text ? text : "", unused -> new ArrayList<>())
                                .add(key));
            }
        }
        if (byId.isEmpty()) {
            throw new IllegalArgumentException("the key set has no key that verifies tokens");
        }
        return new KeySet(byId);
    }

    private static Optional<PublicKey> key(Map<?, ?> member, PublicKeys keys) {
        if ("enc".equals(member.get("use"))) {
            return Optional.empty();
        }
        Map<String, Object> needed = new HashMap<>();
        for (String name : MEMBERS) { // certificates and the like are not looked at
            if (member.get(name) instanceof String text) {
                needed.put(name, text);
            }
        }
        try {
            return Optional.of(JsonWebKeys.publicKey(JWK.parse(needed), keys));
        } catch (ParseException | JOSEException | IOException | CaException | IllegalArgumentException e) {
            return Optional.empty(); // RFC 7517 s. 5: what is not understood is ignored
        }
    }

    /** Those of one {@code kid}; an empty one means those that have none, as step has it. Empty when it is unknown. */
    public List<PublicKey> named(String kid) {
        return List.copyOf(byId.getOrDefault(kid, List.of()));
    }

    /** How many {@code kid} there are. */
    public int size() {
        return byId.size();
    }
}
