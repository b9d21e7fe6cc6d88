package io.chancery.core.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where a key may be: in a PEM file, or in a token. No cloud's key service, no card but by its PKCS#11 library. */
public final class KeySchemes {
    private KeySchemes() {}

    /** What is wrong with the places of keys that are used; that of ca.json is not where chancery.json has another. */
    public static List<ConfigProblem> check(CaConfig ca, ChanceryConfig chancery) {
        List<ConfigProblem> found = new ArrayList<>();
        Optional<String> own = chancery.kms().key();
        if (own.isPresent()) {
            check("chancery.json", "/kms/key", own.get()).ifPresent(found::add);
        } else {
            check("ca.json", "/key", ca.pki().key()).ifPresent(found::add);
        }
        for (int i = 0; i < chancery.issuers().size(); i++) {
            String pointer = "/issuers/" + i + "/key";
            chancery.issuers()
                    .get(i)
                    .key()
                    .flatMap(key -> check("chancery.json", pointer, key))
                    .ifPresent(found::add);
        }
        return found;
    }

    private static Optional<ConfigProblem> check(String file, String pointer, String key) {
        if (!CaConfigReader.isUri(key)) {
            return Optional.empty();
        }
        // The scheme alone is shown: what follows may hold a PIN.
        String scheme = key.substring(0, key.indexOf(':'));
        return scheme.equalsIgnoreCase("pkcs11")
                ? Optional.empty()
                : Optional.of(ConfigProblem.error(
                        file, pointer, Node.quoted(scheme + ":…"), "the path of a PEM file, or a pkcs11: URI"));
    }
}
