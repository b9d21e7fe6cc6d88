package io.chancery.core.provisioner;

import io.chancery.core.profile.Claims;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A provisioner that is listed and refuses: its type is not built yet, or it could not be initialised.
 *
 * @param claims by which certificates that it vouched for elsewhere are renewed; with renewal disabled when they cannot
 *     be read
 */
public record ListedProvisioner(
        String name, ProvisionerType type, String tokenId, String reason, Claims claims, Map<String, Object> raw)
        implements Provisioner {
    @Override
    public Map<String, Object> listed() {
        return uninitialised(type, raw, reason);
    }

    /** The member of a provisioner that cannot serve, as step-ca lists it. */
    static Map<String, Object> uninitialised(ProvisionerType type, Map<String, Object> raw, String reason) {
        Map<String, Object> all = new LinkedHashMap<>(Redaction.of(type, raw));
        all.put("state", "Uninitialized");
        all.put("stateReason", reason);
        return all;
    }
}
