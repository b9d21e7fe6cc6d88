package io.chancery.signer.admin;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sun.security.pkcs11.wrapper.Functions;

/** Mechanisms and their flags by name. */
final class MechanismNames {
    private static final Map<Long, String> USES = new LinkedHashMap<>();

    static {
        USES.put(0x800L, "sign");
        USES.put(0x2000L, "verify");
        USES.put(0x100L, "encrypt");
        USES.put(0x200L, "decrypt");
        USES.put(0x400L, "digest");
        USES.put(0x20000L, "wrap");
        USES.put(0x40000L, "unwrap");
        USES.put(0x8000L, "generate");
        USES.put(0x10000L, "generate-pair");
        USES.put(0x80000L, "derive");
    }

    private MechanismNames() {}

    static String name(long code) {
        String name = Functions.getMechanismName(code);
        return name.startsWith("CKM_") ? name : "0x" + Long.toHexString(code);
    }

    static List<String> uses(long flags) {
        List<String> uses = new ArrayList<>();
        USES.forEach((flag, name) -> {
            if ((flags & flag) != 0) {
                uses.add(name);
            }
        });
        return uses;
    }
}
